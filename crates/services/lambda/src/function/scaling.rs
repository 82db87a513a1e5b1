//! How functions on capacity providers scale: PutFunctionScalingConfig and GetFunctionScalingConfig.
//!
//! Only a function whose code runs on instances of a capacity provider has such a configuration. No function here can,
//! so that after rights and existence the answer is always that this one does not.

use std::sync::Arc;

use rolecall_authority::Call;
use rolecall_store::State;
use rolecall_wire::ServiceError;
use rolecall_wire::lambda::{
    FunctionScalingConfig, GetFunctionScalingConfigRequest, GetFunctionScalingConfigResponse,
    PutFunctionScalingConfigRequest, PutFunctionScalingConfigResponse,
};

use crate::error::LambdaError;
use crate::function::of_reference;
use crate::name::FunctionReference;
use crate::service::Lambda;

impl Lambda {
    pub(crate) fn put_function_scaling_config(
        &self,
        call: &Arc<Call>,
        input: PutFunctionScalingConfigRequest,
    ) -> Result<PutFunctionScalingConfigResponse, ServiceError> {
        let reference = Self::reference(call, &input.function_name, Some(&input.qualifier))?;
        self.authorize_function(call, "lambda:PutFunctionScalingConfig", &reference)?;
        let refusal = no_capacity_provider(&self.platform.store.read(), &reference)?;
        require_range(input.function_scaling_config.as_ref())?;
        Err(refusal.into())
    }

    pub(crate) fn get_function_scaling_config(
        &self,
        call: &Arc<Call>,
        input: GetFunctionScalingConfigRequest,
    ) -> Result<GetFunctionScalingConfigResponse, ServiceError> {
        let reference = Self::reference(call, &input.function_name, Some(&input.qualifier))?;
        self.authorize_function(call, "lambda:GetFunctionScalingConfig", &reference)?;
        Err(no_capacity_provider(&self.platform.store.read(), &reference)?.into())
    }
}

/// The refusal of a version that exists.
fn no_capacity_provider(state: &State, reference: &FunctionReference) -> Result<LambdaError, LambdaError> {
    of_reference(state, reference)?;
    Ok(LambdaError::InvalidParameter(format!(
        "Scaling configuration is supported for functions with a capacity provider only, which {} is not.",
        reference.arn()
    )))
}

fn require_range(config: Option<&FunctionScalingConfig>) -> Result<(), LambdaError> {
    let config = config.cloned().unwrap_or_default();
    match (config.min_execution_environments, config.max_execution_environments) {
        (Some(least), Some(most)) if least > most => Err(LambdaError::InvalidParameter(
            "MinExecutionEnvironments must not be greater than MaxExecutionEnvironments.".to_owned(),
        )),
        _ => Ok(()),
    }
}
