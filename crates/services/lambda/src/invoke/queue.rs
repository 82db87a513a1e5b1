//! The queue of events that were accepted and are delivered later (reference lambda.md 7.6).
//!
//! An event is on the disk before it is acknowledged, and stays there until its delivery has ended. What is in memory is
//! only the order in which events are due; it is made anew from the records at every start.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use rolecall_authority::Authorized;
use rolecall_service::internal;
use rolecall_store::records::lambda::AsyncInvocation;
use rolecall_wire::ServiceError;
use tokio::sync::{Notify, Semaphore};

use crate::error::SERVICE;
use crate::invoke::recursion::Pass;
use crate::invoke::trace_header::segment_id;
use crate::name::{FunctionReference, Qualifier};
use crate::service::Lambda;

/// How many events are delivered at once; what runs is limited by concurrency besides.
const DELIVERIES: usize = 256;

/// An event that is to be accepted.
pub(crate) struct Accepted {
    /// The event.
    pub(crate) payload: Bytes,
    /// The client context as sent.
    pub(crate) client_context: Option<String>,
    /// By which way it came.
    pub(crate) pass: Pass,
}

/// When which event is due.
pub(crate) struct QueueSignal {
    due: Mutex<BTreeSet<(i64, String)>>,
    /// Rings when an event was added.
    pub(crate) added: Notify,
    /// One for each delivery that may run.
    pub(crate) places: Arc<Semaphore>,
}

impl Default for QueueSignal {
    fn default() -> Self {
        QueueSignal {
            due: Mutex::default(),
            added: Notify::new(),
            places: Arc::new(Semaphore::new(DELIVERIES)),
        }
    }
}

impl QueueSignal {
    /// Adds an event that is due at the time in epoch milliseconds.
    pub(crate) fn add(&self, due_ms: i64, request_id: String) {
        self.due.lock().unwrap_or_else(PoisonError::into_inner).insert((due_ms, request_id));
        self.added.notify_one();
    }

    /// Takes the next event that is due; else says when the next will be.
    pub(crate) fn take(&self, now_ms: i64) -> Result<String, Option<i64>> {
        let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        match due.first() {
            Some((due_ms, _)) if *due_ms <= now_ms => {
                due.pop_first().map(|(_, request_id)| request_id).ok_or(None)
            }
            next => Err(next.map(|(due_ms, _)| *due_ms)),
        }
    }
}

impl Lambda {
    /// Accepts an event: when this returns, it is durable. Who may send it was decided now, and is not asked again when
    /// it is delivered (reference lambda.md 3.2).
    pub(crate) async fn accept(
        &self,
        proof: Authorized,
        request_id: String,
        reference: &FunctionReference,
        event: Accepted,
    ) -> Result<(), ServiceError> {
        let blobs = self.platform.store.blobs().clone();
        let payload = event.payload;
        let stored = tokio::task::spawn_blocking(move || blobs.put(&payload)).await;
        let payload =
            stored.map_err(|error| internal(SERVICE, error))?.map_err(|error| internal(SERVICE, error))?;
        let now_ms = self.platform.now_ms();
        let mut trace = event.pass.trace;
        if trace.is_sampled() {
            // The segment of Lambda itself, which all attempts have in common.
            trace.parent = Some(segment_id(self.platform.entropy()));
        }
        let record = AsyncInvocation {
            request_id: request_id.clone(),
            function: reference.key(),
            qualifier: reference.qualifier.as_ref().map(Qualifier::to_string),
            payload,
            accepted_ms: now_ms,
            attempts: 0,
            next_attempt_ms: now_ms,
            client_context: event.client_context,
            throttles: 0,
            trace: Some(trace.to_text()),
            trace_parent: event.pass.upstream,
            is_recursive: event.pass.is_stopped,
        };
        // In a task, so that a caller who goes away between the two leaves no event behind that nobody delivers.
        let lambda = self.clone();
        let accepted = tokio::spawn(async move {
            let id = request_id.clone();
            let written = lambda.write(proof, move |state| {
                // A service that was not sure whether its event was taken sends it again with the same id.
                let is_new = state.async_invocations.get(&id).is_none();
                if is_new {
                    state.async_invocations.put(id, record);
                }
                Ok(is_new)
            });
            if written.await? {
                lambda.parts.queue.add(now_ms, request_id);
            }
            Ok(())
        });
        accepted.await.unwrap_or_else(|error| Err(internal(SERVICE, error)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_come_out_in_the_order_in_which_they_are_due() {
        let queue = QueueSignal::default();
        queue.add(20, "later".to_owned());
        queue.add(10, "sooner".to_owned());
        assert_eq!(queue.take(5), Err(Some(10)));
        assert_eq!(queue.take(15), Ok("sooner".to_owned()));
        assert_eq!(queue.take(15), Err(Some(20)));
        assert_eq!(queue.take(20), Ok("later".to_owned()));
        assert_eq!(queue.take(20), Err(None));
    }
}
