//! One test program, so that all of it shares the requests of `support`.

#![expect(clippy::unwrap_used, clippy::panic, reason = "in a test, to panic is to fail")]

mod aws_suite;
mod botocore;
mod chunks;
mod errors;
mod refusals;
mod s3_examples;
mod signed;
mod signer;
mod support;
