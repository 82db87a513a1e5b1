//! What a sandbox shows of the host, decided by the server: nothing that is not listed here exists inside.

use std::fs;
use std::path::{Path, PathBuf};

use super::host_user::host_user;
use super::start::Setting;
use crate::cgroup::{Cgroups, Controller, Group};
use crate::plan::{Bind, Enforced, Limit, LimitedResource, Payload, Plan};
use crate::runtimes::{Bootstraps, Engine, seen_prefix};
use crate::spec::{EnvironmentId, FunctionSpec};

/// Directories of the root that hold programs and libraries; on most systems they are links into `/usr`.
const PROGRAM_DIRECTORIES: [&str; 6] = ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"];

/// What programs need to know about the system, and nothing that tells about this host or its users.
const SYSTEM_FILES: [&str; 10] = [
    "/etc/ld.so.cache",
    "/etc/alternatives",
    "/etc/ssl/certs",
    "/etc/ssl/openssl.cnf",
    "/etc/ca-certificates",
    "/etc/pki/tls/certs",
    "/etc/pki/ca-trust/extracted",
    "/etc/crypto-policies",
    "/etc/mime.types",
    // Where a Nix system keeps what others keep in /usr.
    "/nix/store",
];

/// The most open files of a process (AWS: 1,024).
const OPEN_FILES: u64 = 1024;

/// The most processes and threads of an environment (AWS: 1,024).
const PROCESSES: u64 = 1024;

/// The most memory that an environment may lock, in bytes (AWS: 64 KiB).
const LOCKED_MEMORY: u64 = 64 << 10;

/// The most signals that may wait for the processes of an environment.
const QUEUED_SIGNALS: u64 = 1024;

/// What a process may map beyond the function's size where no cgroup limits its memory: stacks of threads and pools
/// that are never touched count here. What is really used is watched besides.
const DATA_SLACK_MB: u64 = 768;

/// The plan of a function's sandbox. `merged_layers` stands for all layers where the kernel cannot lay them itself.
pub(super) fn plan(
    setting: &Setting,
    engine: Engine<'_>,
    spec: &FunctionSpec,
    environment: &EnvironmentId,
    merged_layers: Option<PathBuf>,
    group: &Group,
    payload: Payload,
) -> Plan {
    let mut binds = system_binds();
    let mut links = system_links();
    runtime_binds(setting, engine, &mut binds, &mut links);
    binds.push(nameless(setting, &spec.code_dir, "/var/task"));
    let mut layers = Vec::new();
    match (merged_layers, spec.layer_dirs.as_slice()) {
        (Some(merged), _) => binds.push(nameless(setting, &merged, "/opt")),
        (None, [one]) => binds.push(nameless(setting, one, "/opt")),
        (None, several) => layers = several.to_vec(),
    }
    Plan {
        root: setting.root.clone(),
        endpoint_port: setting.options.endpoint_port,
        binds,
        links,
        layers,
        tmp_mb: spec.tmp_mb,
        cgroup: group.files(),
        limits: limits(setting, spec.memory_mb),
        enforced: enforced(&setting.cgroups),
        host_user: host_user(environment),
        payload,
    }
}

/// The plan of a trial: everything a function's sandbox has, two layers included, and no function.
pub(crate) fn trial_plan(
    root: &Path,
    endpoint_port: u16,
    layers: Vec<PathBuf>,
    cgroups: &Cgroups,
    group: &Group,
) -> Plan {
    Plan {
        root: root.to_owned(),
        endpoint_port,
        binds: system_binds(),
        links: system_links(),
        layers,
        tmp_mb: 1,
        cgroup: group.files(),
        limits: usual_limits(),
        enforced: enforced(cgroups),
        host_user: host_user(&EnvironmentId::random()),
        payload: Payload::Trial,
    }
}

fn required(source: &Path, target: impl Into<PathBuf>) -> Bind {
    Bind { source: source.to_owned(), target: target.into(), optional: false, nameless: false }
}

/// A directory of the server's own, whose place is nothing that a function should know.
fn nameless(setting: &Setting, source: &Path, target: impl Into<PathBuf>) -> Bind {
    Bind { nameless: setting.overlay, ..required(source, target) }
}

fn system_binds() -> Vec<Bind> {
    let same = |path: &str, optional| Bind { optional, ..required(Path::new(path), path) };
    let mut binds = vec![same("/usr", false)];
    binds.extend(PROGRAM_DIRECTORIES.iter().filter(|path| !is_link(path)).map(|path| same(path, true)));
    binds.extend(SYSTEM_FILES.iter().map(|path| same(path, true)));
    binds
}

fn is_link(path: &str) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink())
}

fn system_links() -> Vec<(PathBuf, PathBuf)> {
    PROGRAM_DIRECTORIES
        .iter()
        .filter_map(|path| Some((PathBuf::from(path), fs::read_link(path).ok()?)))
        .collect()
}

/// The interpreter, our bootstraps and the SDKs.
fn runtime_binds(
    setting: &Setting,
    engine: Engine<'_>,
    binds: &mut Vec<Bind>,
    links: &mut Vec<(PathBuf, PathBuf)>,
) {
    let Engine::Interpreter(interpreter) = engine else { return };
    let seen = seen_prefix(interpreter);
    if !interpreter.prefix.starts_with("/usr") {
        binds.push(required(&interpreter.prefix, &seen));
    }
    let elsewhere = !interpreter.executable.starts_with(&interpreter.prefix);
    if elsewhere && !interpreter.executable.starts_with("/usr") {
        binds.push(required(&interpreter.executable, &interpreter.executable));
    }
    if seen != Path::new("/var/lang") {
        // AWS's place for interpreters, which PATH names.
        links.push(("/var/lang".into(), seen));
    }
    binds.push(nameless(setting, setting.bootstraps.directory(), "/var/runtime"));
    if let Some(sdk) = &setting.options.sdk_dir {
        let places = [("python", Bootstraps::SDK_PYTHON), ("nodejs/node_modules", Bootstraps::SDK_NODE)];
        for (source, target) in places {
            let target = Path::new("/var/runtime").join(target);
            binds.push(Bind { optional: true, ..nameless(setting, &sdk.join(source), target) });
        }
    }
    // ES modules ignore NODE_PATH and look in every node_modules above them instead. These two are above /var/task, so
    // that modules of layers and SDK are found there in AWS's order.
    links.push(("/var/node_modules".into(), "/opt/nodejs/node_modules".into()));
    links.push(("/node_modules".into(), Path::new("/var/runtime").join(Bootstraps::SDK_NODE)));
}

fn usual_limits() -> Vec<Limit> {
    vec![
        Limit { resource: LimitedResource::OpenFiles, value: OPEN_FILES },
        // One byte holds no core, and is the only value at which the kernel starts no program of the host for cores.
        Limit { resource: LimitedResource::CoreSize, value: 1 },
        Limit { resource: LimitedResource::Priority, value: 0 },
        Limit { resource: LimitedResource::RealTimePriority, value: 0 },
        Limit { resource: LimitedResource::LockedMemory, value: LOCKED_MEMORY },
        Limit { resource: LimitedResource::QueuedSignals, value: QUEUED_SIGNALS },
    ]
}

fn enforced(cgroups: &Cgroups) -> Enforced {
    Enforced {
        memory: cgroups.missing(Controller::Memory).is_none(),
        freezing: cgroups.missing(Controller::Freezer).is_none(),
    }
}

/// Resource limits stand in for cgroups that cannot be used.
fn limits(setting: &Setting, memory_mb: u32) -> Vec<Limit> {
    let mut limits = usual_limits();
    if setting.cgroups.missing(Controller::Pids).is_some() {
        limits.push(Limit { resource: LimitedResource::Processes, value: PROCESSES });
    }
    if setting.cgroups.missing(Controller::Memory).is_some() {
        let bytes = (u64::from(memory_mb) + DATA_SLACK_MB) << 20;
        limits.push(Limit { resource: LimitedResource::Data, value: bytes });
    }
    limits
}
