//! What a sandbox shows of the host, decided by the server: nothing that is not listed here exists inside.

use std::fs;
use std::path::{Path, PathBuf};

use super::start::Setting;
use crate::cgroup::{Controller, Group};
use crate::plan::{Bind, CgroupFiles, Limit, LimitedResource, Payload, Plan};
use crate::runtimes::{Bootstraps, Engine, seen_prefix};
use crate::spec::FunctionSpec;

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

/// What a process may map beyond the function's size where no cgroup limits its memory: stacks of threads and pools
/// that are never touched count here. What is really used is watched besides.
const DATA_SLACK_MB: u64 = 768;

/// The plan of a function's sandbox. `merged_layers` stands for all layers where the kernel cannot lay them itself.
pub(super) fn plan(
    setting: &Setting,
    engine: Engine<'_>,
    spec: &FunctionSpec,
    merged_layers: Option<PathBuf>,
    group: &Group,
    payload: Payload,
) -> Plan {
    let mut binds = system_binds();
    let mut links = system_links();
    runtime_binds(setting, engine, &mut binds, &mut links);
    binds.push(required(&spec.code_dir, "/var/task"));
    let mut layers = Vec::new();
    match (merged_layers, spec.layer_dirs.as_slice()) {
        (Some(merged), _) => binds.push(required(&merged, "/opt")),
        (None, [one]) => binds.push(required(one, "/opt")),
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
        payload,
    }
}

/// The plan of a trial: everything a function's sandbox has, two layers included, and no function.
pub(crate) fn trial_plan(root: &Path, endpoint_port: u16, layers: Vec<PathBuf>, cgroup: CgroupFiles) -> Plan {
    Plan {
        root: root.to_owned(),
        endpoint_port,
        binds: system_binds(),
        links: system_links(),
        layers,
        tmp_mb: 1,
        cgroup,
        limits: usual_limits(),
        payload: Payload::Trial,
    }
}

fn required(source: &Path, target: impl Into<PathBuf>) -> Bind {
    Bind { source: source.to_owned(), target: target.into(), optional: false }
}

fn system_binds() -> Vec<Bind> {
    let same = |path: &str, optional| Bind { source: path.into(), target: path.into(), optional };
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
    binds.push(required(setting.bootstraps.directory(), "/var/runtime"));
    if let Some(sdk) = &setting.options.sdk_dir {
        let places = [("python", Bootstraps::SDK_PYTHON), ("nodejs/node_modules", Bootstraps::SDK_NODE)];
        for (source, target) in places {
            let target = Path::new("/var/runtime").join(target);
            binds.push(Bind { source: sdk.join(source), target, optional: true });
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
        Limit { resource: LimitedResource::CoreSize, value: 0 },
    ]
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
