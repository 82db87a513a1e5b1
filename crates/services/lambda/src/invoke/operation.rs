//! The operation Invoke.

use std::sync::Arc;

use bytes::Bytes;
use data_encoding::BASE64;
use rolecall_authority::{Authorized, Call};
use rolecall_runner::{FunctionResult, Urgency};
use rolecall_store::records::lambda::FunctionVersion;
use rolecall_wire::lambda::{InvocationRequest, InvocationResponse};
use rolecall_wire::{Sensitive, ServiceError};

use crate::error::LambdaError;
use crate::invoke::payload::{EMPTY_EVENT, InvocationType, check_event, client_context};
use crate::invoke::queue::Accepted;
use crate::invoke::run::Event;
use crate::invoke::runner::Ran;
use crate::invoke::target::choose;
use crate::name::{FunctionReference, version_text};
use crate::service::Lambda;

/// `X-Amz-Log-Result` has this much of the log's end, in bytes before the encoding.
const TAIL_BYTES: usize = 4096;

impl Lambda {
    pub(crate) async fn invoke(
        &self,
        call: &Arc<Call>,
        input: InvocationRequest,
    ) -> Result<InvocationResponse, ServiceError> {
        let reference = Self::reference(call, &input.function_name, input.qualifier.as_deref())?;
        let proof = self.authorize_invocation(call, &reference)?;
        refuse_unbuilt(&input)?;
        let record = choose(&self.platform.store.read(), &reference, self.platform.entropy())?;
        let kind = InvocationType::parse(input.invocation_type.as_deref())?;
        let payload = event_of(input.payload);
        check_event(&payload, kind)?;
        let context = client_context(input.client_context.as_deref())?;
        match kind {
            InvocationType::DryRun => Ok(status(204)),
            InvocationType::Event => {
                crate::function::require_runnable(&record)?;
                let pass = self.pass(call, &reference, &record);
                let event = Accepted { payload, client_context: input.client_context, pass };
                self.accept(proof, call.request_id.clone(), &reference, event).await?;
                Ok(status(202))
            }
            InvocationType::RequestResponse => {
                let wants_log = input.log_type.as_deref() == Some("Tail");
                let event = Event {
                    request_id: call.request_id.clone(),
                    payload,
                    invoked_arn: reference.arn().to_string(),
                    client_context: context,
                    wants_log,
                    trace: self.pass_now(call, &reference, &record)?,
                    urgency: Urgency::Caller,
                };
                self.run_now(proof, &reference, record, event).await
            }
        }
    }

    /// The right to invoke by an API call, which is told apart from one through a function URL (reference lambda.md 1.7).
    pub(crate) fn authorize_invocation(
        &self,
        call: &Call,
        reference: &FunctionReference,
    ) -> Result<Authorized, ServiceError> {
        self.authorize_function_with(call, "lambda:InvokeFunction", reference, |check| {
            check.key("lambda:InvokedViaFunctionUrl", "false")
        })
    }

    async fn run_now(
        &self,
        _proof: Authorized,
        reference: &FunctionReference,
        record: Arc<FunctionVersion>,
        event: Event,
    ) -> Result<InvocationResponse, ServiceError> {
        self.admit_to_second(&reference.key())?;
        let (version, tail) = (version_text(record.version), event.wants_log);
        let ran = self.run(reference.key(), record, event).await?;
        let log_result = tail.then(|| tail_of(&ran));
        let (payload, function_error) = match ran.result {
            FunctionResult::Success(payload) => (payload, None),
            FunctionResult::Error { payload, kind } => (payload, Some(kind.as_str().to_owned())),
        };
        Ok(InvocationResponse {
            function_error,
            log_result,
            payload: Some(Sensitive::new(payload)),
            executed_version: Some(version),
            ..status(200)
        })
    }
}

fn refuse_unbuilt(input: &InvocationRequest) -> Result<(), LambdaError> {
    if input.durable_execution_name.is_some() {
        return Err(LambdaError::not_built("durable functions"));
    }
    if input.tenant_id.is_some() {
        return Err(LambdaError::not_built("tenant isolation"));
    }
    Ok(())
}

/// The event that was sent, or the empty one.
pub(super) fn event_of(payload: Option<Sensitive<Bytes>>) -> Bytes {
    let sent = payload.map(Sensitive::into_inner);
    sent.filter(|payload| !payload.is_empty()).unwrap_or(Bytes::from_static(EMPTY_EVENT))
}

fn status(code: i32) -> InvocationResponse {
    InvocationResponse { status_code: Some(code), ..InvocationResponse::default() }
}

/// The end of the log in base64.
pub(super) fn tail_of(ran: &Ran) -> String {
    let lines: Vec<&str> = ran.log.iter().map(|line| line.text.as_str()).collect();
    let text = lines.join("\n");
    let mut start = text.len().saturating_sub(TAIL_BYTES);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    BASE64.encode(text.get(start..).unwrap_or_default().as_bytes())
}
