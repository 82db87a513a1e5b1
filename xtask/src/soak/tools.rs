//! Programs that only the long proofs need. They are installed into `target/tools` when they are missing, each in one
//! version, so that two runs do the same.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// Where the proofs keep what they install, build and find.
pub(super) const FOLDER: &str = "target/soak";

/// A subcommand of cargo.
pub(super) struct Tool {
    pub(super) name: &'static str,
    pub(super) version: &'static str,
}

impl Tool {
    /// A command that runs the tool in the workspace's folder. Installs it first when this version is not there.
    pub(super) fn command(&self) -> Result<Command> {
        let root = Path::new("target/tools").join(format!("{}-{}", self.name, self.version));
        let program = root.join("bin").join(self.name);
        if !program.is_file() {
            let package = format!("{}@{}", self.name, self.version);
            run(cargo().args(["install", "--locked", "--quiet", "--root"]).arg(&root).arg(package))?;
        }
        let mut command = Command::new(program);
        command.arg(self.name.trim_start_matches("cargo-"));
        Ok(command)
    }
}

/// The cargo that runs this program.
pub(super) fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Runs a command to its end.
pub(super) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start {command:?}"))?;
    ensure!(status.success(), "{:?} ended with {status}", command.get_program());
    Ok(())
}

/// A path below [`FOLDER`], whole, whose folder exists.
pub(super) fn place(name: &str) -> Result<PathBuf> {
    let path = std::env::current_dir()?.join(FOLDER).join(name);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    Ok(path)
}
