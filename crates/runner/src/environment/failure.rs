//! The error documents of invocations that the function did not answer itself (reference lambda.md 7.5).

use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;

use crate::plan::ExitStatus;
use crate::spec::{FunctionErrorKind, FunctionResult};

/// The largest response, in bytes.
pub(crate) const RESPONSE_MAX: usize = 6 * 1024 * 1024 + 100;

/// The largest streamed response, in bytes (reference lambda.md 7.4).
pub(crate) const STREAM_MAX: usize = 200 * 1024 * 1024;

/// How a runtime failed a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failure {
    /// It took too long.
    TimedOut(Duration),
    /// Its process ended; nothing when nobody saw how.
    Ended(Option<ExitStatus>),
    /// It was killed for want of memory.
    OutOfMemory,
    /// Its program could not be executed.
    InvalidEntrypoint(String),
    /// The response was too large.
    ResponseTooLarge,
    /// The streamed response became too large.
    StreamTooLarge,
    /// The runtime broke a streamed response off and lives on.
    Truncated,
    /// Something is missing on this machine, or in the function's configuration.
    Unstartable { error_type: &'static str, message: String },
    /// An extension failed.
    Extension { error_type: &'static str, reason: String },
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TypeFirst<'a> {
    error_type: &'a str,
    error_message: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MessageFirst<'a> {
    error_message: String,
    error_type: &'a str,
}

impl Failure {
    /// AWS's `errorType`.
    pub(crate) fn error_type(&self) -> &'static str {
        match self {
            Self::TimedOut(_) => "Sandbox.Timedout",
            Self::Ended(_) => "Runtime.ExitError",
            Self::OutOfMemory => "Runtime.OutOfMemory",
            Self::InvalidEntrypoint(_) => "Runtime.InvalidEntrypoint",
            Self::ResponseTooLarge | Self::StreamTooLarge => "Function.ResponseSizeTooLarge",
            Self::Truncated => "Runtime.TruncatedResponse",
            Self::Unstartable { error_type, .. } | Self::Extension { error_type, .. } => error_type,
        }
    }

    /// The text after `RequestId: ... Error: `.
    pub(crate) fn reason(&self) -> String {
        match self {
            Self::TimedOut(limit) => format!("Task timed out after {:.2} seconds", limit.as_secs_f64()),
            Self::Ended(None | Some(ExitStatus::Code(0))) => {
                "Runtime exited without providing a reason".to_owned()
            }
            Self::Ended(Some(status)) => format!("Runtime exited with error: {}", status.in_words()),
            Self::OutOfMemory => "Runtime exited with error: signal: killed".to_owned(),
            Self::ResponseTooLarge => too_large(RESPONSE_MAX),
            Self::StreamTooLarge => too_large(STREAM_MAX),
            Self::Truncated => "The runtime ended its response before it was complete".to_owned(),
            Self::InvalidEntrypoint(reason) => reason.clone(),
            Self::Unstartable { message, .. } => message.clone(),
            Self::Extension { reason, .. } => reason.clone(),
        }
    }

    /// The error document.
    pub(crate) fn result(&self, request_id: &str) -> FunctionResult {
        let error_type = self.error_type();
        let document = match self {
            Self::ResponseTooLarge | Self::StreamTooLarge => {
                serde_json::to_vec(&MessageFirst { error_message: self.reason(), error_type })
            }
            _ => {
                let error_message = format!("RequestId: {request_id} Error: {}", self.reason());
                serde_json::to_vec(&TypeFirst { error_type, error_message })
            }
        };
        // Two strings always serialise.
        error(Bytes::from(document.unwrap_or_default()))
    }
}

fn too_large(limit: usize) -> String {
    format!("Response payload size exceeded maximum allowed payload size ({limit} bytes).")
}

/// A function error with this document.
pub(crate) fn error(payload: Bytes) -> FunctionResult {
    FunctionResult::Error { payload, kind: FunctionErrorKind::Unhandled }
}

impl ExitStatus {
    /// The status in the words of Lambda's own logs.
    pub(crate) fn in_words(self) -> String {
        match self {
            Self::Code(code) => format!("exit status {code}"),
            Self::Signal(signal) => format!("signal: {}", signal_name(signal)),
        }
    }
}

/// Signals in the words of Lambda's own logs.
fn signal_name(signal: i32) -> String {
    let name = match signal {
        libc::SIGHUP => "hangup",
        libc::SIGINT => "interrupt",
        libc::SIGQUIT => "quit",
        libc::SIGILL => "illegal instruction",
        libc::SIGTRAP => "trace/breakpoint trap",
        libc::SIGABRT => "aborted",
        libc::SIGBUS => "bus error",
        libc::SIGFPE => "floating point exception",
        libc::SIGKILL => "killed",
        libc::SIGUSR1 => "user defined signal 1",
        libc::SIGSEGV => "segmentation fault",
        libc::SIGUSR2 => "user defined signal 2",
        libc::SIGPIPE => "broken pipe",
        libc::SIGALRM => "alarm clock",
        libc::SIGTERM => "terminated",
        libc::SIGSYS => "bad system call",
        other => return format!("signal {other}"),
    };
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_awss_to_the_byte() {
        let cases = [
            (
                Failure::TimedOut(Duration::from_secs(1)),
                r#"{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: r Error: Task timed out after 1.00 seconds"}"#,
            ),
            (
                Failure::Ended(Some(ExitStatus::Code(0))),
                r#"{"errorType":"Runtime.ExitError","errorMessage":"RequestId: r Error: Runtime exited without providing a reason"}"#,
            ),
            (
                Failure::Ended(Some(ExitStatus::Code(127))),
                r#"{"errorType":"Runtime.ExitError","errorMessage":"RequestId: r Error: Runtime exited with error: exit status 127"}"#,
            ),
            (
                Failure::Ended(Some(ExitStatus::Signal(9))),
                r#"{"errorType":"Runtime.ExitError","errorMessage":"RequestId: r Error: Runtime exited with error: signal: killed"}"#,
            ),
            (
                Failure::ResponseTooLarge,
                r#"{"errorMessage":"Response payload size exceeded maximum allowed payload size (6291556 bytes).","errorType":"Function.ResponseSizeTooLarge"}"#,
            ),
        ];
        for (failure, expected) in cases {
            assert_eq!(failure.result("r"), error(Bytes::from_static(expected.as_bytes())));
        }
    }
}
