//! The wire formats as callers see them: literal requests and answers, for each protocol.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by a panic, wherever it is"
)]

mod botocore;
mod common;
mod ec2;
mod event_streams;
mod json;
mod lambda;
mod lambda_routes;
mod query;
mod s3;
mod s3_routes;
mod validation;
