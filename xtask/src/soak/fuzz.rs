//! The fuzz targets of `fuzz/`, one after the other. What libFuzzer finds on the way is kept in `target/soak`, and the
//! committed corpus stays as it is.

use std::fs::File;
use std::path::Path;

use anyhow::{Context, Result, bail};
use clap::ValueEnum;

use super::tools::{Tool, place};

const CARGO_FUZZ: Tool = Tool { name: "cargo-fuzz", version: "0.13.2" };
/// Ten minutes for each target.
const SECONDS: u64 = 600;
/// An input that takes longer is a finding too.
const TIMEOUT_S: u64 = 25;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The targets to run; without one all of them.
    targets: Vec<Target>,
    /// How long each target runs.
    #[arg(long, default_value_t = SECONDS)]
    seconds: u64,
}

impl Default for Arguments {
    fn default() -> Self {
        Arguments { targets: Vec::new(), seconds: SECONDS }
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Target {
    Arn,
    Condition,
    Decision,
    Document,
    Glob,
}

impl Target {
    fn name(self) -> &'static str {
        match self {
            Target::Arn => "arn",
            Target::Condition => "condition",
            Target::Decision => "decision",
            Target::Document => "document",
            Target::Glob => "glob",
        }
    }

    /// The longest input in bytes: longer ones are slow and say nothing new.
    fn longest(self) -> u64 {
        match self {
            Target::Arn | Target::Condition => 300,
            Target::Decision => 1000,
            Target::Document => 3000,
            Target::Glob => 200,
        }
    }
}

/// Runs the targets; all of them even when one finds something.
pub(super) fn run(arguments: &Arguments) -> Result<String> {
    let all = Target::value_variants();
    let targets = if arguments.targets.is_empty() { all } else { &arguments.targets };
    let (mut runs, mut found) = (Vec::new(), Vec::new());
    for target in targets {
        match fuzz(*target, arguments.seconds) {
            Ok(line) => runs.push(line),
            Err(error) => found.push(format!("{error:#}")),
        }
    }
    if !found.is_empty() {
        bail!("{}", found.join("; "));
    }
    Ok(format!("nothing found: {}", runs.join(", ")))
}

fn fuzz(target: Target, seconds: u64) -> Result<String> {
    let name = target.name();
    let found = place(&format!("corpus/{name}/found"))?;
    let kept = found.parent().context("a file is in a folder")?;
    let log = place(&format!("fuzz-{name}.log"))?;
    let findings = place(&format!("findings/{name}-"))?;
    println!("{name}: {seconds} s, log in {}", log.display());
    let mut command = CARGO_FUZZ.command()?;
    // Only the nightly compiler takes the flags of the fuzzer without this.
    command.env("RUSTC_BOOTSTRAP", "1");
    command.args(["run", "--target-dir"]).arg(place("fuzz-target")?).arg(name).arg(kept);
    command.arg(Path::new("fuzz/corpus").join(name).canonicalize()?);
    command.args(["--", &format!("-max_total_time={seconds}"), &format!("-timeout={TIMEOUT_S}")]);
    command
        .args([format!("-max_len={}", target.longest()), format!("-artifact_prefix={}", findings.display())]);
    let output = File::create(&log)?;
    command.stdout(output.try_clone()?).stderr(output);
    let status = command.status().context("cannot start cargo-fuzz")?;
    let text = std::fs::read_to_string(&log)?;
    let last = |start: &str| text.lines().rev().find(|line| line.starts_with(start)).map(str::to_owned);
    match (status.success(), last("Done ")) {
        (true, Some(done)) => Ok(format!("{name} {} inputs", done.split(' ').nth(1).unwrap_or_default())),
        _ => bail!(
            "{name}: {}, see {}",
            last("artifact_prefix=").unwrap_or_else(|| format!("ended with {status}")),
            log.display()
        ),
    }
}
