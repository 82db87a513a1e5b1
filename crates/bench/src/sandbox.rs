//! A sandbox that is made for a program that does nothing, against bubblewrap, which makes one of the same kind.
//!
//! Ours is an invocation of a function whose program ends at once: signed and authorised, with a session of its role and
//! with limits, until the answer says that the program has ended. Each is a new environment, since the last one is gone.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::json;

use crate::ROUNDS;
use crate::aws::Server;
use crate::functions::zipped;
use crate::load::Connection;
use crate::report::{Report, Spread};

/// Sandboxes in a round.
const SANDBOXES: usize = 20;
/// The time between two: a user's functions do not start in one line without a gap.
const GAP: Duration = Duration::from_millis(100);
const FUNCTION: &str = "bench-nothing";
const PROGRAM: &str = "/usr/bin/true";
const BUBBLEWRAP: &str = "/usr/bin/bwrap";

/// Measures both in turn; without bubblewrap there is nothing to compare with.
pub(crate) fn measure(server: &Server, report: &mut Report) -> Result<()> {
    if !Path::new(BUBBLEWRAP).exists() {
        report.note(
            "## A sandbox\n\nNot measured: bubblewrap is not installed (`apt-get install bubblewrap`).\n",
        );
        return Ok(());
    }
    let zip = zipped("bootstrap", &std::fs::read(PROGRAM)?)?;
    let input = json!({
        "FunctionName": FUNCTION, "Role": format!("arn:aws:iam::{}:role/bench", server.account),
        "Runtime": "provided.al2023", "Handler": "none",
        "Code": {"ZipFile": data_encoding::BASE64.encode(&zip)},
    });
    server.lambda("POST", "functions", &input)?;
    server.wait_until_active(FUNCTION)?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let (mut invoked, mut wrapped) = (Vec::new(), Vec::new());
        for _ in 0..SANDBOXES {
            invoked.push(invoke(server)?);
            std::thread::sleep(GAP);
            wrapped.push(wrap()?);
            std::thread::sleep(GAP);
        }
        // The first round only fills the page cache.
        if round > 0 {
            ours.push(Spread::of(invoked));
            theirs.push(Spread::of(wrapped));
        }
    }
    report.sandbox(&ours, &theirs);
    Ok(())
}

fn invoke(server: &Server) -> Result<Duration> {
    let target = format!("/2015-03-31/functions/{FUNCTION}/invocations");
    let request = server.signed("lambda", "POST", &target, &[], b"{}")?;
    let mut connection = Connection::open(server.port)?;
    let began = Instant::now();
    let answer = connection.send(&request)?;
    let elapsed = began.elapsed();
    let is_right = answer.status == 200 && answer.body_contains("Runtime exited without providing a reason");
    ensure!(is_right, "a wrong answer: {} {}", answer.status, String::from_utf8_lossy(&answer.body));
    Ok(elapsed)
}

fn wrap() -> Result<Duration> {
    let mut command = Command::new(BUBBLEWRAP);
    command.args(["--unshare-all", "--die-with-parent", "--ro-bind", "/usr", "/usr"]);
    for name in ["bin", "sbin", "lib", "lib64"] {
        command.args(["--symlink", &format!("usr/{name}"), &format!("/{name}")]);
    }
    command.args(["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", PROGRAM]).stdin(Stdio::null());
    let began = Instant::now();
    let status = command.status().context("cannot start bubblewrap")?;
    let elapsed = began.elapsed();
    ensure!(status.success(), "bubblewrap: {status}");
    Ok(elapsed)
}
