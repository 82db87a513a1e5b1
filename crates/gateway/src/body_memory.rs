//! How much memory all bodies have together.
//!
//! A body is held while its signature is checked, so anybody can make the server hold some. Each has a limit of its own;
//! this is the limit of all, so that a few clients with large bodies cannot use up the machine. Small bodies are free:
//! a server that is full of uploads still answers everything else.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What all bodies may have together, in bytes.
const ALL_BYTES: usize = 1024 * 1024 * 1024;
/// What is counted, in bytes: so much of each body is free, and every further piece of this length that is begun counts
/// whole.
const UNIT: usize = 64 * 1024;

/// The memory for bodies.
#[derive(Clone)]
pub(crate) struct BodyMemory(Arc<Semaphore>);

/// The part of it that one body holds, until it is dropped.
#[derive(Default)]
pub(crate) struct Held(Option<OwnedSemaphorePermit>);

/// The memory for bodies is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the memory for requests is used up")]
pub(crate) struct NoRoom;

impl Default for BodyMemory {
    fn default() -> Self {
        Self::of(ALL_BYTES)
    }
}

impl BodyMemory {
    fn of(bytes: usize) -> Self {
        BodyMemory(Arc::new(Semaphore::new(bytes / UNIT)))
    }

    /// Lets a body that holds some grow to so many bytes. Nobody waits: bodies that wait for each other would wait for
    /// ever.
    pub(crate) fn grow(&self, held: &mut Held, bytes: usize) -> Result<(), NoRoom> {
        let units = bytes.saturating_sub(UNIT).div_ceil(UNIT);
        let further = units.saturating_sub(held.units());
        if further == 0 {
            return Ok(());
        }
        let further = u32::try_from(further).map_err(|_| NoRoom)?;
        let permit = Arc::clone(&self.0).try_acquire_many_owned(further).map_err(|_| NoRoom)?;
        match &mut held.0 {
            Some(held) => held.merge(permit),
            none => *none = Some(permit),
        }
        Ok(())
    }
}

impl Held {
    fn units(&self) -> usize {
        self.0.as_ref().map_or(0, OwnedSemaphorePermit::num_permits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_bodies_together_have_a_limit_and_give_back_what_they_held() {
        let memory = BodyMemory::of(4 * UNIT);
        let (mut one, mut other) = (Held::default(), Held::default());
        memory.grow(&mut one, 2 * UNIT).unwrap();
        memory.grow(&mut one, 4 * UNIT).unwrap();
        memory.grow(&mut other, 2 * UNIT).unwrap();
        assert_eq!((one.units(), other.units()), (3, 1));
        assert_eq!(memory.grow(&mut other, 2 * UNIT + 1), Err(NoRoom));
        drop(one);
        memory.grow(&mut other, 5 * UNIT).unwrap();
    }

    #[test]
    fn small_bodies_are_free() {
        let memory = BodyMemory::of(0);
        let mut held = Held::default();
        memory.grow(&mut held, UNIT).unwrap();
        assert_eq!(memory.grow(&mut held, UNIT + 1), Err(NoRoom));
    }
}
