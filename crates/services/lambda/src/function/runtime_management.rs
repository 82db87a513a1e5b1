//! When a version gets a newer runtime: PutRuntimeManagementConfig and GetRuntimeManagementConfig.
//!
//! Rolecall has one version of each runtime, so that there is nothing to be updated; what is configured is kept for each
//! version of a function, and a runtime version that this server does not have is refused.

use std::sync::Arc;

use rolecall_authority::Call;
use rolecall_store::State;
use rolecall_store::records::function_config::RuntimeManagement;
use rolecall_wire::ServiceError;
use rolecall_wire::lambda::{
    GetRuntimeManagementConfigRequest, GetRuntimeManagementConfigResponse, PutRuntimeManagementConfigRequest,
    PutRuntimeManagementConfigResponse,
};

use crate::error::LambdaError;
use crate::function::shape::IN_PROGRESS;
use crate::function::{of_reference, require_active, runtime_version_arn};
use crate::name::{FunctionReference, Key, function_arn};
use crate::service::Lambda;

/// The mode in which the runtime's version is named.
const MANUAL: &str = "Manual";
/// The mode of a version for which none was set.
const AUTO: &str = "Auto";

impl Lambda {
    pub(crate) async fn put_runtime_management_config(
        &self,
        call: &Arc<Call>,
        input: PutRuntimeManagementConfigRequest,
    ) -> Result<PutRuntimeManagementConfigResponse, ServiceError> {
        let reference = Self::reference(call, &input.function_name, input.qualifier.as_deref())?;
        let proof = self.authorize_function(call, "lambda:PutRuntimeManagementConfig", &reference)?;
        let answer = PutRuntimeManagementConfigResponse {
            update_runtime_on: Some(input.update_runtime_on.clone()),
            function_arn: Some(reference.arn().to_string()),
            runtime_version_arn: input.runtime_version_arn.clone(),
        };
        let key = reference.key();
        self.write(proof, move |state| {
            let version = version_to_set(state, &reference, &input)?;
            let config = RuntimeManagement {
                update_on: input.update_runtime_on,
                runtime_version_arn: input.runtime_version_arn,
            };
            // It is an update of the version as any other (recorded: a second one at once is refused).
            let id = (reference.key(), version);
            state
                .function_versions
                .update(&id, |record| record.last_update_status = Some(IN_PROGRESS.to_owned()));
            state.runtime_management.put(id, config);
            Ok(())
        })
        .await?;
        self.settle_soon(key);
        Ok(answer)
    }

    pub(crate) fn get_runtime_management_config(
        &self,
        call: &Arc<Call>,
        input: GetRuntimeManagementConfigRequest,
    ) -> Result<GetRuntimeManagementConfigResponse, ServiceError> {
        let reference = Self::reference(call, &input.function_name, input.qualifier.as_deref())?;
        self.authorize_function(call, "lambda:GetRuntimeManagementConfig", &reference)?;
        let state = self.platform.store.read();
        let version = of_reference(&state, &reference)?.0.version;
        let config = state.runtime_management.get(&(reference.key(), version));
        Ok(GetRuntimeManagementConfigResponse {
            update_runtime_on: Some(
                config.map_or_else(|| AUTO.to_owned(), |config| config.update_on.clone()),
            ),
            function_arn: Some(reference.arn().to_string()),
            runtime_version_arn: config.and_then(|config| config.runtime_version_arn.clone()),
        })
    }
}

/// The number of the version that is to be set, which must be ready for it.
fn version_to_set(
    state: &State,
    reference: &FunctionReference,
    input: &PutRuntimeManagementConfigRequest,
) -> Result<u64, LambdaError> {
    let (record, alias) = of_reference(state, reference)?;
    if alias.is_some() {
        let text = "Runtime management is configured for $LATEST or a published version, not for an alias.";
        return Err(LambdaError::InvalidParameter(text.to_owned()));
    }
    require_runtime_version(&reference.key(), record.runtime.as_deref(), input)?;
    require_active(record)?;
    if record.last_update_status.as_deref() == Some(IN_PROGRESS) {
        return Err(LambdaError::Conflict(format!(
            "The operation cannot be performed at this time. An update is in progress for resource: {}",
            function_arn(&reference.key(), None)
        )));
    }
    Ok(record.version)
}

/// A runtime version is named with `Manual` and only then, and must be the one that there is.
fn require_runtime_version(
    key: &Key,
    runtime: Option<&str>,
    input: &PutRuntimeManagementConfigRequest,
) -> Result<(), LambdaError> {
    let refuse = |text: String| Err(LambdaError::InvalidParameter(text));
    let Some(runtime) = runtime else {
        return refuse("Runtime management is not supported for functions from container images.".to_owned());
    };
    match (&input.runtime_version_arn, input.update_runtime_on == MANUAL) {
        (None, false) => Ok(()),
        (None, true) => refuse("RuntimeVersionArn is required when UpdateRuntimeOn is Manual.".to_owned()),
        (Some(_), false) => {
            refuse("RuntimeVersionArn can be set only when UpdateRuntimeOn is Manual.".to_owned())
        }
        (Some(arn), true) if *arn == runtime_version_arn(&key.1, runtime) => Ok(()),
        (Some(arn), true) => {
            refuse(format!("The runtime version {arn} is not a version of the runtime {runtime}."))
        }
    }
}
