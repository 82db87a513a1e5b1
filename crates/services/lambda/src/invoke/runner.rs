//! What Lambda needs of a runner, so that tests can run functions without processes.

use std::sync::Arc;

use async_trait::async_trait;
use rolecall_runner::{FunctionResult, FunctionSpec, Invocation, InvokeFailure, LogLine, Runner};

/// A finished invocation, as far as Lambda shows it.
#[derive(Debug, Clone)]
pub struct Ran {
    /// What the function answered.
    pub result: FunctionResult,
    /// What the platform and the function wrote, in order.
    pub log: Vec<LogLine>,
    /// The log stream of the execution environment.
    pub log_stream: String,
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
}

#[async_trait]
impl FunctionRunner for Runner {
    async fn invoke(&self, spec: Arc<FunctionSpec>, invocation: Invocation) -> Result<Ran, InvokeFailure> {
        let outcome = Runner::invoke(self, spec, invocation).await?;
        Ok(Ran { result: outcome.result, log: outcome.log, log_stream: outcome.log_stream })
    }

    async fn retire(&self, key_prefix: &str) {
        Runner::retire(self, key_prefix).await;
    }
}
