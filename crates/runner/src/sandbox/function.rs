//! From the sandbox's first process to the function's runtime: the last privileges go, then the program is executed.

use std::convert::Infallible;
use std::ffi::CString;
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;

use rustix::pipe::PipeFlags;
use rustix::process::Pid;

use super::seccomp::Filters;
use super::{Failure, Stage as _, namespaces, privileges};
use crate::plan::{Execution, Plan};

/// What became of starting a program.
pub(super) enum Started {
    Running(Pid),
    NotExecutable { path: PathBuf, reason: String },
}

/// How the child says that it failed, in its one message through a pipe that a successful `execve` closes.
const STAGE_FAILED: u8 = b'S';
const NOT_EXECUTABLE: u8 = b'X';

/// What all programs of a sandbox are confined to.
pub(super) struct Confinement<'a> {
    pub(super) plan: &'a Plan,
    pub(super) cgroups: Vec<File>,
    /// The descriptor of the control channel, which is the supervisor's alone.
    pub(super) control: i32,
    /// Compiled before any fork, so that a failure is the sandbox's and not the program's.
    pub(super) filters: Filters,
}

/// A confined process that executes its program when it is let in.
pub(super) struct AtGate {
    pub(super) process: Pid,
    /// One byte lets it in.
    pub(super) gate: Option<File>,
    verdict: File,
    path: PathBuf,
}

impl AtGate {
    /// Lets the process in.
    pub(super) fn let_in(self) -> Result<Started, Failure> {
        self.gate.iter().try_for_each(open).stage("opening the gate")?;
        self.verdict()
    }

    /// Waits until the process has executed its program or said why not.
    pub(super) fn verdict(mut self) -> Result<Started, Failure> {
        listen(&mut self.verdict, self.process, self.path)
    }
}

impl Confinement<'_> {
    /// Forks, and executes the program in the child.
    pub(super) fn start(&self, program: &Execution, output: Option<&OwnedFd>) -> Result<Started, Failure> {
        self.prepare(program, output)?.let_in()
    }

    /// Forks, and lets the child wait before it executes the program. What it prints goes to `output`, or to the
    /// supervisor's standard streams.
    pub(super) fn prepare(&self, program: &Execution, output: Option<&OwnedFd>) -> Result<AtGate, Failure> {
        let (verdict, mut tell) = closing_pipe().stage("making a pipe")?;
        let (mut entrance, gate) = closing_pipe().stage("making a pipe")?;
        if let Some(process) = namespaces::fork().stage("fork")? {
            return Ok(AtGate { process, gate: Some(gate), verdict, path: program.executable.clone() });
        }
        drop(gate);
        let confined = redirect(output).stage("redirecting output").and_then(|()| confine(self));
        let message = match confined {
            Ok(_) if entrance.read_exact(&mut [0]).is_err() => Vec::new(),
            Ok(_) => match execute(program) {
                Err(error) => [&[NOT_EXECUTABLE], reason(&error).as_bytes()].concat(),
            },
            Err(failure) => {
                [&[STAGE_FAILED], format!("{}\0{}", failure.stage, failure.reason).as_bytes()].concat()
            }
        };
        drop(tell.write_all(&message));
        std::process::exit(1)
    }
}

/// Lets a process in that waits at its gate.
pub(super) fn open(mut gate: &File) -> io::Result<()> {
    gate.write_all(b"1")
}

fn closing_pipe() -> io::Result<(File, File)> {
    let (read, write) = rustix::pipe::pipe_with(PipeFlags::CLOEXEC)?;
    Ok((File::from(read), File::from(write)))
}

fn redirect(output: Option<&OwnedFd>) -> io::Result<()> {
    let Some(output) = output else { return Ok(()) };
    rustix::stdio::dup2_stdout(output)?;
    Ok(rustix::stdio::dup2_stderr(output)?)
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

/// Gives up everything a function shall not have. Nothing here is undone by executing a program. Says why there is no
/// user namespace, if there is none.
pub(super) fn confine(confinement: &Confinement<'_>) -> Result<Option<String>, Failure> {
    let Confinement { plan, cgroups, control, filters } = confinement;
    for mut file in cgroups {
        file.write_all(b"0").stage("joining the function's cgroup")?;
    }
    rustix::process::setsid().stage("making a session")?;
    privileges::limit(&plan.limits).stage("setting resource limits")?;
    prefer_for_killing().stage("offering itself to the out-of-memory killer")?;
    let without_namespace =
        privileges::become_sandbox_user(plan.host_user).stage("becoming an unprivileged user")?;
    privileges::lock().stage("giving up privileges")?;
    privileges::drop_all().stage("giving up capabilities")?;
    close_on_execute(*control).stage("closing descriptors")?;
    filters.apply().stage("applying the system call filter")?;
    Ok(without_namespace)
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

/// Executes the program; returns only when that fails.
///
/// This is `execve` itself: the standard library's way is `execvp`, which gives what the kernel cannot execute to a
/// shell instead of failing.
fn execute(program: &Execution) -> Result<Infallible, io::Error> {
    let Execution { executable, arguments, environment, directory } = program;
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
