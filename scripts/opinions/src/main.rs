//! Asks public policy engines about the cases of `crates/policy/tests/cases`, as far as each can be asked, and writes
//! every disagreement with the section of the reference that decides it. The engines come from their registries and
//! are used for nothing else.
//!
//! `rolecall-opinions NODE_MODULES OUTPUT`, in the workspace's folder.

mod awsim;
mod case;
mod page;
mod simulate;

use anyhow::{Context, Result};

use crate::case::Case;

/// Where the cases are.
const CASES: &str = "crates/policy/tests/cases";
/// Why the engines that disagree do so, by engine and section.
const REASONS: &str = "scripts/opinions/reasons.json";

/// What an engine says of one case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Opinion {
    /// The case format's word for its decision.
    Decision(String),
    /// The case cannot be put to the engine, and why.
    CannotBeAsked(String),
}

/// An engine and what it says of all cases, in their order.
pub(crate) struct Engine {
    /// Its name in the registry.
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
    pub(crate) registry: &'static str,
    pub(crate) licence: &'static str,
    pub(crate) opinions: Vec<Opinion>,
}

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let node_modules = arguments.next().context("the folder with node_modules is the first argument")?;
    let output = arguments.next().context("the file to write is the second argument")?;
    let cases = case::read(CASES)?;
    let engines = [
        Engine {
            name: "@cloud-copilot/iam-simulate",
            version: "0.1.173",
            registry: "npm",
            licence: "AGPL-3.0-or-later",
            opinions: simulate::ask(&cases, &node_modules)?,
        },
        Engine {
            name: "awsim-iam-policy",
            version: "0.8.0",
            registry: "crates.io",
            licence: "MIT OR Apache-2.0",
            opinions: cases.iter().map(awsim::ask).collect(),
        },
    ];
    let reasons = serde_json::from_str(&std::fs::read_to_string(REASONS)?)?;
    let text = page::write(&cases, &engines, &reasons)?;
    std::fs::write(&output, text).with_context(|| format!("cannot write {output}"))
}

/// Whether the caller came with a provider's token, for which the engines have no form.
pub(crate) fn asks_for_a_federated_caller(case: &Case) -> bool {
    ["-provider/", "cognito-identity"].iter().any(|word| case.text("principal").contains(word))
}
