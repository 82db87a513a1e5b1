//! The engine's property tests with more drawn worlds than anybody waits for, with optimised code.

use anyhow::Result;

use super::tools::{cargo, run as finish};

/// As many as reference mistakes.md asks of each property.
const CASES: u64 = 1_000_000;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// How many worlds each property is tried with.
    #[arg(long, default_value_t = CASES)]
    cases: u64,
}

impl Default for Arguments {
    fn default() -> Self {
        Arguments { cases: CASES }
    }
}

/// Tries every property.
pub(super) fn run(arguments: &Arguments) -> Result<String> {
    let mut command = cargo();
    command.args(["test", "--release", "--locked", "--package", "rolecall-policy", "--test", "properties"]);
    command.env("PROPTEST_CASES", arguments.cases.to_string());
    finish(&mut command)?;
    Ok(format!("{} worlds for each property, no counterexample", arguments.cases))
}
