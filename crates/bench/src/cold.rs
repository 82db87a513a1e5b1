//! Cold starts: an invocation just after the configuration changed, against the same program started bare.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use serde_json::json;

use crate::ROUNDS;
use crate::aws::Server;
use crate::bare_runtime::start_and_answer;
use crate::functions::{Deployed, event, is_event, name};
use crate::load::Connection;
use crate::report::Report;

/// Cold starts in a round.
pub(crate) const STARTS: usize = 5;

/// Measures each kind and its floor in turn.
pub(crate) fn measure(server: &Server, kinds: &[Deployed], report: &mut Report) -> Result<()> {
    for function in kinds {
        let (mut ours, mut floor) = (Vec::new(), Vec::new());
        for round in 0..=ROUNDS {
            let mut cold = Vec::new();
            let mut bare = Vec::new();
            for start in 0..STARTS {
                cold.push(cold_start(server, function, round * STARTS + start)?);
                bare.push(start_and_answer(function, &server.bootstraps())?);
            }
            // The first round only fills the page cache.
            if round > 0 {
                ours.push(median(cold));
                floor.push(median(bare));
            }
        }
        report.cold(function, median(ours), median(floor));
    }
    Ok(())
}

/// The time of an invocation that has to start an environment.
pub(crate) fn cold_start(server: &Server, function: &Deployed, number: usize) -> Result<Duration> {
    let name = name(function.kind);
    let change = json!({"Environment": {"Variables": {"NUMBER": number.to_string()}}});
    server.lambda("PUT", &format!("functions/{name}/configuration"), &change)?;
    server.wait_until_active(&name)?;
    let event = event().to_string();
    let target = format!("/2015-03-31/functions/{name}/invocations");
    let request = server.signed("lambda", "POST", &target, &[], event.as_bytes())?;
    let mut connection = Connection::open(server.port)?;
    let began = Instant::now();
    let answer = connection.send(&request)?;
    let elapsed = began.elapsed();
    ensure!(answer.status == 200 && is_event(&answer.body), "a wrong answer: {}", answer.status);
    Ok(elapsed)
}

pub(crate) fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
