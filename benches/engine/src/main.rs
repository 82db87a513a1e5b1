//! Measures the policy engine against other engines and a hash map, and prints its part of BENCHMARKS.md.

#![expect(clippy::print_stdout, reason = "the report is what this program is for")]

use std::process::Command;

use anyhow::{Context, Result, ensure};
use rolecall_bench_engine::caller::{Caller, largest_managed};
use rolecall_bench_engine::clock::{Contestant, ROUNDS, measure};
use rolecall_bench_engine::floor::Floor;
use rolecall_bench_engine::ours::{Ours, compile};
use rolecall_bench_engine::scale::{ACTION, Scale};
use rolecall_bench_engine::theirs::{Awsim, Cedar};
use rolecall_policy::{Effect, PolicyKind};

const SIZES: [usize; 5] = [1, 10, 100, 1_000, 10_000];

/// A target and what came of it.
struct Target {
    words: &'static str,
    wanted: String,
    reached: String,
    holds: bool,
}

fn main() -> Result<()> {
    println!(
        "## The policy engine\n\nMade by `cargo xtask bench engine`. CPU time of one thread per decision, the median of \
         {ROUNDS} interleaved rounds; every answer is checked. All statements are about one action, and the requests \
         take turns over 16 resources. With conditions, each statement has three and a policy variable. The other \
         engines are `cedar-policy` 4.14.1 with the equivalent policies and `awsim-iam-policy` 0.8.0; what can be made \
         before a decision (parsed policies, requests, entities) is made before it, for all of them. The floor is one \
         hit in the standard `HashMap` with its own hasher (SipHash 1-3) by a key as long as action and resource.\n"
    );
    let before = load()?;
    let mut targets = scales()?;
    targets.extend(callers()?);
    let memory = std::env::current_exe()?.with_file_name("engine-memory");
    let memory = Command::new(memory).output().context("cannot start engine-memory")?;
    ensure!(memory.status.success(), "engine-memory failed: {}", String::from_utf8_lossy(&memory.stderr));
    println!("{}", String::from_utf8_lossy(&memory.stdout));
    println!(
        "### Targets\n\nThe machine's load average was {before} before the measurement and {} after it. Other work on a \
         shared core slows everything down, and that which needs the caches most of all.\n\n\
         | target | wanted | measured | |\n|---|---|---|---|",
        load()?
    );
    for Target { words, wanted, reached, holds } in targets {
        println!(
            "| {words} | {wanted} | {reached} | {} |",
            if holds { "holds" } else { "**does not hold**" }
        );
    }
    Ok(())
}

/// How many programs wanted a core in the last minute, and how many cores there are.
fn load() -> Result<String> {
    let text = std::fs::read_to_string("/proc/loadavg").context("cannot read the load average")?;
    let cores = std::thread::available_parallelism()?;
    Ok(format!("{} on {cores} cores", text.split(' ').next().unwrap_or_default()))
}

/// Policies of all sizes.
fn scales() -> Result<Vec<Target>> {
    println!(
        "### Statements\n\n| statements | conditions | answer | Rolecall | cedar-policy | awsim-iam-policy | \
         cedar / Rolecall | awsim / Rolecall | Rolecall / floor |\n|---|---|---|---|---|---|---|---|---|"
    );
    let mut ours = Vec::new();
    let mut worst = [[f64::INFINITY; 2]; 2];
    for conditions in [false, true] {
        for hit in [true, false] {
            for statements in SIZES {
                let scale = Scale { statements, conditions, hit };
                let times = measure_scale(&scale)?;
                let [us, cedar, awsim, _] = times;
                ours.push((scale, us));
                let row = match statements {
                    10 => Some(0),
                    1_000 => Some(1),
                    _ => None,
                };
                if let Some(row) = row {
                    worst[row][0] = worst[row][0].min(cedar / us);
                    worst[row][1] = worst[row][1].min(awsim / us);
                }
                print_scale(&scale, times);
            }
        }
    }
    println!();
    let growth = ours.chunks(SIZES.len()).map(|sizes| sizes[4].1 / sizes[1].1).fold(0.0, f64::max);
    let least = |words, wanted: f64, reached: f64| Target {
        words,
        wanted: format!("at least {wanted} times"),
        reached: format!("{reached:.0} times"),
        holds: reached >= wanted,
    };
    Ok(vec![
        Target {
            words: "t(10,000 statements) / t(10), worst of the four kinds",
            wanted: "at most 3".to_owned(),
            reached: format!("{growth:.2}"),
            holds: growth <= 3.0,
        },
        least("1,000 statements, cedar-policy / Rolecall, worst of the four kinds", 1000.0, worst[1][0]),
        least("1,000 statements, awsim-iam-policy / Rolecall, worst", 300.0, worst[1][1]),
        least("10 statements, cedar-policy / Rolecall, worst", 20.0, worst[0][0]),
        least("10 statements, awsim-iam-policy / Rolecall, worst", 5.0, worst[0][1]),
    ])
}

/// Nanoseconds of this engine, Cedar, awsim and the floor.
fn measure_scale(scale: &Scale) -> Result<[f64; 4]> {
    let (ours, cedar, awsim) = (Ours::new(scale)?, Cedar::new(scale)?, Awsim::new(scale)?);
    let floor = Floor::new(ACTION, &scale.resources());
    let mut contestants: [(&str, Contestant<'_>); 4] = [
        ("Rolecall", Box::new(|turn| ours.decide(turn))),
        ("cedar-policy", Box::new(|turn| cedar.decide(turn))),
        ("awsim-iam-policy", Box::new(|turn| awsim.decide(turn))),
        ("HashMap", Box::new(|turn| floor.hit(turn))),
    ];
    let times = measure(&mut contestants)?;
    Ok([times[0], times[1], times[2], times[3]])
}

fn print_scale(scale: &Scale, [ours, cedar, awsim, floor]: [f64; 4]) {
    println!(
        "| {} | {} | {} | {ours:.0} ns | {} | {} | **{:.0}** | **{:.0}** | {:.1} |",
        scale.statements,
        if scale.conditions { "three, variable" } else { "none" },
        if scale.hit { "allowed" } else { "denied" },
        time(cedar),
        time(awsim),
        cedar / ours,
        awsim / ours,
        ours / floor
    );
}

fn time(ns: f64) -> String {
    if ns < 10_000.0 { format!("{ns:.0} ns") } else { format!("{:.1} µs", ns / 1000.0) }
}

/// The realistic caller, and what is made once.
fn callers() -> Result<Vec<Target>> {
    let caller = Caller::new()?;
    let resources = Caller::resources();
    let floor = Floor::new(ACTION, &resources);
    let document = largest_managed();
    let ask = |action: &'static str, expected| {
        let (caller, resources) = (&caller, &resources);
        move |turn: usize| caller.decide(action, &resources[turn % resources.len()], expected)
    };
    let mut contestants: [(&str, Contestant<'_>); 5] = [
        ("allowed", Box::new(ask(ACTION, Effect::Allowed))),
        ("denied", Box::new(ask("sqs:SendMessage", Effect::ImplicitlyDenied))),
        ("HashMap", Box::new(|turn| floor.hit(turn))),
        ("compiling", Box::new(|_| compile(PolicyKind::Identity, &document).is_ok())),
        ("context", Box::new(|_| std::hint::black_box(caller.context()).contains("aws:SourceIp"))),
    ];
    let times = measure(&mut contestants)?;
    let [allowed, denied, hit, compiling, context] = [times[0], times[1], times[2], times[3], times[4]];
    println!(
        "### A realistic caller\n\nA role session with ten AWS managed policies, a permissions boundary, a session \
         policy and two levels of service control policies, at a function with a resource-based policy.\n\n\
         | | time | in hits of a `HashMap` |\n|---|---|---|\n| allowed | {allowed:.0} ns | **{:.1}** |\n\
         | denied | {denied:.0} ns | **{:.1}** |\n| one hit of a `HashMap` | {hit:.1} ns | 1 |\n\
         | making the condition context of the request (not part of the decision) | {context:.0} ns | {:.1} |\n\
         | compiling a document of {} bytes, statements of AWS managed policies | {:.1} µs | |\n",
        allowed / hit,
        denied / hit,
        context / hit,
        document.len(),
        compiling / 1000.0
    );
    let slowest = allowed.max(denied);
    Ok(vec![
        Target {
            words: "the realistic caller",
            wanted: "at most 15 hits of a `HashMap`".to_owned(),
            reached: format!("{:.1} ({slowest:.0} ns)", slowest / hit),
            holds: slowest <= 15.0 * hit,
        },
        Target {
            words: "compiling a managed policy of 6 KB",
            wanted: "under 50 µs".to_owned(),
            reached: format!("{:.1} µs", compiling / 1000.0),
            holds: compiling < 50_000.0,
        },
    ])
}
