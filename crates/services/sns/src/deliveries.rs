//! The deliveries that are not done, and the worker that does them.
//!
//! A delivery is on the disk until it is done. What is in memory is only the order in which deliveries are due; it is made
//! anew from the records at every start.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rolecall_service::Platform;
use tokio::sync::{Notify, Semaphore, watch};

use crate::delivery::{Next, attempt};

/// How many deliveries run at once.
const PLACES: usize = 64;
/// How long the worker sleeps at most, in milliseconds, so that a clock that is set cannot stop it.
const MAX_SLEEP_MS: i64 = 60_000;

/// The deliveries that are not done.
pub(crate) struct Deliveries {
    platform: Arc<Platform>,
    due: Mutex<BTreeSet<(i64, String)>>,
    added: Notify,
    stop: watch::Sender<bool>,
}

impl Deliveries {
    pub(crate) fn new(platform: Arc<Platform>) -> Self {
        let stop = watch::Sender::new(false);
        Deliveries { platform, due: Mutex::default(), added: Notify::new(), stop }
    }

    /// Adds deliveries, each with the time at which it is due in epoch milliseconds.
    pub(crate) fn add(&self, deliveries: Vec<(i64, String)>) {
        self.due.lock().unwrap_or_else(PoisonError::into_inner).extend(deliveries);
        self.added.notify_one();
    }

    /// Begins no more deliveries.
    pub(crate) fn stop(&self) {
        self.stop.send_replace(true);
    }

    /// Delivers until it is stopped.
    pub(crate) async fn work(self: Arc<Self>) {
        let left = self.platform.store.read();
        let left = left.sns_deliveries.iter().map(|(id, delivery)| (delivery.next_attempt_ms, id.clone()));
        self.add(left.collect());
        let places = Arc::new(Semaphore::new(PLACES));
        let mut stop = self.stop.subscribe();
        loop {
            let next = async { (Arc::clone(&places).acquire_owned().await, self.next_due().await) };
            tokio::select! {
                _ = stop.wait_for(|stopped| *stopped) => return,
                (place, id) = next => {
                    let deliveries = Arc::clone(&self);
                    tokio::spawn(async move {
                        deliveries.deliver(id).await;
                        drop(place);
                    });
                }
            }
        }
    }

    async fn next_due(&self) -> String {
        loop {
            let now_ms = self.platform.now_ms();
            let wait_ms = match self.take_due(now_ms) {
                Ok(id) => return id,
                Err(wait_ms) => wait_ms,
            };
            tokio::select! {
                () = tokio::time::sleep(Duration::from_millis(wait_ms.unsigned_abs())) => {}
                () = self.added.notified() => {}
            }
        }
    }

    /// The first delivery that is due, or how long to wait for one in milliseconds.
    fn take_due(&self, now_ms: i64) -> Result<String, i64> {
        let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        match due.first() {
            Some((due_ms, _)) if *due_ms > now_ms => Err((due_ms - now_ms).min(MAX_SLEEP_MS)),
            _ => due.pop_first().map(|(_, id)| id).ok_or(MAX_SLEEP_MS),
        }
    }

    async fn deliver(&self, id: String) {
        let delivery = self.platform.store.read().sns_deliveries.get(&id).cloned();
        let Some(delivery) = delivery else { return };
        match attempt(&self.platform, &id, &delivery).await {
            Next::Done => self.remove(id).await,
            Next::Again(at_ms) => self.put_off(id, at_ms).await,
        }
    }

    async fn remove(&self, id: String) {
        let key = id.clone();
        let written = self.platform.store.write(move |state| {
            state.sns_deliveries.remove(&key);
            Ok::<(), Infallible>(())
        });
        if let Err(error) = written.await {
            tracing::error!(delivery = id, ?error, "a delivery of SNS that is done will be made again");
        }
    }

    async fn put_off(&self, id: String, at_ms: i64) {
        let key = id.clone();
        let written = self.platform.store.write(move |state| {
            state.sns_deliveries.update(&key, |delivery| {
                delivery.attempts = delivery.attempts.saturating_add(1);
                delivery.next_attempt_ms = at_ms;
            });
            Ok::<(), Infallible>(())
        });
        if let Err(error) = written.await {
            tracing::error!(delivery = id, ?error, "a delivery of SNS could not be counted");
        }
        self.add(vec![(at_ms, id)]);
    }
}
