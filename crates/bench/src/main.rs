//! Measures a running server against bare peers in the same run, and writes BENCHMARKS.md.
//!
//! Rounds are interleaved, so that a machine that slows down slows both sides of a ratio; each figure is the median of
//! the rounds. Every answer is checked: a fast wrong answer is no figure.

#![expect(clippy::print_stdout, reason = "the report is printed as it is made")]

mod aws;
mod bare_runtime;
mod cold;
mod functions;
mod load;
mod many;
mod moto;
mod process;
mod report;
mod requests;
mod warm;
mod writes;

use std::path::PathBuf;

use anyhow::{Context, Result};

use aws::Server;
use report::Report;

/// How often everything is measured.
const ROUNDS: usize = 5;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let binaries: PathBuf = arguments.next().context("the directory of the release binaries")?.into();
    let output: PathBuf = arguments.next().context("the file to write")?.into();

    let server = Server::start(&binaries)?;
    let kinds = functions::deploy(&server, &binaries)?;
    let mut report = Report::new();
    requests::measure(&server, &binaries, &mut report)?;
    writes::measure(&server, &mut report)?;
    many::measure(&binaries, &mut report)?;
    moto::measure(&server, &binaries, &mut report)?;
    warm::measure(&server, &binaries, &kinds, &mut report)?;
    cold::measure(&server, &kinds, &mut report)?;
    let text = report.into_markdown();
    std::fs::write(&output, &text).with_context(|| format!("cannot write {}", output.display()))?;
    println!("{text}");
    Ok(())
}
