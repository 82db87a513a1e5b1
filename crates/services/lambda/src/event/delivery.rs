//! Tells a destination how an asynchronous invocation ended, and the dead-letter queue of one that failed.
//!
//! The execution role tells it, through the other service's own operation: what the role may not do at that moment is not
//! done (reference lambda.md 4.6). An event whose record cannot be delivered is dropped, as on AWS (7.6-10).

use std::sync::Arc;

use bytes::Bytes;
use rolecall_arn::{Arn, Region};
use rolecall_authority::DecisionId;
use rolecall_store::records::lambda::AsyncInvocation;
use rolecall_wire::lambda::{Input as LambdaInput, InvocationRequest};
use rolecall_wire::s3::{Input as S3Input, PutObjectRequest};
use rolecall_wire::sns::Input as SnsInput;
use rolecall_wire::sqs::{Input as SqsInput, SendMessageRequest};
use rolecall_wire::{AnyInput, ServiceError};

use crate::event::config::of_reference;
use crate::event::dead_letter::message_to;
use crate::event::destination::Destination;
use crate::event::record;
use crate::function;
use crate::name::{FunctionReference, Key};
use crate::service::Lambda;
use crate::time::s3_key_time;

/// The condition of an invocation that went well.
pub(crate) const SUCCESS: &str = "Success";

/// How an asynchronous invocation ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ending {
    /// AWS's name of it (reference lambda.md 7.6-6).
    pub(crate) condition: &'static str,
    /// How often the function was run.
    pub(crate) invoke_count: u32,
    /// What the last run gave; none where there was none.
    pub(crate) response: Option<Response>,
}

/// What the last run of an asynchronous invocation gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Response {
    /// 200 also for a function error.
    pub(crate) status_code: u16,
    /// The version that ran.
    pub(crate) executed_version: Option<String>,
    /// `Unhandled` for a function error.
    pub(crate) function_error: Option<String>,
    /// What the function answered.
    pub(crate) payload: Option<Bytes>,
}

impl Lambda {
    /// Tells the destination that is configured for such an end, and the dead-letter queue, where there are such. Both
    /// are told of a failure (reference lambda.md 7.6-9).
    pub(crate) async fn tell_destination(&self, invocation: &AsyncInvocation, ending: &Ending) {
        let Some(told) = self.whom_to_tell(invocation, ending) else { return };
        if told.destination.is_none() && told.dead_letter.is_none() {
            return;
        }
        let event = match self.read_event(invocation).await {
            Ok(event) => event,
            Err(error) => return dropped(invocation, "destination", &error, &[]),
        };
        if let Some(arn) = &told.destination {
            let message = self.record_for(arn, invocation, &event, ending);
            self.deliver_message(invocation, &told.role, arn, message).await;
        }
        if let Some(arn) = &told.dead_letter {
            let message = self.dead_letter(arn, invocation, &event, ending);
            self.deliver_message(
                invocation,
                &told.role,
                arn,
                message.map(|(queue, input)| (region_of(&queue), input)),
            )
            .await;
        }
    }

    fn whom_to_tell(&self, invocation: &AsyncInvocation, ending: &Ending) -> Option<WhomToTell> {
        let reference = FunctionReference::of(&invocation.function, invocation.qualifier.as_deref());
        let state = self.platform.store.read();
        let (version, _) = function::of_reference(&state, &reference).ok()?;
        let config = of_reference(&state, &reference);
        let succeeded = ending.condition == SUCCESS;
        let destination = config
            .and_then(|config| if succeeded { config.on_success.clone() } else { config.on_failure.clone() });
        let dead_letter = version.dead_letter_target.clone().filter(|_| !succeeded);
        Some(WhomToTell { role: version.role.clone(), destination, dead_letter })
    }

    /// The call that tells a destination, and the region in which it is made where it is not the function's.
    fn record_for(
        &self,
        arn: &str,
        invocation: &AsyncInvocation,
        event: &[u8],
        ending: &Ending,
    ) -> Result<(Option<Region>, AnyInput), ServiceError> {
        let now_ms = self.platform.now_ms();
        let record = record::write(invocation, event, ending, now_ms)
            .map_err(|error| rolecall_service::internal(crate::error::SERVICE, error))?;
        match Destination::parse(arn) {
            Some(Destination::Function(_)) => Ok((None, invocation_of(arn, record))),
            Some(Destination::Bucket(bucket)) => {
                Ok((None, self.object_of(bucket, &invocation.function, record, now_ms)))
            }
            Some(Destination::Queue(queue)) => Ok((region_of(&queue), self.message_of(&queue, &record))),
            Some(Destination::Topic(topic)) => {
                let message = String::from_utf8_lossy(&record).into_owned();
                Ok((region_of(&topic), SnsInput::Publish(message_to(&topic, message)).into()))
            }
            // No other kind was ever let into a configuration.
            _ => Err(crate::error::LambdaError::not_built("this kind of destination").into()),
        }
    }

    /// Makes the call as the execution role. What cannot be delivered is dropped, and said.
    async fn deliver_message(
        &self,
        invocation: &AsyncInvocation,
        role: &str,
        arn: &str,
        message: Result<(Option<Region>, AnyInput), ServiceError>,
    ) {
        let (region, input) = match message {
            Ok(message) => message,
            Err(error) => return dropped(invocation, arn, &error, &[]),
        };
        let mut call = match self.call_as_role(role, &invocation.function).await {
            Ok(call) => call,
            Err(error) => return dropped(invocation, arn, &error, &[]),
        };
        call.region = region.unwrap_or(call.region);
        // A loop through destinations is a loop too.
        call.trace.clone_from(&invocation.trace);
        let call = Arc::new(call);
        if let Err(error) = self.platform.call(&call, input).await {
            dropped(invocation, arn, &error, &call.decisions());
        }
    }

    fn message_of(&self, queue: &Arn, record: &[u8]) -> AnyInput {
        SqsInput::SendMessage(SendMessageRequest {
            queue_url: self.queue_url(queue),
            message_body: String::from_utf8_lossy(record).into_owned(),
            ..SendMessageRequest::default()
        })
        .into()
    }

    /// A name that no other record has, ordered by time. The bucket was one of the function's account when it was
    /// configured; who has its name now may be somebody else, and is told nothing.
    fn object_of(&self, bucket: String, function: &Key, record: Bytes, now_ms: i64) -> AnyInput {
        let id = self.platform.entropy().uuid();
        S3Input::PutObject(PutObjectRequest {
            bucket,
            key: format!("aws/lambda/async/{}/{}-{id}", function.2, s3_key_time(now_ms)),
            body: Some(record),
            content_type: Some("application/json".to_owned()),
            expected_bucket_owner: Some(function.0.to_string()),
            ..PutObjectRequest::default()
        })
        .into()
    }
}

/// Who is told of an end, and by which role.
struct WhomToTell {
    role: String,
    destination: Option<String>,
    dead_letter: Option<String>,
}

/// The region of a queue or topic, in which it is called.
fn region_of(target: &Arn) -> Option<Region> {
    target.region().parse().ok()
}

/// Says that something was not delivered; `rolecall why` explains the decisions.
fn dropped(invocation: &AsyncInvocation, arn: &str, error: &ServiceError, decisions: &[DecisionId]) {
    let request_id = &invocation.request_id;
    tracing::warn!(request_id, destination = arn, %error, ?decisions, "a destination was not told of an invocation");
}

fn invocation_of(arn: &str, record: Bytes) -> AnyInput {
    LambdaInput::Invoke(InvocationRequest {
        function_name: arn.to_owned(),
        invocation_type: Some("Event".to_owned()),
        payload: Some(record.into()),
        ..InvocationRequest::default()
    })
    .into()
}
