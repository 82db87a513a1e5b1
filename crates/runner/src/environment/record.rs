//! The platform's own records (reference lambda.md 7.8): what is told of an environment and its invocations, in one value
//! that serialises to what JSON logs and telemetry show, and that the text format writes in its own words.

use std::time::Duration;

use serde::{Serialize, Serializer};

use super::telemetry::Api;
use crate::log_format::SystemLogLevel;

/// One record; its fields are AWS's, in AWS's order.
#[derive(Debug, Serialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
pub(crate) enum Record<'a> {
    InitStart {
        initialization_type: &'static str,
        phase: &'static str,
        runtime_version: &'a str,
        runtime_version_arn: String,
        function_name: &'a str,
        function_version: &'a str,
        instance_max_memory: u64,
    },
    InitRuntimeDone {
        initialization_type: &'static str,
        phase: &'static str,
        #[serde(flatten)]
        status: Status<'a>,
    },
    InitReport {
        initialization_type: &'static str,
        phase: &'static str,
        #[serde(flatten)]
        status: Status<'a>,
        metrics: InitMetrics,
    },
    Start {
        request_id: &'a str,
        version: &'a str,
    },
    RuntimeDone {
        request_id: &'a str,
        #[serde(flatten)]
        status: Status<'a>,
        metrics: DoneMetrics,
    },
    /// Text has it, and the Logs API.
    End {
        request_id: &'a str,
    },
    Report {
        request_id: &'a str,
        metrics: Figures,
        #[serde(flatten)]
        status: Status<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        tracing: Option<Tracing<'a>>,
    },
    Extension {
        name: &'a str,
        state: &'static str,
        events: Vec<&'static str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        error_type: Option<&'a str>,
    },
    TelemetrySubscription {
        name: &'a str,
        state: &'static str,
        types: Vec<&'static str>,
    },
    LogsSubscription {
        name: &'a str,
        state: &'static str,
        types: Vec<&'static str>,
    },
    LogsDropped {
        reason: &'a str,
        dropped_records: usize,
        dropped_bytes: usize,
    },
    /// Why an invocation failed. Text has it, and the Logs API; the other forms have the error's type in `Report`.
    Fault {
        request_id: &'a str,
        #[serde(skip)]
        failure: &'a super::failure::Failure,
    },
}

/// When an environment initialises: before its first event has it, or anew within its invocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    Init,
    Invoke,
}

impl Phase {
    /// AWS's word.
    pub(super) fn word(self) -> &'static str {
        match self {
            Phase::Init => "init",
            Phase::Invoke => "invoke",
        }
    }
}

/// How a phase went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status<'a> {
    Success,
    TimedOut,
    Failed(&'a str),
}

impl<'a> Status<'a> {
    /// The status that goes with an error's type.
    pub(crate) fn of(error_type: &'a str) -> Self {
        if error_type == "Sandbox.Timedout" { Self::TimedOut } else { Self::Failed(error_type) }
    }
}

impl Serialize for Status<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap as _;
        let (status, error_type) = match self {
            Self::Success => ("success", None),
            Self::TimedOut => ("timeout", None),
            Self::Failed(error_type) => ("error", Some(error_type)),
        };
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("status", status)?;
        if let Some(error_type) = error_type {
            map.serialize_entry("errorType", error_type)?;
        }
        map.end()
    }
}

/// The figures of an initialisation.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InitMetrics {
    #[serde(rename = "durationMs", serialize_with = "milliseconds")]
    pub(crate) duration: Duration,
}

/// The figures of the runtime's part of an invocation.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DoneMetrics {
    #[serde(rename = "durationMs", serialize_with = "milliseconds")]
    pub(crate) duration: Duration,
    pub(crate) produced_bytes: usize,
}

/// The figures of an invocation.
#[derive(Debug, Serialize)]
pub(crate) struct Figures {
    #[serde(rename = "durationMs", serialize_with = "milliseconds")]
    pub(crate) duration: Duration,
    #[serde(rename = "billedDurationMs", serialize_with = "whole_milliseconds")]
    pub(crate) billed: Duration,
    #[serde(rename = "memorySizeMB")]
    pub(crate) memory_mb: u32,
    #[serde(rename = "maxMemoryUsedMB")]
    pub(crate) max_memory_mb: u32,
    #[serde(
        rename = "initDurationMs",
        serialize_with = "some_milliseconds",
        skip_serializing_if = "Option::is_none"
    )]
    pub(crate) init_duration: Option<Duration>,
}

/// The trace of an invocation that is recorded.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Tracing<'a> {
    #[serde(skip)]
    pub(crate) trace_id: &'a str,
    pub(crate) span_id: &'a str,
    r#type: &'static str,
    value: &'a str,
}

impl<'a> Tracing<'a> {
    /// What a trace header says, where it says that the invocation is recorded.
    pub(crate) fn of(header: &'a str) -> Option<Self> {
        let part = |name: &str| header.split(';').find_map(|part| part.strip_prefix(name)?.strip_prefix('='));
        let (trace_id, span_id) = (part("Root")?, part("Parent")?);
        let is_sampled = part("Sampled") == Some("1");
        is_sampled.then_some(Tracing { trace_id, span_id, r#type: "X-Amzn-Trace-Id", value: header })
    }
}

impl Record<'_> {
    /// The record's type without `platform.`.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::InitStart { .. } => "initStart",
            Self::InitRuntimeDone { .. } => "initRuntimeDone",
            Self::InitReport { .. } => "initReport",
            Self::Start { .. } => "start",
            Self::RuntimeDone { .. } => "runtimeDone",
            Self::End { .. } => "end",
            Self::Report { .. } => "report",
            Self::Extension { .. } => "extension",
            Self::TelemetrySubscription { .. } => "telemetrySubscription",
            Self::LogsSubscription { .. } => "logsSubscription",
            Self::LogsDropped { .. } => "logsDropped",
            Self::Fault { .. } => "fault",
        }
    }

    /// The level that AWS gives the record; none where JSON logs never have it.
    pub(crate) fn level(&self) -> Option<SystemLogLevel> {
        use SystemLogLevel::{Debug, Info, Warn};
        Some(match self {
            Self::InitStart { .. } | Self::Start { .. } => Info,
            Self::InitRuntimeDone { status, .. } | Self::RuntimeDone { status, .. } => match status {
                Status::Success => Debug,
                _ => Warn,
            },
            Self::InitReport { status, initialization_type, .. } => match (status, *initialization_type) {
                (Status::Success, "on-demand") => Debug,
                (Status::Success, _) => Info,
                _ => Warn,
            },
            Self::Report { status, .. } => match status {
                Status::Success => Info,
                _ => Warn,
            },
            Self::Extension { error_type: None, .. } => Info,
            Self::TelemetrySubscription { .. } | Self::LogsSubscription { .. } => Info,
            Self::Extension { .. } | Self::LogsDropped { .. } => Warn,
            Self::End { .. } | Self::Fault { .. } => return None,
        })
    }

    /// The only one of the two telemetry APIs that has the record, where it is one.
    pub(super) fn only_api(&self) -> Option<Api> {
        match self {
            Self::InitStart { .. }
            | Self::InitRuntimeDone { .. }
            | Self::InitReport { .. }
            | Self::TelemetrySubscription { .. } => Some(Api::Telemetry),
            Self::End { .. } | Self::Fault { .. } | Self::LogsSubscription { .. } => Some(Api::Logs),
            _ => None,
        }
    }

    /// The record as telemetry and JSON logs have it.
    pub(crate) fn json(&self, time: jiff::Timestamp) -> String {
        let record = match self {
            Self::Fault { .. } => serde_json::to_string(&self.text(time)),
            _ => serde_json::to_string(self),
        };
        // Structures of strings and numbers always serialise.
        let record = record.unwrap_or_default();
        format!(r#"{{"time":"{time:.3}","type":"platform.{}","record":{record}}}"#, self.kind())
    }
}

/// Rounded up to whole milliseconds, and never nothing.
pub(crate) fn billed(duration: Duration) -> Duration {
    let milliseconds = duration.as_nanos().div_ceil(1_000_000).max(1);
    Duration::from_millis(u64::try_from(milliseconds).unwrap_or(u64::MAX))
}

fn milliseconds<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    // Thousandths are all that AWS shows.
    serializer.serialize_f64((duration.as_secs_f64() * 1_000_000.0).round() / 1000.0)
}

fn whole_milliseconds<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u128(duration.as_millis())
}

fn some_milliseconds<S: Serializer>(duration: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    milliseconds(&duration.unwrap_or_default(), serializer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(status: Status<'_>) -> Record<'_> {
        Record::Report {
            request_id: "r",
            metrics: Figures {
                duration: Duration::from_micros(3_010),
                billed: Duration::from_millis(4),
                memory_mb: 128,
                max_memory_mb: 36,
                init_duration: Some(Duration::from_micros(110_100)),
            },
            status,
            tracing: None,
        }
    }

    #[test]
    fn a_record_has_awss_members_in_awss_order() {
        assert_eq!(
            report(Status::Failed("Runtime.ExitError")).json(jiff::Timestamp::UNIX_EPOCH),
            r#"{"time":"1970-01-01T00:00:00.000Z","type":"platform.report","record":{"requestId":"r","metrics":{"durationMs":3.01,"billedDurationMs":4,"memorySizeMB":128,"maxMemoryUsedMB":36,"initDurationMs":110.1},"status":"error","errorType":"Runtime.ExitError"}}"#
        );
    }

    #[test]
    fn what_went_wrong_has_a_higher_level() {
        assert_eq!(report(Status::Success).level(), Some(SystemLogLevel::Info));
        assert_eq!(report(Status::TimedOut).level(), Some(SystemLogLevel::Warn));
        assert_eq!(Record::End { request_id: "r" }.level(), None);
    }

    #[test]
    fn a_millisecond_is_the_least_that_is_billed() {
        assert_eq!(billed(Duration::ZERO), Duration::from_millis(1));
        assert_eq!(billed(Duration::from_micros(1000)), Duration::from_millis(1));
        assert_eq!(billed(Duration::from_micros(1001)), Duration::from_millis(2));
    }
}
