//! Tells a destination how an asynchronous invocation ended.
//!
//! The execution role tells it, through the other service's own operation: what the role may not do at that moment is not
//! done (reference lambda.md 4.6). An event whose record cannot be delivered is dropped, as on AWS (7.6-10).

use std::sync::Arc;

use bytes::Bytes;
use rolecall_store::records::lambda::AsyncInvocation;
use rolecall_wire::lambda::{Input as LambdaInput, InvocationRequest};
use rolecall_wire::s3::{Input as S3Input, PutObjectRequest};
use rolecall_wire::{AnyInput, ServiceError};

use crate::event::config::of_reference;
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
    /// Tells the destination that is configured for such an end, if there is one.
    pub(crate) async fn tell_destination(&self, invocation: &AsyncInvocation, ending: &Ending) {
        let reference = FunctionReference::of(&invocation.function, invocation.qualifier.as_deref());
        let Some((arn, role)) = self.destination_of(&reference, ending) else { return };
        let told = self.tell(invocation, ending, &arn, &role).await;
        if let Err(error) = told {
            let request_id = &invocation.request_id;
            tracing::warn!(request_id, destination = arn, %error, "a destination was not told of an invocation");
        }
    }

    /// The destination's ARN, and the role that tells it.
    fn destination_of(&self, reference: &FunctionReference, ending: &Ending) -> Option<(String, String)> {
        let state = self.platform.store.read();
        let config = of_reference(&state, reference)?;
        let arn =
            if ending.condition == SUCCESS { &config.on_success } else { &config.on_failure }.clone()?;
        let (version, _) = function::of_reference(&state, reference).ok()?;
        Some((arn, version.role.clone()))
    }

    async fn tell(
        &self,
        invocation: &AsyncInvocation,
        ending: &Ending,
        arn: &str,
        role: &str,
    ) -> Result<(), ServiceError> {
        let event = self.read_event(invocation).await?;
        let now_ms = self.platform.now_ms();
        let record = record::write(invocation, &event, ending, now_ms)
            .map_err(|error| rolecall_service::internal(crate::error::SERVICE, error))?;
        let input = match Destination::parse(arn) {
            Some(Destination::Function(_)) => invocation_of(arn, record),
            Some(Destination::Bucket(bucket)) => self.object_of(bucket, &invocation.function, record, now_ms),
            // No other kind was ever let into a configuration.
            _ => return Err(crate::error::LambdaError::not_built("this kind of destination").into()),
        };
        let mut call = self.call_as_role(role, &invocation.function).await?;
        // A loop through destinations is a loop too.
        call.trace.clone_from(&invocation.trace);
        self.platform.call(&Arc::new(call), input).await.map(drop)
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

fn invocation_of(arn: &str, record: Bytes) -> AnyInput {
    LambdaInput::Invoke(InvocationRequest {
        function_name: arn.to_owned(),
        invocation_type: Some("Event".to_owned()),
        payload: Some(record.into()),
        ..InvocationRequest::default()
    })
    .into()
}
