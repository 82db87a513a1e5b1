//! Values of a function's configuration that the model admits and Lambda does not (reference lambda.md 7.4, 9-15).

use std::collections::BTreeMap;

use rolecall_runner::{ApplicationLogLevel, LogFormat, SystemLogLevel};
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

/// How logs are written: what was, with what is asked for.
///
/// # Errors
/// [`LambdaError::InvalidParameter`] where a level is given to a format that has none.
pub(crate) fn logging(before: LoggingRecord, asked: LoggingConfig) -> Result<LoggingRecord, LambdaError> {
    let mut record = LoggingRecord {
        log_format: asked.log_format.or(before.log_format),
        log_group: asked.log_group.or(before.log_group),
        ..LoggingRecord::default()
    };
    if record.log_format.as_deref() == Some("JSON") {
        let info = || Some("INFO".to_owned());
        record.application_log_level =
            asked.application_log_level.or(before.application_log_level).or_else(info);
        record.system_log_level = asked.system_log_level.or(before.system_log_level).or_else(info);
    } else if asked.application_log_level.is_some() || asked.system_log_level.is_some() {
        return Err(LambdaError::InvalidParameter(
            "Log level is not supported when log format is set to Text. Remove log level from your request or change \
             the log format to JSON and try again."
                .to_owned(),
        ));
    }
    Ok(record)
}

/// How the runner is to write a function's log.
pub(crate) fn log_format(record: &LoggingRecord) -> LogFormat {
    if record.log_format.as_deref() != Some("JSON") {
        return LogFormat::Text;
    }
    let (application, system) = (&record.application_log_level, &record.system_log_level);
    LogFormat::Json {
        application: application.as_deref().and_then(ApplicationLogLevel::parse).unwrap_or_default(),
        system: system.as_deref().and_then(SystemLogLevel::parse).unwrap_or_default(),
    }
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

    fn config(format: Option<&str>, application: Option<&str>) -> LoggingConfig {
        LoggingConfig {
            log_format: format.map(str::to_owned),
            application_log_level: application.map(str::to_owned),
            ..LoggingConfig::default()
        }
    }

    #[test]
    fn levels_need_the_format_that_has_them() {
        let text = logging(LoggingRecord::default(), config(None, Some("INFO"))).unwrap_err().to_string();
        assert!(text.starts_with("Log level is not supported when log format is set to Text."), "{text}");
    }

    #[test]
    fn what_is_not_asked_for_stays_and_text_drops_the_levels() {
        let json = logging(LoggingRecord::default(), config(Some("JSON"), None)).unwrap();
        assert_eq!(json.system_log_level.as_deref(), Some("INFO"));
        let finer = logging(json, config(None, Some("DEBUG"))).unwrap();
        assert_eq!(finer.application_log_level.as_deref(), Some("DEBUG"));
        assert_eq!(
            log_format(&finer),
            LogFormat::Json { application: ApplicationLogLevel::Debug, system: SystemLogLevel::Info }
        );
        let text = logging(finer, config(Some("Text"), None)).unwrap();
        assert_eq!((text.application_log_level.as_deref(), log_format(&text)), (None, LogFormat::Text));
    }
}
