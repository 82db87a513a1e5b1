//! What server and sandbox helper say to each other. The helper decides nothing: every path and limit is in the plan.
//!
//! Both directions carry messages of a little-endian `u32` length and JSON. The helper's first report, `Listening`, also
//! carries the sockets that the server serves inside the sandbox.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The longest message: a plan with the largest environment Lambda permits is far shorter.
pub(crate) const MESSAGE_MAX: usize = 1 << 20;

/// The most descriptors that come with one message: the sockets, and the output of ten extensions.
pub(crate) const DESCRIPTORS_MAX: usize = SOCKETS + 10;

/// The unprivileged user and group that a function sees itself as.
pub(crate) const SANDBOX_ID: u32 = 64_000;

/// The port of the Runtime API inside a sandbox.
pub(crate) const RUNTIME_API_PORT: u16 = 9001;

/// The UDP port of the X-Ray daemon inside a sandbox.
pub(crate) const TRACES_PORT: u16 = 2000;

/// How many sockets come with [`Report::Listening`].
pub(crate) const SOCKETS: usize = 3;

/// A complete description of one sandbox. It contains credentials, so it has no `Debug`.
#[derive(Serialize, Deserialize)]
pub(crate) struct Plan {
    /// An empty directory of the host: the new root is put together there.
    pub(crate) root: PathBuf,
    /// The loopback port of the AWS endpoint.
    pub(crate) endpoint_port: u16,
    /// Directories and files of the host, shown read-only.
    pub(crate) binds: Vec<Bind>,
    /// Symbolic links: where, and to what.
    pub(crate) links: Vec<(PathBuf, PathBuf)>,
    /// Layers to lay over each other at `/opt`, first one lowest. One alone is a bind instead.
    pub(crate) layers: Vec<PathBuf>,
    /// The size of `/tmp` in MB.
    pub(crate) tmp_mb: u32,
    /// The cgroups to join.
    pub(crate) cgroup: CgroupFiles,
    /// Resource limits.
    pub(crate) limits: Vec<Limit>,
    /// What the cgroups enforce.
    pub(crate) enforced: Enforced,
    /// The user of the host as whom the function runs where the server is the superuser.
    pub(crate) host_user: u32,
    /// What to run.
    pub(crate) payload: Payload,
}

/// One read-only view of a host path.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Bind {
    pub(crate) source: PathBuf,
    pub(crate) target: PathBuf,
    /// Whether a missing source is no error.
    pub(crate) optional: bool,
    /// Whether the sandbox may not know where the source lies. Only for directories, and where overlayfs works.
    pub(crate) nameless: bool,
}

/// Files of the host's cgroup file system that the helper writes to before it loses sight of them.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct CgroupFiles {
    /// `cgroup.procs` files that the whole sandbox joins.
    pub(crate) sandbox: Vec<PathBuf>,
    /// `cgroup.procs` files that only the function joins, so that its supervisor is never frozen with it.
    pub(crate) function: Vec<PathBuf>,
    /// The file and text that thaw the function: the supervisor writes it when the server is gone.
    pub(crate) thaw: Option<(PathBuf, String)>,
}

/// What cgroups enforce on this machine. Where they do not, the sandbox itself is stricter.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Enforced {
    /// Memory is limited to the function's size.
    pub(crate) memory: bool,
    /// Idle functions are frozen, and not stopped by signals.
    pub(crate) freezing: bool,
}

/// One `setrlimit`.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Limit {
    pub(crate) resource: LimitedResource,
    pub(crate) value: u64,
}

/// What a [`Limit`] is about.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) enum LimitedResource {
    OpenFiles,
    CoreSize,
    Processes,
    /// How far above the usual priority a process may go.
    Priority,
    RealTimePriority,
    LockedMemory,
    QueuedSignals,
    /// Size of the data segment and private writable memory.
    Data,
    FileSize,
}

/// What the sandbox is for.
#[derive(Serialize, Deserialize)]
pub(crate) enum Payload {
    /// A function's runtime, after its extensions.
    Run { runtime: Execution, extensions: Vec<Execution> },
    /// Nothing: build everything, look whether it holds, and report.
    Trial,
}

/// A program to execute.
#[derive(Serialize, Deserialize)]
pub(crate) struct Execution {
    pub(crate) executable: PathBuf,
    pub(crate) arguments: Vec<String>,
    pub(crate) environment: Vec<(String, String)>,
    pub(crate) directory: PathBuf,
}

/// What the helper tells the server.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Report {
    /// The listening sockets of Runtime API and AWS endpoint and the X-Ray daemon's come with this message, in this
    /// order, and after them what each extension's output is read from.
    Listening,
    /// The extension of this number could not be executed.
    NotLaunched { extension: usize, reason: String },
    /// The extensions were started; the runtime as well, or with extensions it waits for [`command::RUN`].
    Started,
    /// The sandbox could not be built; nothing ran.
    Refused { stage: String, reason: String },
    /// The sandbox is ready but its program cannot be executed.
    NotExecutable { path: PathBuf, reason: String },
    /// The trial is over.
    Trial(TrialFindings),
    /// The runtime's process has ended.
    Exited(ExitStatus),
    /// The process of the extension of this number has ended.
    ExtensionExited { extension: usize, status: ExitStatus },
    /// A new socket of the sandbox's network comes with this message.
    Socket,
}

/// What a trial found out; each is `None` when it holds, or says why not.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
pub(crate) struct TrialFindings {
    pub(crate) proc: Option<String>,
    pub(crate) overlay: Option<String>,
    pub(crate) seccomp: Option<String>,
    pub(crate) capabilities: Option<String>,
    pub(crate) network: Option<String>,
    pub(crate) user_namespace: Option<String>,
}

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ExitStatus {
    /// With an exit code.
    Code(i32),
    /// By a signal.
    Signal(i32),
}

/// What the server tells the supervisor later, one byte each. The end of the stream means: end everything.
pub(crate) mod command {
    /// Stop all of the function's processes (where no cgroup can freeze them).
    pub(crate) const STOP: u8 = b'S';
    /// Let them continue.
    pub(crate) const CONTINUE: u8 = b'C';
    /// Let the runtime start, which waits for its extensions.
    pub(crate) const RUN: u8 = b'R';
    /// Ask the runtime to end.
    pub(crate) const TERMINATE: u8 = b'T';
    /// End the runtime.
    pub(crate) const KILL: u8 = b'K';
    /// Make a socket and send it.
    pub(crate) const SOCKET: u8 = b'N';
}
