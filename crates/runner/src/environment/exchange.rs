//! The desk between an environment's owner, who hands events in, and its runtime, which fetches and answers them.

use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::{Notify, Semaphore, SemaphorePermit, oneshot, watch};

use crate::streaming::ResponseSink;

/// One event on its way to the runtime.
pub(crate) struct Delivery {
    pub(crate) request_id: String,
    pub(crate) headers: http::HeaderMap,
    pub(crate) payload: Bytes,
    pub(crate) answer: oneshot::Sender<Answer>,
    pub(crate) sink: Option<ResponseSink>,
}

/// What the runtime posted for an event.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Response(Bytes),
    Error(Bytes),
    TooLarge,
    /// The response went to the sink, to its end.
    Streamed,
    /// The response went to the sink, and the runtime said at its end that it failed.
    StreamFailed {
        error_type: String,
        document: Bytes,
    },
    /// The response went to the sink and became larger than a streamed one may be.
    StreamTooLarge,
    /// The response went to the sink and broke off.
    Truncated,
}

/// How far the runtime's start has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Init {
    Running,
    Ready,
    Failed { error: Bytes, error_type: Option<String> },
}

/// Why the runtime's call was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Misuse {
    /// No event with this id is being worked on by this environment.
    UnknownRequest,
    /// The call does not fit what the runtime did before.
    WrongState,
}

/// Shared by owner and Runtime API of one environment.
pub(crate) struct Exchange {
    desk: Mutex<Desk>,
    handed_in: Notify,
    init: watch::Sender<Init>,
    waiting: watch::Sender<bool>,
    reading: Semaphore,
}

#[derive(Default)]
struct Desk {
    pending: Option<Delivery>,
    current: Option<Current>,
}

/// The event that the runtime is working on.
struct Current {
    request_id: String,
    answer: oneshot::Sender<Answer>,
    sink: Option<ResponseSink>,
    /// Whether the runtime has begun to stream its response. From then on nothing else is accepted for the event.
    streaming: bool,
}

impl Exchange {
    pub(crate) fn new() -> Self {
        Self {
            desk: Mutex::new(Desk::default()),
            handed_in: Notify::new(),
            init: watch::Sender::new(Init::Running),
            waiting: watch::Sender::new(false),
            reading: Semaphore::new(1),
        }
    }

    /// Hands an event in.
    pub(crate) fn hand_in(&self, delivery: Delivery) {
        self.lock().pending = Some(delivery);
        self.handed_in.notify_one();
    }

    /// Takes an event back that the runtime has not fetched; says whether there was one.
    pub(crate) fn take_back(&self) -> bool {
        self.lock().pending.take().is_some()
    }

    pub(crate) fn init(&self) -> watch::Receiver<Init> {
        self.init.subscribe()
    }

    /// Whether the runtime is waiting for an event at this moment.
    pub(crate) fn is_waiting(&self) -> bool {
        *self.waiting.borrow()
    }

    /// The same, from now on.
    pub(crate) fn waiting(&self) -> watch::Receiver<bool> {
        self.waiting.subscribe()
    }

    /// The next event, for the runtime.
    pub(super) async fn next(&self) -> Result<(String, http::HeaderMap, Bytes), Misuse> {
        if self.lock().current.is_some() {
            return Err(Misuse::WrongState);
        }
        self.init.send_if_modified(|init| {
            let first = *init == Init::Running;
            if first {
                *init = Init::Ready;
            }
            first
        });
        loop {
            {
                let mut desk = self.lock();
                if let Some(delivery) = desk.pending.take() {
                    desk.current = Some(Current {
                        request_id: delivery.request_id.clone(),
                        answer: delivery.answer,
                        sink: delivery.sink,
                        streaming: false,
                    });
                    drop(desk);
                    self.waiting.send_replace(false);
                    return Ok((delivery.request_id, delivery.headers, delivery.payload));
                }
            }
            self.waiting.send_replace(true);
            self.handed_in.notified().await;
        }
    }

    /// Whether this is the event being worked on.
    pub(super) fn is_current(&self, request_id: &str) -> bool {
        self.lock().current.as_ref().is_some_and(|current| current.request_id == request_id)
    }

    /// Waits until no other answer is being read. One at a time is all that a runtime posts, and all that the server
    /// keeps in memory for it. Nothing when the server shuts down.
    pub(super) async fn turn_to_read(&self) -> Option<SemaphorePermit<'_>> {
        self.reading.acquire().await.ok()
    }

    /// Accepts the runtime's answer to the event it is working on.
    pub(super) fn answer(&self, request_id: &str, answer: Answer) -> Result<(), Misuse> {
        self.settle(request_id, false, answer)
    }

    /// Begins a streamed response to the event being worked on; none where its caller wants it whole.
    pub(super) fn begin_stream(&self, request_id: &str) -> Result<Option<ResponseSink>, Misuse> {
        match &mut self.lock().current {
            Some(current) if current.request_id != request_id => Err(Misuse::UnknownRequest),
            Some(current) if current.streaming => Err(Misuse::WrongState),
            Some(current) => {
                let sink = current.sink.take();
                current.streaming = sink.is_some();
                Ok(sink)
            }
            None => Err(Misuse::UnknownRequest),
        }
    }

    /// Ends the streamed response to the event being worked on.
    pub(super) fn end_stream(&self, request_id: &str, answer: Answer) -> Result<(), Misuse> {
        self.settle(request_id, true, answer)
    }

    fn settle(&self, request_id: &str, streamed: bool, answer: Answer) -> Result<(), Misuse> {
        let mut desk = self.lock();
        match desk.current.take() {
            Some(current) if current.request_id == request_id && current.streaming == streamed => {
                // Nobody listens when the invocation timed out in the meantime.
                drop(current.answer.send(answer));
                Ok(())
            }
            other => {
                let known = other.as_ref().is_some_and(|current| current.request_id == request_id);
                desk.current = other;
                Err(if known { Misuse::WrongState } else { Misuse::UnknownRequest })
            }
        }
    }

    /// Accepts the runtime's report that it cannot start.
    pub(super) fn init_failed(&self, error: Bytes, error_type: Option<String>) -> Result<(), Misuse> {
        let changed = self.init.send_if_modified(|init| {
            let first = *init == Init::Running;
            if first {
                *init = Init::Failed { error, error_type };
            }
            first
        });
        if changed { Ok(()) } else { Err(Misuse::WrongState) }
    }

    fn lock(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delivery(request_id: &str) -> (Delivery, oneshot::Receiver<Answer>) {
        let (answer, answered) = oneshot::channel();
        let request_id = request_id.to_owned();
        let headers = http::HeaderMap::new();
        (Delivery { request_id, headers, payload: Bytes::new(), answer, sink: None }, answered)
    }

    #[tokio::test]
    async fn only_the_event_being_worked_on_can_be_answered() {
        let exchange = Exchange::new();
        let (handed, mut answered) = delivery("one");
        exchange.hand_in(handed);
        assert_eq!(exchange.answer("one", Answer::TooLarge), Err(Misuse::UnknownRequest), "not fetched yet");
        exchange.next().await.expect("there is an event");
        assert_eq!(exchange.answer("two", Answer::TooLarge), Err(Misuse::UnknownRequest));
        assert_eq!(exchange.answer("one", Answer::Response(Bytes::new())), Ok(()));
        assert_eq!(exchange.answer("one", Answer::TooLarge), Err(Misuse::UnknownRequest), "answered already");
        assert_eq!(answered.try_recv(), Ok(Answer::Response(Bytes::new())));
    }

    #[tokio::test]
    async fn asking_for_more_before_answering_is_refused() {
        let exchange = Exchange::new();
        exchange.hand_in(delivery("one").0);
        exchange.next().await.expect("there is an event");
        assert_eq!(exchange.next().await.map(drop), Err(Misuse::WrongState));
    }

    #[tokio::test]
    async fn a_response_that_is_being_streamed_is_the_only_one() {
        let exchange = Exchange::new();
        let (mut handed, mut answered) = delivery("one");
        handed.sink = Some(crate::streaming::response_channel().0);
        exchange.hand_in(handed);
        exchange.next().await.expect("there is an event");
        assert_eq!(exchange.end_stream("one", Answer::Streamed), Err(Misuse::WrongState), "not begun yet");
        assert!(exchange.begin_stream("one").is_ok_and(|sink| sink.is_some()));
        assert_eq!(exchange.begin_stream("one").map(drop), Err(Misuse::WrongState));
        assert_eq!(exchange.answer("one", Answer::TooLarge), Err(Misuse::WrongState));
        assert_eq!(exchange.end_stream("one", Answer::Streamed), Ok(()));
        assert_eq!(answered.try_recv(), Ok(Answer::Streamed));
    }

    #[tokio::test]
    async fn a_start_can_fail_only_before_the_first_event_was_asked_for() {
        let exchange = Exchange::new();
        exchange.hand_in(delivery("one").0);
        exchange.next().await.expect("there is an event");
        assert_eq!(exchange.init_failed(Bytes::new(), None), Err(Misuse::WrongState));
    }
}
