//! Fuzzes the names of things. What is tried stands with the engine's tests, where the corpus is replayed.

#![no_main]

#[path = "../../crates/policy/tests/fuzz/arn.rs"]
mod arn;

libfuzzer_sys::fuzz_target!(|input: &[u8]| arn::check(input));
