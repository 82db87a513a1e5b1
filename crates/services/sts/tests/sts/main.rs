//! The STS service in a house.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test whose helper fails has failed")]

mod assume_role;
mod denials;
mod federation;
mod fixture;
mod identity;
mod messages;
mod sessions;
