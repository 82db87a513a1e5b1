//! Exit codes: a denial is an answer and not a failure.

use std::process::ExitCode;

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// It did what it was asked (0).
    Done,
    /// It could not, and said why (2, as clap's own code for wrong use).
    Failed,
    /// A scene of the demo did not play, or a policy test did not come out, as it should (1).
    Unexpected,
    /// The request that was asked about is denied (1).
    Denied,
    /// A policy has errors or security warnings (1).
    Findings,
    /// The function that was invoked failed (3).
    FunctionFailed,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Done => ExitCode::SUCCESS,
            Exit::Unexpected | Exit::Denied | Exit::Findings => ExitCode::from(1),
            Exit::Failed => ExitCode::from(2),
            Exit::FunctionFailed => ExitCode::from(3),
        }
    }
}
