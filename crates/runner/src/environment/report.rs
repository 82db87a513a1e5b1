//! The platform's own log lines (reference lambda.md 7.8).

use std::time::Duration;

/// Figures of one invocation.
pub(crate) struct Figures {
    pub(crate) duration: Duration,
    pub(crate) memory_mb: u32,
    pub(crate) max_memory_mb: u32,
    pub(crate) init_duration: Option<Duration>,
}

/// What happened to the runtime when it did not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Answered,
    TimedOut,
    Failed(&'static str),
}

pub(crate) fn init_start(version: &str, region: &str) -> String {
    // AWS names a published build of the runtime here; ours is whatever the host has, so the build is its version.
    let build = version.replace(':', "-");
    format!(
        "INIT_START Runtime Version: {version}\tRuntime Version ARN: arn:aws:lambda:{region}::runtime:{build}"
    )
}

pub(crate) fn init_report(duration: Duration, error_type: &str) -> String {
    let status = if error_type == "Sandbox.Timedout" {
        "Status: timeout".to_owned()
    } else {
        format!("Status: error\tError Type: {error_type}")
    };
    format!("INIT_REPORT Init Duration: {}\tPhase: init\t{status}", milliseconds(duration))
}

pub(crate) fn start(request_id: &str, version: &str) -> String {
    format!("START RequestId: {request_id} Version: {version}")
}

pub(crate) fn end(request_id: &str) -> String {
    format!("END RequestId: {request_id}")
}

pub(crate) fn report(request_id: &str, figures: &Figures, status: Status) -> String {
    let mut line = format!(
        "REPORT RequestId: {request_id}\tDuration: {}\tBilled Duration: {} ms\tMemory Size: {} MB\tMax Memory Used: {} MB\t",
        milliseconds(figures.duration),
        billed(figures.duration).as_millis(),
        figures.memory_mb,
        figures.max_memory_mb,
    );
    if let Some(init) = figures.init_duration {
        line.push_str(&format!("Init Duration: {}\t", milliseconds(init)));
    }
    match status {
        Status::Answered => {}
        Status::TimedOut => line.push_str("Status: timeout"),
        Status::Failed(error_type) => line.push_str(&format!("Status: error\tError Type: {error_type}")),
    }
    line
}

/// Rounded up to whole milliseconds, and never nothing.
pub(crate) fn billed(duration: Duration) -> Duration {
    let milliseconds = duration.as_nanos().div_ceil(1_000_000).max(1);
    Duration::from_millis(u64::try_from(milliseconds).unwrap_or(u64::MAX))
}

fn milliseconds(duration: Duration) -> String {
    format!("{:.2} ms", duration.as_secs_f64() * 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_line_is_awss() {
        let figures = Figures {
            duration: Duration::from_micros(3_010),
            memory_mb: 128,
            max_memory_mb: 36,
            init_duration: Some(Duration::from_micros(110_100)),
        };
        assert_eq!(
            report("r", &figures, Status::Answered),
            "REPORT RequestId: r\tDuration: 3.01 ms\tBilled Duration: 4 ms\tMemory Size: 128 MB\tMax Memory Used: 36 MB\tInit Duration: 110.10 ms\t"
        );
    }

    #[test]
    fn a_millisecond_is_the_least_that_is_billed() {
        assert_eq!(billed(Duration::ZERO), Duration::from_millis(1));
        assert_eq!(billed(Duration::from_micros(1000)), Duration::from_millis(1));
        assert_eq!(billed(Duration::from_micros(1001)), Duration::from_millis(2));
    }
}
