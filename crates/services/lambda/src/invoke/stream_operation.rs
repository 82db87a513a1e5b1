//! The operation InvokeWithResponseStream (reference lambda.md 7.5).
//!
//! Whatever is wrong before the function answers is an ordinary error. From then on the answer is a success, and how
//! the function ended is the content of its last event.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream;
use futures_util::stream::Stream;
use rolecall_authority::{Authorized, Call};
use rolecall_runner::{FunctionErrorKind, FunctionResult, Urgency};
use rolecall_store::records::lambda::FunctionVersion;
use rolecall_wire::lambda::{
    InvokeResponseStreamUpdate, InvokeWithResponseStreamCompleteEvent, InvokeWithResponseStreamRequest,
    InvokeWithResponseStreamResponse, InvokeWithResponseStreamResponseEvent as StreamEvent,
};
use rolecall_wire::{EventStream, Sensitive, ServiceError};

use crate::error::LambdaError;
use crate::invoke::operation::{event_of, tail_of};
use crate::invoke::payload::{InvocationType, check_event, client_context};
use crate::invoke::run::Event;
use crate::invoke::runner::Ran;
use crate::invoke::streaming::{Begun, Piece, Streamed};
use crate::invoke::target::choose;
use crate::name::{FunctionReference, version_text};
use crate::service::Lambda;

/// What the response of a function is that does not stream.
const BUFFERED_TYPE: &str = "application/json";
/// What a streamed response is whose runtime does not say it.
const STREAM_TYPE: &str = "application/octet-stream";

impl Lambda {
    pub(crate) async fn invoke_with_response_stream(
        &self,
        call: &Arc<Call>,
        input: InvokeWithResponseStreamRequest,
    ) -> Result<InvokeWithResponseStreamResponse, ServiceError> {
        let reference = Self::reference(call, &input.function_name, input.qualifier.as_deref())?;
        let proof = self.authorize_invocation(call, &reference)?;
        if input.tenant_id.is_some() {
            return Err(LambdaError::not_built("tenant isolation").into());
        }
        let record = choose(&self.platform.store.read(), &reference, self.platform.entropy())?;
        let payload = event_of(input.payload);
        // Whatever invocation type is asked for, the function is run (reference lambda.md 7.5).
        check_event(&payload, InvocationType::RequestResponse)?;
        let client_context = client_context(input.client_context.as_deref())?;
        let tail = input.log_type.as_deref() == Some("Tail");
        let event = Event {
            request_id: call.request_id.clone(),
            payload,
            invoked_arn: reference.arn().to_string(),
            client_context,
            wants_log: tail,
            trace: self.pass_now(call, &reference, &record)?,
            urgency: Urgency::Caller,
        };
        self.stream_now(proof, &reference, record, event, tail).await
    }

    async fn stream_now(
        &self,
        _proof: Authorized,
        reference: &FunctionReference,
        record: Arc<FunctionVersion>,
        event: Event,
        tail: bool,
    ) -> Result<InvokeWithResponseStreamResponse, ServiceError> {
        self.admit_to_second(&reference.key())?;
        let version = version_text(record.version);
        let (content_type, events) = match self.begin(reference.key(), record, event).await? {
            Begun::Stream(streamed) => {
                let content_type = streamed.content_type.clone();
                let content_type = content_type.unwrap_or_else(|| STREAM_TYPE.to_owned());
                (content_type, EventStream::new(events_of(streamed, tail)))
            }
            Begun::Whole(ran) => {
                (BUFFERED_TYPE.to_owned(), EventStream::new(stream::iter(events_of_whole(*ran, tail))))
            }
        };
        Ok(InvokeWithResponseStreamResponse {
            status_code: Some(200),
            executed_version: Some(version),
            event_stream: Some(events),
            response_stream_content_type: Some(content_type),
        })
    }
}

/// The events of a streamed response, made when they are asked for.
fn events_of(streamed: Streamed, tail: bool) -> impl Stream<Item = StreamEvent> {
    stream::unfold(streamed, move |mut streamed| async move {
        let event = match streamed.next().await? {
            Piece::Chunk(bytes) => chunk(bytes),
            Piece::End(Ok(ran)) => complete(&ran, tail),
            Piece::End(Err(error)) => aborted(&error),
        };
        Some((event, streamed))
    })
}

/// A response that came as a whole is one chunk, an error none.
fn events_of_whole(ran: Ran, tail: bool) -> Vec<StreamEvent> {
    let end = complete(&ran, tail);
    match ran.result {
        FunctionResult::Success(result) if !result.is_empty() => vec![chunk(result), end],
        _ => vec![end],
    }
}

fn chunk(bytes: Bytes) -> StreamEvent {
    StreamEvent::PayloadChunk(InvokeResponseStreamUpdate { payload: Some(Sensitive::new(bytes)) })
}

/// The last event. An error that the function reported itself is `Unhandled`, as it is for Invoke; any other has the
/// type that the platform, or the runtime in its trailers, gave it.
fn complete(ran: &Ran, tail: bool) -> StreamEvent {
    let (error_code, error_details) = match &ran.result {
        FunctionResult::Success(_) => (None, None),
        FunctionResult::Error { payload, kind: FunctionErrorKind::Unhandled } => {
            let code = ran.error_type.clone();
            let code = code.unwrap_or_else(|| FunctionErrorKind::Unhandled.as_str().to_owned());
            (Some(code), Some(String::from_utf8_lossy(payload).into_owned()))
        }
    };
    let log_result = tail.then(|| tail_of(ran));
    StreamEvent::InvokeComplete(InvokeWithResponseStreamCompleteEvent {
        error_code,
        error_details,
        log_result,
    })
}

fn aborted(error: &LambdaError) -> StreamEvent {
    StreamEvent::InvokeComplete(InvokeWithResponseStreamCompleteEvent {
        error_code: Some("ServiceException".to_owned()),
        error_details: Some(error.to_string()),
        log_result: None,
    })
}
