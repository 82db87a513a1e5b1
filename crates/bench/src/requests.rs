//! GetFunction of a function with a resource-based policy as long as one may be, against a bare server that answers
//! with as many bytes.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::ROUNDS;
use crate::aws::{Client, Server};
use crate::functions::zipped;
use crate::load::{self, Target};
use crate::process::Process;
use crate::report::Report;

/// The function that all clients of the bench ask for.
pub(crate) const FUNCTION: &str = "bench-policy";
/// How long its policy is at least, in bytes; 20,480 is the most.
const POLICY_BYTES: usize = 20_000;

/// Makes the function.
pub(crate) fn prepare(client: &Client) -> Result<()> {
    let zip = zipped("main.py", b"def handler(event, context):\n    return event\n")?;
    client.lambda("POST", "functions", &client.function(FUNCTION, &zip))?;
    client.wait_until_active(FUNCTION)
}

/// Fills its policy. Returns the length, in bytes.
pub(crate) fn fill_policy(client: &Client) -> Result<usize> {
    let path = format!("functions/{FUNCTION}/policy");
    for number in 0.. {
        client.lambda("POST", &path, &client.permission(&format!("statement-{number:04}")))?;
        let answer = client.lambda("GET", &path, &Value::Null)?;
        let length = answer.get("Policy").and_then(Value::as_str).context("a policy")?.len();
        if length >= POLICY_BYTES {
            return Ok(length);
        }
    }
    Ok(0)
}

/// Measures in rounds. The function is there, with a policy of so many bytes.
pub(crate) fn measure(server: &Server, binaries: &Path, policy: usize, report: &mut Report) -> Result<()> {
    let request = server.lambda_request("GET", &format!("functions/{FUNCTION}"), &Value::Null)?;
    let answer = load::once(server.port, &request)?;
    ensure!(answer.status == 200 && answer.body_contains(FUNCTION), "GetFunction answers {}", answer.status);
    let hello = Process::start_peer(&binaries.join("peer-hello"), &[&answer.body.len().to_string()])?;
    let plain = format!("GET / HTTP/1.1\r\nhost: 127.0.0.1:{}\r\n\r\n", hello.port).into_bytes();

    let (mut ours, mut floor) = (Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let get_function =
            load::run(&Target { port: server.port, process: &server.process, request: &request })?;
        let bare = load::run(&Target { port: hello.port, process: &hello.process, request: &plain })?;
        // The first round only warms up.
        if round > 0 {
            ours.push(get_function);
            floor.push(bare);
        }
    }
    report.requests(&ours, &floor, answer.body.len(), policy);
    Ok(())
}
