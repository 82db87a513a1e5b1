//! The tests that kill the server while it writes and while it delivers events, with more cycles than every change runs.

use std::process::Command;

use anyhow::Result;

use super::tools::{cargo, run as finish};

const CYCLES: u32 = 1000;
const TEST: &str = "tests/test_kill.py";
const EVENT_CYCLES: u32 = 200;
const EVENT_TEST: &str = "tests/test_kill_events.py";

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
    /// How often the server is killed while it writes.
    #[arg(long, default_value_t = CYCLES)]
    cycles: u32,
    /// How often it is killed while it delivers events.
    #[arg(long, default_value_t = EVENT_CYCLES)]
    event_cycles: u32,
}

impl Default for Arguments {
    fn default() -> Self {
        Arguments { cycles: CYCLES, event_cycles: EVENT_CYCLES }
    }
}

pub(super) fn run(arguments: &Arguments) -> Result<String> {
    finish(Command::new("bash").args(["-c", SET_UP]))?;
    finish(cargo().args(["build", "--locked", "--package", "rolecall"]))?;
    for (test, variable, cycles) in [
        (TEST, "ROLECALL_KILL_CYCLES", arguments.cycles),
        (EVENT_TEST, "ROLECALL_EVENT_KILL_CYCLES", arguments.event_cycles),
    ] {
        kill(test, variable, cycles)?;
    }
    let Arguments { cycles, event_cycles } = arguments;
    Ok(format!("killed {cycles} and {event_cycles} times, nothing that was acknowledged was lost"))
}

/// Runs one of the tests, in this terminal, as it says what it counted.
fn kill(test: &str, variable: &str, cycles: u32) -> Result<()> {
    let mut pytest = Command::new(".venv/bin/python");
    pytest.args(["-m", "pytest", "-c", "tests/pytest.ini", "--rootdir", "tests", "-n", "0", "-s", test]);
    pytest.env("ROLECALL_BINARY", std::env::current_dir()?.join("target/debug/rolecall"));
    finish(pytest.env(variable, cycles.to_string()))
}
