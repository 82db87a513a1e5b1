//! Warm invocations: one at a time over a kept connection, against one bare round trip with the same bytes.

use std::path::Path;
use std::time::Instant;

use anyhow::{Result, ensure};

use crate::ROUNDS;
use crate::aws::Server;
use crate::functions::{Deployed, event, is_event, name};
use crate::load::Connection;
use crate::process::Process;
use crate::report::{Report, Spread};

/// Invocations in a round.
const CALLS: usize = 300;

/// Measures each kind and the floor in turn.
pub(crate) fn measure(
    server: &Server,
    binaries: &Path,
    kinds: &[Deployed],
    report: &mut Report,
) -> Result<()> {
    let event = event().to_string();
    let hello = Process::start_peer(&binaries.join("peer-hello"), &[&event.len().to_string()])?;
    let plain = format!(
        "POST / HTTP/1.1\r\nhost: 127.0.0.1:{}\r\ncontent-length: {}\r\n\r\n{event}",
        hello.port,
        event.len()
    );
    let mut floor = Vec::new();
    let mut ours = vec![Vec::new(); kinds.len()];
    for round in 0..=ROUNDS {
        let bare = time_calls(hello.port, plain.as_bytes(), |body| body.len() == event.len())?;
        let mut invocations = Vec::new();
        for function in kinds {
            let target = format!("/2015-03-31/functions/{}/invocations", name(function.kind));
            let request = server.signed("lambda", "POST", &target, &[], event.as_bytes())?;
            invocations.push(time_calls(server.port, &request, is_event)?);
        }
        // The first round only warms up.
        if round > 0 {
            floor.push(bare);
            for (all, one) in ours.iter_mut().zip(invocations) {
                all.push(one);
            }
        }
    }
    for (function, spreads) in kinds.iter().zip(&ours) {
        report.warm(function, spreads, &floor);
    }
    Ok(())
}

fn time_calls(port: u16, request: &[u8], is_right: impl Fn(&[u8]) -> bool) -> Result<Spread> {
    let mut connection = Connection::open(port)?;
    let mut times = Vec::with_capacity(CALLS);
    for _ in 0..CALLS {
        let began = Instant::now();
        let answer = connection.send(request)?;
        times.push(began.elapsed());
        ensure!(answer.status == 200 && is_right(&answer.body), "a wrong answer: {}", answer.status);
    }
    Ok(Spread::of(times))
}
