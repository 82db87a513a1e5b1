//! From the sandbox's first process to the function's runtime: the last privileges go, then the program is executed.

use std::convert::Infallible;
use std::ffi::CString;
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;

use rustix::pipe::PipeFlags;
use rustix::process::Pid;

use super::seccomp::Filters;
use super::{Failure, Stage as _, namespaces, privileges};
use crate::plan::{Limit, Payload, Plan};

/// What became of starting a program.
pub(super) enum Started {
    Running(Pid),
    NotExecutable { path: PathBuf, reason: String },
}

/// How the child says that it failed, in its one message through a pipe that a successful `execve` closes.
const STAGE_FAILED: u8 = b'S';
const NOT_EXECUTABLE: u8 = b'X';

/// Forks, and executes the plan's program in the child.
pub(super) fn start(plan: &Plan, cgroups: Vec<File>, control: i32) -> Result<Started, Failure> {
    let Payload::Run { executable, .. } = &plan.payload else {
        return Err(Failure::new("starting", "a trial has no program"));
    };
    // Compiled before the fork, so that a failure is the sandbox's and not the function's.
    let filters = Filters::compile().stage("compiling the system call filter")?;
    let (mut verdict, mut tell) = verdict_pipe().stage("making a pipe")?;
    if let Some(child) = namespaces::fork().stage("fork")? {
        drop(tell);
        return listen(&mut verdict, child, executable.clone());
    }
    let message = match confine(&plan.limits, cgroups, control, &filters) {
        Ok(()) => match execute(plan) {
            Err(error) => [&[NOT_EXECUTABLE], reason(&error).as_bytes()].concat(),
        },
        Err(failure) => {
            [&[STAGE_FAILED], format!("{}\0{}", failure.stage, failure.reason).as_bytes()].concat()
        }
    };
    drop(tell.write_all(&message));
    std::process::exit(1)
}

fn verdict_pipe() -> io::Result<(File, File)> {
    let (read, write) = rustix::pipe::pipe_with(PipeFlags::CLOEXEC)?;
    Ok((File::from(read), File::from(write)))
}

/// Waits until the child has executed its program or said why not.
fn listen(verdict: &mut File, child: Pid, path: PathBuf) -> Result<Started, Failure> {
    let mut message = Vec::new();
    verdict.read_to_end(&mut message).stage("hearing of the start")?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match message.split_first() {
        None => Ok(Started::Running(child)),
        Some((&NOT_EXECUTABLE, reason)) => Ok(Started::NotExecutable { path, reason: text(reason) }),
        Some((_, failure)) => {
            let failure = text(failure);
            let (stage, reason) = failure.split_once('\0').unwrap_or(("starting", &failure));
            Err(Failure::new(stage, reason))
        }
    }
}

/// Gives up everything a function shall not have. Nothing here is undone by executing a program.
pub(super) fn confine(
    limits: &[Limit],
    cgroups: Vec<File>,
    control: i32,
    filters: &Filters,
) -> Result<(), Failure> {
    for mut file in cgroups {
        file.write_all(b"0").stage("joining the function's cgroup")?;
    }
    rustix::process::setsid().stage("making a session")?;
    privileges::limit(limits).stage("setting resource limits")?;
    prefer_for_killing().stage("offering itself to the out-of-memory killer")?;
    privileges::become_sandbox_user().stage("becoming an unprivileged user")?;
    privileges::lock().stage("giving up privileges")?;
    privileges::drop_all().stage("giving up capabilities")?;
    close_on_execute(control).stage("closing descriptors")?;
    filters.apply().stage("applying the system call filter")
}

/// When memory runs out, the function goes before its supervisor does. Does nothing where there is no `/proc`.
fn prefer_for_killing() -> io::Result<()> {
    match std::fs::write("/proc/self/oom_score_adj", "500") {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        // The supervisor hid its memory, and in a user namespace that hides this file too, until the program executes.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
        other => other,
    }
}

/// Every descriptor but the standard ones ends with the execution; the control channel ends at once.
fn close_on_execute(control: i32) -> io::Result<()> {
    let close_range = |first: i32, last: u32, flags: u32| {
        #[expect(unsafe_code, reason = "rustix has no close_range")]
        // SAFETY: close_range touches no memory. Marking descriptors does not invalidate them; the one that is closed
        // belongs to a value that this process, which executes or exits next, never uses or drops again.
        let result = unsafe { libc::syscall(libc::SYS_close_range, first, last, flags) };
        if result == -1 { Err(io::Error::last_os_error()) } else { Ok(()) }
    };
    close_range(3, u32::MAX, libc::CLOSE_RANGE_CLOEXEC)?;
    close_range(control, control.unsigned_abs(), 0)
}

/// Executes the plan's program; returns only when that fails.
///
/// This is `execve` itself: the standard library's way is `execvp`, which gives what the kernel cannot execute to a
/// shell instead of failing.
fn execute(plan: &Plan) -> Result<Infallible, io::Error> {
    let Payload::Run { executable, arguments, environment, directory } = &plan.payload else {
        return Err(io::Error::other("a trial has no program"));
    };
    std::env::set_current_dir(directory)?;
    let path = CString::new(executable.as_os_str().as_bytes())?;
    let arguments = c_strings(arguments.iter().cloned())?;
    let arguments = pointers([&path].into_iter().chain(&arguments));
    let environment = c_strings(environment.iter().map(|(name, value)| format!("{name}={value}")))?;
    let environment = pointers(&environment);
    #[expect(unsafe_code, reason = "rustix has no execve, and the standard library's is another")]
    // SAFETY: both arrays end with a null pointer and point to strings that end with a nul and live in this function.
    // Setting a signal to its default installs no handler.
    unsafe {
        // Rust programs ignore it, and whatever is ignored stays so.
        libc::signal(libc::SIGPIPE, libc::SIG_DFL);
        libc::execve(path.as_ptr(), arguments.as_ptr(), environment.as_ptr());
    }
    Err(io::Error::last_os_error())
}

fn c_strings(texts: impl Iterator<Item = String>) -> io::Result<Vec<CString>> {
    texts.map(|text| CString::new(text).map_err(io::Error::from)).collect()
}

/// A null-terminated array as `execve` wants it.
fn pointers<'a>(strings: impl IntoIterator<Item = &'a CString>) -> Vec<*const libc::c_char> {
    strings.into_iter().map(|text| text.as_ptr()).chain([std::ptr::null()]).collect()
}

/// The kernel's words without Rust's "(os error N)", as AWS's messages have them.
fn reason(error: &io::Error) -> String {
    match error.raw_os_error() {
        Some(libc::ENOENT) => "no such file or directory".to_owned(),
        Some(libc::EACCES) => "permission denied".to_owned(),
        Some(libc::ENOEXEC) => "exec format error".to_owned(),
        _ => error.to_string(),
    }
}
