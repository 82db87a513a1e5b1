//! The events that extensions get.

use serde::Serialize;

use crate::spec::Invocation;

/// Why an environment ends, in the words of the SHUTDOWN event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    /// It is not needed any more.
    Spindown,
    /// Its function took too long.
    Timeout,
    /// Its function, its runtime or an extension failed.
    Failure,
}

impl Reason {
    fn as_str(self) -> &'static str {
        match self {
            Self::Spindown => "spindown",
            Self::Timeout => "timeout",
            Self::Failure => "failure",
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invoke<'a> {
    event_type: &'static str,
    deadline_ms: i64,
    request_id: &'a str,
    invoked_function_arn: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    tracing: Option<Tracing<'a>>,
}

#[derive(Serialize)]
struct Tracing<'a> {
    r#type: &'static str,
    value: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shutdown {
    event_type: &'static str,
    deadline_ms: i64,
    shutdown_reason: &'static str,
}

/// The event that goes with an invocation. It has no payload: that is the function's alone.
pub(crate) fn invoke_event(invocation: &Invocation, deadline_ms: i64) -> String {
    let value = invocation.trace_id.as_deref();
    text(&Invoke {
        event_type: "INVOKE",
        deadline_ms,
        request_id: &invocation.request_id,
        invoked_function_arn: &invocation.invoked_function_arn,
        tracing: value.map(|value| Tracing { r#type: "X-Amzn-Trace-Id", value }),
    })
}

/// The last event.
pub(crate) fn shutdown_event(reason: Reason, deadline_ms: i64) -> String {
    text(&Shutdown { event_type: "SHUTDOWN", deadline_ms, shutdown_reason: reason.as_str() })
}

fn text(event: &impl Serialize) -> String {
    // Structures of strings and numbers always serialise.
    serde_json::to_string(event).unwrap_or_default()
}
