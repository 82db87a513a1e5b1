//! The service as its callers see it, with real records and real decisions below.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod authorization;
mod messages;
mod policies;
mod queues;
mod world;
