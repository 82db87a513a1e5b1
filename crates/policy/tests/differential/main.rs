//! The engine and the reference evaluator must never tell different things: effect, denying layer and determining
//! statements of every random case are the same, with the engine's index and without it.
//!
//! `ROLECALL_DIFFERENTIAL_PAIRS` sets how many pairs of policies and request are tried, `ROLECALL_DIFFERENTIAL_SEED`
//! which, and `ROLECALL_DIFFERENTIAL_THREADS` by how many threads.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up fails")]

mod generate;
mod near;
mod random;
mod scenario;
mod shrink;
mod words;

use std::collections::BTreeMap;

use rolecall_policy::Principal;

use crate::random::Random;
use crate::scenario::{Answer, Asked, Prepared, as_case};

/// The reference evaluator lives on small pieces of memory, and is waited for.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Requests to each drawn set of policies.
const REQUESTS: u64 = 20;

/// Pairs of policies and request, unless the environment says otherwise.
const PAIRS: u64 = 1_000_000;

/// How many differences are told by each thread before it gives up.
const TOLD: usize = 5;

/// How often each outcome came about, and the differences.
#[derive(Default)]
struct Tally {
    outcomes: BTreeMap<String, u64>,
    /// The same by the kind of caller.
    callers: BTreeMap<String, u64>,
    differences: Vec<String>,
}

#[test]
fn the_engine_and_the_reference_never_differ() {
    let pairs = from_environment("ROLECALL_DIFFERENTIAL_PAIRS", PAIRS);
    let seed = from_environment("ROLECALL_DIFFERENTIAL_SEED", 1);
    let sets = pairs.div_ceil(REQUESTS);
    let cores = std::thread::available_parallelism().map_or(1, |count| count.get() as u64);
    let threads = from_environment("ROLECALL_DIFFERENTIAL_THREADS", cores);
    let tally = std::thread::scope(|scope| {
        let share = |first| (first..sets).step_by(usize::try_from(threads).unwrap());
        let workers: Vec<_> =
            (0..threads).map(|first| scope.spawn(move || try_sets(seed, share(first)))).collect();
        let mut tally = Tally::default();
        for worker in workers {
            tally.add(worker.join().unwrap());
        }
        tally
    });
    let total: u64 = tally.outcomes.values().sum();
    println!("{total} pairs, seed {seed}: {:#?} {:#?}", tally.outcomes, tally.callers);
    assert!(tally.differences.is_empty(), "{}", tally.differences.join("\n\n"));
    assert_that_everything_happens(&tally, total);
}

impl Tally {
    fn add(&mut self, other: Tally) {
        self.differences.extend(other.differences);
        for (mine, others) in [(&mut self.outcomes, other.outcomes), (&mut self.callers, other.callers)] {
            for (outcome, count) in others {
                *mine.entry(outcome).or_default() += count;
            }
        }
    }
}

fn from_environment(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

fn try_sets(seed: u64, sets: impl Iterator<Item = u64>) -> Tally {
    let mut tally = Tally::default();
    for set in sets {
        let mut random = Random::new(seed.wrapping_mul(0x0001_0000_0001).wrapping_add(set));
        let base = generate::asked(&mut random);
        let policies = generate::policies(&mut random, &base);
        let prepared = Prepared::new(&policies, &base);
        for at in 0..REQUESTS {
            let asked = if at == 0 { base.clone() } else { generate::asked_near(&mut random, &base) };
            let answers = prepared.answers(&asked);
            if at == 0 {
                prepared.tell(&asked);
            }
            if !answers.agree() {
                tally.differences.push(difference(&policies, &asked, set));
                break;
            }
            *tally.outcomes.entry(outcome(&answers.reference)).or_default() += 1;
            let of_caller = format!("{} {:?}", kind(&asked.principal), answers.reference.effect);
            *tally.callers.entry(of_caller).or_default() += 1;
        }
        if tally.differences.len() >= TOLD {
            break;
        }
    }
    tally
}

fn outcome(answer: &Answer) -> String {
    let layer = answer.denied_by.map_or_else(String::new, |layer| format!(" by {layer:?}"));
    format!("{:?}{layer}", answer.effect)
}

/// What [`kind`] calls the callers that are drawn.
const KINDS_OF_CALLER: &[&str] =
    &["anonymous", "root", "user", "role session", "federated user", "federated", "service"];

fn kind(caller: &Principal) -> &'static str {
    match caller {
        Principal::Anonymous => "anonymous",
        Principal::Root { .. } => "root",
        Principal::User { .. } => "user",
        Principal::RoleSession { .. } => "role session",
        Principal::FederatedUser { .. } => "federated user",
        Principal::Federated { .. } => "federated",
        Principal::Service { .. } => "service",
    }
}

/// The shrunk case in the case format, with the answers to it.
fn difference(policies: &serde_json::Value, asked: &Asked, set: u64) -> String {
    let (policies, asked) = shrink::shrink(policies, asked);
    let answers = Prepared::new(&policies, &asked).answers(&asked);
    let case = as_case(&policies, &asked, &answers.reference);
    format!(
        "the evaluators differ (set {set})\nreference: {:?}\nengine: {:?}\nwithout index: {:?}\n{}",
        answers.reference,
        answers.engine,
        answers.engine_without_index,
        serde_json::to_string_pretty(&case).unwrap()
    )
}

/// A generator that no longer reaches a layer would find nothing there, and nobody would notice.
fn assert_that_everything_happens(tally: &Tally, total: u64) {
    let often = |outcomes: &BTreeMap<String, u64>, outcome: &str, share: u64| {
        let count = outcomes.get(outcome).copied().unwrap_or_default();
        assert!(count * share >= total, "{outcome} came about only {count} times");
    };
    often(&tally.outcomes, "Allowed", 20);
    for layer in
        ["ServiceControl", "ResourceControl", "Endpoint", "Resource", "Identity", "Boundary", "Session"]
    {
        often(&tally.outcomes, &format!("ImplicitlyDenied by {layer}"), 1000);
        often(&tally.outcomes, &format!("ExplicitlyDenied by {layer}"), 1000);
    }
    for caller in KINDS_OF_CALLER {
        for effect in ["Allowed", "ImplicitlyDenied", "ExplicitlyDenied"] {
            often(&tally.callers, &format!("{caller} {effect}"), 1000);
        }
    }
}
