//! S3: buckets and objects, the policies of buckets, and the events that call functions.

mod access;
mod arguments;
mod bucket;
mod bucket_name;
mod bucket_policy;
mod canonical_id;
mod checksum;
mod content;
mod error;
mod list_objects;
mod listing;
mod not_built;
mod notification;
mod object;
mod policy_document;
mod preconditions;
mod range;
mod url_encoding;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use rolecall_arn::Arn;
use rolecall_authority::Call;
use rolecall_service::{Platform, Service};
use rolecall_wire::s3::{Input, Output};
use rolecall_wire::{AnyInput, AnyOutput, ServiceError, ServiceId};

use crate::notification::Outbox;

/// The service.
pub struct S3 {
    platform: Arc<Platform>,
    /// The last sequencer that was given out.
    sequencer: AtomicU64,
    /// Tells functions of events.
    outbox: Outbox,
}

impl S3 {
    /// The service on the platform's records.
    pub fn new(platform: Arc<Platform>) -> Self {
        let outbox = Outbox::new(Arc::clone(&platform));
        S3 { platform, sequencer: AtomicU64::new(0), outbox }
    }

    /// Takes up what an earlier process left: events that functions were not told of. To be called once, inside the async
    /// runtime, when the services are connected.
    pub fn resume(&self) {
        self.outbox.resume();
    }

    /// A number greater than all before it: of two events of a key, the later has the greater one. It begins with the
    /// time, so that it grows over restarts, too.
    fn next_sequencer(&self) -> u64 {
        let time = u64::try_from(self.platform.now_ms()).unwrap_or(0) << 16;
        let next = |last: u64| Some(last.saturating_add(1).max(time));
        match self.sequencer.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next) {
            Ok(last) | Err(last) => last.saturating_add(1).max(time),
        }
    }

    async fn perform(&self, call: &Arc<Call>, input: Input) -> Result<Output, ServiceError> {
        Ok(match input {
            Input::CreateBucket(input) => Output::CreateBucket(self.create_bucket(call, input).await?),
            Input::DeleteBucket(input) => Output::DeleteBucket(self.delete_bucket(call, input).await?),
            Input::HeadBucket(input) => Output::HeadBucket(self.head_bucket(call, input)?),
            Input::ListBuckets(input) => Output::ListBuckets(self.list_buckets(call, input)?),
            Input::GetBucketLocation(input) => {
                Output::GetBucketLocation(self.get_bucket_location(call, input)?)
            }
            Input::GetBucketVersioning(input) => {
                Output::GetBucketVersioning(self.get_bucket_versioning(call, input)?)
            }
            Input::PutBucketPolicy(input) => {
                Output::PutBucketPolicy(self.put_bucket_policy(call, input).await?)
            }
            Input::GetBucketPolicy(input) => Output::GetBucketPolicy(self.get_bucket_policy(call, input)?),
            Input::DeleteBucketPolicy(input) => {
                Output::DeleteBucketPolicy(self.delete_bucket_policy(call, input).await?)
            }
            Input::PutBucketNotificationConfiguration(input) => {
                Output::PutBucketNotificationConfiguration(self.put_notifications(call, input).await?)
            }
            Input::GetBucketNotificationConfiguration(input) => {
                Output::GetBucketNotificationConfiguration(self.get_notifications(call, input)?)
            }
            Input::PutObject(input) => Output::PutObject(self.put_object(call, input).await?),
            Input::GetObject(input) => Output::GetObject(self.get_object(call, input).await?),
            Input::HeadObject(input) => Output::HeadObject(self.head_object(call, input)?),
            Input::GetObjectAttributes(input) => {
                Output::GetObjectAttributes(self.get_object_attributes(call, input)?)
            }
            Input::CopyObject(input) => Output::CopyObject(self.copy_object(call, input).await?),
            Input::DeleteObject(input) => Output::DeleteObject(self.delete_object(call, input).await?),
            Input::DeleteObjects(input) => Output::DeleteObjects(self.delete_objects(call, input).await?),
            Input::ListObjects(input) => Output::ListObjects(self.list_objects(call, input)?),
            Input::ListObjectsV2(input) => Output::ListObjectsV2(self.list_objects_v2(call, input)?),
        })
    }
}

#[async_trait]
impl Service for S3 {
    fn id(&self) -> ServiceId {
        ServiceId::S3
    }

    async fn handle(&self, call: &Arc<Call>, input: AnyInput) -> Result<AnyOutput, ServiceError> {
        match input {
            AnyInput::S3(input) => self.perform(call, input).await.map(AnyOutput::S3),
            other => Err(rolecall_service::internal(
                ServiceId::S3,
                format!("{} was sent here", other.operation_name()),
            )),
        }
    }

    fn consider(&self, call: &Call, action: &str, resource: &Arn) -> Result<(), ServiceError> {
        Ok(self.consider_resource(call, action, resource)?)
    }
}
