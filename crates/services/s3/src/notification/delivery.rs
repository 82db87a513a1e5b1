//! Calls the functions that an event concerns.
//!
//! S3 calls them as the service principal `s3.amazonaws.com` on behalf of the bucket (reference lambda.md 3.4), through
//! the same door as everybody: the function's own policy decides, and a denial is explained like any other. The write
//! that the event tells of was acknowledged before and stands whatever becomes of the call.

use std::sync::Arc;

use bytes::Bytes;
use rolecall_authority::{Call, Caller, Origin};
use rolecall_store::records::s3::Bucket;
use rolecall_wire::{AnyInput, ServiceError, lambda};

use super::event::{Occurrence, message};
use super::filter::wants;
use crate::S3;
use crate::access::bucket_arn;

/// The principal as which S3 calls functions.
const PRINCIPAL: &str = "s3.amazonaws.com";

impl S3 {
    /// Tells every function that is configured for the event, after this returns.
    pub(crate) fn announce(&self, call: &Call, bucket: &Bucket, occurrence: Occurrence) {
        for notification in &bucket.notifications {
            if !wants(notification, occurrence.event, &occurrence.key) {
                continue;
            }
            let payload = message(call, bucket, notification, &occurrence);
            let platform = Arc::clone(&self.platform);
            let (bucket, function) = (bucket.clone(), notification.function_arn.clone());
            let trace = call.trace.clone();
            tokio::spawn(async move {
                let invoked = invoke(&platform, &bucket, &function, "Event", Some(payload), trace).await;
                if let Err(error) = invoked {
                    tracing::warn!(bucket = bucket.name, function, %error, "a notification was not taken");
                }
            });
        }
    }

    /// Invokes a function on behalf of the bucket.
    pub(super) async fn invoke(
        &self,
        bucket: &Bucket,
        function: &str,
        invocation_type: &str,
        payload: Option<Bytes>,
    ) -> Result<(), ServiceError> {
        invoke(&self.platform, bucket, function, invocation_type, payload, None).await
    }
}

async fn invoke(
    platform: &rolecall_service::Platform,
    bucket: &Bucket,
    function: &str,
    invocation_type: &str,
    payload: Option<Bytes>,
    trace: Option<String>,
) -> Result<(), ServiceError> {
    let origin = Origin::Service {
        source_arn: Some(bucket_arn(&bucket.name).to_string()),
        source_account: Some(bucket.account),
    };
    let mut call = platform.service_call(Caller::service(PRINCIPAL), bucket.region.clone(), origin);
    // A function that writes to the bucket that invokes it is a loop (reference lambda.md 3.7).
    call.trace = trace;
    let request = lambda::InvocationRequest {
        function_name: function.to_owned(),
        invocation_type: Some(invocation_type.to_owned()),
        payload: payload.map(Into::into),
        ..Default::default()
    };
    let input = AnyInput::from(lambda::Input::Invoke(request));
    platform.call(&Arc::new(call), input).await.map(|_| ())
}
