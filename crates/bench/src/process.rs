//! Processes that are measured: started, asked for their CPU time, killed at the end.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};

/// A process that is killed when it is dropped.
pub(crate) struct Process(Child);

/// A peer and the port that it listens on.
pub(crate) struct Peer {
    pub process: Process,
    pub port: u16,
}

impl Process {
    /// Starts the command.
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        let child = command.spawn().with_context(|| format!("cannot start {:?}", command.get_program()))?;
        Ok(Process(child))
    }

    /// Starts a peer, which prints its port.
    pub(crate) fn start_peer(program: &Path, arguments: &[&str]) -> Result<Peer> {
        let mut process = Self::start(Command::new(program).args(arguments).stdout(Stdio::piped()))?;
        let line = process.lines()?.next().context("a peer prints its port")??;
        Ok(Peer { process, port: line.trim().parse()? })
    }

    /// The lines of its standard output; once.
    pub(crate) fn lines(&mut self) -> Result<impl Iterator<Item = std::io::Result<String>> + use<>> {
        let output = self.0.stdout.take().context("the output was not captured")?;
        Ok(BufReader::new(output).lines())
    }

    /// The memory that it has, in bytes.
    pub(crate) fn memory_bytes(&self) -> Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
        let kib: u64 = line.trim().trim_end_matches(" kB").trim().parse()?;
        Ok(kib * 1024)
    }

    /// The CPU time of all its threads so far, in nanoseconds.
    pub(crate) fn cpu_ns(&self) -> Result<u64> {
        let mut total = 0;
        for thread in std::fs::read_dir(format!("/proc/{}/task", self.0.id()))? {
            let path = thread?.path().join("schedstat");
            // A thread may end between the listing and the reading.
            let Ok(text) = std::fs::read_to_string(path) else { continue };
            total += text.split(' ').next().and_then(|first| first.parse::<u64>().ok()).unwrap_or(0);
        }
        Ok(total)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to kill.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
