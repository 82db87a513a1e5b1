//! `cargo xtask soak`: the proofs that take too long for every change. Each runs alone with its options, or all one
//! after the other; a part that fails does not keep the others from running.

mod differential;
mod end_to_end;
mod fuzz;
mod hostile;
mod kill;
mod mutants;
mod opinions;
mod properties;
mod tools;
mod wasm;

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use clap::Subcommand;

/// What is run; without a word everything, with the parts' own defaults.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    part: Option<Part>,
}

#[derive(Subcommand)]
enum Part {
    /// Compare the policy engine with the reference evaluator on random policies and requests.
    Differential(differential::Arguments),
    /// Try the properties that every decision has on many more drawn policies and requests.
    Properties(properties::Arguments),
    /// Look for inputs on which the engine panics or differs, with libFuzzer.
    Fuzz(fuzz::Arguments),
    /// Change the code that decides in every small way, and see that a test fails.
    Mutants(mutants::Arguments),
    /// Kill the server while it writes, again and again, and look for what it acknowledged.
    Kill(kill::Arguments),
    /// Let hostile functions go to their limits for long, and see that nobody is harmed.
    Hostile(hostile::Arguments),
    /// Compile the policy engine for WebAssembly.
    Wasm,
    /// Ask public engines about our cases, and write crates/policy/OPINIONS.md.
    Opinions,
}

/// How a part ended.
struct Outcome {
    name: &'static str,
    took: Duration,
    /// What was found, in a line.
    result: Result<String>,
}

/// Runs one part or all of them and sums up.
pub(crate) fn run(arguments: Arguments) -> Result<()> {
    let parts = match arguments.part {
        Some(part) => vec![part],
        None => Part::all(),
    };
    let outcomes: Vec<Outcome> = parts.into_iter().map(Part::run).collect();
    println!();
    for outcome in &outcomes {
        let (word, line) = match &outcome.result {
            Ok(found) => ("passed", found.clone()),
            Err(error) => ("failed", format!("{error:#}")),
        };
        println!("{word}  {:<12} {:>6} s  {line}", outcome.name, outcome.took.as_secs());
    }
    let failed = outcomes.iter().filter(|outcome| outcome.result.is_err()).count();
    if failed > 0 {
        bail!("{failed} of {} parts failed", outcomes.len());
    }
    Ok(())
}

impl Part {
    fn all() -> Vec<Part> {
        vec![
            Part::Differential(differential::Arguments::default()),
            Part::Properties(properties::Arguments::default()),
            Part::Fuzz(fuzz::Arguments::default()),
            Part::Mutants(mutants::Arguments::default()),
            Part::Kill(kill::Arguments::default()),
            Part::Hostile(hostile::Arguments::default()),
            Part::Wasm,
            Part::Opinions,
        ]
    }

    fn run(self) -> Outcome {
        let name = match self {
            Part::Differential(_) => "differential",
            Part::Properties(_) => "properties",
            Part::Fuzz(_) => "fuzz",
            Part::Mutants(_) => "mutants",
            Part::Kill(_) => "kill",
            Part::Hostile(_) => "hostile",
            Part::Wasm => "wasm",
            Part::Opinions => "opinions",
        };
        println!("\n== {name}");
        let began = Instant::now();
        let result = match self {
            Part::Differential(arguments) => differential::run(&arguments),
            Part::Properties(arguments) => properties::run(&arguments),
            Part::Fuzz(arguments) => fuzz::run(&arguments),
            Part::Mutants(arguments) => mutants::run(&arguments),
            Part::Kill(arguments) => kill::run(&arguments),
            Part::Hostile(arguments) => hostile::run(&arguments),
            Part::Wasm => wasm::run(),
            Part::Opinions => opinions::run(),
        };
        Outcome { name, took: began.elapsed(), result }
    }
}
