//! Fuzzes wildcards. What is tried stands with the engine's tests, where the corpus is replayed.

#![no_main]

#[path = "../../crates/policy/tests/fuzz/glob.rs"]
mod glob;

libfuzzer_sys::fuzz_target!(|input: &[u8]| glob::check(input));
