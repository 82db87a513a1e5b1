//! The environment variables of a function (reference lambda.md 7.2), and where things are inside its environment.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use super::{Bootstraps, Engine, Interpreter, Language};
use crate::log_format::LogFormat;
use crate::spec::{FunctionSpec, SessionCredentials};

/// Where an environment sees its parts. Inside a sandbox these are AWS's paths; without one, the host's.
#[derive(Debug, Clone)]
pub(crate) struct Places {
    pub(crate) task: PathBuf,
    pub(crate) opt: PathBuf,
    pub(crate) runtime: PathBuf,
    pub(crate) sdk_python: PathBuf,
    pub(crate) sdk_node: PathBuf,
    /// Whether interpreters whose own place is taken are shown at `/var/lang`.
    pub(crate) sandboxed: bool,
}

impl Places {
    /// AWS's paths.
    pub(crate) fn sandbox() -> Self {
        let runtime = PathBuf::from("/var/runtime");
        Self {
            task: "/var/task".into(),
            opt: "/opt".into(),
            sdk_python: runtime.join(Bootstraps::SDK_PYTHON),
            sdk_node: runtime.join(Bootstraps::SDK_NODE),
            runtime,
            sandboxed: true,
        }
    }

    /// Where the interpreter's executable is seen.
    pub(crate) fn interpreter(&self, interpreter: &Interpreter) -> PathBuf {
        if !self.sandboxed {
            return interpreter.executable.clone();
        }
        match interpreter.executable.strip_prefix(&interpreter.prefix) {
            Ok(rest) => seen_prefix(interpreter).join(rest),
            Err(_) => interpreter.executable.clone(),
        }
    }
}

/// Where a sandbox shows the interpreter's prefix: at its own path, or at AWS's `/var/lang` when that path is taken.
pub(crate) fn seen_prefix(interpreter: &Interpreter) -> PathBuf {
    const TAKEN: [&str; 7] = ["/opt", "/tmp", "/var/task", "/var/runtime", "/proc", "/dev", "/etc"];
    if TAKEN.iter().any(|taken| interpreter.prefix.starts_with(taken)) {
        "/var/lang".into()
    } else {
        interpreter.prefix.clone()
    }
}

/// What distinguishes one environment of a function from another.
pub(crate) struct Session<'a> {
    pub(crate) credentials: &'a SessionCredentials,
    pub(crate) log_stream: &'a str,
    /// `host:port` of the Runtime API.
    pub(crate) runtime_api: String,
    /// The AWS endpoint's URL.
    pub(crate) endpoint_url: String,
    /// The X-Ray daemon's address.
    pub(crate) traces: SocketAddr,
    /// Whether the environment is started before any event needs it.
    pub(crate) provisioned: bool,
}

/// The complete environment, sorted. The user's variables beat defaults such as `PATH` and lose against reserved ones.
pub(crate) fn variables(
    engine: Engine<'_>,
    spec: &FunctionSpec,
    places: &Places,
    session: &Session<'_>,
) -> Vec<(String, String)> {
    let mut all = BTreeMap::new();
    all.extend(defaults(engine, places));
    all.insert("AWS_ENDPOINT_URL".to_owned(), session.endpoint_url.clone());
    all.extend(spec.env.iter().filter(|(name, value)| passable(name, value)).cloned());
    all.extend(reserved(engine, spec, places, session));
    all.into_iter().collect()
}

/// What the runtime alone is told; the rest is for its extensions as well.
const RUNTIME_ONLY: [&str; 16] = [
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "_ROLECALL_OPT",
    "_ROLECALL_SDK_PYTHON",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_XRAY_CONTEXT_MISSING",
    "AWS_XRAY_DAEMON_ADDRESS",
    "_AWS_XRAY_DAEMON_ADDRESS",
    "_AWS_XRAY_DAEMON_PORT",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
    "NODE_PATH",
    "PYTHONPATH",
    "PWD",
];

/// The environment of an extension, from that of its function.
pub(crate) fn extension_variables(all: &[(String, String)]) -> Vec<(String, String)> {
    all.iter().filter(|(name, _)| !RUNTIME_ONLY.contains(&name.as_str())).cloned().collect()
}

/// The operating system's own rules for a variable; the Lambda API checks AWS's narrower ones.
fn passable(name: &str, value: &str) -> bool {
    !name.is_empty() && !name.contains(['=', '\0']) && !value.contains('\0')
}

fn defaults(engine: Engine<'_>, places: &Places) -> Vec<(String, String)> {
    let opt = places.opt.display();
    let task = places.task.display();
    let mut defaults = vec![
        ("LANG".to_owned(), "en_US.UTF-8".to_owned()),
        ("TZ".to_owned(), ":UTC".to_owned()),
        ("PATH".to_owned(), format!("/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:{opt}/bin")),
        (
            "LD_LIBRARY_PATH".to_owned(),
            format!(
                "/var/lang/lib:/lib64:/usr/lib64:{run}:{run}/lib:{task}:{task}/lib:{opt}/lib",
                run = places.runtime.display()
            ),
        ),
    ];
    let mut add = |name: &str, value: String| defaults.push((name.to_owned(), value));
    if let Engine::Interpreter(interpreter) = engine {
        add("PWD", task.to_string());
        add("SHLVL", "0".to_owned());
        match interpreter.language {
            Language::Python => {
                add("PYTHONPATH", places.runtime.display().to_string());
                add("LC_CTYPE", "C.UTF-8".to_owned());
            }
            Language::Node => {
                let major = interpreter.version.split('.').next().unwrap_or_default();
                let sdk = places.sdk_node.display();
                add(
                    "NODE_PATH",
                    format!("{opt}/nodejs/node{major}/node_modules:{opt}/nodejs/node_modules:{sdk}"),
                );
            }
        }
    }
    defaults
}

fn reserved(
    engine: Engine<'_>,
    spec: &FunctionSpec,
    places: &Places,
    session: &Session<'_>,
) -> Vec<(String, String)> {
    let credentials = session.credentials;
    let initialization = if session.provisioned { "provisioned-concurrency" } else { "on-demand" };
    let mut reserved: Vec<(String, String)> = [
        ("_HANDLER", spec.handler.clone().unwrap_or_default()),
        ("AWS_REGION", spec.region.clone()),
        ("AWS_DEFAULT_REGION", spec.region.clone()),
        ("AWS_LAMBDA_FUNCTION_NAME", spec.function_name.clone()),
        ("AWS_LAMBDA_FUNCTION_VERSION", spec.version.clone()),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", spec.memory_mb.to_string()),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", initialization.to_owned()),
        ("AWS_LAMBDA_LOG_GROUP_NAME", spec.log_group.clone()),
        ("AWS_LAMBDA_LOG_STREAM_NAME", session.log_stream.to_owned()),
        ("AWS_LAMBDA_RUNTIME_API", session.runtime_api.clone()),
        ("AWS_ACCESS_KEY_ID", credentials.access_key_id.clone()),
        ("AWS_SECRET_ACCESS_KEY", credentials.secret_access_key.clone()),
        ("AWS_SESSION_TOKEN", credentials.session_token.clone()),
        ("AWS_XRAY_CONTEXT_MISSING", "LOG_ERROR".to_owned()),
        ("AWS_XRAY_DAEMON_ADDRESS", session.traces.to_string()),
        ("_AWS_XRAY_DAEMON_ADDRESS", session.traces.ip().to_string()),
        ("_AWS_XRAY_DAEMON_PORT", session.traces.port().to_string()),
        ("LAMBDA_TASK_ROOT", places.task.display().to_string()),
        ("LAMBDA_RUNTIME_DIR", places.runtime.display().to_string()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect();
    if let LogFormat::Json { application, .. } = spec.log_format {
        reserved.push(("AWS_LAMBDA_LOG_FORMAT".to_owned(), "JSON".to_owned()));
        reserved.push(("AWS_LAMBDA_LOG_LEVEL".to_owned(), application.as_str().to_owned()));
    }
    if matches!(engine, Engine::Interpreter(_)) {
        reserved.push(("AWS_EXECUTION_ENV".to_owned(), format!("AWS_Lambda_{}", spec.runtime)));
        // Our bootstraps read and remove these two: they say where layers and SDK are when there is no sandbox.
        reserved.push(("_ROLECALL_OPT".to_owned(), places.opt.display().to_string()));
        reserved.push(("_ROLECALL_SDK_PYTHON".to_owned(), places.sdk_python.display().to_string()));
    }
    reserved
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn spec(env: &[(&str, &str)]) -> FunctionSpec {
        FunctionSpec {
            key: "k".into(),
            runtime: "provided.al2023".into(),
            handler: Some("h".into()),
            code_dir: "/code".into(),
            layer_dirs: Vec::new(),
            env: env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            function_name: "f".into(),
            version: "$LATEST".into(),
            memory_mb: 128,
            tmp_mb: 512,
            timeout: Duration::from_secs(3),
            account: "111122223333".into(),
            region: "eu-west-1".into(),
            log_group: "/aws/lambda/f".into(),
            log_format: LogFormat::Text,
        }
    }

    fn value(env: &[(&str, &str)], name: &str) -> Option<String> {
        let credentials = SessionCredentials {
            access_key_id: "ASIAEXAMPLE".into(),
            secret_access_key: "secret".into(),
            session_token: "token".into(),
        };
        let session = Session {
            credentials: &credentials,
            log_stream: "stream",
            runtime_api: "127.0.0.1:9001".into(),
            endpoint_url: "http://127.0.0.1:4566".into(),
            traces: ([127, 0, 0, 1], 2000).into(),
            provisioned: false,
        };
        variables(Engine::Provided, &spec(env), &Places::sandbox(), &session)
            .into_iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value)
    }

    #[test]
    fn a_user_variable_cannot_replace_a_reserved_one() {
        for name in ["AWS_ACCESS_KEY_ID", "_HANDLER", "LAMBDA_TASK_ROOT", "AWS_LAMBDA_RUNTIME_API"] {
            assert_ne!(value(&[(name, "mine")], name).as_deref(), Some("mine"), "{name}");
        }
    }

    #[test]
    fn a_user_variable_replaces_a_default() {
        assert_eq!(value(&[("TZ", "Europe/Berlin")], "TZ").as_deref(), Some("Europe/Berlin"));
        assert_eq!(value(&[], "TZ").as_deref(), Some(":UTC"));
    }

    #[test]
    fn the_daemon_of_x_ray_is_named_whole_and_in_parts() {
        assert_eq!(value(&[], "AWS_XRAY_DAEMON_ADDRESS").as_deref(), Some("127.0.0.1:2000"));
        assert_eq!(value(&[], "_AWS_XRAY_DAEMON_ADDRESS").as_deref(), Some("127.0.0.1"));
        assert_eq!(value(&[], "_AWS_XRAY_DAEMON_PORT").as_deref(), Some("2000"));
    }

    #[test]
    fn a_provided_runtime_has_no_execution_env() {
        assert_eq!(value(&[], "AWS_EXECUTION_ENV"), None);
        assert_eq!(value(&[], "PWD"), None);
    }
}
