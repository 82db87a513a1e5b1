//! The stages that several kinds of policy share; numbers are those of the table in reference iam.md 1.11. Each looks
//! at every statement and answers the first fault.

use std::collections::HashSet;

use super::literals;
use crate::condition::operator::Operator;
use crate::document::{Document, ListElement, RawStatement};
use crate::error::Fault;

pub(super) const SYNTAX: &str = "Syntax errors in policy.";
pub(super) const LEGACY: &str = "The policy failed legacy parsing";
pub(super) const SIDS: &str = "Statement IDs (SID) in a single policy must be unique.";
pub(super) const NO_ACTIONS: &str = "Policy statement must contain actions.";
pub(super) const NO_RESOURCES: &str = "Policy statement must contain resources.";
pub(super) const PRINCIPAL: &str = "Policy document should not specify a principal.";

/// Stage 1, as far as it is not the shape: an unknown operator is refused, unless its block is empty.
pub(crate) fn known_operators(document: &Document<'_>) -> Result<(), Fault> {
    for raw in document.statements.iter().flat_map(|statement| &statement.conditions) {
        if Operator::parse(&raw.operator.value).is_none() {
            let reason = format!("there is no condition operator '{}'", raw.operator.value);
            return Err(Fault::new(&raw.operator.span, reason));
        }
    }
    Ok(())
}

/// Stage 3: `Allow` and `Deny` have one capital letter.
pub(crate) fn effect_case(statement: &RawStatement<'_>) -> Result<(), Fault> {
    if ["Allow", "Deny"].contains(&statement.effect.value.as_ref()) {
        return Ok(());
    }
    Err(Fault::new(&statement.effect.span, "Effect is written Allow or Deny, with one capital letter"))
}

/// Stage 3: values that their operator can read.
pub(crate) fn literals(statement: &RawStatement<'_>) -> Result<(), Fault> {
    statement.conditions.iter().try_for_each(literals::check)
}

/// Stage 4: no `Sid` twice; empty ones do not count.
pub(crate) fn unique_sids(document: &Document<'_>) -> Result<(), Fault> {
    let mut seen = HashSet::new();
    for sid in document.statements.iter().filter_map(|statement| statement.sid.as_ref()) {
        if !sid.value.is_empty() && !seen.insert(sid.value.as_ref()) {
            return Err(Fault::new(&sid.span, format!("another statement has the Sid '{}'", sid.value)));
        }
    }
    Ok(())
}

/// Identity, session and service control policies are about their holder.
pub(super) fn no_principals(document: &Document<'_>) -> Result<(), Fault> {
    match document.statements.iter().find_map(|statement| statement.principal.as_ref()) {
        Some(principal) => Err(Fault::new(&principal.span, "this kind of policy names no principals")),
        None => Ok(()),
    }
}

/// An element that says whom the statement is about names at least one.
pub(super) fn names_somebody(statement: &RawStatement<'_>) -> Result<(), Fault> {
    match &statement.principal {
        Some(element) if element.entries.is_empty() => {
            Err(Fault::new(&element.span, "the element names nobody"))
        }
        _ => Ok(()),
    }
}

/// Stage 5: every statement has actions.
pub(crate) fn have_actions(document: &Document<'_>) -> Result<(), Fault> {
    all_have(
        document,
        |statement| statement.actions.as_ref(),
        "the statement has neither Action nor NotAction",
    )
}

/// Stage 6a: every statement has resources.
pub(crate) fn have_resources(document: &Document<'_>) -> Result<(), Fault> {
    all_have(
        document,
        |statement| statement.resources.as_ref(),
        "the statement has neither Resource nor NotResource",
    )
}

fn all_have(
    document: &Document<'_>,
    element: impl for<'s> Fn(&'s RawStatement<'s>) -> Option<&'s ListElement<'s>>,
    reason: &str,
) -> Result<(), Fault> {
    let lacking = document
        .statements
        .iter()
        .find(|statement| element(statement).is_none_or(|list| list.values.is_empty()));
    let place = |statement: &RawStatement| {
        element(statement).map_or(statement.span.clone(), |list| list.span.clone())
    };
    lacking.map_or(Ok(()), |statement| Err(Fault::new(&place(statement), reason)))
}
