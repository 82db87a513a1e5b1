//! A clock that a test sets forward, so that it waits for nothing.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicI64, Ordering};

use async_trait::async_trait;
use rolecall_authority::{Clock, SystemClock};
use tokio::sync::Notify;

/// The machine's clock and what a test has added to it.
#[derive(Default)]
pub struct TravellingClock {
    ahead_ms: AtomicI64,
    /// Where it stands, if it stands.
    standing_ms: OnceLock<i64>,
    travelled: Notify,
}

impl TravellingClock {
    /// Stops the clock: from now on it moves only when it is set.
    pub fn stand(&self) {
        self.standing_ms.get_or_init(|| SystemClock.now_ms());
    }

    /// Sets the clock forward by so many milliseconds, and wakes those whose time has come.
    pub fn advance(&self, by_ms: i64) {
        self.ahead_ms.fetch_add(by_ms, Ordering::SeqCst);
        self.travelled.notify_waiters();
    }
}

#[async_trait]
impl Clock for TravellingClock {
    fn now_ms(&self) -> i64 {
        let base_ms = self.standing_ms.get().copied().unwrap_or_else(|| SystemClock.now_ms());
        base_ms + self.ahead_ms.load(Ordering::SeqCst)
    }

    async fn sleep_until(&self, time_ms: i64) {
        let mut travelled = std::pin::pin!(self.travelled.notified());
        // Listening begins before the look at the time, so that no setting is missed in between.
        travelled.as_mut().enable();
        let ahead_ms = self.ahead_ms.load(Ordering::SeqCst);
        tokio::select! {
            () = SystemClock.sleep_until(time_ms.saturating_sub(ahead_ms)) => {}
            () = travelled => {}
        }
    }
}
