//! The functions that are measured: each answers with its event.

use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::aws::Server;

/// A kind of function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Rust,
    Python,
    Node,
}

/// A function that was deployed, and what is needed to start the same program bare.
pub(crate) struct Deployed {
    pub kind: Kind,
    /// AWS's name of the runtime.
    pub runtime: String,
    /// The interpreter; for Rust the program itself.
    pub program: PathBuf,
    /// Where its code is, unzipped.
    pub code: tempfile::TempDir,
}

const PYTHON: &str = "def handler(event, context):\n    return event\n";
const NODE: &str = "exports.handler = async (event) => event;\n";

/// The function's name.
pub(crate) fn name(kind: Kind) -> String {
    format!("bench-{kind:?}").to_lowercase()
}

/// The event that every invocation sends and gets back.
pub(crate) fn event() -> Value {
    json!({"key": "value", "number": 42})
}

/// Whether an answer is the event; languages space their JSON differently.
pub(crate) fn is_event(answer: &[u8]) -> bool {
    serde_json::from_slice::<Value>(answer).is_ok_and(|answer| answer == event())
}

/// Deploys one function of each kind that this machine can run.
pub(crate) fn deploy(server: &Server, binaries: &Path) -> Result<Vec<Deployed>> {
    server.create_role()?;
    let mut deployed = vec![deploy_rust(server, binaries)?];
    // The newest version of a language comes last in the list.
    for (runtime, program) in interpreters(binaries)?.into_iter().rev() {
        let kind = if runtime.starts_with("python") { Kind::Python } else { Kind::Node };
        let (file, source) = if kind == Kind::Python { ("main.py", PYTHON) } else { ("main.js", NODE) };
        if deployed.iter().all(|other| other.kind != kind) {
            deployed.push(deploy_one(server, kind, runtime, program, file, source.as_bytes())?);
        }
    }
    Ok(deployed)
}

/// Deploys the Rust function alone. The role has to be there.
pub(crate) fn deploy_rust(server: &Server, binaries: &Path) -> Result<Deployed> {
    let program = binaries.join("peer-bootstrap");
    let content = std::fs::read(&program)?;
    deploy_one(server, Kind::Rust, "provided.al2023".to_owned(), program, "bootstrap", &content)
}

fn deploy_one(
    server: &Server,
    kind: Kind,
    runtime: String,
    program: PathBuf,
    file: &str,
    content: &[u8],
) -> Result<Deployed> {
    let zip = zipped(file, content)?;
    let input = json!({
        "FunctionName": name(kind), "Role": "arn:aws:iam::111122223333:role/bench", "Runtime": runtime,
        "Handler": "main.handler", "Code": {"ZipFile": data_encoding::BASE64.encode(&zip)},
        "MemorySize": 1769, "Timeout": 30,
    });
    server.lambda("POST", "functions", &input)?;
    server.wait_until_active(&name(kind))?;
    let code = tempfile::tempdir()?;
    std::fs::write(code.path().join(file), content)?;
    let answer = server.lambda("POST", &format!("functions/{}/invocations", name(kind)), &event())?;
    ensure!(answer == event(), "{kind:?} answers {answer}");
    Ok(Deployed { kind, runtime, program, code })
}

/// A zip file with one file.
pub(crate) fn zipped(file: &str, content: &[u8]) -> Result<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file(file, SimpleFileOptions::default().unix_permissions(0o755))?;
    zip.write_all(content)?;
    Ok(zip.finish()?.into_inner())
}

/// The runtimes of this machine, as the server lists them.
fn interpreters(binaries: &Path) -> Result<Vec<(String, PathBuf)>> {
    let output = Command::new(binaries.join("rolecall")).args(["runtimes", "--output", "json"]).output()?;
    let list: Vec<Value> = serde_json::from_slice(&output.stdout).context("rolecall runtimes")?;
    let text = |entry: &Value, member: &str| entry.get(member).and_then(Value::as_str).map(str::to_owned);
    Ok(list.iter().filter_map(|entry| Some((text(entry, "runtime")?, text(entry, "path")?.into()))).collect())
}
