//! Runs the tests with one mutant acting.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

/// Few enough pairs that a mutant takes seconds; a mutant that decides otherwise seldom survives so many.
const PAIRS: &str = "20000";
const PAUSE: Duration = Duration::from_millis(10);

/// What became of a mutant, or of a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// A test failed.
    Caught,
    /// A test did not come to an end.
    Timeout,
    /// All tests passed.
    Missed,
}

/// Runs the tests one after the other until one does not pass.
pub(crate) fn try_mutant(id: u32, tests: &[PathBuf], limit: Duration, folder: &Path) -> Result<Outcome> {
    for test in tests {
        let outcome = run(id, test, limit, folder)?;
        if outcome != Outcome::Missed {
            return Ok(outcome);
        }
    }
    Ok(Outcome::Missed)
}

fn run(id: u32, test: &Path, limit: Duration, folder: &Path) -> Result<Outcome> {
    let mut command = Command::new(test);
    command.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.env("ROLECALL_MUTANT", id.to_string());
    command.env("ROLECALL_DIFFERENTIAL_PAIRS", PAIRS).env("PROPTEST_CASES", "64");
    let mut child = command.spawn().with_context(|| format!("cannot start {}", test.display()))?;
    let began = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(if status.success() { Outcome::Missed } else { Outcome::Caught });
        }
        if began.elapsed() > limit {
            child.kill()?;
            child.wait()?;
            return Ok(Outcome::Timeout);
        }
        std::thread::sleep(PAUSE);
    }
}
