//! One execution environment: how it starts, runs one event at a time, rests frozen, and ends.

mod answers;
mod closing;
mod endpoint;
mod exchange;
mod extensions;
mod failure;
mod host_user;
mod invoke;
mod layers;
mod memory;
mod output;
mod process;
mod ready;
mod record;
mod record_text;
mod runtime_api;
mod sandbox_plan;
mod start;
mod telemetry;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::spec::{EnvironmentId, FunctionSpec};
use exchange::Exchange;
use extensions::{About, Extensions, Reason};
use memory::Memory;
use output::Output;
use process::Process;
use telemetry::Telemetry;

pub(crate) use closing::Closing;
pub(crate) use process::Leftovers;

pub(crate) use invoke::unstartable;
pub(crate) use layers::Layers;
pub(crate) use sandbox_plan::trial_plan;
pub(crate) use start::{Identity, Setting, StartError, start};

/// How long a runtime stays awake after it has asked for more: under load the next event arrives before that, and
/// neither freezing nor thawing is paid for.
const FREEZE_AFTER: Duration = Duration::from_millis(20);

/// A running environment. Ends when dropped.
pub(crate) struct Environment {
    pub(crate) id: EnvironmentId,
    pub(crate) spec: Arc<FunctionSpec>,
    log_stream: String,
    /// AWS's name for why it was started.
    initialization_type: &'static str,
    born: Instant,
    exchange: Arc<Exchange>,
    extensions: Arc<Extensions>,
    telemetry: Arc<Telemetry>,
    leftovers: Leftovers,
    /// An invocation that was answered and whose extensions still work.
    closing: Mutex<Option<Closing>>,
    output: Arc<Output>,
    process: Process,
    memory: Memory,
    rest: Mutex<Rest>,
}

/// What the listener inside an environment speaks for.
struct Apis {
    exchange: Arc<Exchange>,
    extensions: Arc<Extensions>,
    telemetry: Arc<Telemetry>,
    about: About,
}

/// Whether the environment rests. The count of wakings lets a late freezer see that it is too late.
#[derive(Default)]
struct Rest {
    wakings: u64,
    frozen: bool,
}

impl Environment {
    pub(crate) fn age(&self) -> Duration {
        self.born.elapsed()
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.process.has_ended() || self.extensions.have_failed()
    }

    /// Ends the environment, which is not needed any more, and waits until it has ended.
    pub(crate) async fn end(&self) {
        self.end_for(Reason::Spindown).await;
    }

    async fn end_for(&self, reason: Reason) {
        self.process.end(reason);
        self.process.ended().await;
    }

    /// Lets the environment rest: once its runtime waits for the next event, it is frozen. A runtime that does not come
    /// back for more within the function's timeout is ended.
    pub(crate) fn rest(self: &Arc<Self>) {
        let wakings = self.lock_rest().wakings;
        let environment = Arc::downgrade(self);
        let mut waiting = self.exchange.waiting();
        let patience = self.spec.timeout;
        tokio::spawn(async move {
            let came_back = tokio::time::timeout(patience, waiting.wait_for(|waiting| *waiting)).await;
            let in_time = matches!(came_back, Ok(Ok(_)));
            drop(came_back);
            if in_time {
                tokio::time::sleep(FREEZE_AFTER).await;
            }
            let Some(environment) = environment.upgrade() else { return };
            environment.freeze_or_end(wakings, in_time);
        });
    }

    fn freeze_or_end(&self, wakings: u64, in_time: bool) {
        let mut rest = self.lock_rest();
        if rest.wakings != wakings {
            return;
        }
        if !in_time {
            self.process.end(Reason::Timeout);
            return;
        }
        match self.process.freeze(true) {
            Ok(()) => rest.frozen = true,
            Err(error) => {
                tracing::warn!(environment = %self.id, %error, "cannot freeze an execution environment")
            }
        }
    }

    /// Ends the rest. An environment that cannot be thawed is ended instead.
    fn wake(&self) {
        let mut rest = self.lock_rest();
        rest.wakings += 1;
        if std::mem::take(&mut rest.frozen)
            && let Err(error) = self.process.freeze(false)
        {
            tracing::warn!(environment = %self.id, %error, "cannot thaw an execution environment");
            self.process.end(Reason::Failure);
        }
    }

    fn lock_rest(&self) -> std::sync::MutexGuard<'_, Rest> {
        self.rest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
