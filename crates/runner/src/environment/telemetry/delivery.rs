//! From a queue to its subscriber, in batches.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::connection::{Connection, Dialer};
use super::subscription::{Buffering, Destination};
use crate::environment::record::Record;

/// The most that waits for one subscriber, in bytes. A subscriber that is frozen with its function takes nothing.
const QUEUE_MAX: usize = 4 << 20;

/// How often a batch is tried, and how long is waited in between.
const TRIES: usize = 3;
const PAUSE: Duration = Duration::from_millis(100);

/// What waits for one subscriber.
pub(super) struct Queue {
    buffering: Buffering,
    waiting: Mutex<Waiting>,
    changed: watch::Sender<u64>,
}

#[derive(Default)]
struct Waiting {
    events: VecDeque<Arc<str>>,
    bytes: usize,
    /// Since when the first one waits.
    since: Option<Instant>,
    dropped_events: usize,
    dropped_bytes: usize,
    dropped_for: String,
    hurried: bool,
    /// Whether a batch is on its way.
    sending: bool,
}

impl Queue {
    pub(super) fn new(buffering: Buffering) -> Self {
        Self { buffering, waiting: Mutex::default(), changed: watch::Sender::new(0) }
    }

    pub(super) fn push(&self, event: Arc<str>) {
        let mut waiting = self.lock();
        if waiting.bytes + event.len() > QUEUE_MAX {
            let reason = "Some logs were dropped because the downstream consumer is slower than the logs production rate";
            waiting.drop_event(event.len(), reason);
        } else {
            waiting.bytes += event.len();
            waiting.since.get_or_insert_with(Instant::now);
            waiting.events.push_back(event);
        }
        drop(waiting);
        self.tell();
    }

    pub(super) fn hurry(&self) {
        self.lock().hurried = true;
        self.tell();
    }

    /// Waits until nothing is left.
    pub(super) async fn emptied(&self) {
        let mut changed = self.changed.subscribe();
        while !self.lock().is_empty() {
            drop(changed.changed().await);
        }
    }

    /// The next batch, when it is full or has waited long enough.
    async fn batch(&self) -> Vec<Arc<str>> {
        let mut changed = self.changed.subscribe();
        loop {
            let due = {
                let mut waiting = self.lock();
                let due = waiting.since.map(|since| since + self.buffering.timeout);
                let full = waiting.bytes >= self.buffering.max_bytes
                    || waiting.events.len() >= self.buffering.max_items;
                let late = due.is_some_and(|due| waiting.hurried || due <= Instant::now());
                if full || late {
                    return waiting.take(self.buffering);
                }
                due
            };
            tokio::select! {
                _ = changed.changed() => {}
                () = until(due) => {}
            }
        }
    }

    fn sent(&self, failure: Option<(Vec<Arc<str>>, String)>) {
        let mut waiting = self.lock();
        waiting.sending = false;
        if let Some((batch, reason)) = failure {
            batch.iter().for_each(|event| waiting.drop_event(event.len(), &reason));
        }
        drop(waiting);
        self.tell();
    }

    fn tell(&self) {
        self.changed.send_modify(|count| *count += 1);
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn is_empty(&self) -> bool {
        self.events.is_empty() && !self.sending
    }

    fn drop_event(&mut self, bytes: usize, reason: &str) {
        self.dropped_events += 1;
        self.dropped_bytes += bytes;
        reason.clone_into(&mut self.dropped_for);
    }

    /// Takes as many events as one batch may have, after a record of those that were dropped.
    fn take(&mut self, buffering: Buffering) -> Vec<Arc<str>> {
        let mut batch = Vec::new();
        if self.dropped_events > 0 {
            let (dropped_records, dropped_bytes) = (self.dropped_events, self.dropped_bytes);
            let record = Record::LogsDropped { reason: &self.dropped_for, dropped_records, dropped_bytes };
            batch.push(record.json(jiff::Timestamp::now()).into());
            (self.dropped_events, self.dropped_bytes) = (0, 0);
        }
        let mut bytes = 0;
        while let Some(event) = self.events.front()
            && batch.len() < buffering.max_items
            && (batch.is_empty() || bytes + event.len() <= buffering.max_bytes)
        {
            bytes += event.len();
            batch.extend(self.events.pop_front());
        }
        self.bytes -= bytes;
        self.since = (!self.events.is_empty()).then(Instant::now);
        self.sending = true;
        batch
    }
}

async fn until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due).await,
        None => std::future::pending().await,
    }
}

/// Delivers for ever.
pub(super) async fn deliver(queue: Arc<Queue>, destination: Destination, dialer: Dialer) {
    let mut connection = Connection::new(destination, dialer);
    loop {
        let batch = queue.batch().await;
        let mut failure = None;
        for attempt in 0..TRIES {
            if attempt > 0 {
                tokio::time::sleep(PAUSE).await;
            }
            failure = connection.send(&batch).await.err();
            if failure.is_none() {
                break;
            }
        }
        queue.sent(failure.map(|error| (batch, format!("could not send events: {error}"))));
    }
}
