//! A trial run: the sandbox is built as for a function, and then a process inside looks whether it holds.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;

use super::control::Control;
use super::function::Confinement;
use super::{Failure, Notices, Stage as _, function, namespaces};
use crate::plan::{RUNTIME_API_PORT, Report, TrialFindings};

/// Confines a child like a function and reports what it finds.
pub(super) fn run(
    confinement: &Confinement<'_>,
    notices: Notices,
    control: &mut Control,
) -> Result<(), Failure> {
    let (read, write) = rustix::pipe::pipe().stage("making a pipe")?;
    let (mut read, mut write) = (File::from(read), File::from(write));
    let Some(child) = namespaces::fork().stage("fork")? else {
        let answer = match function::confine(confinement) {
            Ok(users) => {
                serde_json::to_vec(&look(notices.0, users)).map_err(|error| Failure::new("looking", error))
            }
            Err(failure) => Err(failure),
        };
        let (mark, text) = match answer {
            Ok(findings) => (b'+', findings),
            Err(Failure { stage, reason }) => (b'-', format!("{stage}: {reason}").into_bytes()),
        };
        drop(write.write_all(&[&[mark], text.as_slice()].concat()));
        std::process::exit(0)
    };
    drop(write);
    let mut answer = Vec::new();
    read.read_to_end(&mut answer).stage("hearing of the trial")?;
    namespaces::wait_for(child).stage("waiting for the trial")?;
    match answer.split_first() {
        Some((b'+', findings)) => {
            let findings = serde_json::from_slice(findings).stage("reading the trial's findings")?;
            control.send(&Report::Trial(findings)).stage("reporting")
        }
        Some((_, reason)) => Err(Failure::new("confining a process", String::from_utf8_lossy(reason))),
        None => Err(Failure::new("confining a process", "it died without a word")),
    }
}

/// Tries what must not work.
fn look(mut findings: TrialFindings, user_namespace: Option<String>) -> TrialFindings {
    findings.user_namespace = user_namespace;
    findings.seccomp = seccomp();
    findings.capabilities = capabilities();
    findings.network = network();
    findings
}

/// Refused calls must answer EPERM, and clone3 must seem not to exist.
fn seccomp() -> Option<String> {
    let refused = [("unshare", libc::SYS_unshare), ("mount", libc::SYS_mount), ("ptrace", libc::SYS_ptrace)];
    for (name, call) in refused {
        let answer = bare_call(call);
        if answer != Some(libc::EPERM) {
            return Some(format!("{name} answered {answer:?} and not EPERM"));
        }
    }
    let answer = bare_call(libc::SYS_clone3);
    (answer != Some(libc::ENOSYS)).then(|| format!("clone3 answered {answer:?} and not ENOSYS"))
}

/// The error of a system call without arguments.
fn bare_call(call: libc::c_long) -> Option<i32> {
    #[expect(unsafe_code, reason = "the filter is tested by the raw call")]
    // SAFETY: all arguments are zero, with which none of the calls tried does anything, even when not filtered:
    // unshare of nothing, mount and clone3 of null pointers; ptrace(TRACEME) only concerns this process.
    let result = unsafe { libc::syscall(call, 0, 0, 0, 0, 0) };
    if result == -1 { io::Error::last_os_error().raw_os_error() } else { None }
}

fn capabilities() -> Option<String> {
    match rustix::thread::capabilities(None) {
        Err(error) => Some(error.to_string()),
        Ok(sets) if sets.permitted.is_empty() && sets.effective.is_empty() => None,
        Ok(sets) => Some(format!("{:?} are left", sets.permitted)),
    }
}

/// The Runtime API's port must be reachable, and the only interface must be loopback.
fn network() -> Option<String> {
    if let Err(error) = TcpStream::connect(("127.0.0.1", RUNTIME_API_PORT)) {
        return Some(format!("the Runtime API's port is not reachable: {error}"));
    }
    // Where there is no /proc, this cannot be looked at; a new network namespace has nothing else by definition.
    let interfaces = fs::read_to_string("/proc/self/net/dev").unwrap_or_default();
    let foreign = interfaces.lines().skip(2).filter_map(|line| line.split(':').next()).map(str::trim);
    let routes: Vec<&str> = foreign.filter(|name| *name == "eth0" || name.starts_with("en")).collect();
    (!routes.is_empty()).then(|| format!("interfaces are visible: {}", routes.join(", ")))
}
