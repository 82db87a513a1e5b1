//! A request to a function URL: who may send it, and what the function answers.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream;
use rolecall_authority::{Authorized, Call};
use rolecall_runner::{FunctionResult, Urgency};
use rolecall_service::{FoundUrl, FunctionUrls, UrlAnswer, UrlRefusal};
use rolecall_wire::{BrokenOff, ByteStream, ServiceError};

use crate::error::LambdaError;
use crate::invoke::{Begun, Event, Piece, Streamed, choose};
use crate::name::FunctionReference;
use crate::options::UrlRights;
use crate::service::Lambda;

/// The largest event, in bytes.
const MAX_EVENT_BYTES: usize = 6_291_456;

/// The type of a response that the runtime gives no type.
const BUFFERED_TYPE: &str = "application/json";

#[async_trait]
impl FunctionUrls for Lambda {
    fn find_url(&self, id: &str) -> Option<FoundUrl> {
        let state = self.platform.store.read();
        let target = state.function_url_ids.get(&id.to_owned())?;
        let config = state.function_urls.get(&(target.function.clone(), target.qualifier.clone()))?;
        Some(FoundUrl { target: target.as_ref().clone(), config: Arc::clone(config) })
    }

    async fn invoke_url(
        &self,
        call: &Arc<Call>,
        url: &FoundUrl,
        event: Bytes,
    ) -> Result<UrlAnswer, UrlRefusal> {
        let qualifier = Some(url.target.qualifier.as_str()).filter(|alias| !alias.is_empty());
        let reference = FunctionReference::of(&url.target.function, qualifier);
        let proof = self.authorize_url_request(call, &reference, url).map_err(|_| UrlRefusal::Forbidden)?;
        match self.answer_url(proof, call, url, &reference, event).await {
            Ok(answer) => Ok(answer),
            Err(LambdaError::NotFound(_)) => Err(UrlRefusal::Forbidden),
            Err(error @ (LambdaError::CannotRun(_) | LambdaError::AccessDenied(_))) => {
                tracing::info!(request_id = call.request_id, %error, "a function URL cannot run its function");
                Ok(UrlAnswer::Failed)
            }
            Err(error) => Err(UrlRefusal::Service(error.into())),
        }
    }
}

impl Lambda {
    /// Both rights, each decided on its own, or the first alone where the operator says so (reference lambda.md 3.6-3 to
    /// 3.6-6).
    fn authorize_url_request(
        &self,
        call: &Call,
        reference: &FunctionReference,
        url: &FoundUrl,
    ) -> Result<Authorized, ServiceError> {
        let arn = reference.arn();
        let by_url = self.authorize_function_with(call, "lambda:InvokeFunctionUrl", reference, |check| {
            check
                .key("lambda:FunctionUrlAuthType", url.config.auth_type.as_str())
                .key("lambda:FunctionArn", arn.as_str())
        })?;
        if self.parts.options.url_rights == UrlRights::Both {
            self.authorize_function_with(call, "lambda:InvokeFunction", reference, |check| {
                check.key("lambda:InvokedViaFunctionUrl", "true")
            })?;
        }
        Ok(by_url)
    }

    async fn answer_url(
        &self,
        _proof: Authorized,
        call: &Call,
        url: &FoundUrl,
        reference: &FunctionReference,
        payload: Bytes,
    ) -> Result<UrlAnswer, LambdaError> {
        if payload.len() > MAX_EVENT_BYTES {
            return Err(LambdaError::TooLarge(format!(
                "Request must be smaller than {MAX_EVENT_BYTES} bytes for the InvokeFunction operation"
            )));
        }
        let record = choose(&self.platform.store.read(), reference, self.platform.entropy())?;
        self.admit_to_second(&reference.key())?;
        let event = Event {
            request_id: call.request_id.clone(),
            payload,
            invoked_arn: reference.arn().to_string(),
            client_context: None,
            wants_log: false,
            trace: self.pass_now(call, reference, &record)?,
            urgency: Urgency::Caller,
        };
        if !url.config.streams() {
            return Ok(whole(self.run(reference.key(), record, event).await?.result));
        }
        Ok(match self.begin(reference.key(), record, event).await? {
            Begun::Stream(streamed) => UrlAnswer::Stream {
                content_type: streamed.content_type.clone(),
                body: ByteStream::new(stream::unfold(streamed, next_bytes)),
            },
            // A function that does not stream is answered as it is: its result is not looked into.
            Begun::Whole(ran) => match ran.result {
                FunctionResult::Success(result) => UrlAnswer::Stream {
                    content_type: Some(BUFFERED_TYPE.to_owned()),
                    body: ByteStream::new(stream::iter([Ok(result)])),
                },
                FunctionResult::Error { .. } => UrlAnswer::Failed,
            },
        })
    }
}

fn whole(result: FunctionResult) -> UrlAnswer {
    match result {
        FunctionResult::Success(result) => UrlAnswer::Whole(result),
        FunctionResult::Error { .. } => UrlAnswer::Failed,
    }
}

/// The next bytes of a body. A function that fails after it has begun leaves its response unfinished.
async fn next_bytes(mut streamed: Streamed) -> Option<(Result<Bytes, BrokenOff>, Streamed)> {
    match streamed.next().await? {
        Piece::Chunk(bytes) => Some((Ok(bytes), streamed)),
        Piece::End(Ok(ran)) if matches!(ran.result, FunctionResult::Success(_)) => None,
        Piece::End(_) => Some((Err(BrokenOff), streamed)),
    }
}
