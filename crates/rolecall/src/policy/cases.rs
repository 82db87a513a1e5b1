//! `rolecall policy test`: cases are run, and what came out differently is shown with its explanation.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::{Args, ValueEnum};
use rolecall_policy::cases::Case;

use super::files;
use super::report::{Difference, Report, Result as Ran, Suite};
use crate::exit::Exit;
use crate::stdout;
use crate::why::printable;

#[derive(Debug, Args)]
pub(crate) struct TestOptions {
    /// Files with cases, and directories to search for them.
    #[arg(value_name = "FILE|DIR", required = true)]
    pub places: Vec<PathBuf>,
    /// The form of the answer.
    #[arg(long, value_enum, default_value_t = TestOutput::Text)]
    pub output: TestOutput,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TestOutput {
    /// For people.
    Text,
    /// For programs.
    Json,
    /// JUnit's XML, for continuous integration.
    Junit,
}

/// Runs all cases and reports.
pub(crate) fn run(options: &TestOptions) -> Result<Exit> {
    let paths = files::find(&options.places)?;
    let report = Report { suites: paths.iter().map(|path| suite(path)).collect() };
    match options.output {
        TestOutput::Text => stdout::write(&printable(&report.to_string()))?,
        TestOutput::Json => stdout::write_json(&report.summary())?,
        TestOutput::Junit => stdout::write(&(report.junit() + "\n"))?,
    }
    Ok(report.exit())
}

fn suite(path: &Path) -> Suite {
    let file = path.display().to_string();
    match files::read(path) {
        Ok(cases) => Suite { file, results: cases.iter().map(result).collect() },
        Err(error) => {
            Suite { file: file.clone(), results: vec![Ran::Unusable { id: file, reason: error.to_string() }] }
        }
    }
}

fn result(case: &Case) -> Ran {
    match case.run(&super::is_wildcard_only) {
        Err(error) => Ran::Unusable { id: case.id.clone(), reason: error.reason },
        Ok(outcome) if outcome.differences.is_empty() => Ran::Passed { id: case.id.clone() },
        Ok(outcome) => Ran::Differs(Box::new(Difference {
            id: case.id.clone(),
            differences: outcome.differences,
            explanation: outcome.explanation,
        })),
    }
}
