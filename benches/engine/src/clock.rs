//! CPU time, and rounds in which all contestants take turns.
//!
//! A machine that slows down then slows down all of them, and time that other processes take counts for nobody.

use anyhow::{Result, ensure};
use rustix::time::{ClockId, clock_gettime};

/// How often everything is measured; each figure is the median.
pub const ROUNDS: usize = 11;

/// The shortest time for which a contestant runs in each round, in nanoseconds.
const LONG_ENOUGH: u64 = 4_000_000;

/// Somebody who answers: given the number of the request, whether the answer was the expected one.
pub type Contestant<'a> = Box<dyn FnMut(usize) -> bool + 'a>;

/// The nanoseconds of one answer of each contestant.
///
/// # Errors
/// When an answer is wrong: a fast wrong answer is no figure.
pub fn measure(contestants: &mut [(&str, Contestant<'_>)]) -> Result<Vec<f64>> {
    let mut times = vec![Vec::new(); contestants.len()];
    let mut turns = Vec::new();
    for (name, contestant) in contestants.iter_mut() {
        turns.push(turns_that_last(name, contestant)?);
    }
    for _ in 0..ROUNDS {
        for ((times, turns), (name, contestant)) in times.iter_mut().zip(&turns).zip(contestants.iter_mut()) {
            times.push(run(name, contestant, *turns)? as f64 / *turns as f64);
        }
    }
    Ok(times.into_iter().map(median).collect())
}

/// How many turns take long enough; this also warms up.
fn turns_that_last(name: &str, contestant: &mut Contestant<'_>) -> Result<usize> {
    let mut turns = 1;
    loop {
        let time = run(name, contestant, turns)?.max(1);
        if time >= LONG_ENOUGH {
            return Ok(turns);
        }
        let wanted = turns as f64 * (LONG_ENOUGH as f64 * 1.2 / time as f64);
        turns = (wanted as usize).clamp(turns + 1, turns * 100);
    }
}

fn run(name: &str, contestant: &mut Contestant<'_>, turns: usize) -> Result<u64> {
    let start = thread_cpu_ns();
    let mut right = true;
    for turn in 0..turns {
        right &= contestant(turn);
    }
    let time = thread_cpu_ns() - start;
    ensure!(right, "{name} gave a wrong answer");
    Ok(time)
}

/// The CPU time that this thread has taken so far.
pub fn thread_cpu_ns() -> u64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

/// The middle of the figures.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
