//! Service control and resource control policies (reference iam.md 1.2, 1.13). Organizations has one message for all
//! that is wrong with them.

use super::identity::with;
use super::{Failure, actions, stages};
use crate::document::{Document, PrincipalType, RawPrincipal, RawStatement, Text};
use crate::error::Fault;
use crate::resource_control::resource_control_covers;

pub(super) const MESSAGE: &str =
    "The provided policy document does not meet the requirements of the specified policy type.";

pub(super) fn service_control(document: &Document<'_>) -> Result<(), Failure> {
    common(document).and_then(|()| stages::no_principals(document)).map_err(with(MESSAGE))
}

pub(super) fn resource_control(document: &Document<'_>) -> Result<(), Failure> {
    let check = |statement: &RawStatement| {
        deny_only(statement)?;
        everyone(statement)?;
        no_not_action(statement)
    };
    common(document)
        .and_then(|()| document.statements.iter().try_for_each(check))
        .and_then(|()| actions::all(document).try_for_each(covered_action))
        .map_err(with(MESSAGE))
}

/// What both kinds have in common.
fn common(document: &Document<'_>) -> Result<(), Fault> {
    stages::known_operators(document)?;
    for statement in &document.statements {
        stages::effect_case(statement)?;
        stages::literals(statement)?;
    }
    stages::unique_sids(document)?;
    stages::have_actions(document)?;
    stages::have_resources(document)?;
    match actions::all(document)
        .find_map(|text| actions::format_fault(&text.value).map(|fault| (fault, text)))
    {
        Some((fault, text)) => Err(Fault::new(&text.span, fault)),
        None => Ok(()),
    }
}

fn deny_only(statement: &RawStatement<'_>) -> Result<(), Fault> {
    if statement.effect.value == "Deny" {
        return Ok(());
    }
    Err(Fault::new(&statement.effect.span, "a resource control policy can only deny"))
}

/// `"*"` or `{"AWS": "*"}`; AWS refuses the same in a list.
fn everyone(statement: &RawStatement<'_>) -> Result<(), Fault> {
    let is_everyone = |principal: &RawPrincipal| {
        let single =
            matches!(principal.entries.as_slice(), [(PrincipalType::Aws, text)] if text.value == "*");
        single && !principal.negated && !principal.listed
    };
    match &statement.principal {
        Some(principal) if is_everyone(principal) => Ok(()),
        Some(principal) => {
            Err(Fault::new(&principal.span, "the principal of a resource control policy is \"*\""))
        }
        None => Err(Fault::new(&statement.span, "the statement has no Principal")),
    }
}

fn no_not_action(statement: &RawStatement<'_>) -> Result<(), Fault> {
    match &statement.actions {
        Some(actions) if actions.negated => Err(Fault::new(&actions.span, "NotAction is not allowed here")),
        _ => Ok(()),
    }
}

fn covered_action(action: &Text<'_>) -> Result<(), Fault> {
    let service = action.value.split(':').next().unwrap_or_default();
    if resource_control_covers(service) {
        return Ok(());
    }
    Err(Fault::new(&action.span, format!("resource control policies do not cover '{service}'")))
}
