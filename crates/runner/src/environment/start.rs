//! From a function's specification to a running environment, in a sandbox or without one.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::net::{TcpListener, UdpSocket};
use tokio::process::Command;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use super::exchange::Exchange;
use super::extensions::{About, EXTENSIONS_MAX, Extensions};
use super::failure::Failure;
use super::memory::Memory;
use super::output::Output;
use super::process::{Belongings, Leftovers, Process};
use super::record::{Phase, Record};
use super::telemetry::{Dial, Telemetry};
use super::{Apis, Environment, Layers, Rest, endpoint, layers, runtime_api, sandbox_plan, traces};
use crate::cgroup::{Cgroups, Group, GroupLimits};
use crate::channel::{self, Channel};
use crate::host::{EndpointHandler, EnvironmentHost};
use crate::options::{RunnerOptions, SandboxMode};
use crate::plan::{Execution, Payload, Plan, RUNTIME_API_PORT, Report, TRACES_PORT};
use crate::runtimes::{
    Bootstraps, Engine, Places, Program, Runtimes, Session, Unstartable, extension_variables, program,
    variables,
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
    pub(crate) host: Arc<dyn EnvironmentHost>,
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
#[derive(Clone)]
pub(crate) struct Identity {
    pub(crate) id: EnvironmentId,
    pub(crate) credentials: SessionCredentials,
    pub(crate) log_stream: String,
    /// Whether it is started before any event needs it.
    pub(crate) provisioned: bool,
    /// When it initialises.
    pub(crate) phase: Phase,
    /// Takes what the environment writes and no outcome has.
    pub(crate) leftovers: Leftovers,
}

impl Identity {
    /// The name of its control group. One that begins anew has another, as the first may not have gone yet.
    fn group_name(&self) -> String {
        match self.phase {
            Phase::Init => self.id.to_string(),
            Phase::Invoke => format!("{}-again", self.id),
        }
    }
}

/// Starts an environment. Its runtime is running, and may still be initialising, when this returns.
pub(crate) async fn start(
    setting: &Setting,
    spec: Arc<FunctionSpec>,
    identity: Identity,
) -> Result<Arc<Environment>, StartError> {
    let engine = setting.runtimes.engine(&spec.runtime)?;
    let merged = merged_layers(setting, &spec).await?;
    let external = external_extensions(setting, &spec).await?;
    let born = Instant::now();
    let maker = Maker { setting, spec: &spec, engine, identity: &identity, merged, external };
    let made = match setting.options.sandbox {
        SandboxMode::Namespaces => maker.sandboxed().await?,
        SandboxMode::None => maker.plain().await?,
    };
    Ok(Arc::new(Environment {
        id: identity.id,
        log_stream: identity.log_stream,
        initialization_type: initialization_type(identity.provisioned),
        phase: identity.phase,
        born,
        exchange: Arc::clone(&made.apis.exchange),
        extensions: Arc::clone(&made.apis.extensions),
        telemetry: Arc::clone(&made.apis.telemetry),
        leftovers: identity.leftovers,
        closing: Mutex::new(None),
        output: made.output,
        process: made.process,
        memory: Memory::new(made.group, made.pid, spec.memory_mb),
        rest: Mutex::new(Rest::default()),
        spec,
    }))
}

/// The external extensions of the function's layers.
async fn external_extensions(setting: &Setting, spec: &FunctionSpec) -> Result<Vec<String>, StartError> {
    if spec.layer_dirs.is_empty() {
        return Ok(Vec::new());
    }
    let directories = spec.layer_dirs.clone();
    let found = tokio::task::spawn_blocking(move || layers::external_extensions(&directories)).await;
    let names = found.map_err(io::Error::other)?;
    let error_type = "Extension.LaunchError";
    if names.len() > EXTENSIONS_MAX {
        let reason = format!("the layers have {} extensions, and {EXTENSIONS_MAX} are the most", names.len());
        return Err(StartError::Function(Failure::Extension { error_type, reason }));
    }
    if !names.is_empty() && setting.options.sandbox == SandboxMode::None {
        let reason =
            "external extensions run in sandboxes only, and this server was told to use none".to_owned();
        return Err(StartError::Function(Failure::Extension { error_type, reason }));
    }
    Ok(names.into_iter().collect())
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
    spec: &'a Arc<FunctionSpec>,
    engine: Engine<'a>,
    identity: &'a Identity,
    merged: Option<PathBuf>,
    /// The names of the external extensions.
    external: Vec<String>,
}

struct Made {
    apis: Arc<Apis>,
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
        let group = self.setting.cgroups.create(&self.identity.group_name(), &limits)?;
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
        let (apis, dials) = self.apis();
        let telemetry = Arc::clone(&apis.telemetry);
        let output = Output::new(helper.stdout, helper.stderr, self.spec.log_format, telemetry)?;
        output.platform(&self.init_start(&program));
        let mut belongings = self.belongings(Arc::new(group), &output, &apis);
        let building = self.build(&mut helper.channel, &plan, &apis, &mut belongings);
        let built = tokio::time::timeout(BUILDING, building).await;
        let group = Arc::clone(&belongings.group);
        // From here on the supervising task cleans up, whether the building succeeded or not.
        let process = Process::sandboxed(helper.child, helper.channel, dials, belongings);
        match built {
            Ok(Ok(())) => Ok(Made { apis, output, process, group, pid }),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(StartError::Machine(format!("building a sandbox took longer than {BUILDING:?}"))),
        }
    }

    fn apis(&self) -> (Arc<Apis>, mpsc::UnboundedReceiver<Dial>) {
        let sandboxed = self.setting.options.sandbox == SandboxMode::Namespaces;
        let (telemetry, dials) = Telemetry::new(sandboxed);
        let apis = Apis {
            exchange: Arc::new(Exchange::new()),
            extensions: Arc::new(Extensions::new(self.external.iter().map(String::as_str))),
            telemetry: Arc::new(telemetry),
            about: About::of(self.spec),
        };
        (Arc::new(apis), dials)
    }

    fn belongings(&self, group: Arc<Group>, output: &Arc<Output>, apis: &Apis) -> Belongings {
        Belongings {
            group,
            output: Arc::clone(output),
            extensions: Arc::clone(&apis.extensions),
            telemetry: Arc::clone(&apis.telemetry),
            leftovers: Arc::clone(&self.identity.leftovers),
            services: Vec::new(),
        }
    }

    fn plan(&self, places: &Places, program: &Program, group: &Group) -> Plan {
        let session = self.session(
            format!("127.0.0.1:{RUNTIME_API_PORT}"),
            format!("http://127.0.0.1:{}", self.setting.options.endpoint_port),
            SocketAddr::from((Ipv4Addr::LOCALHOST, TRACES_PORT)),
        );
        let environment = variables(self.engine, self.spec, places, &session);
        let extension = |name: &String| Execution {
            executable: places.opt.join("extensions").join(name),
            arguments: Vec::new(),
            environment: extension_variables(&environment),
            directory: "/".into(),
        };
        let extensions = self.external.iter().map(extension).collect();
        let runtime = Execution {
            executable: program.executable.clone(),
            arguments: program.arguments.clone(),
            environment,
            directory: places.task.clone(),
        };
        let payload = Payload::Run { runtime, extensions };
        let merged = self.merged.clone();
        sandbox_plan::plan(self.setting, self.engine, self.spec, &self.identity.id, merged, group, payload)
    }

    fn init_start<'b>(&'b self, program: &'b Program) -> Record<'b> {
        let version = program.version.as_str();
        // AWS names a published build of the runtime here; ours is whatever the host has, so the build is its version.
        let build = version.replace(':', "-");
        Record::InitStart {
            initialization_type: initialization_type(self.identity.provisioned),
            phase: self.identity.phase.word(),
            runtime_version: version,
            runtime_version_arn: format!("arn:aws:lambda:{}::runtime:{build}", self.spec.region),
            function_name: &self.spec.function_name,
            function_version: &self.spec.version,
            instance_max_memory: u64::from(self.spec.memory_mb) << 20,
        }
    }

    fn session(&self, runtime_api: String, endpoint_url: String, traces: SocketAddr) -> Session<'_> {
        Session {
            credentials: &self.identity.credentials,
            log_stream: &self.identity.log_stream,
            runtime_api,
            endpoint_url,
            traces,
            provisioned: self.identity.provisioned,
        }
    }

    /// Follows the helper's reports until the runtime runs.
    async fn build(
        &self,
        channel: &mut Channel,
        plan: &Plan,
        apis: &Arc<Apis>,
        belongings: &mut Belongings,
    ) -> Result<(), StartError> {
        channel.send_plan(plan).await?;
        loop {
            match channel.receive().await? {
                Some(Report::Listening) => {
                    let ([runtime_api, endpoint, traces], outputs) = channel.take_listeners()?;
                    belongings.output.add_extensions(outputs)?;
                    let listeners = (listener(runtime_api)?, listener(endpoint)?);
                    belongings.services = self.serve(listeners, receiver(traces)?, apis, &belongings.output);
                }
                Some(Report::NotLaunched { extension, reason }) => {
                    apis.extensions.not_launched(extension, &reason);
                }
                Some(Report::ExtensionExited { extension, status }) => {
                    apis.extensions.exited(extension, status)
                }
                Some(Report::Started) => return Ok(()),
                Some(Report::Refused { stage, reason }) => {
                    return Err(StartError::Machine(format!("no sandbox could be built: {stage}: {reason}")));
                }
                Some(Report::NotExecutable { path, reason }) => {
                    let reason = format!("fork/exec {}: {reason}", path.display());
                    return Err(StartError::Function(Failure::InvalidEntrypoint(reason)));
                }
                Some(Report::Trial(_) | Report::Exited(_) | Report::Socket) | None => {
                    return Err(StartError::Machine("the sandbox helper ended without a word".to_owned()));
                }
            }
        }
    }

    /// Serves the sockets that the function can reach.
    fn serve(
        &self,
        (runtime_api, endpoint): (TcpListener, TcpListener),
        traces: UdpSocket,
        apis: &Arc<Apis>,
        output: &Arc<Output>,
    ) -> Vec<AbortHandle> {
        let handler = Arc::clone(&self.setting.endpoint);
        let api = tokio::spawn(runtime_api::serve(runtime_api, Arc::clone(apis), Arc::clone(output)));
        let endpoint = tokio::spawn(endpoint::serve(endpoint, handler, self.identity.id.clone()));
        let (host, spec) = (Arc::clone(&self.setting.host), Arc::clone(self.spec));
        let traces = tokio::spawn(traces::serve(traces, host, spec, self.identity.id.clone()));
        vec![api.abort_handle(), endpoint.abort_handle(), traces.abort_handle()]
    }

    /// An ordinary process with a clean environment. It sees the host as the server does.
    async fn plain(&self) -> Result<Made, StartError> {
        let runtime_api = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let endpoint = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let traces = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let session = self.session(
            runtime_api.local_addr()?.to_string(),
            format!("http://{}", endpoint.local_addr()?),
            traces.local_addr()?,
        );
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
        // Nobody asks for sockets where the network is the host's.
        let (apis, _) = self.apis();
        let telemetry = Arc::clone(&apis.telemetry);
        let output = Output::new(stdout.into(), stderr.into(), self.spec.log_format, telemetry)?;
        output.platform(&self.init_start(&program));
        let group = Arc::new(Group::None);
        let pid = child.id();
        let mut belongings = self.belongings(Arc::clone(&group), &output, &apis);
        belongings.services = self.serve((runtime_api, endpoint), traces, &apis, &output);
        Ok(Made { apis, output, process: Process::plain(child, belongings), group, pid })
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

/// AWS's name for why an environment is started.
pub(crate) fn initialization_type(provisioned: bool) -> &'static str {
    if provisioned { "provisioned-concurrency" } else { "on-demand" }
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

/// A receiving socket that a helper made in its own network.
fn receiver(descriptor: OwnedFd) -> io::Result<UdpSocket> {
    let socket = std::net::UdpSocket::from(descriptor);
    socket.set_nonblocking(true)?;
    UdpSocket::from_std(socket)
}
