//! A file of the end-to-end tests, run for longer than every change runs it.

use std::process::Command;

use anyhow::Result;

use super::tools::{cargo, run};

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

/// Runs the tests of a file, in this terminal, as they say what they counted; the variable says for how long.
pub(super) fn test(file: &str, variable: &str, value: &str) -> Result<()> {
    run(Command::new("bash").args(["-c", SET_UP]))?;
    run(cargo().args(["build", "--locked", "--package", "rolecall"]))?;
    let mut test = Command::new(".venv/bin/python");
    test.args(["-m", "pytest", "-c", "tests/pytest.ini", "--rootdir", "tests", "-n", "0", "-s", file]);
    test.env("ROLECALL_BINARY", std::env::current_dir()?.join("target/debug/rolecall"));
    test.env(variable, value);
    run(&mut test)
}
