//! Mutation testing of the code that decides: cargo-mutants lists every small change, and a test has to fail for each.
//! What is changed says `.cargo/mutants.toml`. All changes are built at once by `scripts/mutants`, as a build for each
//! of a thousand would take a day.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use super::tools::{FOLDER, Tool, cargo, place, run as finish};

const CARGO_MUTANTS: Tool = Tool { name: "cargo-mutants", version: "27.1.0" };
/// What writes the changes into one program and tries them.
const TRIES: &str = "scripts/mutants/Cargo.toml";
/// The mutants that no test can tell, with the reason of each.
const SURVIVORS: &str = "crates/policy/MUTANTS.md";
/// So many of a hundred mutants must be found.
const LEAST_PERCENT: usize = 95;

#[derive(clap::Args, Default)]
pub(super) struct Arguments {
    /// Go on where the last run ended: what it found is not tried again, what it missed is.
    #[arg(long)]
    r#continue: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<String> {
    let outcomes = Path::new(FOLDER).join("mutants.out");
    if !arguments.r#continue && outcomes.exists() {
        std::fs::remove_dir_all(&outcomes)?;
    }
    let (list, copy) = (list()?, place("mutants-tree/Cargo.toml")?);
    let copy = copy.parent().context("a file is in a folder")?;
    copy_workspace(copy)?;
    let names = names(&list)?;
    let mut tries = cargo();
    tries.args(["run", "--locked", "--quiet", "--manifest-path", TRIES]);
    tries.env("CARGO_TARGET_DIR", place("mutants-target")?);
    tries.arg("--").arg(list).arg(std::env::current_dir()?).arg(copy).arg(outcomes);
    finish(&mut tries)?;
    judge(&names)
}

/// The names of the changes that are listed; an earlier run may have tried others.
fn names(list: &Path) -> Result<BTreeSet<String>> {
    let listed: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(list)?)?;
    Ok(listed.iter().filter_map(|mutant| mutant["name"].as_str()).map(str::to_owned).collect())
}

/// Has cargo-mutants list the changes.
fn list() -> Result<std::path::PathBuf> {
    let mut command = CARGO_MUTANTS.command()?;
    command.args(["--list", "--json", "--package", "rolecall-policy"]);
    let output = command.output().context("cannot start cargo-mutants")?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let list = place("mutants.json")?;
    std::fs::write(&list, output.stdout)?;
    Ok(list)
}

/// Copies all files of the workspace that git knows or would take.
fn copy_workspace(copy: &Path) -> Result<()> {
    let mut command = Command::new("git");
    command.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let output = command.output().context("cannot start git")?;
    ensure!(output.status.success(), "git ls-files ended with {}", output.status);
    let names = String::from_utf8(output.stdout)?;
    for name in names.split('\0').filter(|name| Path::new(name).is_file()) {
        let to = copy.join(name);
        if let Some(folder) = to.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::copy(name, to)?;
    }
    Ok(())
}

/// Counts the outcomes of all mutants of these names that have been tried, and compares the survivors with the list of
/// them.
fn judge(names: &BTreeSet<String>) -> Result<String> {
    let outcome = |name: &str| -> BTreeSet<String> { outcome(name).intersection(names).cloned().collect() };
    let (caught, timeouts, missed) = (outcome("caught"), outcome("timeout"), outcome("missed"));
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
    let untried = outcome("untried").len();
    let survive = missed.len();
    Ok(format!("{found} of {total} mutants found, {survive} survive and are listed; {untried} not tried"))
}

/// The names of the mutants with an outcome.
fn outcome(name: &str) -> BTreeSet<String> {
    let file = Path::new(FOLDER).join("mutants.out").join(format!("{name}.txt"));
    std::fs::read_to_string(file).unwrap_or_default().lines().map(str::to_owned).collect()
}

/// `src/a.rs:12:3: replace x with y` without line and column, which move with every change.
fn without_place(name: &str) -> String {
    let mut parts = name.splitn(4, ':');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(file), Some(_), Some(_), Some(change)) => format!("{file}:{change}"),
        _ => name.to_owned(),
    }
}
