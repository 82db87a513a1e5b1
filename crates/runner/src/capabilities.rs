//! What this machine lets us enforce: found out by trying, and said in plain words at start.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::cgroup::{Cgroups, Controller, Group, GroupLimits};
use crate::channel;
use crate::environment::trial_plan;
use crate::options::{RunnerOptions, SandboxMode};
use crate::plan::{Report, TrialFindings};
use crate::spec::RunnerError;

/// How long a trial may take.
const TRIAL: Duration = Duration::from_secs(10);

/// What is enforced on this machine and what is not.
#[derive(Debug, Clone)]
pub struct Capabilities {
    mode: SandboxMode,
    /// Why no sandbox can be built, if so.
    sandbox: Result<(), String>,
    findings: TrialFindings,
    cgroup_version: Option<u8>,
    /// Controllers that cannot be used and why.
    missing: Vec<(Controller, String)>,
}

impl Capabilities {
    /// Builds a sandbox for trial, cgroups included, and looks whether it holds. Creates the state directory.
    ///
    /// # Errors
    /// When files of the runner's own cannot be written below the state directory.
    pub async fn probe(options: &RunnerOptions) -> Result<Self, RunnerError> {
        let cgroups = cgroups(options);
        let capabilities = Self::find(options, &cgroups).await?;
        cgroups.close();
        Ok(capabilities)
    }

    pub(crate) async fn find(options: &RunnerOptions, cgroups: &Cgroups) -> Result<Self, RunnerError> {
        let tried = match options.sandbox {
            SandboxMode::Namespaces => trial(options, cgroups).await?,
            SandboxMode::None => Err("switched off by --sandbox=none".to_owned()),
        };
        let missing = Controller::ALL
            .into_iter()
            .filter_map(|controller| Some((controller, cgroups.missing(controller)?.to_owned())))
            .collect();
        Ok(Self {
            mode: options.sandbox,
            sandbox: tried.as_ref().map_err(Clone::clone).and_then(holds),
            findings: tried.unwrap_or_default(),
            cgroup_version: cgroups.version(),
            missing,
        })
    }

    /// Whether functions can run: in a sandbox, or because the operator wants none.
    ///
    /// # Errors
    /// In words for the operator, when namespaces are wanted and not to be had.
    pub fn can_run(&self) -> Result<(), String> {
        match (self.mode, &self.sandbox) {
            (SandboxMode::None, _) | (_, Ok(())) => Ok(()),
            (SandboxMode::Namespaces, Err(reason)) => Err(format!(
                "no sandbox can be built on this machine ({reason}); functions are refused unless the server is \
                 started with --sandbox=none"
            )),
        }
    }

    /// Whether functions are isolated from the host.
    #[must_use]
    pub fn isolated(&self) -> bool {
        self.mode == SandboxMode::Namespaces && self.sandbox.is_ok()
    }

    pub(crate) fn overlay(&self) -> bool {
        self.isolated() && self.findings.overlay.is_none()
    }

    fn cgroup_line(&self, formatter: &mut fmt::Formatter<'_>, controller: Controller) -> fmt::Result {
        let (enforced, instead) = match controller {
            Controller::Memory => (
                "memory: limited to MemorySize",
                "memory: NOT limited by the kernel; each process's data segment is, and usage is watched",
            ),
            Controller::Pids => (
                "processes: at most 1024 per function",
                "processes: at most 1024 per function, by a resource limit",
            ),
            Controller::Cpu => ("CPU: shared in proportion to MemorySize", "CPU: NOT limited"),
            Controller::Freezer => (
                "idle functions: frozen by the kernel",
                "idle functions: stopped by signals instead of frozen",
            ),
        };
        match self.missing.iter().find(|(missing, _)| *missing == controller) {
            None => writeln!(formatter, "  {enforced}"),
            Some((_, reason)) => writeln!(formatter, "  {instead} ({reason})"),
        }
    }
}

impl fmt::Display for Capabilities {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.mode == SandboxMode::None {
            return formatter.write_str(
                "functions run WITHOUT a sandbox, as this server's user: they can read what it can read and reach \
                 every network that it reaches\n  memory: NOT limited by the kernel; usage is watched\n  \
                 processes, CPU, /tmp: NOT limited",
            );
        }
        if let Err(reason) = self.can_run() {
            return formatter.write_str(&reason);
        }
        writeln!(formatter, "functions run in a sandbox of their own")?;
        writeln!(formatter, "  network: only the Runtime API and the AWS endpoint")?;
        writeln!(formatter, "  privileges: none")?;
        if let Some(reason) = &self.findings.user_namespace {
            writeln!(formatter, "  users: no namespace of their own ({reason})")?;
        }
        writeln!(formatter, "  system calls: filtered")?;
        if let Some(reason) = &self.findings.proc {
            writeln!(formatter, "  /proc: empty, the kernel does not let us mount it here ({reason})")?;
        }
        if let Some(reason) = &self.findings.overlay {
            writeln!(
                formatter,
                "  layers: copied together, and where code lies can be seen: overlayfs does not work here ({reason})"
            )?;
        }
        for controller in Controller::ALL {
            self.cgroup_line(formatter, controller)?;
        }
        match self.cgroup_version {
            Some(version) => write!(formatter, "  cgroups: version {version}"),
            None => write!(formatter, "  cgroups: none that this server may write to"),
        }
    }
}

/// A sandbox that is built but does not hold is none.
fn holds(findings: &TrialFindings) -> Result<(), String> {
    let parts = [
        ("the network is not closed", &findings.network),
        ("privileges are left", &findings.capabilities),
        ("the system call filter does not work", &findings.seccomp),
    ];
    let problem = parts.iter().find_map(|(what, problem)| Some((what, problem.as_ref()?)));
    problem.map_or(Ok(()), |(what, reason)| Err(format!("{what}: {reason}")))
}

pub(crate) fn cgroups(options: &RunnerOptions) -> Cgroups {
    match options.sandbox {
        SandboxMode::Namespaces => Cgroups::prepare(&options.state_dir),
        SandboxMode::None => Cgroups::unused(),
    }
}

/// The directory that sandboxes put their root over.
pub(crate) fn root_directory(options: &RunnerOptions) -> PathBuf {
    options.state_dir.join("root")
}

pub(crate) fn make_directory(path: &Path) -> Result<(), RunnerError> {
    std::fs::create_dir_all(path).map_err(|source| RunnerError::State { path: path.to_owned(), source })
}

async fn trial(
    options: &RunnerOptions,
    cgroups: &Cgroups,
) -> Result<Result<TrialFindings, String>, RunnerError> {
    let root = root_directory(options);
    let layers = ["trial/lower", "trial/upper"].map(|name| options.state_dir.join(name)).to_vec();
    for directory in layers.iter().chain([&root]) {
        make_directory(directory)?;
    }
    let group = match cgroups.create("trial", &GroupLimits::of(128, 1)) {
        Ok(group) => group,
        Err(error) => return Ok(Err(format!("cgroups cannot be made: {error}"))),
    };
    let plan = trial_plan(&root, options.endpoint_port, layers, cgroups, &group);
    let tried = tokio::time::timeout(TRIAL, attempt(options, &plan)).await;
    clear(group).await;
    Ok(tried.unwrap_or_else(|_| Err(format!("the trial took longer than {TRIAL:?}"))))
}

async fn attempt(options: &RunnerOptions, plan: &crate::plan::Plan) -> Result<TrialFindings, String> {
    let name = options.helper.program.display();
    let mut helper = channel::spawn(&options.helper)
        .map_err(|error| format!("the helper {name} does not start: {error}"))?;
    let sent = helper.channel.send_plan(plan).await;
    sent.map_err(|error| format!("the helper {name} takes no plan: {error}"))?;
    loop {
        match helper.channel.receive().await.map_err(|error| error.to_string())? {
            Some(Report::Trial(findings)) => {
                drop(helper.child.wait().await);
                return Ok(findings);
            }
            Some(Report::Refused { stage, reason }) => return Err(format!("{stage}: {reason}")),
            Some(Report::Listening) => {}
            Some(_) | None => return Err(format!("the helper {name} ended without a word")),
        }
    }
}

async fn clear(group: Group) {
    group.kill();
    drop(tokio::task::spawn_blocking(move || group.remove()).await);
}
