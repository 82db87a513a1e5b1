//! Running one event: from a version's record to the runner and back.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use rolecall_runner::{
    Carried, FunctionErrorKind, FunctionResult, FunctionSpec, Invocation, InvokeFailure, ResponseSink,
    Urgency,
};
use rolecall_store::records::lambda::FunctionVersion;

use crate::error::LambdaError;
use crate::function::{require_runnable, settings, shape};
use crate::invoke::deployment::{Deployment, function_prefix, latest_prefix};
use crate::invoke::logs::LogTarget;
use crate::invoke::runner::Ran;
use crate::invoke::segments::{Ended, EventTrace, Segments, Timing};
use crate::name::Key;
use crate::role::NOT_ASSUMABLE;
use crate::service::Lambda;

/// The largest result in bytes (reference lambda.md 7.4).
const MAX_RESULT_BYTES: usize = 6_291_556;

/// One event on its way to a function.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    /// The request id.
    pub(crate) request_id: String,
    /// The event.
    pub(crate) payload: Bytes,
    /// The function's ARN as it was asked for.
    pub(crate) invoked_arn: String,
    /// The client context, decoded.
    pub(crate) client_context: Option<String>,
    /// Whether the caller wants the log's end.
    pub(crate) wants_log: bool,
    /// The trace that it belongs to.
    pub(crate) trace: EventTrace,
    /// Whether a caller waits for the answer.
    pub(crate) urgency: Urgency,
}

impl Lambda {
    /// Runs the event and sees to its logs. It goes on when the caller goes away.
    ///
    /// # Errors
    /// Where the function did not run: it is not active, there is no place for it, or no environment can be made.
    pub(crate) async fn run(
        &self,
        function: Key,
        record: Arc<FunctionVersion>,
        event: Event,
    ) -> Result<Ran, LambdaError> {
        let lambda = self.clone();
        Carried::new(async move { lambda.run_to_end(&function, &record, event, None).await }).await
    }

    /// Runs the event in this task. A response that is streamed goes to the sink, where there is one.
    pub(super) async fn run_to_end(
        &self,
        function: &Key,
        record: &FunctionVersion,
        event: Event,
        response_sink: Option<ResponseSink>,
    ) -> Result<Ran, LambdaError> {
        let ran = self.run_once(function, record, event, response_sink).await;
        self.count(function, &ran);
        ran
    }

    async fn run_once(
        &self,
        function: &Key,
        record: &FunctionVersion,
        event: Event,
        response_sink: Option<ResponseSink>,
    ) -> Result<Ran, LambdaError> {
        require_runnable(record)?;
        let runner = self.parts.runner.get();
        let runner =
            runner.ok_or_else(|| LambdaError::CannotRun("This server runs no functions.".to_owned()))?;
        let _slot = self.parts.running.enter(&self.platform.store.read(), function)?;
        let deployment = Deployment::of(function, record);
        let spec = Arc::new(self.spec(&deployment, record).await?);
        let segments = Segments::of(&event.trace, self.platform.entropy(), self.platform.now_ms());
        let trace_id = match &segments {
            Some(segments) => segments.header(),
            None => event.trace.header.to_text(),
        };
        let invocation = Invocation {
            request_id: event.request_id.clone(),
            payload: event.payload,
            invoked_function_arn: event.invoked_arn,
            trace_id: Some(trace_id),
            client_context: event.client_context,
            cognito_identity: None,
            wants_log: event.wants_log,
            response_sink,
            urgency: event.urgency,
        };
        let mut ran = runner.invoke(Arc::clone(&spec), invocation).await.map_err(not_run)?;
        if let Some(segments) = segments {
            self.send_segments(&segments, &deployment, &event.request_id, &ran);
        }
        let target = LogTarget { deployment, group: spec.log_group.clone(), stream: ran.log_stream.clone() };
        self.parts.logs.deliver(&self.platform, target, ran.log.clone());
        limit_result(&mut ran);
        Ok(ran)
    }

    /// Sends what Lambda itself has to tell about a traced invocation.
    fn send_segments(&self, segments: &Segments, deployment: &Deployment, request_id: &str, ran: &Ran) {
        let (started_us, duration, init_duration) = (ran.started_us, ran.duration, ran.init_duration);
        let timing = Timing { started_us, duration, init_duration };
        let ended = Ended {
            function: &deployment.function,
            request_id,
            result: &ran.result,
            timing,
            ended_us: self.platform.now_ms() * 1000,
        };
        let documents = segments.documents(&ended, self.platform.entropy());
        self.parts.traces.deliver(&self.platform, deployment, documents);
    }

    /// Lets the execution environments of `$LATEST` go that were made from what it was.
    pub(crate) fn retire_latest(&self, function: &Key) {
        self.retire(latest_prefix(function));
    }

    /// Lets all execution environments of a function go.
    pub(crate) fn retire_function(&self, function: &Key) {
        self.retire(function_prefix(function));
    }

    fn retire(&self, prefix: String) {
        if let Some(runner) = self.parts.runner.get().cloned() {
            tokio::spawn(async move { runner.retire(&prefix).await });
        }
    }

    pub(crate) async fn spec(
        &self,
        deployment: &Deployment,
        record: &FunctionVersion,
    ) -> Result<FunctionSpec, LambdaError> {
        let blobs = self.platform.store.blobs();
        let unavailable = |error: &dyn std::fmt::Display| {
            tracing::error!(function = deployment.function.2, %error, "a function's code cannot be unzipped");
            LambdaError::CannotRun("The function's code cannot be read.".to_owned())
        };
        let code = &self.parts.code;
        let zip = record.code.as_ref().ok_or_else(|| unavailable(&"it has no zip file"))?;
        let code_dir = code.directory_of(blobs, zip).await.map_err(|error| unavailable(&error))?;
        let mut layer_dirs = Vec::with_capacity(record.layers.len());
        for layer in &record.layers {
            layer_dirs
                .push(code.directory_of(blobs, &layer.code).await.map_err(|error| unavailable(&error))?);
        }
        let name = &deployment.function.2;
        Ok(FunctionSpec {
            key: deployment.to_string(),
            runtime: record.runtime.clone().unwrap_or_default(),
            handler: record.handler.clone(),
            code_dir,
            layer_dirs,
            env: record.environment.clone().unwrap_or_default().into_iter().collect(),
            function_name: name.clone(),
            version: deployment.version.clone(),
            memory_mb: record.memory_mb,
            tmp_mb: record.ephemeral_storage_mb,
            timeout: Duration::from_secs(u64::from(record.timeout_s)),
            account: deployment.function.0.to_string(),
            region: deployment.function.1.to_string(),
            log_group: shape::log_group(name, &record.logging),
            log_format: settings::log_format(&record.logging),
        })
    }
}

/// What the caller is told where the event reached no environment.
fn not_run(failure: InvokeFailure) -> LambdaError {
    match failure {
        InvokeFailure::Throttled { .. } => LambdaError::Throttled("ConcurrentInvocationLimitExceeded"),
        InvokeFailure::Role(reason) if reason == NOT_ASSUMABLE => LambdaError::AccessDenied(reason),
        failure => LambdaError::CannotRun(failure.to_string()),
    }
}

/// A result that is too large becomes AWS's function error (reference lambda.md 7.5).
fn limit_result(ran: &mut Ran) {
    if matches!(&ran.result, FunctionResult::Success(result) if result.len() > MAX_RESULT_BYTES) {
        let text = format!(
            "{{\"errorMessage\":\"Response payload size exceeded maximum allowed payload size ({MAX_RESULT_BYTES} \
             bytes).\",\"errorType\":\"Function.ResponseSizeTooLarge\"}}"
        );
        ran.result = FunctionResult::Error { payload: Bytes::from(text), kind: FunctionErrorKind::Unhandled };
    }
}
