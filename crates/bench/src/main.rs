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
mod process;
mod report;
mod warm;

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};

use aws::Server;
use functions::Kind;
use load::Target;
use process::Process;
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
    measure_requests(&server, &binaries, &mut report)?;
    warm::measure(&server, &binaries, &kinds, &mut report)?;
    cold::measure(&server, &kinds, &mut report)?;
    let text = report.into_markdown();
    std::fs::write(&output, &text).with_context(|| format!("cannot write {}", output.display()))?;
    println!("{text}");
    Ok(())
}

/// GetFunction, authenticated and authorised, against a bare server that answers with as many bytes.
fn measure_requests(server: &Server, binaries: &std::path::Path, report: &mut Report) -> Result<()> {
    let function = functions::name(Kind::Rust);
    let request = server.signed("lambda", "GET", &format!("/2015-03-31/functions/{function}"), &[], b"")?;
    let answer = load::once(server.port, &request)?;
    ensure!(answer.status == 200 && answer.body_contains(&function), "GetFunction answers {}", answer.status);
    let hello = Process::start_peer(&binaries.join("peer-hello"), &[&answer.body.len().to_string()])?;
    let plain = format!("GET / HTTP/1.1\r\nhost: 127.0.0.1:{}\r\n\r\n", hello.port).into_bytes();

    let (mut ours, mut floor) = (Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let get_function =
            load::run(&Target { port: server.port, process: &server.process, request: &request })?;
        let bare = load::run(&Target { port: hello.port, process: &hello.process, request: &plain })?;
        // The first round only warms up.
        if round > 0 {
            ours.push(get_function);
            floor.push(bare);
        }
    }
    report.requests(&ours, &floor, answer.body.len());
    Ok(())
}
