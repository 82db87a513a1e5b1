//! `cargo xtask bench`: builds what is measured and its peers, and measures them.

use std::process::Command;

use anyhow::{Context, Result, ensure};

/// The packages whose release builds are measured or measure.
const PACKAGES: [&str; 2] = ["rolecall", "rolecall-bench"];
/// Where the figures go.
const OUTPUT: &str = "BENCHMARKS.md";

/// Measures in the workspace's folder, and writes the figures there.
pub(crate) fn run() -> Result<()> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    build.args(["build", "--release", "--locked"]);
    for package in PACKAGES {
        build.args(["--package", package]);
    }
    let built = build.status().context("cannot start cargo")?;
    ensure!(built.success(), "the release build failed");
    let measured = Command::new("target/release/rolecall-bench").args(["target/release", OUTPUT]).status();
    ensure!(measured.context("cannot start rolecall-bench")?.success(), "the measurement failed");
    Ok(())
}
