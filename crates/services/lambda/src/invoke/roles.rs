//! Gives every execution environment a session of its function's role, its log stream a name, and its segments a way
//! to X-Ray.

use std::sync::Arc;

use async_trait::async_trait;
use rolecall_runner::{EnvironmentHost, EnvironmentId, FunctionSpec, LogLine, SessionCredentials};
use rolecall_service::Platform;
use rolecall_wire::Sensitive;

use crate::invoke::deployment::Deployment;
use crate::invoke::logs::{LogTarget, LogWriters};
use crate::invoke::trace_writers::TraceWriters;
use crate::role::{NOT_ASSUMABLE, assume};
use crate::time::stream_date;

/// An environment's session is good for twelve hours, far longer than the environment lives.
const SESSION_S: i32 = 43_200;

/// Answers what the runner asks for a new environment.
pub(crate) struct ExecutionRoles {
    platform: Arc<Platform>,
    logs: LogWriters,
    traces: TraceWriters,
}

impl ExecutionRoles {
    /// Sessions from the STS of the platform, and these writers for segments and for what belongs to no invocation's log.
    pub(crate) fn new(platform: Arc<Platform>, logs: LogWriters, traces: TraceWriters) -> Self {
        ExecutionRoles { platform, logs, traces }
    }
}

#[async_trait]
impl EnvironmentHost for ExecutionRoles {
    async fn credentials(
        &self,
        spec: &FunctionSpec,
        environment: &EnvironmentId,
    ) -> Result<SessionCredentials, String> {
        let deployment =
            Deployment::parse(&spec.key).ok_or("the execution environment has no known function")?;
        let session = assume(&self.platform, &deployment.role, &deployment.function, Some(SESSION_S)).await;
        let session = session.map_err(|error| {
            tracing::info!(%environment, role = deployment.role, %error, "no session for an execution environment");
            error.message.unwrap_or_else(|| NOT_ASSUMABLE.to_owned())
        })?;
        let parts = (session.access_key_id, session.secret_access_key, session.session_token);
        let (Some(access_key_id), Some(secret), Some(session_token)) = parts else {
            return Err("STS answered incomplete credentials".to_owned());
        };
        Ok(SessionCredentials {
            access_key_id,
            secret_access_key: Sensitive::into_inner(secret),
            session_token: Sensitive::into_inner(session_token),
        })
    }

    fn trace_document(&self, spec: &FunctionSpec, _environment: &EnvironmentId, document: String) {
        if let Some(deployment) = Deployment::parse(&spec.key) {
            self.traces.deliver(&self.platform, &deployment, [document]);
        }
    }

    fn log_stream_name(&self, spec: &FunctionSpec, environment: &EnvironmentId) -> String {
        let date = stream_date(self.platform.now_ms());
        let (function, version) = (&spec.function_name, &spec.version);
        if spec.log_group == format!("/aws/lambda/{function}") {
            return format!("{date}/[{version}]{environment}");
        }
        // A group that functions share has the function's name in its streams (reference lambda.md 7.8).
        format!("{date}/{function}[{version}][{environment}]")
    }

    fn log(&self, spec: &FunctionSpec, log_stream: &str, lines: Vec<LogLine>) {
        let Some(deployment) = Deployment::parse(&spec.key) else { return };
        let target = LogTarget { deployment, group: spec.log_group.clone(), stream: log_stream.to_owned() };
        self.logs.deliver(&self.platform, target, lines);
    }
}
