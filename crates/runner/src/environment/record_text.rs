//! The platform's records in the text format (reference lambda.md 7.8).

use std::time::Duration;

use super::failure::Failure;
use super::record::{Figures, Record, Status, Tracing};

impl Record<'_> {
    /// The record's line; none where the text format does not have it.
    pub(crate) fn text(&self, time: jiff::Timestamp) -> Option<String> {
        match self {
            Self::InitStart { runtime_version, runtime_version_arn, .. } => Some(format!(
                "INIT_START Runtime Version: {runtime_version}\tRuntime Version ARN: {runtime_version_arn}"
            )),
            Self::InitReport { status: Status::Success, .. } => None,
            Self::InitReport { phase, status, metrics, .. } => {
                Some(init_report(phase, *status, metrics.duration))
            }
            Self::Start { request_id, version } => {
                Some(format!("START RequestId: {request_id} Version: {version}"))
            }
            Self::End { request_id } => Some(format!("END RequestId: {request_id}")),
            Self::Report { request_id, metrics, status, tracing } => {
                Some(report(request_id, metrics, *status) + &traced(tracing.as_ref()))
            }
            Self::Fault { request_id, failure } => Some(fault(request_id, failure, time)),
            Self::Extension { name, state, events, error_type } => {
                let error =
                    error_type.map(|error_type| format!("\tError Type: {error_type}")).unwrap_or_default();
                Some(format!(
                    "EXTENSION\tName: {name}\tState: {state}\tEvents: [{}]{error}",
                    events.join(", ")
                ))
            }
            Self::TelemetrySubscription { name, state, types } => {
                Some(subscription("TELEMETRY", name, state, types))
            }
            Self::LogsSubscription { name, state, types } => Some(subscription("LOGS", name, state, types)),
            Self::InitRuntimeDone { .. } | Self::RuntimeDone { .. } | Self::LogsDropped { .. } => None,
        }
    }
}

fn subscription(api: &str, name: &str, state: &str, types: &[&str]) -> String {
    let capitalised = |name: &&str| {
        let (first, rest) = name.split_at(1);
        first.to_ascii_uppercase() + rest
    };
    let types: Vec<String> = types.iter().map(capitalised).collect();
    format!("{api}\tName: {name}\tState: {state}\tTypes: [{}]", types.join(", "))
}

fn init_report(phase: &str, status: Status<'_>, duration: Duration) -> String {
    let status = match status {
        Status::Failed(error_type) => format!("Status: error\tError Type: {error_type}"),
        Status::TimedOut => "Status: timeout".to_owned(),
        Status::Success => "Status: success".to_owned(),
    };
    format!("INIT_REPORT Init Duration: {}\tPhase: {phase}\t{status}", milliseconds(duration))
}

fn report(request_id: &str, figures: &Figures, status: Status<'_>) -> String {
    let mut line = format!(
        "REPORT RequestId: {request_id}\tDuration: {}\tBilled Duration: {} ms\tMemory Size: {} MB\tMax Memory Used: {} MB\t",
        milliseconds(figures.duration),
        figures.billed.as_millis(),
        figures.memory_mb,
        figures.max_memory_mb,
    );
    if let Some(init) = figures.init_duration {
        line.push_str(&format!("Init Duration: {}\t", milliseconds(init)));
    }
    match status {
        Status::Success => {}
        Status::TimedOut => line.push_str("Status: timeout"),
        Status::Failed(error_type) => line.push_str(&format!("Status: error\tError Type: {error_type}")),
    }
    line
}

/// The report's second line, where the invocation is recorded by X-Ray.
fn traced(tracing: Option<&Tracing<'_>>) -> String {
    let line = |tracing: &Tracing<'_>| {
        format!("\nXRAY TraceId: {}\tSegmentId: {}\tSampled: true", tracing.trace_id, tracing.span_id)
    };
    tracing.map(line).unwrap_or_default()
}

fn fault(request_id: &str, failure: &Failure, time: jiff::Timestamp) -> String {
    match failure {
        Failure::TimedOut(_) => format!("{time:.3} {request_id} {}\n", failure.reason()),
        _ => format!("RequestId: {request_id} Error: {}\n{}", failure.reason(), failure.error_type()),
    }
}

fn milliseconds(duration: Duration) -> String {
    format!("{:.2} ms", duration.as_secs_f64() * 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_line_is_awss() {
        let metrics = Figures {
            duration: Duration::from_micros(3_010),
            billed: Duration::from_millis(4),
            memory_mb: 128,
            max_memory_mb: 36,
            init_duration: Some(Duration::from_micros(110_100)),
        };
        let report = Record::Report { request_id: "r", metrics, status: Status::Success, tracing: None };
        assert_eq!(
            report.text(jiff::Timestamp::UNIX_EPOCH).as_deref(),
            Some(
                "REPORT RequestId: r\tDuration: 3.01 ms\tBilled Duration: 4 ms\tMemory Size: 128 MB\tMax Memory Used: 36 MB\tInit Duration: 110.10 ms\t"
            )
        );
    }

    #[test]
    fn a_recorded_invocation_has_a_second_line_in_its_report() {
        let tracing = |sampled: u8| {
            let header = format!("Root=1-5e34a614-1;Parent=07f5;Sampled={sampled};Lineage=1:0123abcd:0");
            traced(Tracing::of(&header).as_ref())
        };
        assert_eq!(tracing(1), "\nXRAY TraceId: 1-5e34a614-1\tSegmentId: 07f5\tSampled: true");
        assert_eq!(tracing(0), "");
    }
}
