//! Everything that CI runs, as one program: `cargo xtask SUBCOMMAND`. Each subcommand has a file of its own.

mod bench;
mod codegen;
mod soak;
mod tidy;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(
    name = "cargo xtask",
    about = "Code generation, checks, tests and benchmarks: everything that CI runs."
)]
struct Arguments {
    #[command(subcommand)]
    subcommand: Subcommands,
}

#[derive(Subcommand)]
enum Subcommands {
    /// Check the promises of ARCHITECTURE.md that a program can check.
    Tidy,
    /// Measure the server against bare peers, or the policy engine against others, and write BENCHMARKS.md.
    Bench(bench::Arguments),
    /// Run the proofs that take hours: the engine against its reference, fuzzing, mutation testing, kills.
    Soak(soak::Arguments),
    /// Generate the shapes, tables and routes of `crates/wire` from the models.
    Codegen(codegen::Arguments),
}

fn main() -> Result<()> {
    match Arguments::parse().subcommand {
        Subcommands::Tidy => tidy::run(),
        Subcommands::Bench(arguments) => bench::run(&arguments),
        Subcommands::Soak(arguments) => soak::run(arguments),
        Subcommands::Codegen(arguments) => codegen::run(&arguments),
    }
}
