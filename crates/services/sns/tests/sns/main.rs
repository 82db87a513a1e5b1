//! The service as its callers see it, with real records, real decisions and real queues beside it.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod authorization;
mod deliveries;
mod policies;
mod publishing;
mod subscriptions;
mod topics;
mod world;
