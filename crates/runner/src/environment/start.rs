//! From a function's specification to a running environment, in a sandbox or without one.

use std::io;
use std::net::Ipv4Addr;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::task::AbortHandle;

use super::exchange::Exchange;
use super::failure::Failure;
use super::memory::Memory;
use super::output::Output;
use super::process::{Belongings, Process};
use super::{Environment, Layers, Rest, report, runtime_api, sandbox_plan};
use crate::cgroup::{Cgroups, Group, GroupLimits};
use crate::channel::{self, Channel};
use crate::host::EndpointHandler;
use crate::options::{RunnerOptions, SandboxMode};
use crate::plan::{Payload, Plan, RUNTIME_API_PORT, Report};
use crate::runtimes::{
    Bootstraps, Engine, Places, Program, Runtimes, Session, Unstartable, program, variables,
};
use crate::spec::{EnvironmentId, FunctionSpec, SessionCredentials};

/// How long building a sandbox may take, from starting the helper to executing the runtime.
const BUILDING: Duration = Duration::from_secs(20);

/// What all environments of a server have in common.
pub(crate) struct Setting {
    pub(crate) options: RunnerOptions,
    pub(crate) runtimes: Runtimes,
    pub(crate) bootstraps: Bootstraps,
    pub(crate) cgroups: Cgroups,
    pub(crate) layers: Arc<Layers>,
    pub(crate) endpoint: Arc<dyn EndpointHandler>,
    /// An empty directory over which each sandbox puts its root, in its own mount namespace.
    pub(crate) root: PathBuf,
    /// Whether the kernel lays layers over each other in a sandbox.
    pub(crate) overlay: bool,
}

/// Why there is no environment.
#[derive(Debug)]
pub(crate) enum StartError {
    /// The function's fault, or its runtime's: its caller sees a function error.
    Function(Failure),
    /// The machine's.
    Machine(String),
}

impl From<Unstartable> for StartError {
    fn from(Unstartable { error_type, message }: Unstartable) -> Self {
        if error_type == "Runtime.InvalidEntrypoint" {
            return Self::Function(Failure::InvalidEntrypoint(message));
        }
        Self::Function(Failure::Unstartable { error_type, message })
    }
}

impl From<io::Error> for StartError {
    fn from(error: io::Error) -> Self {
        Self::Machine(format!("an execution environment could not be made: {error}"))
    }
}

/// Who the environment is.
pub(crate) struct Identity {
    pub(crate) id: EnvironmentId,
    pub(crate) credentials: SessionCredentials,
    pub(crate) log_stream: String,
    /// Whether it is started before any event needs it.
    pub(crate) provisioned: bool,
}

/// Starts an environment. Its runtime is running, and may still be initialising, when this returns.
pub(crate) async fn start(
    setting: &Setting,
    spec: Arc<FunctionSpec>,
    identity: Identity,
) -> Result<Arc<Environment>, StartError> {
    let engine = setting.runtimes.engine(&spec.runtime)?;
    let merged = merged_layers(setting, &spec).await?;
    let born = Instant::now();
    let maker = Maker { setting, spec: &spec, engine, identity: &identity, merged };
    let made = match setting.options.sandbox {
        SandboxMode::Namespaces => maker.sandboxed().await?,
        SandboxMode::None => maker.plain().await?,
    };
    Ok(Arc::new(Environment {
        id: identity.id,
        log_stream: identity.log_stream,
        born,
        exchange: made.exchange,
        output: made.output,
        process: made.process,
        memory: Memory::new(made.group, made.pid, spec.memory_mb),
        rest: Mutex::new(Rest::default()),
        spec,
    }))
}

/// One directory for all layers, where the kernel does not make it.
async fn merged_layers(setting: &Setting, spec: &FunctionSpec) -> Result<Option<PathBuf>, StartError> {
    let sandboxed = setting.options.sandbox == SandboxMode::Namespaces;
    let needed = match spec.layer_dirs.len() {
        0 => false,
        1 => !sandboxed,
        _ => !sandboxed || !setting.overlay,
    };
    if !needed {
        return Ok(None);
    }
    let (layers, directories) = (Arc::clone(&setting.layers), spec.layer_dirs.clone());
    let merged = tokio::task::spawn_blocking(move || layers.merged(&directories)).await;
    Ok(Some(merged.map_err(io::Error::other)??))
}

struct Maker<'a> {
    setting: &'a Setting,
    spec: &'a FunctionSpec,
    engine: Engine<'a>,
    identity: &'a Identity,
    merged: Option<PathBuf>,
}

struct Made {
    exchange: Arc<Exchange>,
    output: Arc<Output>,
    process: Process,
    group: Arc<Group>,
    pid: Option<u32>,
}

impl Maker<'_> {
    async fn sandboxed(&self) -> Result<Made, StartError> {
        let places = Places::sandbox();
        let program = program(self.engine, self.spec, &places)?;
        let limits = GroupLimits::of(self.spec.memory_mb, self.spec.tmp_mb);
        let group = self.setting.cgroups.create(self.identity.id.as_str(), &limits)?;
        let mut helper = match channel::spawn(&self.setting.options.helper) {
            Ok(helper) => helper,
            Err(error) => {
                group.remove();
                let name = self.setting.options.helper.program.display();
                return Err(StartError::Machine(format!(
                    "the sandbox helper {name} does not start: {error}"
                )));
            }
        };
        let pid = helper.child.id();
        let plan = self.plan(&places, &program, &group);
        let output = Output::new(helper.stdout, helper.stderr)?;
        output.platform(report::init_start(&program.version, &self.spec.region));
        let exchange = Arc::new(Exchange::new());
        let mut belongings =
            Belongings { group: Arc::new(group), output: Arc::clone(&output), services: Vec::new() };
        let building = self.build(&mut helper.channel, &plan, &exchange, &mut belongings);
        let built = tokio::time::timeout(BUILDING, building).await;
        let group = Arc::clone(&belongings.group);
        // From here on the supervising task cleans up, whether the building succeeded or not.
        let process = Process::sandboxed(helper.child, helper.channel, belongings);
        match built {
            Ok(Ok(())) => Ok(Made { exchange, output, process, group, pid }),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(StartError::Machine(format!("building a sandbox took longer than {BUILDING:?}"))),
        }
    }

    fn plan(&self, places: &Places, program: &Program, group: &Group) -> Plan {
        let session = self.session(
            format!("127.0.0.1:{RUNTIME_API_PORT}"),
            format!("http://127.0.0.1:{}", self.setting.options.endpoint_port),
        );
        let payload = Payload::Run {
            executable: program.executable.clone(),
            arguments: program.arguments.clone(),
            environment: variables(self.engine, self.spec, places, &session),
            directory: places.task.clone(),
        };
        sandbox_plan::plan(self.setting, self.engine, self.spec, self.merged.clone(), group, payload)
    }

    fn session(&self, runtime_api: String, endpoint_url: String) -> Session<'_> {
        Session {
            credentials: &self.identity.credentials,
            log_stream: &self.identity.log_stream,
            runtime_api,
            endpoint_url,
            provisioned: self.identity.provisioned,
        }
    }

    /// Follows the helper's reports until the runtime runs.
    async fn build(
        &self,
        channel: &mut Channel,
        plan: &Plan,
        exchange: &Arc<Exchange>,
        belongings: &mut Belongings,
    ) -> Result<(), StartError> {
        channel.send_plan(plan).await?;
        loop {
            match channel.receive().await? {
                Some(Report::Listening) => {
                    let [runtime_api, endpoint] = channel.take_listeners()?;
                    belongings.services = self.serve(listener(runtime_api)?, listener(endpoint)?, exchange);
                }
                Some(Report::Started) => return Ok(()),
                Some(Report::Refused { stage, reason }) => {
                    return Err(StartError::Machine(format!("no sandbox could be built: {stage}: {reason}")));
                }
                Some(Report::NotExecutable { path, reason }) => {
                    let reason = format!("fork/exec {}: {reason}", path.display());
                    return Err(StartError::Function(Failure::InvalidEntrypoint(reason)));
                }
                Some(Report::Trial(_) | Report::Exited(_)) | None => {
                    return Err(StartError::Machine("the sandbox helper ended without a word".to_owned()));
                }
            }
        }
    }

    /// Serves the two listeners that the function can reach.
    fn serve(
        &self,
        runtime_api: TcpListener,
        endpoint: TcpListener,
        exchange: &Arc<Exchange>,
    ) -> Vec<AbortHandle> {
        let handler = Arc::clone(&self.setting.endpoint);
        let id = self.identity.id.clone();
        let api = tokio::spawn(runtime_api::serve(runtime_api, Arc::clone(exchange)));
        let endpoint = tokio::spawn(async move {
            loop {
                if let Ok((connection, _)) = endpoint.accept().await {
                    handler.serve(connection, &id);
                }
            }
        });
        vec![api.abort_handle(), endpoint.abort_handle()]
    }

    /// An ordinary process with a clean environment. It sees the host as the server does.
    async fn plain(&self) -> Result<Made, StartError> {
        let runtime_api = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let endpoint = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let session =
            self.session(runtime_api.local_addr()?.to_string(), format!("http://{}", endpoint.local_addr()?));
        let places = self.host_places();
        let program = program(self.engine, self.spec, &places)?;
        let (stdout, stdout_write) = io::pipe()?;
        let (stderr, stderr_write) = io::pipe()?;
        let spawned = Command::new(&program.executable)
            .args(&program.arguments)
            .env_clear()
            .envs(variables(self.engine, self.spec, &places, &session))
            .current_dir(&places.task)
            .stdin(Stdio::null())
            .stdout(stdout_write)
            .stderr(stderr_write)
            .process_group(0)
            .kill_on_drop(true)
            .spawn();
        let child = spawned.map_err(|error| not_executable(&program, &error))?;
        let output = Output::new(stdout.into(), stderr.into())?;
        output.platform(report::init_start(&program.version, &self.spec.region));
        let exchange = Arc::new(Exchange::new());
        let services = self.serve(runtime_api, endpoint, &exchange);
        let group = Arc::new(Group::None);
        let pid = child.id();
        let belongings = Belongings { group: Arc::clone(&group), output: Arc::clone(&output), services };
        Ok(Made { exchange, output, process: Process::plain(child, belongings), group, pid })
    }

    /// Where things are on the host. Without layers `/opt` is a place that does not exist.
    fn host_places(&self) -> Places {
        let runtime = self.setting.bootstraps.directory().to_owned();
        let sdk = self.setting.options.sdk_dir.clone().unwrap_or_else(|| runtime.join("no-sdk"));
        Places {
            task: self.spec.code_dir.clone(),
            opt: self.merged.clone().unwrap_or_else(|| runtime.join("no-layers")),
            runtime,
            sdk_python: sdk.join("python"),
            sdk_node: sdk.join("nodejs/node_modules"),
            sandboxed: false,
        }
    }
}

fn not_executable(program: &Program, error: &io::Error) -> StartError {
    let reason = match error.kind() {
        io::ErrorKind::NotFound => "no such file or directory".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    };
    let path = program.executable.display();
    StartError::Function(Failure::InvalidEntrypoint(format!("fork/exec {path}: {reason}")))
}

/// A listening socket that a helper made in its own network.
fn listener(descriptor: OwnedFd) -> io::Result<TcpListener> {
    let listener = std::net::TcpListener::from(descriptor);
    listener.set_nonblocking(true)?;
    TcpListener::from_std(listener)
}
