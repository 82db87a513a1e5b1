//! What an invocation needs and what comes of it: the runner's whole vocabulary, free of I/O.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;

use crate::log_format::LogFormat;
use crate::streaming::ResponseSink;

/// Everything an execution environment is made from; immutable.
///
/// Environments are shared between invocations with the same [`FunctionSpec::key`] and never between others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionSpec {
    /// Unique for a function version *and* its code and configuration revision.
    pub key: String,
    /// AWS's identifier, such as `python3.11`, `nodejs20.x`, `provided.al2023`.
    pub runtime: String,
    /// `file.function`; managed runtimes need it.
    pub handler: Option<String>,
    /// The unzipped code. Files must be readable by everybody; the sandbox shows them read-only at `/var/task`.
    pub code_dir: PathBuf,
    /// Unzipped layers, merged in order under `/opt`: later ones win.
    pub layer_dirs: Vec<PathBuf>,
    /// The user's environment variables. Reserved ones (reference lambda.md 7.2) have no effect.
    pub env: Vec<(String, String)>,
    /// The function's name.
    pub function_name: String,
    /// `$LATEST` or the version's number.
    pub version: String,
    /// MemorySize in MB.
    pub memory_mb: u32,
    /// EphemeralStorage in MB: the size of `/tmp`.
    pub tmp_mb: u32,
    /// How long one invocation may take.
    pub timeout: Duration,
    /// The function's account.
    pub account: String,
    /// The function's region.
    pub region: String,
    /// The log group's name.
    pub log_group: String,
    /// How the log is written.
    pub log_format: LogFormat,
}

/// The keys of the execution role's session, for one environment only.
#[derive(Clone)]
pub struct SessionCredentials {
    /// `ASIA...`
    pub access_key_id: String,
    /// The secret key.
    pub secret_access_key: String,
    /// The session token.
    pub session_token: String,
}

impl fmt::Debug for SessionCredentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SessionCredentials")
            .field("access_key_id", &self.access_key_id)
            .finish_non_exhaustive()
    }
}

/// Names one execution environment for as long as this process runs and beyond.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EnvironmentId(pub(crate) String);

impl EnvironmentId {
    pub(crate) fn random() -> Self {
        Self(uuid::Uuid::new_v4().simple().to_string())
    }

    /// Thirty-two hexadecimal digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EnvironmentId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// One event for a function.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// The request id, a UUID. It must be unique among the runner's invocations.
    pub request_id: String,
    /// The event.
    pub payload: Bytes,
    /// The function's ARN as the caller wrote it, with or without qualifier (reference lambda.md 7.1).
    pub invoked_function_arn: String,
    /// `X-Amzn-Trace-Id`.
    pub trace_id: Option<String>,
    /// The decoded client context, JSON.
    pub client_context: Option<String>,
    /// The Cognito identity, JSON.
    pub cognito_identity: Option<String>,
    /// Whether the outcome is to have the whole log. Otherwise it is there as soon as the function has answered, and what
    /// comes later, of extensions that still work, goes to [`crate::EnvironmentHost::log`].
    pub wants_log: bool,
    /// Where the parts of a streamed response go. Without it a response is always collected, and so is with it that of
    /// a runtime that does not stream.
    pub response_sink: Option<ResponseSink>,
    /// Whether somebody waits for the answer.
    pub urgency: Urgency,
}

/// Whether somebody waits for the answer of an invocation; if so, it goes first where environments have to be started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Urgency {
    /// A caller waits.
    Caller,
    /// It comes out of a queue, and can wait.
    Queue,
}

/// One log event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// Milliseconds since 1970.
    pub time_ms: i64,
    /// The text without its line end; several lines when the runtime wrote them as one record.
    pub text: String,
}

/// What the function answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FunctionResult {
    /// The function's result; empty where it has gone to the [`ResponseSink`].
    Success(Bytes),
    /// A function error: AWS answers it with status 200 and `X-Amz-Function-Error: Unhandled`.
    Error {
        /// The error document (reference lambda.md 7.5).
        payload: Bytes,
        /// What AWS calls it.
        kind: FunctionErrorKind,
    },
}

/// The value of `X-Amz-Function-Error`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FunctionErrorKind {
    /// The only kind that AWS's runtimes report today.
    Unhandled,
}

impl FunctionErrorKind {
    /// The header's value.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unhandled => "Unhandled",
        }
    }
}

/// A finished invocation.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// What the function answered.
    pub result: FunctionResult,
    /// AWS's type of an error that the platform found, or that the runtime named after it had begun to stream; none
    /// for an error document that the function sent instead of a response.
    pub error_type: Option<String>,
    /// The platform's and the function's log events, in order, since the environment's previous invocation.
    pub log: Vec<LogLine>,
    /// The environment's log stream.
    pub log_stream: String,
    /// When the event was handed to the runtime, in microseconds since 1970; when it failed, where it never was.
    pub started_us: i64,
    /// How long the handler took.
    pub duration: Duration,
    /// The duration rounded up to whole milliseconds.
    pub billed_duration: Duration,
    /// How long the environment took to start, when this invocation started it.
    pub init_duration: Option<Duration>,
    /// The most memory the environment has used so far, in MB.
    pub max_memory_mb: u32,
    /// Whether this invocation started its environment.
    pub cold: bool,
    /// The environment that ran it.
    pub environment: EnvironmentId,
}

/// Why there is no [`Outcome`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvokeFailure {
    /// Every environment that may exist is busy.
    #[error("every one of the {0} execution environments is busy")]
    Throttled(usize),
    /// No environment could be made; the text says why and what to do.
    #[error("{0}")]
    Unavailable(String),
    /// The execution role's session could not be had; in the words of [`crate::EnvironmentHost::credentials`].
    #[error("{0}")]
    Role(String),
    /// The runner is shutting down.
    #[error("the server is shutting down")]
    ShuttingDown,
}

/// Why environments are not held ready.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HoldFailure {
    /// One could not be started.
    #[error("{0}")]
    NotStarted(InvokeFailure),
    /// One was started, and its runtime or the function's code did not come so far as to wait for an event.
    #[error("{0}")]
    Initialization(String),
}

/// Why a [`crate::Runner`] could not start.
#[derive(Debug, thiserror::Error)]
pub enum RunnerError {
    /// A file or directory of the runner's own could not be made.
    #[error("cannot prepare {path}: {source}")]
    State {
        /// What was to be made.
        path: PathBuf,
        /// Why it could not be.
        source: std::io::Error,
    },
}
