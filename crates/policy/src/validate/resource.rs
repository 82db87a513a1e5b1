//! What is wrong with the policy of a resource or endpoint whichever service it is of (reference iam.md 1.1, 1.2).

use super::identity::with;
use super::{Failure, stages, syntax_error};
use crate::PolicyKind;
use crate::document::{Document, RawStatement};
use crate::error::Fault;

pub(super) fn resource(kind: PolicyKind, document: &Document<'_>) -> Result<(), Failure> {
    let statements = || document.statements.iter();
    stages::known_operators(document).map_err(syntax_error)?;
    statements().try_for_each(stages::names_somebody).map_err(syntax_error)?;
    statements().try_for_each(stages::effect_case).map_err(with(stages::LEGACY))?;
    stages::have_actions(document).map_err(with(stages::NO_ACTIONS))?;
    statements().try_for_each(|statement| resources(kind, statement)).map_err(with(stages::NO_RESOURCES))
}

/// A statement without the element may be about the resource that has the policy; an empty list is about nothing.
fn resources(kind: PolicyKind, statement: &RawStatement<'_>) -> Result<(), Fault> {
    match &statement.resources {
        Some(list) if list.values.is_empty() => Err(Fault::new(&list.span, "the list has no resources")),
        None if kind.requires_resource() => {
            Err(Fault::new(&statement.span, "the statement has neither Resource nor NotResource"))
        }
        _ => Ok(()),
    }
}
