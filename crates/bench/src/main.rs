//! Measures a running server against bare peers in the same run, and writes BENCHMARKS.md.
//!
//! Rounds are interleaved, so that a machine that slows down slows both sides of a ratio; each figure is the median of
//! the rounds. Every answer is checked: a fast wrong answer is no figure.
//!
//! `rolecall-bench BINARIES OUTPUT [PART...]`: where parts are named, only those are measured, and printed only.

#![expect(clippy::print_stdout, reason = "the report is printed as it is made")]

mod aws;
mod bare_runtime;
mod beside;
mod cold;
mod functions;
mod idle;
mod load;
mod many;
mod moto;
mod process;
mod report;
mod requests;
mod sandbox;
mod throughput;
mod warm;
mod writes;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use aws::Server;
use report::Report;

/// How often everything is measured.
const ROUNDS: usize = 5;

/// What is measured one after the other, by the names that the command line takes.
const PARTS: [&str; 10] =
    ["requests", "writes", "many", "moto", "warm", "throughput", "cold", "beside", "sandbox", "idle"];

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let binaries: PathBuf = arguments.next().context("the directory of the release binaries")?.into();
    let output: PathBuf = arguments.next().context("the file to write")?.into();
    let named: Vec<String> = arguments.collect();
    for name in &named {
        ensure!(PARTS.contains(&name.as_str()), "there is no part {name}; there are {}", PARTS.join(", "));
    }
    let text = measure(&binaries, |part| named.is_empty() || named.iter().any(|name| name == part))?;
    if named.is_empty() {
        std::fs::write(&output, &text).with_context(|| format!("cannot write {}", output.display()))?;
    }
    println!("{text}");
    Ok(())
}

/// Measures the wanted parts. They share a server and its functions, but for those that bring their own.
fn measure(binaries: &Path, wanted: impl Fn(&str) -> bool) -> Result<String> {
    let server = Server::start(binaries)?;
    let kinds = functions::deploy(&server, binaries)?;
    let mut report = Report::new();
    requests::prepare(&server)?;
    let policy = requests::fill_policy(&server)?;
    if wanted("requests") {
        requests::measure(&server, binaries, policy, &mut report)?;
    }
    if wanted("writes") {
        writes::measure(&server, &mut report)?;
    }
    if wanted("many") {
        many::measure(binaries, &mut report)?;
    }
    if wanted("moto") {
        moto::measure(&server, binaries, &mut report)?;
    }
    if wanted("warm") {
        warm::measure(&server, binaries, &kinds, &mut report)?;
    }
    if wanted("throughput") {
        throughput::measure(&server, binaries, &mut report)?;
    }
    if wanted("cold") {
        cold::measure(&server, &kinds, &mut report)?;
    }
    if wanted("beside") {
        beside::measure(binaries, &mut report)?;
    }
    if wanted("sandbox") {
        sandbox::measure(&server, &mut report)?;
    }
    if wanted("idle") {
        idle::measure(&server, binaries, &mut report)?;
    }
    Ok(report.into_markdown())
}
