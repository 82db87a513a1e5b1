//! The service as its callers see it, with real records and real decisions below.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod authorization;
mod sampling;
mod traces;
mod world;
