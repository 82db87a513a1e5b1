//! Notifications: which functions a bucket's events call, and calling them. An event is written down in the transaction
//! that made it, and tried until Lambda has taken it.

mod configuration;
mod delivery;
mod destination;
mod event;
mod filter;
mod outbox;

pub(crate) use event::{Cause, Occurrence};
pub(crate) use outbox::{Outbox, note};

use std::sync::Arc;

use rolecall_authority::{Authorized, Call};
use rolecall_store::records::s3::{Bucket, FunctionNotification};
use rolecall_wire::{ServiceError, s3 as wire};

use crate::S3;
use crate::access::Ask;
use crate::bucket::check_same;
use crate::error::write_failed;

impl S3 {
    /// PutBucketNotificationConfiguration, which replaces the whole configuration.
    pub(crate) async fn put_notifications(
        &self,
        call: &Call,
        input: wire::PutBucketNotificationConfigurationRequest,
    ) -> Result<wire::PutBucketNotificationConfigurationOutput, ServiceError> {
        let state = self.platform.store.read();
        let bucket = self.find_bucket(call, &state, &input.bucket, input.expected_bucket_owner.as_deref())?;
        let proof = self.authorize(call, &bucket, Ask::bucket("s3:PutBucketNotification", &bucket.name))?;
        drop(state);
        let new_id = || self.platform.entropy().uuid();
        let notifications = configuration::read(input.notification_configuration, &bucket.region, new_id)?;
        if input.skip_destination_validation != Some(true) {
            self.validate_destinations(&bucket, &notifications).await?;
        }
        self.set_notifications(proof, bucket, notifications).await?;
        Ok(wire::PutBucketNotificationConfigurationOutput)
    }

    async fn set_notifications(
        &self,
        _proof: Authorized,
        bucket: Arc<Bucket>,
        notifications: Vec<FunctionNotification>,
    ) -> Result<(), ServiceError> {
        let written = self.platform.store.write(move |state| {
            check_same(state, &bucket)?;
            state.buckets.update(&bucket.name, |bucket| bucket.notifications = notifications);
            Ok(())
        });
        written.await.map_err(write_failed)
    }

    /// GetBucketNotificationConfiguration.
    pub(crate) fn get_notifications(
        &self,
        call: &Call,
        input: wire::GetBucketNotificationConfigurationRequest,
    ) -> Result<wire::NotificationConfiguration, ServiceError> {
        let state = self.platform.store.read();
        let bucket = self.find_bucket(call, &state, &input.bucket, input.expected_bucket_owner.as_deref())?;
        self.authorize(call, &bucket, Ask::bucket("s3:GetBucketNotification", &bucket.name))?;
        Ok(configuration::shown(&bucket.notifications))
    }
}
