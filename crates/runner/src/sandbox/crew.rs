//! The processes that a supervisor looks after: the extensions and the runtime.

use std::fs::File;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use rustix::process::{Pid, Signal};

use super::Failure;
use super::function::{AtGate, Confinement, Started};
use crate::plan::{Execution, ExitStatus, Report};

/// All of them.
pub(super) struct Crew {
    runtime: Pid,
    /// A runtime that waits for its extensions, until it is known whether its program could be executed.
    waiting: Option<AtGate>,
    /// The extensions that were started, with their numbers.
    extensions: Vec<(Pid, usize)>,
    /// Whether there are extensions at all, started or not.
    stays: bool,
    over: bool,
    signals: Signals,
}

/// What comes of starting a crew.
pub(super) struct Muster {
    pub(super) crew: Crew,
    /// Lets the runtime in that waits for its extensions.
    pub(super) gate: Option<File>,
    /// Who could not be executed.
    pub(super) refused: Vec<Report>,
}

/// Signals the runtime's processes for as long as there is a runtime.
#[derive(Clone)]
pub(super) struct Signals(Arc<AtomicI32>);

impl Signals {
    /// The runtime leads a session of its own, so that its children hear the signal as well.
    pub(super) fn signal_runtime(&self, signal: Signal) {
        if let Some(leader) = Pid::from_raw(self.0.load(Ordering::Acquire)) {
            rustix::process::kill_process_group(leader, signal).ok();
        }
    }
}

impl Crew {
    /// Starts the extensions in their order, and the runtime: at once when there are none, else as far as its gate.
    pub(super) fn muster(
        confinement: &Confinement<'_>,
        runtime: &Execution,
        extensions: &[Execution],
        outputs: &[OwnedFd],
    ) -> Result<Muster, Failure> {
        let (mut started, mut refused) = (Vec::new(), Vec::new());
        for (number, extension) in extensions.iter().enumerate() {
            match confinement.start(extension, outputs.get(number))? {
                Started::Running(pid) => started.push((pid, number)),
                Started::NotExecutable { reason, .. } => {
                    refused.push(Report::NotLaunched { extension: number, reason });
                }
            }
        }
        let mut at_gate = confinement.prepare(runtime, None)?;
        let (process, stays) = (at_gate.process, !extensions.is_empty());
        let (mut gate, mut waiting) = (None, None);
        if stays {
            gate = at_gate.gate.take();
            waiting = Some(at_gate);
        } else if let Started::NotExecutable { path, reason } = at_gate.let_in()? {
            refused.push(Report::NotExecutable { path, reason });
        }
        let signals = Signals(Arc::new(AtomicI32::new(process.as_raw_nonzero().get())));
        let crew = Crew { runtime: process, waiting, extensions: started, stays, over: false, signals };
        Ok(Muster { crew, gate, refused })
    }

    pub(super) fn signals(&self) -> Signals {
        self.signals.clone()
    }

    /// What is to be told of an ended process; nothing where it was none of the crew.
    pub(super) fn ended(&mut self, process: Pid, status: ExitStatus) -> Option<Report> {
        if process == self.runtime {
            self.signals.0.store(0, Ordering::Release);
            self.over = !self.stays;
            return Some(match self.waiting.take().map(AtGate::verdict) {
                Some(Ok(Started::NotExecutable { path, reason })) => Report::NotExecutable { path, reason },
                _ => Report::Exited(status),
            });
        }
        let (_, extension) = *self.extensions.iter().find(|(pid, _)| *pid == process)?;
        Some(Report::ExtensionExited { extension, status })
    }

    /// Whether there is nothing to stay for.
    pub(super) fn is_over(&self) -> bool {
        self.over
    }
}
