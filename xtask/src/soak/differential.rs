//! The engine's differential test over more pairs than anybody waits for, with optimised code.
//!
//! The pairs are tried in parts, each with a seed of its own, so that a run that was broken off goes on where it ended:
//! what each part found is kept in `target/soak/differential.txt` under the fingerprint of the test program.

use std::fs::{File, OpenOptions};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::tools::{cargo, place, run as finish};

const PAIRS: u64 = 100_000_000;
/// A few minutes on one core.
const PAIRS_OF_A_PART: u64 = 5_000_000;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// How many pairs of policies and request are tried.
    #[arg(long, default_value_t = PAIRS)]
    pairs: u64,
    /// The seed of the first part; each part has the next one. Every change tries the first million of seed 1.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many cores are used; all of them when it is not said.
    #[arg(long)]
    threads: Option<u64>,
}

impl Default for Arguments {
    fn default() -> Self {
        Arguments { pairs: PAIRS, seed: 1, threads: None }
    }
}

/// Tries the parts that no earlier run of this very program has tried.
pub(super) fn run(arguments: &Arguments) -> Result<String> {
    let program = build()?;
    let record = Record { fingerprint: fingerprint(&program)?, file: place("differential.txt")? };
    let parts = arguments.pairs.div_ceil(PAIRS_OF_A_PART);
    let seeds = arguments.seed..arguments.seed + parts;
    for seed in seeds.clone() {
        let pairs = PAIRS_OF_A_PART.min(arguments.pairs - (seed - arguments.seed) * PAIRS_OF_A_PART);
        if record.has(seed, pairs)? {
            println!("seed {seed}: {pairs} pairs were tried before");
            continue;
        }
        let began = Instant::now();
        try_part(&program, seed, pairs, arguments.threads)?;
        let seconds = began.elapsed().as_secs().max(1);
        record.add(
            seed,
            pairs,
            &format!("no difference, {seconds} s, {} pairs a second", pairs / seconds),
        )?;
    }
    let (pairs, last) = (arguments.pairs, seeds.end - 1);
    Ok(format!("{pairs} pairs of seeds {} to {last}, no difference", seeds.start))
}

/// Builds the test, and keeps the program where no other build replaces it.
fn build() -> Result<PathBuf> {
    let mut command = cargo();
    command.args(["test", "--release", "--locked", "--package", "rolecall-policy", "--test", "differential"]);
    command.args(["--no-run", "--message-format", "json-render-diagnostics"]).stderr(Stdio::inherit());
    let output = command.output().context("cannot start cargo")?;
    ensure!(output.status.success(), "the test does not build");
    let messages = String::from_utf8(output.stdout)?;
    let executable = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .find_map(|message| message["executable"].as_str().map(str::to_owned))
        .context("cargo names no test program")?;
    let kept = place("differential-test")?;
    std::fs::copy(executable, &kept)?;
    Ok(kept)
}

fn try_part(program: &Path, seed: u64, pairs: u64, threads: Option<u64>) -> Result<()> {
    let mut command = Command::new(program);
    command.arg("--nocapture").stdout(File::create(place("differential.log")?)?);
    command.env("ROLECALL_DIFFERENTIAL_PAIRS", pairs.to_string());
    command.env("ROLECALL_DIFFERENTIAL_SEED", seed.to_string());
    if let Some(threads) = threads {
        command.env("ROLECALL_DIFFERENTIAL_THREADS", threads.to_string());
    }
    finish(&mut command).with_context(|| format!("seed {seed}: see {}", super::tools::FOLDER))
}

/// Tells one build of the test from another.
fn fingerprint(program: &Path) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    std::fs::read(program)?.hash(&mut hasher);
    Ok(format!("{:016x}", hasher.finish()))
}

/// What the parts have found so far.
struct Record {
    fingerprint: String,
    file: PathBuf,
}

impl Record {
    fn part(&self, seed: u64, pairs: u64) -> String {
        format!("{} seed {seed}, {pairs} pairs: ", self.fingerprint)
    }

    fn has(&self, seed: u64, pairs: u64) -> Result<bool> {
        let part = self.part(seed, pairs);
        Ok(self.file.exists()
            && std::fs::read_to_string(&self.file)?.lines().any(|line| line.starts_with(&part)))
    }

    fn add(&self, seed: u64, pairs: u64, found: &str) -> Result<()> {
        let line = format!("{}{found}", self.part(seed, pairs));
        println!("{line}");
        let mut file = OpenOptions::new().create(true).append(true).open(&self.file)?;
        Ok(writeln!(file, "{line}")?)
    }
}
