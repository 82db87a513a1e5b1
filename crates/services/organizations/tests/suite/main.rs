//! The Organizations service in a house.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test whose helper fails has failed")]

mod accounts;
mod permissions;
mod policies;
mod town;
mod tree;
