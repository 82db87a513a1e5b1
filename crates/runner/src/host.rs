//! What the runner asks of the rest of the program: it knows neither the AWS endpoint nor roles itself.

use std::sync::Arc;

use tokio::net::TcpStream;
use tokio::sync::Semaphore;

use crate::spec::{EnvironmentId, FunctionSpec, LogLine, SessionCredentials};

/// A connection that a function opened to its `AWS_ENDPOINT_URL`.
#[derive(Debug)]
pub struct EndpointConnection {
    /// The connection.
    pub stream: TcpStream,
    /// The function's environment.
    pub environment: EnvironmentId,
    /// The bytes that may be in memory of what the environment sends, all its connections together. Whoever reads a
    /// request takes as many permits and holds them until it is answered.
    pub room: Arc<Semaphore>,
}

/// Serves AWS requests that come out of execution environments.
#[async_trait::async_trait]
pub trait EndpointHandler: Send + Sync + 'static {
    /// Serves a connection to its end.
    async fn serve(&self, connection: EndpointConnection);
}

/// Provides what an environment needs from the world of accounts and roles. The first two are
/// asked once for each new environment.
#[async_trait::async_trait]
pub trait EnvironmentHost: Send + Sync + 'static {
    /// A new session of the function's execution role. It must live longer than [`crate::RunnerOptions::max_age`]
    /// plus one invocation.
    ///
    /// # Errors
    /// In words for the caller of the function, when the role cannot be assumed.
    async fn credentials(
        &self,
        spec: &FunctionSpec,
        environment: &EnvironmentId,
    ) -> Result<SessionCredentials, String>;

    /// Takes a segment document that the function sent to its X-Ray daemon, unread. Must return at once. Whoever keeps
    /// no traces drops it.
    fn trace_document(&self, spec: &FunctionSpec, environment: &EnvironmentId, document: String) {
        let _ = (spec, environment, document);
    }

    /// The log stream's name (reference lambda.md 7.8).
    fn log_stream_name(&self, spec: &FunctionSpec, environment: &EnvironmentId) -> String;

    /// Takes log events that belong to no outcome: what extensions write after the function has answered, and what is
    /// left when an environment ends. Must return at once.
    fn log(&self, spec: &FunctionSpec, log_stream: &str, lines: Vec<LogLine>);
}
