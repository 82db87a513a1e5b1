//! The rest of an environment between two events: awake for a moment, then frozen.
//!
//! Under load the next event comes within that moment, and then nothing may be paid for it: no freezing, no thawing, no
//! task. So one task watches over an environment that works again and again, and looks at it once in each moment.

use std::sync::{Arc, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use super::Environment;
use super::extensions::Reason;

/// How long a runtime stays awake after its event.
const FREEZE_AFTER: Duration = Duration::from_millis(20);

/// Whether and how an environment rests.
#[derive(Default)]
pub(super) struct Rest {
    /// Since when, if it does.
    since: Option<Instant>,
    frozen: bool,
    /// Whether a task watches over it.
    watched: bool,
}

/// What whoever watches has to do next.
enum Watch {
    /// Nothing: it works, or sleeps frozen, or has ended. The next rest has a watch of its own.
    Over,
    /// Look again then.
    LookAt(Instant),
    /// Its runtime has not come back yet, and has this much time left for it.
    AwaitReturn(Duration),
}

impl Environment {
    /// Lets the environment rest: once its runtime waits for the next event, it is frozen. A runtime that does not come
    /// back for more within the function's timeout is ended.
    pub(crate) fn rest(self: &Arc<Self>) {
        let mut rest = self.lock_rest();
        rest.since = Some(Instant::now());
        if !std::mem::replace(&mut rest.watched, true) {
            drop(rest);
            tokio::spawn(watch(Arc::downgrade(self)));
        }
    }

    /// Ends the rest. An environment that cannot be thawed is ended instead.
    pub(super) fn wake(&self) {
        let mut rest = self.lock_rest();
        rest.since = None;
        if std::mem::take(&mut rest.frozen)
            && let Err(error) = self.process.freeze(false)
        {
            tracing::warn!(environment = %self.id, %error, "cannot thaw an execution environment");
            self.process.end(Reason::Failure);
        }
    }

    /// Freezes or ends the environment where it is time to.
    fn look(&self) -> Watch {
        let mut rest = self.lock_rest();
        let watch = self.judge(&mut rest);
        rest.watched = !matches!(watch, Watch::Over);
        watch
    }

    fn judge(&self, rest: &mut Rest) -> Watch {
        let Some(since) = rest.since.filter(|_| !rest.frozen && !self.has_ended()) else {
            return Watch::Over;
        };
        let rested = since.elapsed();
        if rested < FREEZE_AFTER {
            return Watch::LookAt(since + FREEZE_AFTER);
        }
        if !self.exchange.is_waiting() {
            let left = self.spec.timeout.saturating_sub(rested);
            if !left.is_zero() {
                return Watch::AwaitReturn(left);
            }
            self.process.end(Reason::Timeout);
            return Watch::Over;
        }
        match self.process.freeze(true) {
            Ok(()) => rest.frozen = true,
            Err(error) => {
                tracing::warn!(environment = %self.id, %error, "cannot freeze an execution environment")
            }
        }
        Watch::Over
    }

    fn lock_rest(&self) -> MutexGuard<'_, Rest> {
        self.rest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Watches over an environment until it sleeps, works or is gone.
async fn watch(environment: Weak<Environment>) {
    tokio::time::sleep(FREEZE_AFTER).await;
    loop {
        let Some(resting) = environment.upgrade() else { return };
        match resting.look() {
            Watch::Over => return,
            Watch::LookAt(time) => {
                drop(resting);
                tokio::time::sleep_until(time.into()).await;
            }
            Watch::AwaitReturn(left) => {
                let mut waiting = resting.exchange.waiting();
                // Whoever watches must not keep it alive.
                drop(resting);
                drop(tokio::time::timeout(left, waiting.wait_for(|waiting| *waiting)).await);
                tokio::time::sleep(FREEZE_AFTER).await;
            }
        }
    }
}
