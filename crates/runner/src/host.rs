//! What the runner asks of the rest of the program: it knows neither the AWS endpoint nor roles itself.

use tokio::net::TcpStream;

use crate::spec::{EnvironmentId, FunctionSpec, LogLine, SessionCredentials};

/// Serves AWS requests that come out of execution environments.
pub trait EndpointHandler: Send + Sync + 'static {
    /// Serves one connection that a function opened to its `AWS_ENDPOINT_URL`.
    ///
    /// Must hand the connection to a task and return at once.
    fn serve(&self, connection: TcpStream, environment: &EnvironmentId);
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

    /// The log stream's name (reference lambda.md 7.8).
    fn log_stream_name(&self, spec: &FunctionSpec, environment: &EnvironmentId) -> String;

    /// Takes log events that belong to no outcome: what extensions write after the function has answered, and what is
    /// left when an environment ends. Must return at once.
    fn log(&self, spec: &FunctionSpec, log_stream: &str, lines: Vec<LogLine>);
}
