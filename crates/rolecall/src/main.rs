//! The `rolecall` program.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line speaks through these")]

mod cli;
mod client;
mod demo;
mod denial;
mod event;
mod exit;
mod first_start;
mod house;
mod invoke;
mod log;
mod logs;
mod metrics;
mod policy;
mod policy_lint;
mod runtimes;
mod serve;
mod server_access;
mod stdout;
mod why;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::{Cli, Command};
use crate::exit::Exit;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The hidden first argument with which the server starts itself as the first process of a sandbox.
const SANDBOX_INIT: &str = "sandbox-init";

fn main() -> ExitCode {
    // A sandbox is set up before there is any other thread, so this comes before everything else.
    if std::env::args().nth(1).as_deref() == Some(SANDBOX_INIT) {
        rolecall_runner::sandbox_init_main();
    }
    let exit = match Cli::parse().command {
        Command::Serve(options) => serve::run(&options),
        Command::Demo(options) => demo::run(&options),
        Command::Why(options) => why::run(&options),
        Command::Policy(command) => policy::run(&command),
        Command::Runtimes(options) => runtimes::run(&options),
        Command::Invoke(options) => invoke::run(&options),
        Command::Event(options) => event::run(&options),
        Command::Logs(options) => logs::run(&options),
    };
    match exit {
        Ok(exit) => exit.into(),
        Err(error) => {
            eprintln!("rolecall: {error:#}");
            Exit::Failed.into()
        }
    }
}
