//! Delivers the events of the queue, again where the function fails (reference lambda.md 7.6).

use bytes::Bytes;
use rolecall_runner::{FunctionResult, Urgency};
use rolecall_service::internal;
use rolecall_store::records::lambda::AsyncInvocation;
use rolecall_wire::ServiceError;
use tokio::sync::OwnedSemaphorePermit;

use crate::error::{LambdaError, SERVICE};
use crate::event::{Ending, Limits, Response, SUCCESS, of_reference};
use crate::invoke::payload::client_context;
use crate::invoke::run::Event;
use crate::invoke::segments::EventTrace;
use crate::invoke::target::choose;
use crate::invoke::trace_header::TraceHeader;
use crate::name::{FunctionReference, version_text};
use crate::service::Lambda;

/// How long to wait before the second and the third attempt, in milliseconds.
const RETRY_WAITS_MS: [i64; 2] = [60_000, 120_000];
/// The first and the longest wait after a throttle, in milliseconds.
const THROTTLE_WAITS_MS: (i64, i64) = (1_000, 300_000);
/// The condition of an event that is tried no more.
const RETRIES_EXHAUSTED: &str = "RetriesExhausted";

/// What becomes of an event after an attempt.
#[derive(Debug, PartialEq, Eq)]
enum Next {
    /// It is over.
    End(Ending),
    /// The function failed: another attempt at the time.
    Retry(i64),
    /// It did not run: another try at the time, which counts no attempt.
    Wait(i64),
}

impl Next {
    fn is_success(&self) -> bool {
        matches!(self, Next::End(ending) if ending.condition == SUCCESS)
    }
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
                Err(next) => tokio::select! {
                    () = self.platform.clock().sleep_until(next.unwrap_or(i64::MAX)) => {}
                    () = self.parts.queue.added.notified() => {}
                },
            }
        }
    }

    async fn deliver(&self, request_id: &str, _place: Option<OwnedSemaphorePermit>) {
        let Some(record) = self.platform.store.read().async_invocations.get(&request_id.to_owned()).cloned()
        else {
            return;
        };
        let next = self.attempt(&record).await;
        // What did not go well while the server shuts down may have been cut short by that: the event stays as it is, for
        // the next start.
        if *self.parts.stop.borrow() && !next.is_success() {
            return;
        }
        // The record stays until the destination was told: what is cut short here is done again at the next start.
        if let Next::End(ending) = &next {
            tracing::debug!(request_id, condition = ending.condition, "an asynchronous invocation has ended");
            self.tell_destination(&record, ending).await;
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
        let now_ms = self.platform.now_ms();
        let state = self.platform.store.read();
        let reference = FunctionReference::of(&record.function, record.qualifier.as_deref());
        let limits = Limits::of(of_reference(&state, &reference));
        if now_ms - record.accepted_ms > limits.max_age_ms {
            return not_run(record, "EventAgeExceeded");
        }
        let reserved =
            state.functions.get(&record.function).and_then(|function| function.reserved_concurrency);
        if reserved == Some(0) {
            return not_run(record, "ZeroReservedConcurrency");
        }
        // The target may have been deleted since.
        let Ok(version) = choose(&state, &reference, self.platform.entropy()) else {
            let response =
                Response { status_code: 404, executed_version: None, function_error: None, payload: None };
            return Next::End(ending(record.attempts, RETRIES_EXHAUSTED, Some(response)));
        };
        drop(state);
        if record.is_recursive {
            return not_run(record, RETRIES_EXHAUSTED);
        }
        let event = match self.event_of(record, &reference).await {
            Ok(event) => event,
            // The disk may give it another time.
            Err(_) => return after_throttle(record, limits, self.platform.now_ms()),
        };
        let executed_version = Some(version_text(version.version));
        match self.run(record.function.clone(), version, event).await {
            Ok(ran) => {
                let response = Response { executed_version, ..response_of(ran.result) };
                after_run(record, limits, response, self.platform.now_ms())
            }
            Err(error) => {
                tracing::debug!(request_id = record.request_id, %error, "an asynchronous invocation has to wait");
                after_throttle(record, limits, self.platform.now_ms())
            }
        }
    }

    async fn event_of(
        &self,
        record: &AsyncInvocation,
        reference: &FunctionReference,
    ) -> Result<Event, ServiceError> {
        let context: Result<_, LambdaError> = client_context(record.client_context.as_deref());
        Ok(Event {
            request_id: record.request_id.clone(),
            payload: self.read_event(record).await?,
            invoked_arn: reference.arn().to_string(),
            client_context: context.ok().flatten(),
            wants_log: false,
            trace: EventTrace {
                header: match &record.trace {
                    Some(header) => TraceHeader::parse(header),
                    None => self.new_trace(reference),
                },
                upstream: record.trace_parent.clone(),
                received_ms: record.accepted_ms,
                attempt: Some(record.attempts.saturating_add(1)),
            },
            urgency: Urgency::Queue,
        })
    }

    /// The event as it was accepted.
    ///
    /// # Errors
    /// A failure of this program where it is not there any more.
    pub(crate) async fn read_event(&self, record: &AsyncInvocation) -> Result<Bytes, ServiceError> {
        let (blobs, payload) = (self.platform.store.blobs().clone(), record.payload.clone());
        let read = tokio::task::spawn_blocking(move || blobs.get(&payload)).await;
        let read = read.map_err(|error| internal(SERVICE, error))?;
        read.map(Bytes::from).map_err(|error| internal(SERVICE, error))
    }
}

fn ending(invoke_count: u32, condition: &'static str, response: Option<Response>) -> Ending {
    Ending { condition, invoke_count, response }
}

/// The end of an event that was not run this time.
fn not_run(record: &AsyncInvocation, condition: &'static str) -> Next {
    Next::End(ending(record.attempts, condition, None))
}

fn response_of(result: FunctionResult) -> Response {
    let (payload, function_error) = match result {
        FunctionResult::Success(payload) => (payload, None),
        FunctionResult::Error { payload, kind } => (payload, Some(kind.as_str().to_owned())),
    };
    Response { status_code: 200, executed_version: None, function_error, payload: Some(payload) }
}

/// After a function error there are further attempts, as many as are configured, while the event is young enough.
fn after_run(record: &AsyncInvocation, limits: Limits, response: Response, now_ms: i64) -> Next {
    let count = record.attempts.saturating_add(1);
    let end = |condition, response| Next::End(ending(count, condition, Some(response)));
    if response.function_error.is_none() {
        return end(SUCCESS, response);
    }
    let wait = usize::try_from(record.attempts).ok().and_then(|attempts| RETRY_WAITS_MS.get(attempts));
    match wait.filter(|_| record.attempts < limits.max_retries) {
        None => end(RETRIES_EXHAUSTED, response),
        Some(wait) if now_ms + wait - record.accepted_ms > limits.max_age_ms => {
            end("EventAgeExceeded", response)
        }
        Some(wait) => Next::Retry(now_ms + wait),
    }
}

/// After a throttle or a failure of this program the event waits, longer each time, until it is too old.
fn after_throttle(record: &AsyncInvocation, limits: Limits, now_ms: i64) -> Next {
    let (first, longest) = THROTTLE_WAITS_MS;
    let wait =
        first.saturating_mul(1_i64.checked_shl(record.throttles.min(20)).unwrap_or(longest)).min(longest);
    if now_ms + wait - record.accepted_ms > limits.max_age_ms {
        not_run(record, "EventAgeExceeded")
    } else {
        Next::Wait(now_ms + wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rolecall_arn::{AccountId, Region};
    use rolecall_store::BlobId;
    use rolecall_store::records::function_config::EventInvokeConfig;

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
            trace: None,
            trace_parent: None,
            is_recursive: false,
        }
    }

    fn failure() -> Response {
        let function_error = Some("Unhandled".to_owned());
        Response { status_code: 200, executed_version: None, function_error, payload: None }
    }

    fn end(count: u32, condition: &'static str) -> Next {
        Next::End(ending(count, condition, Some(failure())))
    }

    #[test]
    fn a_failing_function_is_tried_again_after_one_and_two_minutes() {
        let limits = Limits::of(None);
        let after = |attempts, now_ms| after_run(&record(attempts, 0), limits, failure(), now_ms);
        assert_eq!(after(0, 100), Next::Retry(60_100));
        assert_eq!(after(1, 100), Next::Retry(120_100));
        assert_eq!(after(2, 100), end(3, "RetriesExhausted"));
        assert_eq!(after(0, limits.max_age_ms - 59_999), end(1, "EventAgeExceeded"));
        let success = Response { function_error: None, ..failure() };
        let ended = Next::End(ending(2, "Success", Some(success.clone())));
        assert_eq!(after_run(&record(1, 0), limits, success, 100), ended);
    }

    #[test]
    fn the_configured_limits_end_it_sooner() {
        let config =
            EventInvokeConfig { max_retries: Some(1), max_age_s: Some(100), ..EventInvokeConfig::default() };
        let limits = Limits::of(Some(&config));
        let after = |attempts, now_ms| after_run(&record(attempts, 0), limits, failure(), now_ms);
        assert_eq!(after(0, 40_000), Next::Retry(100_000));
        assert_eq!(after(0, 40_001), end(1, "EventAgeExceeded"));
        assert_eq!(after(1, 0), end(2, "RetriesExhausted"));
        let none = Limits { max_retries: 0, ..limits };
        assert_eq!(after_run(&record(0, 0), none, failure(), 0), end(1, "RetriesExhausted"));
    }

    #[test]
    fn a_throttled_event_waits_from_one_second_to_five_minutes() {
        let limits = Limits::of(None);
        let waits: Vec<Next> =
            [0, 1, 2, 9, 4_000_000_000].map(|times| after_throttle(&record(0, times), limits, 0)).into();
        let expected = [1_000, 2_000, 4_000, 300_000, 300_000].map(Next::Wait);
        assert_eq!(waits, expected);
        let late = after_throttle(&record(0, 0), limits, limits.max_age_ms);
        assert_eq!(late, Next::End(ending(0, "EventAgeExceeded", None)));
    }
}
