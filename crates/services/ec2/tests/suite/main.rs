//! The service as its callers see it.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by a panic, wherever it is"
)]

mod authorization;
mod interfaces;
mod security_groups;
mod tags;
mod vpcs_and_subnets;
mod world;
