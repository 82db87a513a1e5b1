//! The IAM service in a house: permissions of every operation, and how the operations behave.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test whose helper fails has failed")]

mod fixture;
mod keys;
mod permissions;
mod policies;
mod roles;
mod simulations;
mod tags;
mod users;
