//! Process 1 of a sandbox. When it ends, the kernel ends everything inside; it ends when the function or the server does.

use std::fs::File;
use std::io::{Read as _, Write as _};

use rustix::process::{Pid, Signal, WaitOptions};

use super::control::{self, Control};
use super::{Failure, Notices, OpenCgroups, Stage as _, function, mounts, namespaces, privileges, trial};
use crate::plan::{Payload, Plan, Report, command};

/// Finishes the sandbox, starts the function and supervises it.
pub(super) fn run(channel: &mut Control, plan: Plan, cgroups: OpenCgroups) -> Result<(), Failure> {
    namespaces::die_with_parent().stage("tying the sandbox to its helper")?;
    let mut notices = Notices::default();
    mounts::build(&plan, &mut notices)?;
    privileges::hide_memory().stage("hiding the supervisor's memory")?;
    privileges::empty_bounding_set().stage("emptying the bounding set")?;
    let OpenCgroups { function: join, thaw } = cgroups;
    let started = match &plan.payload {
        Payload::Run { .. } => function::start(&plan, join, channel.descriptor())?,
        Payload::Trial => return trial::run(&plan, join, notices, channel),
    };
    privileges::lock().stage("giving up privileges")?;
    privileges::keep_kill().stage("giving up capabilities")?;
    let function = match started {
        function::Started::Running(function) => function,
        function::Started::NotExecutable { path, reason } => {
            channel.send(&Report::NotExecutable { path, reason }).stage("reporting")?;
            return Ok(());
        }
    };
    // The function alone holds the output pipes, so that they end with its last process.
    drop(control::release_output().stage("releasing the output pipes")?);
    let commands = channel.reader().stage("copying the control channel")?;
    channel.send(&Report::Started).stage("reporting")?;
    std::thread::Builder::new()
        .stack_size(64 * 1024)
        .spawn(move || obey(commands, thaw))
        .stage("starting the listening thread")?;
    let status = wait(function, |status| channel.send(&Report::Exited(status)));
    status.stage("waiting for the function")
}

/// Follows the server's commands until the server goes away; then everything ends.
fn obey(mut commands: File, thaw: Option<(File, String)>) -> ! {
    let mut byte = [0];
    while let Ok(1) = commands.read(&mut byte) {
        match byte {
            [command::STOP] => signal_everybody(Signal::STOP),
            [command::CONTINUE] => signal_everybody(Signal::CONT),
            _ => {}
        }
    }
    // A frozen process cannot be killed by every kernel.
    if let Some((mut file, text)) = thaw {
        drop(file.write_all(text.as_bytes()));
    }
    std::process::exit(0)
}

/// Signals every process of the namespace but this one.
fn signal_everybody(signal: Signal) {
    #[expect(unsafe_code, reason = "rustix has no call for process -1")]
    // SAFETY: kill touches no memory. From process 1 of a namespace, -1 means the other processes of that namespace.
    unsafe {
        libc::kill(-1, signal.as_raw());
    }
}

/// Collects ended children until the function itself has ended.
fn wait(
    function: Pid,
    report: impl FnOnce(crate::plan::ExitStatus) -> std::io::Result<()>,
) -> std::io::Result<()> {
    loop {
        match rustix::process::wait(WaitOptions::empty()) {
            Err(rustix::io::Errno::INTR) | Ok(None) => {}
            Err(error) => return Err(error.into()),
            Ok(Some((pid, status))) if pid == function => {
                if let Some(status) = namespaces::exit_status(status) {
                    return report(status);
                }
            }
            Ok(Some(_)) => {}
        }
    }
}
