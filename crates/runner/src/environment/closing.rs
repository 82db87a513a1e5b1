//! What comes after an answer: the extensions finish their work for the event, and only then are its figures known.
//!
//! The caller has its answer by then; what it costs to wait is the environment's time, and counts for the timeout.

use std::sync::PoisonError;
use std::time::{Duration, Instant};

use super::Environment;
use super::failure::Failure;
use super::invoke::ended;
use super::record::{DoneMetrics, Figures, Record, Status, Tracing, billed};

/// An invocation that was answered.
pub(crate) struct Closing {
    pub(super) request_id: String,
    pub(super) started: Instant,
    pub(super) init_duration: Option<Duration>,
    pub(super) produced_bytes: usize,
    pub(super) trace: Option<String>,
}

impl Environment {
    /// The invocation that is to be closed, if there is one.
    pub(crate) fn take_closing(&self) -> Option<Closing> {
        self.closing.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Waits until runtime and extensions are done with the event, tells its figures and brings the log away.
    pub(crate) async fn close(&self, closing: Closing) {
        self.finish(&closing).await;
        (self.leftovers)(self.output.take());
    }

    /// Waits until runtime and extensions are done with the event and tells its figures.
    pub(super) async fn finish(&self, closing: &Closing) {
        let request_id = closing.request_id.as_str();
        let left = self.spec.timeout.saturating_sub(closing.started.elapsed());
        let failure = tokio::select! {
            biased;
            () = self.all_done(closing) => None,
            end = self.process.ended() => Some(ended(end)),
            failure = self.extensions.failed() => Some(failure),
            () = tokio::time::sleep(left) => Some(Failure::TimedOut(self.spec.timeout)),
        };
        let duration = closing.started.elapsed();
        let mut status = Status::Success;
        if let Some(failure) = &failure {
            self.give_up(failure).await;
            self.output.platform(&Record::Fault { request_id, failure });
            status = Status::of(failure.error_type());
        }
        self.output.drain();
        self.tell_figures(request_id, duration, closing.init_duration, status, closing.trace.as_deref());
    }

    async fn all_done(&self, closing: &Closing) {
        let mut waiting = self.exchange.waiting();
        // The exchange is this environment's own, so its sender cannot be gone.
        drop(waiting.wait_for(|waiting| *waiting).await);
        let duration = closing.started.elapsed();
        let metrics = DoneMetrics { duration, produced_bytes: closing.produced_bytes };
        let request_id = closing.request_id.as_str();
        self.output.platform(&Record::RuntimeDone { request_id, status: Status::Success, metrics });
        self.extensions.idle().await;
    }

    /// The last lines of an invocation.
    pub(super) fn tell_figures(
        &self,
        request_id: &str,
        duration: Duration,
        init_duration: Option<Duration>,
        status: Status<'_>,
        trace: Option<&str>,
    ) {
        let (memory_mb, max_memory_mb) = (self.spec.memory_mb, self.memory.max_mb());
        let metrics = Figures { duration, billed: billed(duration), memory_mb, max_memory_mb, init_duration };
        self.output.platform(&Record::End { request_id });
        let tracing = trace.and_then(Tracing::of);
        self.output.platform(&Record::Report { request_id, metrics, status, tracing });
    }
}
