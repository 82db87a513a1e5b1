//! What a caller sees of a function: which members are there, and when, is AWS's (reference lambda.md 7.3 and recorded
//! answers).

use data_encoding::BASE64;
use rolecall_store::State;
use rolecall_store::records::lambda::{FunctionVersion, LoggingConfig as LoggingRecord};
use rolecall_wire::Sensitive;
use rolecall_wire::lambda::{
    DeadLetterConfig, EnvironmentResponse, EphemeralStorage, FunctionConfiguration, Layer, LoggingConfig,
    RuntimeVersionConfig, SnapStartResponse, TracingConfigResponse,
};

use crate::function::{image, runtime_version_arn};
use crate::name::{Key, function_arn, version_text};
use crate::time::timestamp;

/// The state of a function that is being made.
pub(crate) const PENDING: &str = "Pending";
/// The state of a function that can be invoked.
pub(crate) const ACTIVE: &str = "Active";
/// The status of a change that is being made.
pub(crate) const IN_PROGRESS: &str = "InProgress";
/// The status of a change that was made.
pub(crate) const SUCCESSFUL: &str = "Successful";

/// AWS's reason for both a new function and, oddly, one that is being changed (reference lambda.md 7.3).
const REASON: &str = "The function is being created.";
const REASON_CODE: &str = "Creating";

/// The whole configuration; `qualifier` is what the ARN ends with.
pub(crate) fn configuration(
    key: &Key,
    qualifier: Option<&str>,
    record: &FunctionVersion,
) -> FunctionConfiguration {
    let pending = (record.state == PENDING).then_some(());
    let updating = (record.last_update_status.as_deref() == Some(IN_PROGRESS)).then_some(());
    FunctionConfiguration {
        state: Some(record.state.clone()),
        state_reason: pending.map(|()| REASON.to_owned()),
        state_reason_code: pending.map(|()| REASON_CODE.to_owned()),
        last_update_status: record.last_update_status.clone(),
        last_update_status_reason: updating.map(|()| REASON.to_owned()),
        last_update_status_reason_code: updating.map(|()| REASON_CODE.to_owned()),
        runtime_version_config: record.runtime.as_deref().map(|runtime| RuntimeVersionConfig {
            runtime_version_arn: Some(runtime_version_arn(&key.1, runtime)),
            error: None,
        }),
        ..listed(key, qualifier, record)
    }
}

/// The configuration as lists show it: without states and without the runtime's version.
pub(crate) fn listed(key: &Key, qualifier: Option<&str>, record: &FunctionVersion) -> FunctionConfiguration {
    let signer = record.code.as_ref().and_then(|code| code.signature.signer());
    FunctionConfiguration {
        function_name: Some(key.2.clone()),
        function_arn: Some(function_arn(key, qualifier).to_string()),
        runtime: record.runtime.clone(),
        role: Some(record.role.clone()),
        handler: record.handler.clone(),
        code_size: i64::try_from(record.code.as_ref().map_or(0, |code| code.size)).ok(),
        code_sha256: code_sha256(record),
        description: Some(record.description.clone()),
        timeout: i32::try_from(record.timeout_s).ok(),
        memory_size: i32::try_from(record.memory_mb).ok(),
        last_modified: Some(timestamp(record.last_modified_ms)),
        version: Some(version_text(record.version)),
        environment: record
            .environment
            .clone()
            .map(|variables| EnvironmentResponse { variables: Some(Sensitive::new(variables)), error: None }),
        dead_letter_config: record
            .dead_letter_target
            .clone()
            .map(|target| DeadLetterConfig { target_arn: Some(target) }),
        tracing_config: Some(TracingConfigResponse { mode: Some(record.tracing_mode.clone()) }),
        revision_id: Some(record.revision_id.clone()),
        layers: layers(record),
        package_type: Some(if record.image.is_some() { image::IMAGE } else { "Zip" }.to_owned()),
        image_config_response: image::shown_config(record),
        signing_profile_version_arn: signer.map(|(profile, _)| profile.to_owned()),
        signing_job_arn: signer.map(|(_, job)| job.to_owned()),
        architectures: Some(record.architectures.clone()),
        ephemeral_storage: Some(EphemeralStorage {
            size: i32::try_from(record.ephemeral_storage_mb).unwrap_or(i32::MAX),
        }),
        snap_start: Some(SnapStartResponse {
            apply_on: Some("None".to_owned()),
            optimization_status: Some("Off".to_owned()),
        }),
        vpc_config: record.vpc.as_ref().map(crate::vpc::shown),
        logging_config: Some(logging(&key.2, &record.logging)),
        ..FunctionConfiguration::default()
    }
}

/// The SHA-256 of the zip file in base64, or the digest of the image in hexadecimal, where it is known.
pub(crate) fn code_sha256(record: &FunctionVersion) -> Option<String> {
    match (&record.code, &record.image) {
        (Some(code), _) => Some(BASE64.encode(&code.blob.sha256())),
        (None, Some(image)) => image::digest_hex(&image.uri),
        (None, None) => None,
    }
}

/// The log group that a function writes to.
pub(crate) fn log_group(function_name: &str, logging: &LoggingRecord) -> String {
    logging.log_group.clone().unwrap_or_else(|| format!("/aws/lambda/{function_name}"))
}

/// The configuration of a version as the state has it, for answers made inside a transaction.
pub(crate) fn of_state(
    state: &State,
    key: &Key,
    qualifier: Option<&str>,
    version: u64,
) -> Option<FunctionConfiguration> {
    let record = state.function_versions.get(&(key.clone(), version))?;
    Some(configuration(key, qualifier, record))
}

fn layers(record: &FunctionVersion) -> Option<Vec<Layer>> {
    let show = |layer: &rolecall_store::records::lambda::LayerReference| Layer {
        arn: Some(layer.arn.clone()),
        code_size: i64::try_from(layer.code.size).ok(),
        signing_profile_version_arn: layer.code.signature.signer().map(|(profile, _)| profile.to_owned()),
        signing_job_arn: layer.code.signature.signer().map(|(_, job)| job.to_owned()),
    };
    (!record.layers.is_empty()).then(|| record.layers.iter().map(show).collect())
}

fn logging(function_name: &str, record: &LoggingRecord) -> LoggingConfig {
    LoggingConfig {
        log_format: Some(record.log_format.clone().unwrap_or_else(|| "Text".to_owned())),
        application_log_level: record.application_log_level.clone(),
        system_log_level: record.system_log_level.clone(),
        log_group: Some(log_group(function_name, record)),
    }
}
