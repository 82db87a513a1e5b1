//! Execution environments: the sandbox, the Runtime API, the runtimes and their life cycle.
//!
//! [`Runner`] takes events for functions and returns outcomes. Each environment is a process that sees its own code,
//! its layers, its runtime, the Runtime API and the AWS endpoint, and nothing else. What reaches the AWS endpoint is
//! handed to an [`EndpointHandler`]; whose session it runs with is the [`EnvironmentHost`]'s affair.
//!
//! The server's executable must call [`sandbox_init_main`] first thing when its first argument is `sandbox-init`.

mod admission;
mod capabilities;
mod carried;
mod cgroup;
mod channel;
mod environment;
mod host;
mod log_format;
mod options;
mod plan;
mod pool;
mod runner;
mod runtimes;
mod sandbox;
mod spec;
mod streaming;

pub use capabilities::Capabilities;
pub use carried::Carried;
pub use host::{EndpointConnection, EndpointHandler, EnvironmentHost};
pub use log_format::{ApplicationLogLevel, LogFormat, SystemLogLevel};
pub use options::{HelperCommand, RunnerOptions, SandboxMode};
pub use runner::Runner;
pub use runtimes::{Interpreter, Language, Runtimes};
pub use sandbox::sandbox_init_main;
pub use spec::{
    EnvironmentId, FunctionErrorKind, FunctionResult, FunctionSpec, HoldFailure, Invocation, InvokeFailure,
    LogLine, Outcome, RunnerError, SessionCredentials, Urgency,
};
pub use streaming::{ResponsePart, ResponseSink, response_channel};
