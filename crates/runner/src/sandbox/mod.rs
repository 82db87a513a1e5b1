//! The helper's side of a sandbox: a fresh process that turns itself into an execution environment step by step.
//!
//! Three processes come of it. The *helper* makes the namespaces and mounts and then only waits, outside the new process
//! namespace. The *supervisor* is process 1 inside: it collects orphans, obeys the server and takes everything down
//! with it. The *function* gives up every privilege and executes the runtime. None of them is a fork of the server.

mod arguments;
mod control;
mod crew;
mod function;
mod mounts;
mod namespaces;
mod network;
mod privileges;
mod seccomp;
mod supervisor;
mod syscalls;
mod trial;

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::pipe::PipeFlags;

use crate::plan::{CgroupFiles, Payload, Plan, Report, TrialFindings};
use control::Control;

/// Why a sandbox cannot be built: at which stage, and what the kernel said.
#[derive(Debug)]
pub(crate) struct Failure {
    stage: String,
    reason: String,
}

impl Failure {
    fn new(stage: impl Into<String>, reason: impl fmt::Display) -> Self {
        Self { stage: stage.into(), reason: reason.to_string() }
    }
}

/// Adds the stage to an operating system error.
trait Stage<T> {
    fn stage(self, stage: impl Into<String>) -> Result<T, Failure>;
}

impl<T, E: fmt::Display> Stage<T> for Result<T, E> {
    fn stage(self, stage: impl Into<String>) -> Result<T, Failure> {
        self.map_err(|error| Failure::new(stage, error))
    }
}

/// Builds a sandbox by the plan that arrives on standard input and never returns.
///
/// The server's executable calls this when its first argument is `sandbox-init`, before it starts any thread: making
/// namespaces and forking need a process of one thread.
pub fn sandbox_init_main() -> ! {
    let code = match Control::from_stdin() {
        Ok(mut control) => match build(&mut control) {
            Ok(()) => 0,
            Err(Failure { stage, reason }) => {
                drop(control.send(&Report::Refused { stage, reason }));
                1
            }
        },
        Err(_) => {
            // Somebody called it by hand: standard input is no socket.
            drop(std::io::stderr().write_all(b"sandbox-init is called by the server only\n"));
            2
        }
    };
    std::process::exit(code)
}

fn build(control: &mut Control) -> Result<(), Failure> {
    let plan: Plan = control.receive().stage("reading the plan")?;
    let cgroups = OpenCgroups::open(&plan.cgroup)?;
    namespaces::enter()?;
    let outputs = introduce(control, &plan)?;
    let child = namespaces::fork().stage("fork")?;
    match child {
        None => supervisor::run(control, plan, cgroups, outputs),
        Some(child) => {
            drop(outputs);
            // From here on only process 1 speaks to the server, and the pipes end when the function's processes end.
            control.release_all().stage("releasing standard streams")?;
            privileges::drop_all().stage("dropping capabilities")?;
            namespaces::wait_for(child).stage("waiting for the sandbox")
        }
    }
}

/// Hands the listening sockets over, and what the extensions' output is read from; returns what they write it to.
fn introduce(control: &mut Control, plan: &Plan) -> Result<Vec<OwnedFd>, Failure> {
    let listeners = network::listen(plan.endpoint_port)?;
    let count = match &plan.payload {
        Payload::Run { extensions, .. } => extensions.len(),
        Payload::Trial => 0,
    };
    let pipe = |_| rustix::pipe::pipe_with(PipeFlags::CLOEXEC);
    let pipes: Vec<_> = (0..count).map(pipe).collect::<Result<_, _>>().stage("making output pipes")?;
    let sockets = listeners.iter().map(AsFd::as_fd);
    let descriptors: Vec<_> = sockets.chain(pipes.iter().map(|(read, _)| read.as_fd())).collect();
    control.send_with(&Report::Listening, &descriptors).stage("handing over the listening sockets")?;
    drop(descriptors);
    Ok(pipes.into_iter().map(|(_, write)| write).collect())
}

/// Opened while the host's file system is visible; used after it is gone.
struct OpenCgroups {
    function: Vec<File>,
    thaw: Option<(File, String)>,
}

impl OpenCgroups {
    /// Joins the sandbox's cgroups and opens the function's.
    fn open(files: &CgroupFiles) -> Result<Self, Failure> {
        for path in &files.sandbox {
            write_to(path, "0").stage(format!("joining {}", path.display()))?;
        }
        let open = |path: &PathBuf| {
            OpenOptions::new().write(true).open(path).stage(format!("opening {}", path.display()))
        };
        let function = files.function.iter().map(open).collect::<Result<_, _>>()?;
        let thaw = match &files.thaw {
            Some((path, text)) => Some((open(path)?, text.clone())),
            None => None,
        };
        Ok(Self { function, thaw })
    }
}

fn write_to(path: &Path, text: &str) -> std::io::Result<()> {
    OpenOptions::new().write(true).open(path)?.write_all(text.as_bytes())
}

/// What the stages before a trial noticed and could live without.
#[derive(Default)]
struct Notices(TrialFindings);
