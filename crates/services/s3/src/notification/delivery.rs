//! Calls the functions that an event concerns.
//!
//! S3 calls them as the service principal `s3.amazonaws.com` on behalf of the bucket (reference lambda.md 3.4), through
//! the same door as everybody: the function's own policy decides, and a denial is explained like any other. The write
//! that the event tells of was acknowledged before and stands whatever becomes of the call.

use std::sync::Arc;

use bytes::Bytes;
use rolecall_arn::{AccountId, Region};
use rolecall_authority::{Call, Caller, Origin};
use rolecall_service::Platform;
use rolecall_store::records::s3::{Bucket, Notification};
use rolecall_wire::{AnyInput, ServiceError, lambda};

use crate::access::bucket_arn;

/// The principal as which S3 calls functions.
const PRINCIPAL: &str = "s3.amazonaws.com";

/// Asks Lambda whether the function may be invoked on behalf of the bucket, without running it.
pub(super) async fn try_out(
    platform: &Platform,
    bucket: &Bucket,
    function: &str,
) -> Result<(), ServiceError> {
    let call = call_for(platform, &bucket.name, bucket.account, &bucket.region);
    invoke(platform, call, function, "DryRun", None).await
}

/// Tells the function of the event. Lambda has taken it when this returns `Ok`.
pub(super) async fn tell(platform: &Platform, notification: &Notification) -> Result<(), ServiceError> {
    let mut call = call_for(platform, &notification.bucket, notification.account, &notification.region);
    // Lambda knows the event by this id, should it be told of it again.
    call.request_id.clone_from(&notification.id);
    // A function that writes to the bucket that invokes it is a loop (reference lambda.md 3.7).
    call.trace.clone_from(&notification.trace);
    let message = Bytes::from(notification.message.clone());
    invoke(platform, call, &notification.function_arn, "Event", Some(message)).await
}

fn call_for(platform: &Platform, bucket: &str, account: AccountId, region: &Region) -> Call {
    let source_arn = Some(bucket_arn(bucket).to_string());
    let origin = Origin::Service { source_arn, source_account: Some(account) };
    platform.service_call(Caller::service(PRINCIPAL), region.clone(), origin)
}

async fn invoke(
    platform: &Platform,
    call: Call,
    function: &str,
    invocation_type: &str,
    payload: Option<Bytes>,
) -> Result<(), ServiceError> {
    let request = lambda::InvocationRequest {
        function_name: function.to_owned(),
        invocation_type: Some(invocation_type.to_owned()),
        payload: payload.map(Into::into),
        ..Default::default()
    };
    let input = AnyInput::from(lambda::Input::Invoke(request));
    platform.call(&Arc::new(call), input).await.map(|_| ())
}
