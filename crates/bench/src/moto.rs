//! The same operations against moto's server, which people use for the same purpose. It checks no signatures and no
//! permissions unless told to, and keeps nothing on the disk.

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::ROUNDS;
use crate::aws::{Client, Server};
use crate::functions::zipped;
use crate::load::once;
use crate::process::Process;
use crate::report::{Report, Spread};
use crate::requests::{self, FUNCTION};

/// The version that is measured.
pub(crate) const VERSION: &str = "5.2.5";
/// moto's own account.
const ACCOUNT: &str = "123456789012";
/// Calls of GetFunction and AddPermission in a round.
const CALLS: usize = 40;
/// Functions that are made in a round.
const FUNCTIONS: usize = 4;
/// The size of a function's code in bytes.
const CODE_BYTES: usize = 1024 * 1024;

/// The operations of a round.
pub(crate) const OPERATIONS: [&str; 3] = ["GetFunction", "AddPermission", "CreateFunction, 1 MiB of code"];

/// What a round came to for each of the operations.
pub(crate) type Times = [Spread; 3];

/// Measures ours and moto in rounds.
pub(crate) fn measure(server: &Server, binaries: &Path, report: &mut Report) -> Result<()> {
    let (moto, client) = start(binaries)?;
    client.create_role()?;
    requests::prepare(&client)?;
    requests::fill_policy(&client)?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let one = time(server, round)?;
        let other = time(&client, round)?;
        // The first round only warms up.
        if round > 0 {
            ours.push(one);
            theirs.push(other);
        }
    }
    drop(moto);
    report.moto(&ours, &theirs);
    Ok(())
}

/// Installs moto where it is not yet, and starts it.
fn start(binaries: &Path) -> Result<(Process, Client)> {
    let environment =
        binaries.parent().context("the target directory")?.join(format!("bench-moto-{VERSION}"));
    let program = environment.join("bin/moto_server");
    if !program.exists() {
        must_run(Command::new("python3").args(["-m", "venv"]).arg(&environment))?;
        let package = format!("moto[server]=={VERSION}");
        must_run(Command::new(environment.join("bin/pip")).args(["install", "--quiet", &package]))?;
    }
    let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
    let mut command = Command::new(program);
    command.args(["-H", "127.0.0.1", "-p", &port.to_string()]).stdout(Stdio::null()).stderr(Stdio::null());
    let process = Process::start(&mut command)?;
    for _ in 0..600 {
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return Ok((process, Client::anybody(port, ACCOUNT)));
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    bail!("moto did not start")
}

fn must_run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start {:?}", command.get_program()))?;
    ensure!(status.success(), "{:?} failed", command.get_program());
    Ok(())
}

/// Times each operation. Every call has a connection of its own, because moto's server keeps none.
fn time(client: &Client, round: usize) -> Result<Times> {
    let function = format!("functions/{FUNCTION}");
    let policy = format!("{function}/policy");
    let removed = "statement-0000";
    let (mut get, mut add, mut create) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..CALLS {
        get.push(timed(client, "GET", &function, &Value::Null, FUNCTION)?);
        // One statement goes and comes again, so that the policy stays as long as it is.
        client.lambda("DELETE", &format!("{policy}/{removed}"), &Value::Null)?;
        add.push(timed(client, "POST", &policy, &client.permission(removed), removed)?);
        if number < FUNCTIONS {
            let name = format!("bench-moto-{round}-{number}");
            let mut content = vec![number as u8; CODE_BYTES];
            content.extend_from_slice(name.as_bytes());
            let input = client.function(&name, &stored(&content)?);
            create.push(timed(client, "POST", "functions", &input, &name)?);
            client.wait_until_active(&name)?;
            client.lambda("DELETE", &format!("functions/{name}"), &Value::Null)?;
        }
    }
    Ok([Spread::of(get), Spread::of(add), Spread::of(create)])
}

/// A zip file of the content and as much that cannot be made smaller.
fn stored(content: &[u8]) -> Result<Vec<u8>> {
    let mixed: Vec<u8> = content
        .iter()
        .scan(0x2545_f491_4f6c_dd1d_u64, |seed, byte| {
            *seed = (*seed ^ u64::from(*byte)).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(17);
            Some((*seed >> 32) as u8)
        })
        .collect();
    zipped("main.py", &mixed)
}

fn timed(client: &Client, method: &str, path: &str, body: &Value, expected: &str) -> Result<Duration> {
    let request = client.lambda_request(method, path, body)?;
    let began = Instant::now();
    let answer = once(client.port, &request)?;
    let elapsed = began.elapsed();
    ensure!(
        (200..300).contains(&answer.status) && answer.body_contains(expected),
        "{path}: {}",
        answer.status
    );
    Ok(elapsed)
}
