//! `rolecall policy`: the engine without a server, to decide one request or to run policy tests before anything is
//! deployed.

mod cases;
mod check;
mod documents;
mod files;
mod report;
mod yaml;

use anyhow::Result;
use clap::Subcommand;

use crate::exit::Exit;
use crate::policy_lint::{self, LintOptions};

/// What can be done with policies offline.
#[derive(Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    /// Decide one request by the given policies, and explain the decision.
    #[command(
        after_help = "Exit codes:\n  0  the request is allowed\n  1  the request is denied\n  2  wrong use, or a \
                            file, principal or condition key that cannot be read"
    )]
    Check(Box<check::CheckOptions>),
    /// Find what is wrong with policies, before AWS or an attacker does.
    Lint(LintOptions),
    /// Run policy tests: cases of policies, a request and the decision that is expected.
    #[command(
        after_help = "Files are .json (a list of cases, or one), .jsonl (one case a line) and .yaml or .yml; \
                            directories are searched for them.\n\nExit codes:\n  0  every case came out as \
                            expected\n  1  a case came out differently\n  2  wrong use, no cases, or a case that \
                            cannot be read"
    )]
    Test(cases::TestOptions),
}

/// Does it.
pub(crate) fn run(command: &PolicyCommand) -> Result<Exit> {
    match command {
        PolicyCommand::Check(options) => check::run(options),
        PolicyCommand::Lint(options) => policy_lint::run(options),
        PolicyCommand::Test(options) => cases::run(options),
    }
}

/// Whether the catalog knows the action as one without resource. Unknown actions are decided like any other.
fn is_wildcard_only(action: &str) -> bool {
    rolecall_catalog::action(action).is_some_and(rolecall_catalog::Action::wildcard_only)
}
