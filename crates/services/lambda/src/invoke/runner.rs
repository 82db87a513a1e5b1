//! What Lambda needs of a runner, so that tests can run functions without processes.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use rolecall_runner::{
    FunctionResult, FunctionSpec, HoldFailure, Invocation, InvokeFailure, LogLine, Runner,
};

/// A finished invocation, as far as Lambda shows it.
#[derive(Debug, Clone)]
pub struct Ran {
    /// What the function answered.
    pub result: FunctionResult,
    /// AWS's type of an error that the function did not report itself.
    pub error_type: Option<String>,
    /// What the platform and the function wrote, in order.
    pub log: Vec<LogLine>,
    /// The log stream of the execution environment.
    pub log_stream: String,
    /// When the event was handed to the runtime, in microseconds since 1970.
    pub started_us: i64,
    /// How long the handler took.
    pub duration: Duration,
    /// How long the execution environment took to start, where this invocation started it.
    pub init_duration: Option<Duration>,
}

/// Runs functions.
#[async_trait]
pub trait FunctionRunner: Send + Sync + 'static {
    /// Runs one event.
    ///
    /// # Errors
    /// When the event reached no execution environment.
    async fn invoke(&self, spec: Arc<FunctionSpec>, invocation: Invocation) -> Result<Ran, InvokeFailure>;

    /// Ends the execution environments whose key starts so, once they are idle.
    async fn retire(&self, key_prefix: &str);

    /// Holds so many execution environments ready, from now on. Returns when they are.
    ///
    /// # Errors
    /// When they cannot be had; then none are held.
    async fn hold(&self, spec: Arc<FunctionSpec>, count: usize) -> Result<(), HoldFailure>;

    /// Holds no execution environments with this key any more.
    async fn release(&self, key: &str);
}

#[async_trait]
impl FunctionRunner for Runner {
    async fn invoke(&self, spec: Arc<FunctionSpec>, invocation: Invocation) -> Result<Ran, InvokeFailure> {
        let outcome = Runner::invoke(self, spec, invocation).await?;
        Ok(Ran {
            result: outcome.result,
            error_type: outcome.error_type,
            log: outcome.log,
            log_stream: outcome.log_stream,
            started_us: outcome.started_us,
            duration: outcome.duration,
            init_duration: outcome.init_duration,
        })
    }

    async fn retire(&self, key_prefix: &str) {
        Runner::retire(self, key_prefix).await;
    }

    async fn hold(&self, spec: Arc<FunctionSpec>, count: usize) -> Result<(), HoldFailure> {
        Runner::hold(self, spec, count).await
    }

    async fn release(&self, key: &str) {
        Runner::release(self, key);
    }
}
