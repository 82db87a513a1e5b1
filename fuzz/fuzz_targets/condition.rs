//! Fuzzes the values of conditions. What is tried stands with the engine's tests, where the corpus is replayed.

#![no_main]

#[path = "../../crates/policy/tests/fuzz/agreement.rs"]
mod agreement;
#[path = "../../crates/policy/tests/fuzz/choices.rs"]
mod choices;
#[path = "../../crates/policy/tests/fuzz/condition.rs"]
mod condition;
#[path = "../../crates/policy/tests/differential/scenario.rs"]
mod scenario;
#[path = "../../crates/policy/tests/differential/shrink.rs"]
mod shrink;
#[path = "../../crates/policy/tests/differential/words.rs"]
mod words;

/// What the generator draws from.
use choices as random;

libfuzzer_sys::fuzz_target!(|input: &[u8]| condition::check(input));
