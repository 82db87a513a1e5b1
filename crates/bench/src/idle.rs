//! What an execution environment that waits for its next event costs: in the server, and beside the function.

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::json;

use crate::aws::Server;
use crate::functions::{event, zipped};
use crate::report::Report;

/// Environments that are counted, each of a function of its own.
const ENVIRONMENTS: usize = 40;
/// Environments before them, with which the server gets what it needs for any.
const FIRST: usize = 10;
/// How long they rest before they are looked at.
const REST: Duration = Duration::from_secs(2);

/// Starts environments and reads the server's memory before and after.
pub(crate) fn measure(server: &Server, binaries: &Path, report: &mut Report) -> Result<()> {
    let zip = zipped("bootstrap", &std::fs::read(binaries.join("peer-bootstrap"))?)?;
    for number in 0..FIRST + ENVIRONMENTS {
        let input = json!({
            "FunctionName": name(number), "Role": format!("arn:aws:iam::{}:role/bench", server.account),
            "Runtime": "provided.al2023", "Handler": "none",
            "Code": {"ZipFile": data_encoding::BASE64.encode(&zip)},
        });
        server.lambda("POST", "functions", &input)?;
        server.wait_until_active(&name(number))?;
    }
    start(server, 0..FIRST)?;
    let before = server.process.memory_bytes()?;
    start(server, FIRST..FIRST + ENVIRONMENTS)?;
    let after = server.process.memory_bytes()?;
    report.idle(ENVIRONMENTS, after.saturating_sub(before));
    Ok(())
}

fn name(number: usize) -> String {
    format!("bench-idle-{number:02}")
}

fn start(server: &Server, numbers: std::ops::Range<usize>) -> Result<()> {
    for number in numbers {
        let answer = server.lambda("POST", &format!("functions/{}/invocations", name(number)), &event())?;
        ensure!(answer == event(), "{} answers {answer}", name(number));
    }
    std::thread::sleep(REST);
    Ok(())
}
