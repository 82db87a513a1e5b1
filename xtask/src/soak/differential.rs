//! The engine's differential test over more pairs than anybody waits for, with optimised code.

use std::time::Instant;

use anyhow::Result;

use super::tools::{self, cargo};

const PAIRS: u64 = 100_000_000;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// How many pairs of policies and request are tried.
    #[arg(long, default_value_t = PAIRS)]
    pairs: u64,
    /// Which pairs are drawn. Every change tries the first million of seed 1.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

impl Default for Arguments {
    fn default() -> Self {
        Arguments { pairs: PAIRS, seed: 1 }
    }
}

fn test(arguments: &Arguments, only_build: bool) -> Result<()> {
    let mut command = cargo();
    command.args(["test", "--release", "--locked", "--package", "rolecall-policy", "--test", "differential"]);
    command.env("ROLECALL_DIFFERENTIAL_PAIRS", arguments.pairs.to_string());
    command.env("ROLECALL_DIFFERENTIAL_SEED", arguments.seed.to_string());
    if only_build {
        command.arg("--no-run")
    } else {
        command.args(["--", "--nocapture"])
    };
    tools::run(&mut command)
}

pub(super) fn run(arguments: &Arguments) -> Result<String> {
    test(arguments, true)?;
    let began = Instant::now();
    test(arguments, false)?;
    let seconds = began.elapsed().as_secs().max(1);
    let Arguments { pairs, seed } = arguments;
    Ok(format!("{pairs} pairs of seed {seed}, no difference; {} pairs per second", pairs / seconds))
}
