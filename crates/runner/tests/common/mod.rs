//! A whole runner in a temporary directory, with functions written on the spot.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]
#![allow(dead_code, clippy::allow_attributes, reason = "each test program uses a part, and some use all")]

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use rolecall_runner::{
    EndpointConnection, EndpointHandler, EnvironmentHost, EnvironmentId, FunctionResult, FunctionSpec,
    HelperCommand, Invocation, LogFormat, LogLine, Outcome, Runner, RunnerOptions, SessionCredentials,
    Urgency,
};
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// Answers every request with the name of the environment that sent it.
struct Endpoint;

#[async_trait::async_trait]
impl EndpointHandler for Endpoint {
    async fn serve(&self, connection: EndpointConnection) {
        let EndpointConnection { mut stream, environment, .. } = connection;
        let body = format!("hello {environment}");
        let mut request = [0; 4096];
        let _ = stream.read(&mut request).await;
        let response =
            format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len());
        let _ = stream.write_all(response.as_bytes()).await;
    }
}

/// Keeps the log events that belong to no outcome, with their streams.
#[derive(Default)]
struct Host {
    later: Later,
}

pub type Later = Arc<std::sync::Mutex<Vec<(String, String)>>>;

#[async_trait::async_trait]
impl EnvironmentHost for Host {
    async fn credentials(
        &self,
        spec: &FunctionSpec,
        environment: &EnvironmentId,
    ) -> Result<SessionCredentials, String> {
        if spec.function_name == "no-role" {
            return Err("The role defined for the function cannot be assumed by Lambda.".to_owned());
        }
        Ok(SessionCredentials {
            access_key_id: format!("ASIA{environment}"),
            secret_access_key: "secret".to_owned(),
            session_token: "token".to_owned(),
        })
    }

    fn log_stream_name(&self, spec: &FunctionSpec, environment: &EnvironmentId) -> String {
        format!("2026/01/31/[{}]{environment}", spec.version)
    }

    fn log(&self, _spec: &FunctionSpec, log_stream: &str, lines: Vec<LogLine>) {
        let lines = lines.into_iter().map(|line| (log_stream.to_owned(), line.text));
        self.later.lock().unwrap().extend(lines);
    }
}

/// A runner and the directory of everything it uses.
pub struct Bench {
    pub directory: TempDir,
    pub runner: Runner,
    /// What was logged beside the outcomes.
    pub later: Later,
}

impl Bench {
    pub async fn new() -> Self {
        Self::with(|_| ()).await
    }

    pub async fn with(change: impl FnOnce(&mut RunnerOptions)) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let helper =
            HelperCommand { program: env!("CARGO_BIN_EXE_rolecall-sandbox-init").into(), args: Vec::new() };
        let helper = match std::env::var_os("ROLECALL_TEST_HELPER") {
            Some(program) => HelperCommand { program: program.into(), ..helper },
            None => helper,
        };
        let mut options = RunnerOptions::new(directory.path().join("state"), helper);
        change(&mut options);
        let host = Host::default();
        let later = Arc::clone(&host.later);
        let runner = Runner::start(options, Arc::new(Endpoint), Arc::new(host)).await.unwrap();
        if let Err(reason) = runner.capabilities().can_run() {
            panic!("this machine cannot run the tests: {reason}");
        }
        Self { directory, runner, later }
    }

    /// Writes files and makes them readable by everybody, as the code store does.
    pub fn files(&self, name: &str, files: &[(&str, &str)]) -> PathBuf {
        let root = self.directory.path().join(name);
        std::fs::create_dir_all(&root).unwrap();
        std::fs::set_permissions(&root, std::fs::Permissions::from_mode(0o755)).unwrap();
        for (path, text) in files {
            let path = root.join(path);
            let parent = path.parent().unwrap();
            std::fs::create_dir_all(parent).unwrap();
            std::fs::set_permissions(parent, std::fs::Permissions::from_mode(0o755)).unwrap();
            write(&path, text);
        }
        root
    }

    /// A specification for the code in these files.
    pub fn function(&self, name: &str, runtime: &str, handler: &str, files: &[(&str, &str)]) -> FunctionSpec {
        FunctionSpec {
            key: format!("{name}/1"),
            runtime: runtime.to_owned(),
            handler: (!handler.is_empty()).then(|| handler.to_owned()),
            code_dir: self.files(&format!("code/{name}"), files),
            layer_dirs: Vec::new(),
            env: Vec::new(),
            function_name: name.to_owned(),
            version: "$LATEST".to_owned(),
            memory_mb: 128,
            tmp_mb: 512,
            timeout: Duration::from_secs(10),
            account: "123456789012".to_owned(),
            region: "eu-central-1".to_owned(),
            log_group: format!("/aws/lambda/{name}"),
            log_format: LogFormat::Text,
        }
    }

    /// A Python function with one module `main`.
    pub fn python(&self, name: &str, code: &str) -> FunctionSpec {
        self.function(name, &python(&self.runner), "main.handler", &[("main.py", code)])
    }

    pub async fn invoke(&self, spec: &FunctionSpec, payload: &str) -> Outcome {
        self.runner.invoke(Arc::new(spec.clone()), invocation(payload)).await.unwrap()
    }

    /// Waits until something is in the log beside the outcomes, and returns that log.
    pub async fn later(&self, text: &str) -> String {
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            let lines: String =
                self.later.lock().unwrap().iter().map(|(_, line)| format!("{line}\n")).collect();
            if lines.contains(text) {
                return lines;
            }
            assert!(Instant::now() < deadline, "no {text:?} in {lines}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The result of a successful invocation.
    pub async fn ask(&self, spec: &FunctionSpec, payload: &str) -> Value {
        success(&self.invoke(spec, payload).await)
    }
}

fn write(path: &Path, text: &str) {
    let mut file = std::fs::File::create(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
    // Whoever forks while this file is open for writing would make it busy; synchronising does not help, closing does.
    drop(file);
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// The first Python of this machine that is modern enough.
pub fn python(runner: &Runner) -> String {
    language(runner, "python3.1").expect("the tests need a Python 3.10 or later")
}

/// The Node of this machine.
pub fn node(runner: &Runner) -> Option<String> {
    language(runner, "nodejs")
}

fn language(runner: &Runner, start: &str) -> Option<String> {
    let found = runner.runtimes().list().iter().find(|interpreter| interpreter.runtime.starts_with(start));
    found.map(|interpreter| interpreter.runtime.clone())
}

pub fn invocation(payload: &str) -> Invocation {
    Invocation {
        request_id: uuid::Uuid::new_v4().to_string(),
        payload: Bytes::copy_from_slice(payload.as_bytes()),
        invoked_function_arn: "arn:aws:lambda:eu-central-1:123456789012:function:f:live".to_owned(),
        trace_id: Some("Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0".to_owned()),
        client_context: None,
        cognito_identity: None,
        wants_log: true,
        response_sink: None,
        urgency: Urgency::Caller,
    }
}

pub fn success(outcome: &Outcome) -> Value {
    match &outcome.result {
        FunctionResult::Success(body) => serde_json::from_slice(body).unwrap(),
        FunctionResult::Error { payload, .. } => {
            panic!("{}\n{}", String::from_utf8_lossy(payload), log(outcome))
        }
    }
}

pub fn error(outcome: &Outcome) -> Value {
    match &outcome.result {
        FunctionResult::Error { payload, .. } => serde_json::from_slice(payload).unwrap(),
        FunctionResult::Success(body) => panic!("{}\n{}", String::from_utf8_lossy(body), log(outcome)),
    }
}

pub fn log(outcome: &Outcome) -> String {
    outcome.log.iter().map(|line| format!("{}\n", line.text)).collect()
}

/// The processes, seen from the host, that run a function of this name.
pub fn processes_of(function: &str) -> Vec<String> {
    let variable = format!("AWS_LAMBDA_FUNCTION_NAME={function}\0");
    let runs_it = |entry: &std::fs::DirEntry| {
        let environment = std::fs::read(entry.path().join("environ")).unwrap_or_default();
        String::from_utf8_lossy(&environment).contains(&variable)
    };
    let entries = std::fs::read_dir("/proc").unwrap().flatten().filter(runs_it);
    entries.map(|entry| entry.file_name().into_string().unwrap()).collect()
}

/// A bootstrap in the shell, speaking HTTP through bash's own sockets.
pub const SHELL_BOOTSTRAP: &str = r#"#!/bin/bash
api=${AWS_LAMBDA_RUNTIME_API}
call() { # method path body
  exec 3<>"/dev/tcp/${api%:*}/${api#*:}"
  printf '%s /2018-06-01/runtime/%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s' "$1" "$2" "${#3}" "$3" >&3
  answer=$(tr -d '\r' <&3)
  exec 3<&-
}
while true; do
  call GET invocation/next ''
  id=$(sed -n 's/^lambda-runtime-aws-request-id: //p' <<<"$answer")
  body=${answer##*$'\n'}
  echo "working on $body"
  call POST "invocation/not-$id/response" 'null'
  wrong=$(head -1 <<<"$answer" | cut -d' ' -f2)
  call POST "invocation/$id/response" "{\"got\":$body,\"wrong\":$wrong,\"env\":\"${AWS_EXECUTION_ENV-none}\",\"handler\":\"$_HANDLER\"}"
done
"#;
