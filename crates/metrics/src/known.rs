//! A bounded set of label values.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

/// The value of all that are too many.
pub(crate) const OTHER: &str = "other";

/// The values that have a series of their own: the first that came, up to a number. They keep it for as long as the
/// server runs, so that no counter ever goes backwards.
pub(crate) struct Known {
    most: usize,
    names: Mutex<HashSet<String>>,
}

impl Known {
    pub(crate) fn new(most: usize) -> Self {
        Known { most, names: Mutex::default() }
    }

    /// Whether the value has a series of its own, which it gets while there is room.
    pub(crate) fn admits(&self, name: &str) -> bool {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        names.contains(name) || (names.len() < self.most && names.insert(name.to_owned()))
    }
}
