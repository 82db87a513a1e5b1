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
mod rest;
mod runtime_api;
mod sandbox_plan;
mod start;
mod telemetry;
mod traces;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::spec::{EnvironmentId, FunctionSpec};
use exchange::Exchange;
use extensions::{About, Extensions, Reason};
use memory::Memory;
use output::Output;
use process::Process;
use rest::Rest;
use telemetry::Telemetry;

pub(crate) use closing::Closing;
pub(crate) use process::Leftovers;

pub(crate) use invoke::{TooSlow, unstartable};
pub(crate) use layers::Layers;
pub(crate) use record::Phase;
pub(crate) use sandbox_plan::trial_plan;
pub(crate) use start::{Identity, Setting, StartError, start};

/// A running environment. Ends when dropped.
pub(crate) struct Environment {
    pub(crate) id: EnvironmentId,
    pub(crate) spec: Arc<FunctionSpec>,
    log_stream: String,
    /// AWS's name for why it was started.
    initialization_type: &'static str,
    phase: Phase,
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
}
