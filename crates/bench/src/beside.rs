//! Cold starts of a server with many records against those of one with few: the server's own memory must not count.

use std::path::Path;

use anyhow::Result;

use crate::ROUNDS;
use crate::cold::{STARTS, cold_start, median};
use crate::functions;
use crate::many::start_both;
use crate::report::Report;

/// Measures the Rust function in both servers in turn.
pub(crate) fn measure(binaries: &Path, report: &mut Report) -> Result<()> {
    let (few, many) = start_both(binaries)?;
    let mut times = [Vec::new(), Vec::new()];
    let mut deployed = Vec::new();
    for server in [&few, &many] {
        deployed.push(functions::deploy_rust(server, binaries)?);
    }
    for round in 0..=ROUNDS {
        for ((server, function), all) in [&few, &many].into_iter().zip(&deployed).zip(&mut times) {
            let starts = (0..STARTS).map(|start| cold_start(server, function, round * STARTS + start));
            let starts = starts.collect::<Result<Vec<_>>>()?;
            // The first round only fills the page cache.
            if round > 0 {
                all.push(median(starts));
            }
        }
    }
    let [small, large] = times.map(median);
    report.beside(few.process.memory_bytes()?, small, many.process.memory_bytes()?, large);
    Ok(())
}
