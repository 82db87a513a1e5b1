//! Identity-based and session policies (reference iam.md 1.11).

use super::{Failure, actions, literals, resources, stages, syntax_error};
use crate::document::{Document, Text, Version};
use crate::error::Fault;

const VERSION: &str = "Policy document must be version 2012-10-17 or greater.";

/// An inline or managed policy of a user, group or role.
pub(super) fn identity(document: &Document<'_>) -> Result<(), Failure> {
    stages::known_operators(document).map_err(syntax_error)?;
    version(document).map_err(with(VERSION))?;
    legacy(document).map_err(with(stages::LEGACY))?;
    presence(document)?;
    formats(resources::all(document), resources::format_fault)?;
    formats(actions::all(document), actions::format_fault)
}

/// A session policy: only its structure and base64 are checked, and what else is malformed never matches.
pub(super) fn session(document: &Document<'_>) -> Result<(), Failure> {
    stages::known_operators(document).map_err(syntax_error)?;
    for statement in &document.statements {
        stages::effect_case(statement).map_err(with(stages::LEGACY))?;
        statement.conditions.iter().try_for_each(literals::check_binary).map_err(with(stages::LEGACY))?;
    }
    presence(document)
}

/// Stages 4 to 6a.
fn presence(document: &Document<'_>) -> Result<(), Failure> {
    stages::unique_sids(document).map_err(with(stages::SIDS))?;
    stages::no_principals(document).map_err(with(stages::PRINCIPAL))?;
    stages::have_actions(document).map_err(with(stages::NO_ACTIONS))?;
    stages::have_resources(document).map_err(with(stages::NO_RESOURCES))
}

fn version(document: &Document<'_>) -> Result<(), Fault> {
    match document.version {
        Version::V2012 => Ok(()),
        Version::V2008 => Err(Fault::new(&document.span, "Version is 2008-10-17")),
        Version::Missing => Err(Fault::new(&document.span, "the policy has no Version")),
    }
}

fn legacy(document: &Document<'_>) -> Result<(), Fault> {
    for statement in &document.statements {
        stages::effect_case(statement)?;
        stages::literals(statement)?;
    }
    match resources::all(document).find(|resource| resources::is_impossible(&resource.value)) {
        Some(resource) => Err(Fault::new(&resource.span, format!("'{}' cannot be an ARN", resource.value))),
        None => Ok(()),
    }
}

/// The first value that has a fault, with AWS's message for it.
fn formats<'a>(
    mut values: impl Iterator<Item = &'a Text<'a>>,
    fault: impl Fn(&str) -> Option<String>,
) -> Result<(), Failure> {
    let found = values.find_map(|text| fault(&text.value).map(|message| (message, text)));
    found.map_or(Ok(()), |(message, text)| {
        let reason = format!("'{}' has not the right form", text.value);
        Err((message, Fault::new(&text.span, reason)))
    })
}

/// Gives a fault one of AWS's messages.
pub(super) fn with(message: &str) -> impl Fn(Fault) -> Failure {
    move |fault| (message.to_owned(), fault)
}
