//! What the operator decides about functions, in one value, so that the runner reads no configuration itself.

use std::path::PathBuf;
use std::time::Duration;

/// How a function's process is kept from everything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SandboxMode {
    /// Own namespaces, own file system, seccomp filter, no capabilities, cgroup limits.
    /// Where the machine cannot give namespaces, functions are refused.
    Namespaces,
    /// An ordinary process with a clean environment. Only for people who trust every function they run.
    None,
}

/// The program that builds a sandbox and becomes its first process: the server's own executable with a hidden argument.
///
/// Its `main` must call [`crate::sandbox_init_main`] before it starts any thread.
#[derive(Debug, Clone)]
pub struct HelperCommand {
    /// The executable.
    pub program: PathBuf,
    /// Arguments that make it call [`crate::sandbox_init_main`].
    pub args: Vec<String>,
}

impl HelperCommand {
    /// The running executable itself, called with `sandbox-init`.
    ///
    /// # Errors
    /// When the operating system does not say which executable is running.
    pub fn current_executable() -> std::io::Result<Self> {
        // The link names this very file for as long as the process runs, even when an upgrade has replaced its path.
        let link = PathBuf::from("/proc/self/exe");
        let program = if link.exists() { link } else { std::env::current_exe()? };
        Ok(Self { program, args: vec!["sandbox-init".to_owned()] })
    }
}

/// Options of a [`crate::Runner`].
#[derive(Debug, Clone)]
pub struct RunnerOptions {
    /// A directory of the runner's own: bootstraps and merged layers are kept there.
    pub state_dir: PathBuf,
    /// How functions are isolated.
    pub sandbox: SandboxMode,
    /// The program that sets up a sandbox.
    pub helper: HelperCommand,
    /// A directory with `python/` and `nodejs/node_modules/` that hold the AWS SDKs offered to functions.
    pub sdk_dir: Option<PathBuf>,
    /// The loopback port at which a function finds the AWS endpoint inside its sandbox.
    pub endpoint_port: u16,
    /// How long an idle execution environment is kept warm.
    pub idle_timeout: Duration,
    /// After this age an environment is replaced, so that its session credentials never run out.
    pub max_age: Duration,
    /// The most execution environments that may exist at once; more concurrent invocations are throttled.
    pub max_environments: usize,
    /// How long a runtime may take until it asks for its first event (AWS: 10 seconds).
    pub init_timeout: Duration,
}

impl RunnerOptions {
    /// The usual options: namespaces, AWS endpoint on port 4566, ten idle minutes, two hours of age, 100 environments.
    #[must_use]
    pub fn new(state_dir: PathBuf, helper: HelperCommand) -> Self {
        Self {
            state_dir,
            sandbox: SandboxMode::Namespaces,
            helper,
            sdk_dir: None,
            endpoint_port: 4566,
            idle_timeout: Duration::from_secs(600),
            max_age: Duration::from_secs(2 * 3600),
            max_environments: 100,
            init_timeout: Duration::from_secs(10),
        }
    }
}
