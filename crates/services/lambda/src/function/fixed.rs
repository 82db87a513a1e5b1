//! Configurations that tools read of every function and that nobody can change here: their values are those of a
//! function of AWS whose owner never touched them.

use std::sync::Arc;

use rolecall_authority::Call;
use rolecall_wire::ServiceError;
use rolecall_wire::lambda::{
    GetFunctionCodeSigningConfigRequest, GetFunctionCodeSigningConfigResponse,
    GetFunctionRecursionConfigRequest, GetFunctionRecursionConfigResponse, GetRuntimeManagementConfigRequest,
    GetRuntimeManagementConfigResponse,
};

use crate::function::{latest, of_reference};
use crate::service::Lambda;

impl Lambda {
    /// No function has a code signing configuration, so the answer names none.
    pub(crate) fn get_function_code_signing_config(
        &self,
        call: &Arc<Call>,
        input: GetFunctionCodeSigningConfigRequest,
    ) -> Result<GetFunctionCodeSigningConfigResponse, ServiceError> {
        let reference = Self::reference(call, &input.function_name, None)?;
        self.authorize_whole(call, "lambda:GetFunctionCodeSigningConfig", &reference)?;
        latest(&self.platform.store.read(), &reference)?;
        Ok(GetFunctionCodeSigningConfigResponse::default())
    }

    pub(crate) fn get_function_recursion_config(
        &self,
        call: &Arc<Call>,
        input: GetFunctionRecursionConfigRequest,
    ) -> Result<GetFunctionRecursionConfigResponse, ServiceError> {
        let reference = Self::reference(call, &input.function_name, None)?;
        self.authorize_whole(call, "lambda:GetFunctionRecursionConfig", &reference)?;
        latest(&self.platform.store.read(), &reference)?;
        Ok(GetFunctionRecursionConfigResponse { recursive_loop: Some("Terminate".to_owned()) })
    }

    pub(crate) fn get_runtime_management_config(
        &self,
        call: &Arc<Call>,
        input: GetRuntimeManagementConfigRequest,
    ) -> Result<GetRuntimeManagementConfigResponse, ServiceError> {
        let reference = Self::reference(call, &input.function_name, input.qualifier.as_deref())?;
        self.authorize_function(call, "lambda:GetRuntimeManagementConfig", &reference)?;
        of_reference(&self.platform.store.read(), &reference)?;
        Ok(GetRuntimeManagementConfigResponse {
            update_runtime_on: Some("Auto".to_owned()),
            function_arn: Some(reference.arn().to_string()),
            runtime_version_arn: None,
        })
    }
}
