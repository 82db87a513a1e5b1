//! Namespaces and processes: what an environment can see of other processes, networks, queues and host names.

use std::fs;
use std::io;

use rustix::process::{Gid, Pid, Signal, Uid, WaitOptions, WaitStatus};
use rustix::thread::UnshareFlags;

use super::{Failure, Stage as _};
use crate::plan::{ExitStatus, SANDBOX_ID};

/// Gives the calling process fresh namespaces; its next child is process 1 of the new process namespace.
///
/// Anybody but the superuser needs a user namespace for that. The superuser's functions get theirs later, one that owns
/// none of the others.
pub(super) fn enter() -> Result<(), Failure> {
    let (user, group) = (rustix::process::geteuid(), rustix::process::getegid());
    if !user.is_root() {
        unshare_users().stage("making a user namespace")?;
        map_users(user, group).stage("mapping the user")?;
    }
    let others = [
        (UnshareFlags::NEWNS, "mount"),
        (UnshareFlags::NEWNET, "network"),
        (UnshareFlags::NEWIPC, "IPC"),
        (UnshareFlags::NEWUTS, "host name"),
        (UnshareFlags::NEWCGROUP, "cgroup"),
        (UnshareFlags::NEWPID, "process"),
    ];
    for (flag, name) in others {
        unshare(flag).stage(format!("making a {name} namespace"))?;
    }
    rustix::system::sethostname(b"lambda").stage("setting the host name")
}

/// Makes a user namespace, in which nobody exists yet.
pub(super) fn unshare_users() -> io::Result<()> {
    unshare(UnshareFlags::NEWUSER)
}

/// The file in which the users of a namespace are said.
pub(super) const USER_MAP: &str = "/proc/self/uid_map";

/// Lets the user and group who made this process's user namespace, and nobody else, exist in it as [`SANDBOX_ID`].
pub(super) fn map_users(user: Uid, group: Gid) -> io::Result<()> {
    fs::write("/proc/self/setgroups", "deny")?;
    fs::write(USER_MAP, format!("{SANDBOX_ID} {} 1", user.as_raw()))?;
    fs::write("/proc/self/gid_map", format!("{SANDBOX_ID} {} 1", group.as_raw()))
}

fn unshare(flags: UnshareFlags) -> io::Result<()> {
    #[expect(unsafe_code, reason = "rustix marks unshare unsafe because of the FILES flag")]
    // SAFETY: no caller passes FILES, and this process has one thread, so no descriptor table is split.
    let result = unsafe { rustix::thread::unshare_unsafe(flags) };
    Ok(result?)
}

/// Forks this small, single-threaded process; `None` in the child.
pub(super) fn fork() -> io::Result<Option<Pid>> {
    #[expect(unsafe_code, reason = "there is no safe fork")]
    // SAFETY: the helper has one thread, so no lock can be held by a thread that is missing in the child.
    let child = unsafe { libc::fork() };
    match child {
        -1 => Err(io::Error::last_os_error()),
        0 => Ok(None),
        child => Ok(Pid::from_raw(child)),
    }
}

/// Ends this process with its parent. The parent has one thread, so its thread's death is its own.
pub(super) fn die_with_parent() -> io::Result<()> {
    Ok(rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?)
}

/// Waits for one child. Its exit code is of no interest: the supervisor reports what matters itself.
pub(super) fn wait_for(child: Pid) -> io::Result<()> {
    loop {
        match rustix::process::waitpid(Some(child), WaitOptions::empty()) {
            Err(rustix::io::Errno::INTR) => {}
            other => return other.map(drop).map_err(io::Error::from),
        }
    }
}

/// How a waited-for process ended, if it did.
pub(super) fn exit_status(status: WaitStatus) -> Option<ExitStatus> {
    status.exit_status().map(ExitStatus::Code).or_else(|| status.terminating_signal().map(ExitStatus::Signal))
}
