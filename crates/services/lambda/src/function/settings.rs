//! Values of a function's configuration that the model admits and Lambda does not (reference lambda.md 7.4, 9-15).

use std::collections::BTreeMap;

use rolecall_store::records::lambda::LoggingConfig as LoggingRecord;
use rolecall_wire::lambda::LoggingConfig;

use crate::error::LambdaError;

/// How many tags a function may have.
pub(crate) const MAX_TAGS: usize = 50;

/// The documented limit of a timeout, in seconds.
const MAX_TIMEOUT_S: i32 = 900;
/// The documented limit of memory and of `/tmp`, in MB.
const MAX_SIZE_MB: i32 = 10_240;

/// A timeout in seconds, where one is given.
pub(crate) fn timeout(value: Option<i32>) -> Result<Option<u32>, LambdaError> {
    at_most("timeout", value, MAX_TIMEOUT_S)
}

/// A memory size in MB, where one is given.
pub(crate) fn memory_size(value: Option<i32>) -> Result<Option<u32>, LambdaError> {
    at_most("memorySize", value, MAX_SIZE_MB)
}

/// The size of `/tmp` in MB, where one is given.
pub(crate) fn ephemeral_storage(value: Option<i32>) -> Result<Option<u32>, LambdaError> {
    at_most("ephemeralStorage.size", value, MAX_SIZE_MB)
}

/// The tags of a new function.
pub(crate) fn tags(tags: &BTreeMap<String, String>) -> Result<(), LambdaError> {
    if tags.len() > MAX_TAGS {
        let text = "Number of tags exceeds resource tag limit.";
        return Err(LambdaError::InvalidParameter(text.to_owned()));
    }
    Ok(())
}

/// How logs are written, where it is said.
pub(crate) fn logging(config: Option<LoggingConfig>) -> Result<Option<LoggingRecord>, LambdaError> {
    let Some(config) = config else { return Ok(None) };
    if config.log_format.as_deref() == Some("JSON") {
        return Err(LambdaError::not_built("the log format JSON"));
    }
    if config.application_log_level.is_some() || config.system_log_level.is_some() {
        return Err(LambdaError::InvalidParameter(
            "Log level is not supported when log format is set to Text. Remove log level from your request or change \
             the log format to JSON and try again."
                .to_owned(),
        ));
    }
    Ok(Some(LoggingRecord {
        log_format: config.log_format,
        log_group: config.log_group,
        ..LoggingRecord::default()
    }))
}

fn at_most(member: &str, value: Option<i32>, most: i32) -> Result<Option<u32>, LambdaError> {
    let Some(value) = value else { return Ok(None) };
    match u32::try_from(value) {
        Ok(positive) if value <= most => Ok(Some(positive)),
        _ => Err(LambdaError::Validation(format!(
            "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: Member must \
             have value less than or equal to {most}"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_limits_hold() {
        assert_eq!(timeout(Some(900)), Ok(Some(900)));
        assert_eq!(
            timeout(Some(901)).unwrap_err().to_string(),
            "1 validation error detected: Value '901' at 'timeout' failed to satisfy constraint: Member must have \
             value less than or equal to 900"
        );
        assert_eq!(memory_size(None), Ok(None));
        assert!(memory_size(Some(10_241)).is_err() && ephemeral_storage(Some(10_241)).is_err());
    }

    #[test]
    fn levels_need_the_format_that_has_them() {
        let config = LoggingConfig { system_log_level: Some("INFO".to_owned()), ..LoggingConfig::default() };
        assert!(logging(Some(config)).is_err());
        let json = LoggingConfig { log_format: Some("JSON".to_owned()), ..LoggingConfig::default() };
        assert!(logging(Some(json)).unwrap_err().to_string().contains("Rolecall does not have"));
    }
}
