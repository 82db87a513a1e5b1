//! The policy engine for WebAssembly: that it compiles there shows that it needs no operating system.

use anyhow::{Context, Result, ensure};

use super::tools::{cargo, place, run as finish};

const TARGET: &str = "wasm32-unknown-unknown";

/// Installs the target, where it is not there yet, and compiles the library for it.
pub(super) fn run() -> Result<String> {
    let mut add = std::process::Command::new("rustup");
    let added = add.args(["target", "add", TARGET]).status().context("cannot start rustup")?;
    ensure!(added.success(), "the target {TARGET} cannot be installed, so that nothing was tried");
    let mut check = cargo();
    check.args(["check", "--locked", "--package", "rolecall-policy", "--target", TARGET]);
    check.env("CARGO_TARGET_DIR", place("wasm-target")?);
    finish(&mut check)?;
    Ok(format!("rolecall-policy compiles for {TARGET}"))
}
