//! Comparing ARNs component by component (reference iam.md 2.5).

use rolecall_policy::Context;

use crate::text::{Reading, Symbol, fits, read};

/// How a written ARN relates to the requested one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    Matches,
    Differs,
    /// What is written is no ARN.
    Broken,
}

/// Whether a text is an ARN: `arn` and five components more.
pub(crate) fn is_one(text: &str) -> bool {
    text.starts_with("arn:") && text.splitn(6, ':').count() == 6
}

/// Compares a written ARN, whose variables are replaced first, with a requested one.
pub(crate) fn compare(written: &str, variables: Option<&Context>, requested: &str) -> Comparison {
    let Some(pattern) = read(written, Reading { wildcards: true, variables }) else {
        // A variable without value cannot match (reference iam.md 3.4).
        return Comparison::Differs;
    };
    let components = split(&pattern);
    let begins_as_arn = components.first().is_some_and(|first| fits(first, "arn"));
    if components.len() < 6 || !begins_as_arn {
        return Comparison::Broken;
    }
    let same =
        components.iter().zip(requested.splitn(6, ':')).all(|(written, requested)| fits(written, requested));
    if same { Comparison::Matches } else { Comparison::Differs }
}

/// Cuts a pattern at its first five colons.
fn split(pattern: &[Symbol]) -> Vec<&[Symbol]> {
    pattern.splitn(6, |symbol| *symbol == Symbol::Unit(u16::from(b':'))).collect()
}
