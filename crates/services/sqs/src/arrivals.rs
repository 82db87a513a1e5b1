//! Wakes those who wait for messages (long polling).
//!
//! Only who waits is remembered. What there is to receive, the records say; a waiter that is woken for nothing looks and
//! waits on.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::Notify;

use crate::name::Key;

/// A bell for each queue that somebody waits at.
#[derive(Default)]
pub(crate) struct Arrivals {
    bells: Mutex<HashMap<Key, Weak<Notify>>>,
    closed: AtomicBool,
}

impl Arrivals {
    /// The bell of a queue. Whoever holds it may be woken.
    pub(crate) fn bell(&self, queue: &Key) -> Arc<Notify> {
        let mut bells = self.bells.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bell) = bells.get(queue).and_then(Weak::upgrade) {
            return bell;
        }
        // Bells that nobody holds any more go when the next is made, so that there are never more than waiters.
        bells.retain(|_, bell| bell.strong_count() > 0);
        let bell = Arc::new(Notify::new());
        bells.insert(queue.clone(), Arc::downgrade(&bell));
        bell
    }

    /// Wakes all who wait at the queue.
    pub(crate) fn ring(&self, queue: &Key) {
        let bells = self.bells.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bell) = bells.get(queue).and_then(Weak::upgrade) {
            bell.notify_waiters();
        }
    }

    /// Ends all waiting: whoever waits is answered that there was nothing.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        let bells = self.bells.lock().unwrap_or_else(PoisonError::into_inner);
        bells.values().filter_map(Weak::upgrade).for_each(|bell| bell.notify_waiters());
    }

    /// Whether all waiting has ended.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }
}
