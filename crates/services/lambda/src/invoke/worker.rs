//! Delivers the events of the queue, again where the function fails (reference lambda.md 7.6).

use std::time::Duration;

use bytes::Bytes;
use rolecall_runner::FunctionResult;
use rolecall_store::records::lambda::AsyncInvocation;
use tokio::sync::OwnedSemaphorePermit;

use crate::error::LambdaError;
use crate::invoke::payload::client_context;
use crate::invoke::run::Event;
use crate::invoke::target::choose;
use crate::name::FunctionReference;
use crate::service::Lambda;

/// How long an event is kept, in milliseconds: six hours.
const MAX_AGE_MS: i64 = 6 * 3600 * 1000;
/// How long to wait before the second and the third attempt, in milliseconds.
const RETRY_WAITS_MS: [i64; 2] = [60_000, 120_000];
/// The first and the longest wait after a throttle, in milliseconds.
const THROTTLE_WAITS_MS: (i64, i64) = (1_000, 300_000);
/// How long the worker sleeps at most, in milliseconds, so that a clock that is set cannot stop it.
const MAX_SLEEP_MS: i64 = 60_000;

/// What becomes of an event after an attempt.
#[derive(Debug, PartialEq, Eq)]
enum Next {
    /// It is over; the reason is AWS's name of the condition.
    End(&'static str),
    /// The function failed: another attempt at the time.
    Retry(i64),
    /// It did not run: another try at the time, which counts no attempt.
    Wait(i64),
}

impl Lambda {
    /// Starts the worker, with what an earlier process left in the queue.
    pub(crate) fn start_async_worker(&self) {
        for (request_id, record) in self.platform.store.read().async_invocations.iter() {
            self.parts.queue.add(record.next_attempt_ms, request_id.clone());
        }
        let lambda = self.clone();
        tokio::spawn(async move { lambda.work().await });
    }

    async fn work(&self) {
        let mut stop = self.parts.stop.subscribe();
        let stopped = async move { stop.wait_for(|stopped| *stopped).await.map(drop) };
        tokio::pin!(stopped);
        loop {
            let delivery = async {
                let place = self.parts.queue.places.clone().acquire_owned().await.ok();
                (place, self.next_due().await)
            };
            tokio::select! {
                _ = &mut stopped => return,
                (place, request_id) = delivery => {
                    let lambda = self.clone();
                    tokio::spawn(async move { lambda.deliver(&request_id, place).await });
                }
            }
        }
    }

    /// Waits for the next event that is due.
    async fn next_due(&self) -> String {
        loop {
            let now = self.platform.now_ms();
            match self.parts.queue.take(now) {
                Ok(request_id) => return request_id,
                Err(next) => {
                    let wait = next.map_or(MAX_SLEEP_MS, |due| due - now).clamp(1, MAX_SLEEP_MS);
                    let sleep = tokio::time::sleep(Duration::from_millis(wait.unsigned_abs()));
                    tokio::select! {
                        () = sleep => {}
                        () = self.parts.queue.added.notified() => {}
                    }
                }
            }
        }
    }

    async fn deliver(&self, request_id: &str, _place: Option<OwnedSemaphorePermit>) {
        let Some(record) = self.platform.store.read().async_invocations.get(&request_id.to_owned()).cloned()
        else {
            return;
        };
        let next = self.attempt(&record).await;
        // An event whose attempt was cut short by the shutdown stays as it is, for the next start.
        if *self.parts.stop.borrow() && matches!(next, Next::Wait(_)) {
            return;
        }
        if let Next::End(condition) = &next {
            tracing::debug!(request_id, condition, "an asynchronous invocation has ended");
        }
        self.keep_next(request_id.to_owned(), next).await;
    }

    async fn keep_next(&self, request_id: String, next: Next) {
        let due = match next {
            Next::End(_) => None,
            Next::Retry(at) | Next::Wait(at) => Some(at),
        };
        let id = request_id.clone();
        let written = self.keep_books(move |state| {
            match next {
                Next::End(_) => {
                    state.async_invocations.remove(&id);
                }
                Next::Retry(at) => {
                    state.async_invocations.update(&id, |record| {
                        record.attempts += 1;
                        record.next_attempt_ms = at;
                    });
                }
                Next::Wait(at) => {
                    state.async_invocations.update(&id, |record| {
                        record.throttles += 1;
                        record.next_attempt_ms = at;
                    });
                }
            }
            Ok(())
        });
        if let Err(error) = written.await {
            tracing::error!(request_id, %error, "the queue of asynchronous invocations could not be written");
        }
        if let Some(due) = due {
            self.parts.queue.add(due, request_id);
        }
    }

    async fn attempt(&self, record: &AsyncInvocation) -> Next {
        if self.platform.now_ms() - record.accepted_ms > MAX_AGE_MS {
            return Next::End("EventAgeExceeded");
        }
        let state = self.platform.store.read();
        let reserved =
            state.functions.get(&record.function).and_then(|function| function.reserved_concurrency);
        if reserved == Some(0) {
            return Next::End("ZeroReservedConcurrency");
        }
        let reference = FunctionReference::of(&record.function, record.qualifier.as_deref());
        // The target may have been deleted since.
        let Ok(version) = choose(&state, &reference, self.platform.entropy()) else {
            return Next::End("RetriesExhausted");
        };
        drop(state);
        let Some(event) = self.event_of(record, &reference).await else {
            return Next::End("RetriesExhausted");
        };
        match self.run(record.function.clone(), version, event).await {
            Ok(ran) => match ran.result {
                FunctionResult::Success(_) => Next::End("Success"),
                FunctionResult::Error { .. } => after_failure(record, self.platform.now_ms()),
            },
            Err(error) => {
                tracing::debug!(request_id = record.request_id, %error, "an asynchronous invocation has to wait");
                after_throttle(record, self.platform.now_ms())
            }
        }
    }

    async fn event_of(&self, record: &AsyncInvocation, reference: &FunctionReference) -> Option<Event> {
        let (blobs, payload) = (self.platform.store.blobs().clone(), record.payload.clone());
        let read = tokio::task::spawn_blocking(move || blobs.get(&payload)).await.ok()?;
        let payload = read.inspect_err(|error| tracing::error!(%error, "an accepted event is gone")).ok()?;
        let context: Result<_, LambdaError> = client_context(record.client_context.as_deref());
        Some(Event {
            request_id: record.request_id.clone(),
            payload: Bytes::from(payload),
            invoked_arn: reference.arn().to_string(),
            client_context: context.ok().flatten(),
        })
    }
}

/// After a function error there are two more attempts, while the event is young enough for them.
fn after_failure(record: &AsyncInvocation, now_ms: i64) -> Next {
    let wait = usize::try_from(record.attempts).ok().and_then(|attempts| RETRY_WAITS_MS.get(attempts));
    match wait {
        None => Next::End("RetriesExhausted"),
        Some(wait) if now_ms + wait - record.accepted_ms > MAX_AGE_MS => Next::End("EventAgeExceeded"),
        Some(wait) => Next::Retry(now_ms + wait),
    }
}

/// After a throttle or a failure of this program the event waits, longer each time, until it is too old.
fn after_throttle(record: &AsyncInvocation, now_ms: i64) -> Next {
    let (first, longest) = THROTTLE_WAITS_MS;
    let wait =
        first.saturating_mul(1_i64.checked_shl(record.throttles.min(20)).unwrap_or(longest)).min(longest);
    if now_ms + wait - record.accepted_ms > MAX_AGE_MS {
        Next::End("EventAgeExceeded")
    } else {
        Next::Wait(now_ms + wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rolecall_arn::{AccountId, Region};
    use rolecall_store::BlobId;

    fn record(attempts: u32, throttles: u32) -> AsyncInvocation {
        AsyncInvocation {
            request_id: "r".to_owned(),
            function: (AccountId::from_number(1), Region::global(), "f".to_owned()),
            qualifier: None,
            payload: BlobId::of(b"{}"),
            accepted_ms: 0,
            attempts,
            next_attempt_ms: 0,
            client_context: None,
            throttles,
        }
    }

    #[test]
    fn a_failing_function_is_tried_again_after_one_and_two_minutes() {
        assert_eq!(after_failure(&record(0, 0), 100), Next::Retry(60_100));
        assert_eq!(after_failure(&record(1, 0), 100), Next::Retry(120_100));
        assert_eq!(after_failure(&record(2, 0), 100), Next::End("RetriesExhausted"));
        assert_eq!(after_failure(&record(0, 0), MAX_AGE_MS - 59_999), Next::End("EventAgeExceeded"));
    }

    #[test]
    fn a_throttled_event_waits_from_one_second_to_five_minutes() {
        let waits: Vec<Next> =
            [0, 1, 2, 9, 4_000_000_000].map(|times| after_throttle(&record(0, times), 0)).into();
        let expected = [1_000, 2_000, 4_000, 300_000, 300_000].map(Next::Wait);
        assert_eq!(waits, expected);
        assert_eq!(after_throttle(&record(0, 0), MAX_AGE_MS), Next::End("EventAgeExceeded"));
    }
}
