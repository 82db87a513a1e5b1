//! The desk between an environment's owner, who hands events in, and its runtime, which fetches and answers them.

use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::{Notify, Semaphore, SemaphorePermit, oneshot, watch};

use crate::streaming::ResponseSink;

/// One event on its way to the runtime.
pub(crate) struct Delivery {
    pub(crate) request_id: String,
    /// Distinguishes this delivery from others of the same event; a runtime may send it back.
    pub(crate) invocation_id: String,
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
    /// The runtime asked for a way of responding that there is not.
    InvalidMode,
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
    /// The event is this one, but was delivered by another name.
    UnknownInvocation,
    /// The call does not fit what the runtime did before: it is in one state and cannot come into the other.
    WrongState { from: &'static str, to: &'static str },
}

/// AWS's names of a runtime's states.
mod state {
    pub(super) const INIT_ERROR: &str = "InitError";
    pub(super) const READY: &str = "Ready";
    pub(super) const RUNNING: &str = "Running";
    pub(super) const RESPONSE: &str = "InvocationResponse";
    pub(super) const ERROR_RESPONSE: &str = "InvocationErrorResponse";
    pub(super) const RESPONSE_SENT: &str = "ResponseSent";

    /// The state that an answer leads to.
    pub(super) fn of_answer(is_error: bool) -> &'static str {
        if is_error { ERROR_RESPONSE } else { RESPONSE }
    }
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
    /// The event that was answered last, until the next one comes.
    finished: Option<String>,
}

/// The event that the runtime is working on.
struct Current {
    request_id: String,
    invocation_id: String,
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
            return Err(Misuse::WrongState { from: state::RUNNING, to: state::READY });
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
                        invocation_id: delivery.invocation_id,
                        answer: delivery.answer,
                        sink: delivery.sink,
                        streaming: false,
                    });
                    desk.finished = None;
                    drop(desk);
                    self.waiting.send_replace(false);
                    return Ok((delivery.request_id, delivery.headers, delivery.payload));
                }
            }
            self.waiting.send_replace(true);
            self.handed_in.notified().await;
        }
    }

    /// Whether this is the event being worked on, by the name it was delivered by where that is given. What is refused is
    /// an error document or a response.
    pub(super) fn check(
        &self,
        request_id: &str,
        invocation_id: Option<&str>,
        is_error: bool,
    ) -> Result<(), Misuse> {
        let desk = self.lock();
        match &desk.current {
            Some(current) if current.request_id == request_id => match invocation_id {
                Some(id) if id != current.invocation_id => Err(Misuse::UnknownInvocation),
                _ => Ok(()),
            },
            _ => Err(desk.misuse(request_id, state::of_answer(is_error))),
        }
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
            Some(current) if current.streaming => {
                Err(Misuse::WrongState { from: state::RESPONSE, to: state::RESPONSE })
            }
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
                desk.finished = Some(current.request_id);
                // Nobody listens when the invocation timed out in the meantime.
                drop(current.answer.send(answer));
                Ok(())
            }
            other => {
                desk.current = other;
                let is_error = matches!(answer, Answer::Error(_));
                Err(desk.misuse(request_id, state::of_answer(is_error)))
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
        let misuse = || {
            let from = if self.lock().current.is_some() { state::RUNNING } else { state::READY };
            Misuse::WrongState { from, to: state::INIT_ERROR }
        };
        if changed { Ok(()) } else { Err(misuse()) }
    }

    fn lock(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Desk {
    /// What is wrong with an answer to this event, which cannot be accepted.
    fn misuse(&self, request_id: &str, to: &'static str) -> Misuse {
        let is_current = self.current.as_ref().is_some_and(|current| current.request_id == request_id);
        if is_current {
            return Misuse::WrongState { from: state::RESPONSE, to };
        }
        match self.finished.as_deref() == Some(request_id) {
            true => Misuse::WrongState { from: state::RESPONSE_SENT, to },
            false => Misuse::UnknownRequest,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delivery(request_id: &str) -> (Delivery, oneshot::Receiver<Answer>) {
        let (answer, answered) = oneshot::channel();
        let request_id = request_id.to_owned();
        let headers = http::HeaderMap::new();
        let invocation_id = format!("delivery of {request_id}");
        (Delivery { request_id, invocation_id, headers, payload: Bytes::new(), answer, sink: None }, answered)
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
        let twice = Misuse::WrongState { from: state::RESPONSE_SENT, to: state::RESPONSE };
        assert_eq!(exchange.answer("one", Answer::TooLarge), Err(twice), "answered already");
        assert_eq!(answered.try_recv(), Ok(Answer::Response(Bytes::new())));
    }

    #[tokio::test]
    async fn asking_for_more_before_answering_is_refused() {
        let exchange = Exchange::new();
        exchange.hand_in(delivery("one").0);
        exchange.next().await.expect("there is an event");
        let misuse = Misuse::WrongState { from: state::RUNNING, to: state::READY };
        assert_eq!(exchange.next().await.map(drop), Err(misuse));
    }

    #[tokio::test]
    async fn an_event_is_known_by_the_name_of_its_delivery() {
        let exchange = Exchange::new();
        exchange.hand_in(delivery("one").0);
        exchange.next().await.expect("there is an event");
        assert_eq!(exchange.check("one", None, false), Ok(()));
        assert_eq!(exchange.check("one", Some("delivery of one"), false), Ok(()));
        assert_eq!(exchange.check("one", Some("another"), false), Err(Misuse::UnknownInvocation));
        assert_eq!(exchange.check("two", Some("delivery of one"), false), Err(Misuse::UnknownRequest));
    }

    #[tokio::test]
    async fn a_response_that_is_being_streamed_is_the_only_one() {
        let exchange = Exchange::new();
        let (mut handed, mut answered) = delivery("one");
        handed.sink = Some(crate::streaming::response_channel().0);
        exchange.hand_in(handed);
        exchange.next().await.expect("there is an event");
        let misuse = Misuse::WrongState { from: state::RESPONSE, to: state::RESPONSE };
        assert_eq!(exchange.end_stream("one", Answer::Streamed), Err(misuse), "not begun yet");
        assert!(exchange.begin_stream("one").is_ok_and(|sink| sink.is_some()));
        assert_eq!(exchange.begin_stream("one").map(drop), Err(misuse));
        assert_eq!(exchange.answer("one", Answer::TooLarge), Err(misuse));
        assert_eq!(exchange.end_stream("one", Answer::Streamed), Ok(()));
        assert_eq!(answered.try_recv(), Ok(Answer::Streamed));
    }

    #[tokio::test]
    async fn a_start_can_fail_only_before_the_first_event_was_asked_for() {
        let exchange = Exchange::new();
        exchange.hand_in(delivery("one").0);
        exchange.next().await.expect("there is an event");
        let misuse = Misuse::WrongState { from: state::RUNNING, to: state::INIT_ERROR };
        assert_eq!(exchange.init_failed(Bytes::new(), None), Err(misuse));
    }
}
