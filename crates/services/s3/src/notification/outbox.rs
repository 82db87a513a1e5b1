//! The events that functions are still to be told of.
//!
//! An event is written in the same transaction as the object that it tells of, so that neither is ever there without the
//! other, and removed when Lambda has taken it. What an earlier process left is taken up at start. A function may so be
//! told twice of an event, as on AWS, which promises "at least once" and no more.

use std::sync::Arc;

use rolecall_authority::Entropy;
use rolecall_service::Platform;
use rolecall_store::records::s3::{Bucket, Notification};
use rolecall_store::{State, StoreError, WriteError};
use rolecall_wire::{ServiceError, ServiceId};
use tokio::sync::Semaphore;

use super::delivery::tell;
use super::event::{Cause, Occurrence, message};
use super::filter::wants;
use crate::error::{S3Error, write_failed};

/// How many functions are told at once.
const DELIVERIES: usize = 64;
/// The first and the longest wait before another try, in milliseconds: those that Lambda itself has for events.
const WAITS_MS: (i64, i64) = (1_000, 300_000);
/// How long an event is tried, in milliseconds. AWS does not say it; Lambda keeps events so long.
const MAX_AGE_MS: i64 = 6 * 3_600_000;

/// Writes down what functions are to be told of the event; to be told once the transaction is durable.
pub(crate) fn note(
    state: &mut State,
    entropy: &dyn Entropy,
    bucket: &Bucket,
    cause: &Cause,
    occurrence: &Occurrence,
) -> Vec<Notification> {
    let wanted = bucket.notifications.iter().filter(|one| wants(one, occurrence.event, &occurrence.key));
    let noted = wanted.map(|configured| {
        let notification = Notification {
            id: entropy.uuid(),
            bucket: bucket.name.clone(),
            account: bucket.account,
            region: bucket.region.clone(),
            function_arn: configured.function_arn.clone(),
            message: message(cause, bucket, configured, occurrence),
            trace: cause.trace.clone(),
            created_ms: cause.time_ms,
            failures: 0,
            next_attempt_ms: cause.time_ms,
        };
        state.notifications.put(notification.id.clone(), notification.clone());
        notification
    });
    noted.collect()
}

/// Tells functions what was noted. A copy is the same outbox.
#[derive(Clone)]
pub(crate) struct Outbox {
    platform: Arc<Platform>,
    places: Arc<Semaphore>,
}

impl Outbox {
    /// The outbox of the platform's records.
    pub(crate) fn new(platform: Arc<Platform>) -> Self {
        Outbox { platform, places: Arc::new(Semaphore::new(DELIVERIES)) }
    }

    /// Takes up what an earlier process left.
    pub(crate) fn resume(&self) {
        for (_, notification) in self.platform.store.read().notifications.iter() {
            self.deliver(Notification::clone(notification));
        }
    }

    /// Runs a transaction that notes events, and has them told when it is durable.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut State) -> Result<(T, Vec<Notification>), S3Error> + Send + 'static,
    ) -> Result<T, ServiceError> {
        let outbox = self.clone();
        // In a task, so that a caller who goes away leaves no event behind that nobody tells of.
        let written = tokio::spawn(async move {
            let (answer, noted) = outbox.platform.store.write(change).await.map_err(write_failed)?;
            noted.into_iter().for_each(|notification| outbox.deliver(notification));
            Ok(answer)
        });
        written.await.unwrap_or_else(|error| Err(rolecall_service::internal(ServiceId::S3, error)))
    }

    fn deliver(&self, notification: Notification) {
        let outbox = self.clone();
        tokio::spawn(async move {
            let id = notification.id.clone();
            if let Err(error) = outbox.deliver_to_end(notification).await {
                // It stays for the next start.
                tracing::warn!(notification = id, %error, "an event of S3 cannot be written");
            }
        });
    }

    /// Tells the function until Lambda has taken the event or it makes no sense any more.
    async fn deliver_to_end(&self, mut notification: Notification) -> Result<(), StoreError> {
        loop {
            self.sleep_until(notification.next_attempt_ms).await;
            let place = self.places.acquire().await;
            let told = tell(&self.platform, &notification).await;
            drop(place);
            let again_ms = match &told {
                Ok(()) => None,
                Err(error) => next_attempt(&notification, error, self.platform.now_ms()),
            };
            if let Err(error) = told {
                let Notification { bucket, function_arn, .. } = &notification;
                let is_dropped = again_ms.is_none();
                tracing::warn!(bucket, function = function_arn, %error, is_dropped, "a notification was not taken");
            }
            let Some(again_ms) = again_ms else { return self.keep(&notification.id, None).await };
            notification.failures = notification.failures.saturating_add(1);
            notification.next_attempt_ms = again_ms;
            self.keep(&notification.id, Some(notification.clone())).await?;
        }
    }

    async fn keep(&self, id: &str, notification: Option<Notification>) -> Result<(), StoreError> {
        let id = id.to_owned();
        let written = self.platform.store.write(move |state| {
            match notification {
                Some(notification) => state.notifications.put(id, notification),
                None => drop(state.notifications.remove(&id)),
            }
            Ok::<(), std::convert::Infallible>(())
        });
        written.await.map_err(|failure| match failure {
            WriteError::Store(error) => error,
            WriteError::Refused(never) => match never {},
        })
    }

    async fn sleep_until(&self, time_ms: i64) {
        while self.platform.now_ms() < time_ms {
            self.platform.clock().sleep_until(time_ms).await;
        }
    }
}

/// When to try again after a failure; never where trying again cannot help, or the event is too old.
fn next_attempt(notification: &Notification, error: &ServiceError, now_ms: i64) -> Option<i64> {
    // A function that is being made, a throttle, a failure of Lambda: these pass. A denial does not count among them,
    // as a function that S3 may not call is not called later for what happened before.
    let may_pass = matches!(error.status, 409 | 429 | 500 | 502..=599);
    let (first, longest) = WAITS_MS;
    let wait_ms = first.saturating_mul(1 << notification.failures.min(20)).min(longest);
    let again_ms = now_ms.saturating_add(wait_ms);
    (may_pass && again_ms.saturating_sub(notification.created_ms) <= MAX_AGE_MS).then_some(again_ms)
}
