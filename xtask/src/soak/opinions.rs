//! Asks public engines about our cases: installs them from their registries and runs `scripts/opinions`.

use std::process::Command;

use anyhow::Result;

use super::tools::{cargo, place, run as finish};

const FOLDER: &str = "scripts/opinions";
const OUTPUT: &str = "crates/policy/OPINIONS.md";

pub(super) fn run() -> Result<String> {
    let node = place("opinions/node/package.json")?.with_file_name("");
    for file in ["package.json", "package-lock.json"] {
        std::fs::copy(format!("{FOLDER}/{file}"), node.join(file))?;
    }
    let mut install = Command::new("npm");
    install
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
        .current_dir(&node);
    finish(&mut install)?;
    let mut ask = cargo();
    ask.args(["run", "--locked", "--quiet", "--manifest-path"]).arg(format!("{FOLDER}/Cargo.toml"));
    ask.env("CARGO_TARGET_DIR", place("opinions/target")?);
    ask.arg("--").arg(&node).arg(OUTPUT);
    finish(&mut ask)?;
    Ok(format!("written to {OUTPUT}"))
}
