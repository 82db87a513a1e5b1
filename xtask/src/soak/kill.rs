//! The test that kills the server while it writes, with more cycles than every change runs.

use std::process::Command;

use anyhow::Result;

use super::tools::{cargo, run as finish};

const CYCLES: u32 = 1000;
const TEST: &str = "tests/test_kill.py";

/// Installs what the test needs as `./test` does.
const SET_UP: &str = "\
set -euo pipefail
. scripts/sdk.sh
need_python
prepare_sdk
install_venv() {
    python3 -m venv \"$1\"
    \"$1/bin/pip\" install --quiet --disable-pip-version-check --no-input --require-hashes --requirement tests/requirements.txt
}
installed_once .venv \"$(fingerprint tests/requirements.txt)\" install_venv
";

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// How often the server is killed.
    #[arg(long, default_value_t = CYCLES)]
    cycles: u32,
}

impl Default for Arguments {
    fn default() -> Self {
        Arguments { cycles: CYCLES }
    }
}

pub(super) fn run(arguments: &Arguments) -> Result<String> {
    finish(Command::new("bash").args(["-c", SET_UP]))?;
    finish(cargo().args(["build", "--locked", "--package", "rolecall"]))?;
    let mut test = Command::new(".venv/bin/python");
    test.args(["-m", "pytest", "-c", "tests/pytest.ini", "--rootdir", "tests", TEST]);
    test.env("ROLECALL_BINARY", std::env::current_dir()?.join("target/debug/rolecall"));
    test.env("ROLECALL_KILL_CYCLES", arguments.cycles.to_string());
    finish(&mut test)?;
    Ok(format!("killed {} times, nothing that was acknowledged was lost", arguments.cycles))
}
