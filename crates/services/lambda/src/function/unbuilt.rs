//! Features of functions that AWS has and Rolecall has not: refused by name, never accepted and ignored.

use rolecall_wire::lambda::{CreateFunctionRequest, UpdateFunctionConfigurationRequest};

use crate::error::LambdaError;

/// Refuses the first feature that a new function asks for in vain.
pub(crate) fn check_create(input: &CreateFunctionRequest) -> Result<(), LambdaError> {
    refuse(&[
        (
            input.file_system_configs.as_ref().is_some_and(|configs| !configs.is_empty()),
            "file systems for functions",
        ),
        (not_empty(input.kms_key_arn.as_deref()), "customer managed KMS keys"),
        (not_empty(input.code.source_kms_key_arn.as_deref()), "customer managed KMS keys"),
        (snap_start(input.snap_start.as_ref().and_then(|config| config.apply_on.as_deref())), "SnapStart"),
        (input.capacity_provider_config.is_some(), "functions on capacity providers"),
        (input.durable_config.is_some(), "durable functions"),
        (input.tenancy_config.is_some(), "tenant isolation"),
        (input.runtime_config.is_some(), "custom runtimes by ARN"),
        (input.accelerator_config.is_some(), "accelerators"),
        (input.publish_to.is_some(), "PublishTo"),
    ])
}

/// The same for a change of configuration.
pub(crate) fn check_update(input: &UpdateFunctionConfigurationRequest) -> Result<(), LambdaError> {
    refuse(&[
        (
            input.file_system_configs.as_ref().is_some_and(|configs| !configs.is_empty()),
            "file systems for functions",
        ),
        (not_empty(input.kms_key_arn.as_deref()), "customer managed KMS keys"),
        (snap_start(input.snap_start.as_ref().and_then(|config| config.apply_on.as_deref())), "SnapStart"),
        (input.capacity_provider_config.is_some(), "functions on capacity providers"),
        (input.durable_config.is_some(), "durable functions"),
        (input.runtime_config.is_some(), "custom runtimes by ARN"),
        (input.accelerator_config.is_some(), "accelerators"),
    ])
}

fn refuse(asked: &[(bool, &str)]) -> Result<(), LambdaError> {
    match asked.iter().find(|(asked, _)| *asked) {
        Some((_, feature)) => Err(LambdaError::not_built(feature)),
        None => Ok(()),
    }
}

fn not_empty(text: Option<&str>) -> bool {
    text.is_some_and(|text| !text.is_empty())
}

fn snap_start(apply_on: Option<&str>) -> bool {
    apply_on.is_some_and(|apply_on| apply_on != "None")
}
