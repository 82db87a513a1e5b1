//! `cargo xtask bench [server [PART...] | engine]`: builds what is measured and its peers, measures them, and writes down the figures.

use std::ffi::OsString;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use clap::{Args, ValueEnum};

/// The packages of the workspace whose release builds are measured or measure.
const PACKAGES: [&str; 2] = ["rolecall", "rolecall-bench"];
/// What measures the policy engine. It is no member of the workspace, so that the other engines that it measures
/// against are built only here.
const ENGINE: &str = "benches/engine/Cargo.toml";
/// Where its build goes.
const ENGINE_TARGET: &str = "target/bench-engine";
/// Where the figures go.
const OUTPUT: &str = "BENCHMARKS.md";
/// How the engine's part of them begins; it is the last.
const ENGINE_HEADING: &str = "## The policy engine";

#[derive(Args)]
pub(crate) struct Arguments {
    /// What is measured.
    #[arg(value_enum, default_value_t = Part::Server)]
    part: Part,
    /// Parts of the server's figures: requests, writes, many, moto, warm, throughput, cold, beside, sandbox, idle. Where
    /// some are named, only they are measured, and nothing is written.
    only: Vec<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Part {
    /// The whole server, against bare peers.
    Server,
    /// The policy engine, against other engines and a hash map.
    Engine,
}

/// Measures in the workspace's folder, and writes the figures there.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let before = std::fs::read_to_string(OUTPUT).unwrap_or_default();
    let (server, engine) = split(&before);
    match arguments.part {
        Part::Server if !arguments.only.is_empty() => measure_server(&arguments.only),
        Part::Server => {
            measure_server(&[])?;
            let server =
                std::fs::read_to_string(OUTPUT).with_context(|| format!("{OUTPUT} was not written"))?;
            write(&server, engine)
        }
        Part::Engine => write(server, &measure_engine()?),
    }
}

/// The figures of the server and those of the engine.
fn split(text: &str) -> (&str, &str) {
    text.split_at(text.find(ENGINE_HEADING).unwrap_or(text.len()))
}

fn write(server: &str, engine: &str) -> Result<()> {
    let text = format!("{}\n\n{}\n", server.trim_end(), engine.trim());
    std::fs::write(OUTPUT, text.trim_end().to_owned() + "\n")
        .with_context(|| format!("cannot write {OUTPUT}"))
}

fn measure_server(only: &[String]) -> Result<()> {
    let mut build = cargo_build();
    for package in PACKAGES {
        build.args(["--package", package]);
    }
    finish(build)?;
    let mut bench = Command::new("target/release/rolecall-bench");
    let measured = bench.args(["target/release", OUTPUT]).args(only).status();
    ensure!(measured.context("cannot start rolecall-bench")?.success(), "the measurement failed");
    Ok(())
}

fn measure_engine() -> Result<String> {
    let mut build = cargo_build();
    build.args(["--manifest-path", ENGINE, "--target-dir", ENGINE_TARGET]);
    finish(build)?;
    let program = format!("{ENGINE_TARGET}/release/rolecall-bench-engine");
    let measured = Command::new(program).output().context("cannot start rolecall-bench-engine")?;
    let errors = String::from_utf8_lossy(&measured.stderr);
    ensure!(measured.status.success(), "the measurement failed: {errors}");
    Ok(String::from_utf8(measured.stdout)?)
}

fn cargo_build() -> Command {
    let cargo: OsString = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    build.args(["build", "--release", "--locked"]);
    build
}

fn finish(mut build: Command) -> Result<()> {
    ensure!(build.status().context("cannot start cargo")?.success(), "the release build failed");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_the_page_are_kept_apart() {
        let page = "# Benchmarks\n\n## A request\n\n## The policy engine\n\nfast\n";
        assert_eq!(split(page), ("# Benchmarks\n\n## A request\n\n", "## The policy engine\n\nfast\n"));
        assert_eq!(split("# Benchmarks\n"), ("# Benchmarks\n", ""));
    }
}
