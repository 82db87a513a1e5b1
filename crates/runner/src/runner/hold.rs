//! Environments that are held ready for a function before any event comes: provisioned concurrency.
//!
//! As many as were asked for are started and initialised, never given up for want of use or of room, and started anew
//! when one has died or become too old.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use super::{Runner, Shared};
use crate::environment::{StartError, start};
use crate::spec::{FunctionSpec, HoldFailure, InvokeFailure, Urgency};

/// How many environments of one function are started side by side.
const SIDE_BY_SIDE: usize = 4;

impl Runner {
    /// Holds so many environments of the function ready, from now on. Returns when they are.
    ///
    /// # Errors
    /// When one of them cannot be started or does not initialise; then none are held.
    pub async fn hold(&self, spec: Arc<FunctionSpec>, count: usize) -> Result<(), HoldFailure> {
        let can_run = self.shared.capabilities.can_run();
        can_run.map_err(|reason| HoldFailure::NotStarted(InvokeFailure::Unavailable(reason)))?;
        self.shared.pool.hold(&spec, count);
        let held = fill(&self.shared, &spec).await;
        if held.is_err() {
            self.shared.pool.release(&spec.key);
        }
        held
    }

    /// Holds none any more. Those that there are stay for events until they have been idle for too long.
    pub fn release(&self, key: &str) {
        self.shared.pool.release(key);
    }
}

/// Replaces held environments that are gone from time to time, for as long as the runner is used.
pub(super) fn tend(shared: &Arc<Shared>, pause: Duration) {
    let shared = Arc::downgrade(shared);
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(pause).await;
            let Some(shared) = shared.upgrade() else { return };
            for spec in shared.pool.held() {
                if let Err(error) = fill(&shared, &spec).await {
                    let function = &spec.function_name;
                    tracing::warn!(function, %error, "provisioned concurrency could not be restored");
                }
            }
        }
    });
}

/// Starts what is missing.
async fn fill(shared: &Arc<Shared>, spec: &Arc<FunctionSpec>) -> Result<(), HoldFailure> {
    loop {
        let missing = shared.pool.missing(&spec.key);
        if missing == 0 {
            return Ok(());
        }
        let mut starting = JoinSet::new();
        for _ in 0..missing.min(SIDE_BY_SIDE) {
            let (shared, spec) = (Arc::clone(shared), Arc::clone(spec));
            starting.spawn(async move { shared.start_ready(&spec).await });
        }
        while let Some(started) = starting.join_next().await {
            let aborted = "the start was aborted".to_owned();
            started.unwrap_or(Err(HoldFailure::NotStarted(InvokeFailure::Unavailable(aborted))))?;
        }
    }
}

impl Shared {
    /// Starts one environment and lets it initialise.
    async fn start_ready(&self, spec: &Arc<FunctionSpec>) -> Result<(), HoldFailure> {
        let _turn = self.admission.wait_to_hold(&spec.key).await;
        let lease = self.pool.take_new(&spec.key, Urgency::Caller);
        let lease = lease.map_err(|none| HoldFailure::NotStarted(self.refused(none)))?;
        let identity = self.identity(lease.id(), spec, true).await;
        let identity = identity.map_err(|reason| HoldFailure::NotStarted(InvokeFailure::Role(reason)))?;
        let environment = match start(&self.setting, Arc::clone(spec), identity).await {
            Ok(environment) => environment,
            Err(StartError::Machine(reason)) => {
                return Err(HoldFailure::NotStarted(InvokeFailure::Unavailable(reason)));
            }
            Err(StartError::Function(failure)) => return Err(HoldFailure::Initialization(failure.reason())),
        };
        lease.started(&environment);
        environment
            .become_ready(self.setting.options.init_timeout)
            .await
            .map_err(HoldFailure::Initialization)?;
        self.give_back(lease, &environment);
        Ok(())
    }
}
