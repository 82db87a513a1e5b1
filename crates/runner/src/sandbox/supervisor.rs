//! Process 1 of a sandbox. When it ends, the kernel ends everything inside; it ends when the function or the server does.
//!
//! With extensions it stays when the function has ended: the server then tells them so, and ends everything itself.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsFd as _, OwnedFd};

use rustix::net::{AddressFamily, SocketFlags, SocketType};
use rustix::process::{Signal, WaitOptions};

use super::control::{self, Control};
use super::crew::{Crew, Muster};
use super::function::{self, Confinement};
use super::seccomp::Filters;
use super::{Failure, Notices, OpenCgroups, Stage as _, mounts, namespaces, privileges, trial};
use crate::plan::{Payload, Plan, Report, command};

/// Finishes the sandbox, starts the extensions and the function and supervises them.
pub(super) fn run(
    channel: &mut Control,
    plan: Plan,
    cgroups: OpenCgroups,
    outputs: Vec<OwnedFd>,
) -> Result<(), Failure> {
    namespaces::die_with_parent().stage("tying the sandbox to its helper")?;
    let mut notices = Notices::default();
    mounts::build(&plan, &mut notices)?;
    privileges::hide_memory().stage("hiding the supervisor's memory")?;
    privileges::empty_bounding_set().stage("emptying the bounding set")?;
    let OpenCgroups { function: cgroups, thaw } = cgroups;
    let filters = Filters::compile(plan.enforced).stage("compiling the system call filter")?;
    let confinement = Confinement { plan: &plan, cgroups, control: channel.descriptor(), filters };
    let Payload::Run { runtime, extensions } = &plan.payload else {
        return trial::run(&confinement, notices, channel);
    };
    let Muster { mut crew, gate, refused } = Crew::muster(&confinement, runtime, extensions, &outputs)?;
    drop((confinement, outputs));
    privileges::lock().stage("giving up privileges")?;
    privileges::keep_kill().stage("giving up capabilities")?;
    for report in refused {
        let ends = matches!(report, Report::NotExecutable { .. });
        channel.send(&report).stage("reporting")?;
        if ends {
            return Ok(());
        }
    }
    // The function alone holds the output pipes, so that they end with its last process.
    drop(control::release_output().stage("releasing the output pipes")?);
    let commands = channel.reader().stage("copying the control channel")?;
    channel.send(&Report::Started).stage("reporting")?;
    let obedient = Obedient { commands, thaw, gate, crew: crew.signals() };
    std::thread::Builder::new()
        .stack_size(64 * 1024)
        .spawn(move || obedient.obey())
        .stage("starting the listening thread")?;
    wait(&mut crew, channel).stage("waiting for the function")
}

/// What the listening thread has.
struct Obedient {
    commands: File,
    thaw: Option<(File, String)>,
    gate: Option<File>,
    crew: super::crew::Signals,
}

impl Obedient {
    /// Follows the server's commands until the server goes away; then everything ends.
    fn obey(mut self) -> ! {
        let mut byte = [0];
        while let Ok(1) = self.commands.read(&mut byte) {
            match byte {
                [command::STOP] => signal_everybody(Signal::STOP),
                [command::CONTINUE] => signal_everybody(Signal::CONT),
                [command::RUN] => self.gate.take().iter().for_each(|gate| drop(function::open(gate))),
                [command::TERMINATE] => self.crew.signal_runtime(Signal::TERM),
                [command::KILL] => self.crew.signal_runtime(Signal::KILL),
                [command::SOCKET] => drop(send_socket(&mut self.commands)),
                _ => {}
            }
        }
        // A frozen process cannot be killed by every kernel.
        if let Some((mut file, text)) = self.thaw {
            drop(file.write_all(text.as_bytes()));
        }
        std::process::exit(0)
    }
}

/// A socket belongs to the network that it was made in, whoever connects it.
fn send_socket(channel: &mut File) -> io::Result<()> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let socket = rustix::net::socket_with(AddressFamily::INET, SocketType::STREAM, flags, None)?;
    control::send_with(channel, &Report::Socket, &[socket.as_fd()])
}

/// Signals every process of the namespace but this one.
fn signal_everybody(signal: Signal) {
    #[expect(unsafe_code, reason = "rustix has no call for process -1")]
    // SAFETY: kill touches no memory. From process 1 of a namespace, -1 means the other processes of that namespace.
    unsafe {
        libc::kill(-1, signal.as_raw());
    }
}

/// Collects ended children until nobody is left to wait for.
fn wait(crew: &mut Crew, channel: &mut Control) -> io::Result<()> {
    loop {
        match rustix::process::wait(WaitOptions::empty()) {
            Err(rustix::io::Errno::INTR) | Ok(None) => {}
            Err(rustix::io::Errno::CHILD) => return Ok(()),
            Err(error) => return Err(error.into()),
            Ok(Some((pid, status))) => {
                let Some(status) = namespaces::exit_status(status) else { continue };
                if let Some(report) = crew.ended(pid, status) {
                    channel.send(&report)?;
                }
                if crew.is_over() {
                    return Ok(());
                }
            }
        }
    }
}
