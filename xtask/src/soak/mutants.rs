//! Mutation testing of the code that decides: cargo-mutants changes it in every small way, and a test has to fail. What
//! is changed and which tests run says `.cargo/mutants.toml`.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

use super::tools::{FOLDER, Tool, place};

const CARGO_MUTANTS: Tool = Tool { name: "cargo-mutants", version: "27.1.0" };
/// The mutants that no test can tell, with the reason of each.
const SURVIVORS: &str = "crates/policy/MUTANTS.md";
/// So many of a hundred mutants must be found.
const LEAST_PERCENT: usize = 95;
/// Few enough pairs that a mutant takes seconds; a mutant that decides otherwise seldom survives so many.
const PAIRS: &str = "20000";

#[derive(clap::Args, Default)]
pub(super) struct Arguments {
    /// More arguments for cargo-mutants: `--iterate` to go on where the last run ended, `--shard 0/4`, `--file GLOB`.
    #[arg(last = true)]
    more: Vec<String>,
}

pub(super) fn run(arguments: &Arguments) -> Result<String> {
    let mut command = CARGO_MUTANTS.command()?;
    command.args(["--package", "rolecall-policy", "--output", FOLDER, "--colors", "never"]);
    command.args(&arguments.more);
    command.env("ROLECALL_DIFFERENTIAL_PAIRS", PAIRS).env("PROPTEST_CASES", "64");
    command.env("CARGO_TARGET_DIR", place("mutants-target")?);
    let status = command.status().context("cannot start cargo-mutants")?;
    // 2: some survived, 3: some ran into the timeout. Anything else is no result.
    ensure!(matches!(status.code(), Some(0 | 2 | 3)), "cargo-mutants ended with {status}");
    judge()
}

/// Counts the outcomes of all mutants that have been tried, and compares the survivors with the list of them.
fn judge() -> Result<String> {
    let (caught, timeouts, missed) = (outcome("caught")?, outcome("timeout")?, outcome("missed")?);
    let found = caught.len() + timeouts.len();
    let total = found + missed.len();
    ensure!(total > 0, "no mutant was tried");
    let listed = std::fs::read_to_string(SURVIVORS).with_context(|| format!("cannot read {SURVIVORS}"))?;
    let listed: BTreeSet<&str> =
        listed.lines().filter_map(|line| line.strip_prefix("* `")?.split('`').next()).collect();
    let new: Vec<String> = missed
        .iter()
        .map(|name| without_place(name))
        .filter(|name| !listed.contains(name.as_str()))
        .collect();
    if !new.is_empty() {
        bail!("{} mutants survive that {SURVIVORS} does not list:\n  {}", new.len(), new.join("\n  "));
    }
    let percent = found * 100 / total;
    ensure!(percent >= LEAST_PERCENT, "only {found} of {total} mutants were found");
    Ok(format!("{found} of {total} mutants found, {} survive and are listed", missed.len()))
}

/// The names of the mutants with an outcome, in this run and in those that it goes on from.
fn outcome(name: &str) -> Result<Vec<String>> {
    let folder = Path::new(FOLDER).join("mutants.out");
    let mut names = BTreeSet::new();
    for file in [format!("{name}.txt"), format!("previously_{name}.txt")] {
        let text = std::fs::read_to_string(folder.join(file)).unwrap_or_default();
        names.extend(text.lines().map(str::to_owned));
    }
    Ok(names.into_iter().collect())
}

/// `src/a.rs:12:3: replace x with y` without line and column, which move with every change.
fn without_place(name: &str) -> String {
    let mut parts = name.splitn(4, ':');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(file), Some(_), Some(_), Some(change)) => format!("{file}:{change}"),
        _ => name.to_owned(),
    }
}
