//! Many warm invocations at once, in four environments of one function, against as many connections to a bare server.

use std::path::Path;

use anyhow::Result;

use crate::ROUNDS;
use crate::aws::Server;
use crate::functions::{Kind, event, name};
use crate::load::{self, Target};
use crate::process::Process;
use crate::report::Report;

/// Measures the Rust function and the floor in turn.
pub(crate) fn measure(server: &Server, binaries: &Path, report: &mut Report) -> Result<()> {
    let event = event().to_string();
    let hello = Process::start_peer(&binaries.join("peer-hello"), &[&event.len().to_string()])?;
    let plain = format!(
        "POST / HTTP/1.1\r\nhost: 127.0.0.1:{}\r\ncontent-length: {}\r\n\r\n{event}",
        hello.port,
        event.len()
    );
    let target = format!("/2015-03-31/functions/{}/invocations", name(Kind::Rust));
    let (mut ours, mut floor) = (Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let request = server.signed("lambda", "POST", &target, &[], event.as_bytes())?;
        let invoked = load::run(&Target { port: server.port, process: &server.process, request: &request })?;
        let bare =
            load::run(&Target { port: hello.port, process: &hello.process, request: plain.as_bytes() })?;
        // The first round starts the environments.
        if round > 0 {
            ours.push(invoked);
            floor.push(bare);
        }
    }
    report.throughput(&ours, &floor);
    Ok(())
}
