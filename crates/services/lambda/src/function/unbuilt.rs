//! Features of functions that AWS has and Rolecall has not: refused by name, never accepted and ignored.

use rolecall_wire::lambda::{CreateFunctionRequest, UpdateFunctionConfigurationRequest, VpcConfig};

use crate::error::LambdaError;

/// Refuses the first feature that a new function asks for in vain.
pub(crate) fn check_create(input: &CreateFunctionRequest) -> Result<(), LambdaError> {
    let image = input.package_type.as_deref() == Some("Image") || input.code.image_uri.is_some();
    let image_config = input.image_config.as_ref().is_some_and(|config| {
        config.command.is_some() || config.entry_point.is_some() || config.working_directory.is_some()
    });
    refuse(&[
        (image, "functions from container images"),
        (image_config, "functions from container images"),
        (uses_vpc(input.vpc_config.as_ref()), "functions in a VPC"),
        (
            not_empty(input.dead_letter_config.as_ref().and_then(|config| config.target_arn.as_deref())),
            "dead-letter queues",
        ),
        (
            input.file_system_configs.as_ref().is_some_and(|configs| !configs.is_empty()),
            "file systems for functions",
        ),
        (not_empty(input.kms_key_arn.as_deref()), "customer managed KMS keys"),
        (not_empty(input.code.source_kms_key_arn.as_deref()), "customer managed KMS keys"),
        (not_empty(input.code_signing_config_arn.as_deref()), "code signing"),
        (snap_start(input.snap_start.as_ref().and_then(|config| config.apply_on.as_deref())), "SnapStart"),
        (input.capacity_provider_config.is_some(), "capacity providers"),
        (input.durable_config.is_some(), "durable functions"),
        (input.tenancy_config.is_some(), "tenant isolation"),
        (input.runtime_config.is_some(), "custom runtimes by ARN"),
        (input.accelerator_config.is_some(), "accelerators"),
        (input.publish_to.is_some(), "PublishTo"),
        (traces(input.tracing_config.as_ref().and_then(|config| config.mode.as_deref())), "X-Ray tracing"),
    ])
}

/// The same for a change of configuration.
pub(crate) fn check_update(input: &UpdateFunctionConfigurationRequest) -> Result<(), LambdaError> {
    let image_config = input.image_config.as_ref().is_some_and(|config| {
        config.command.is_some() || config.entry_point.is_some() || config.working_directory.is_some()
    });
    refuse(&[
        (image_config, "functions from container images"),
        (uses_vpc(input.vpc_config.as_ref()), "functions in a VPC"),
        (
            not_empty(input.dead_letter_config.as_ref().and_then(|config| config.target_arn.as_deref())),
            "dead-letter queues",
        ),
        (
            input.file_system_configs.as_ref().is_some_and(|configs| !configs.is_empty()),
            "file systems for functions",
        ),
        (not_empty(input.kms_key_arn.as_deref()), "customer managed KMS keys"),
        (snap_start(input.snap_start.as_ref().and_then(|config| config.apply_on.as_deref())), "SnapStart"),
        (input.capacity_provider_config.is_some(), "capacity providers"),
        (input.durable_config.is_some(), "durable functions"),
        (input.runtime_config.is_some(), "custom runtimes by ARN"),
        (input.accelerator_config.is_some(), "accelerators"),
        (traces(input.tracing_config.as_ref().and_then(|config| config.mode.as_deref())), "X-Ray tracing"),
    ])
}

fn refuse(asked: &[(bool, &str)]) -> Result<(), LambdaError> {
    match asked.iter().find(|(asked, _)| *asked) {
        Some((_, feature)) => Err(LambdaError::not_built(feature)),
        None => Ok(()),
    }
}

fn uses_vpc(config: Option<&VpcConfig>) -> bool {
    let some = |ids: &Option<Vec<String>>| ids.as_ref().is_some_and(|ids| !ids.is_empty());
    config.is_some_and(|config| some(&config.subnet_ids) || some(&config.security_group_ids))
}

fn not_empty(text: Option<&str>) -> bool {
    text.is_some_and(|text| !text.is_empty())
}

fn snap_start(apply_on: Option<&str>) -> bool {
    apply_on.is_some_and(|apply_on| apply_on != "None")
}

fn traces(mode: Option<&str>) -> bool {
    mode.is_some_and(|mode| mode != "PassThrough")
}
