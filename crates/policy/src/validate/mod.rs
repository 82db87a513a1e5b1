//! Write-time validation: the answers that AWS gives when a document is stored. The first stage that fails wins over
//! all later ones, over the whole document (reference iam.md 1.11 to 1.13).

mod actions;
mod identity;
mod literals;
mod organization;
mod resource;
mod resources;
pub(crate) mod stages;
mod trust;

use crate::document::{self, Document, ShapeFault};
use crate::error::Fault;
use crate::{PolicyError, PolicyKind};

pub(crate) use trust::is_aws_principal;

/// A failed stage: AWS's message, and what is wrong where.
pub(crate) type Failure = (String, Fault);

/// Checks a document as AWS does when it is written. Policies of resources and endpoints are checked only as far as all
/// services agree; each service adds rules and messages of its own. What passes compiles.
///
/// # Errors
/// Answers AWS's message for the first stage that the document fails.
pub fn validate(kind: PolicyKind, text: &str) -> Result<(), PolicyError> {
    let check = |document: &Document| match kind {
        PolicyKind::Identity => identity::identity(document),
        PolicyKind::Session => identity::session(document),
        PolicyKind::Trust => trust::trust(document),
        PolicyKind::Resource | PolicyKind::Endpoint => resource::resource(kind, document),
        PolicyKind::ServiceControl => organization::service_control(document),
        PolicyKind::ResourceControl => organization::resource_control(document),
    };
    let shape_failure = |fault| match fault {
        ShapeFault::NotJson(fault) if kind == PolicyKind::Trust => (trust::NOT_JSON.to_owned(), fault),
        fault => (shape_message(kind).to_owned(), fault.into_fault()),
    };
    document::read(text)
        .map_err(shape_failure)
        .and_then(|document| check(&document))
        .map_err(|(message, fault)| PolicyError::new(text, message, fault))
}

/// AWS's message for a document that has not the shape of a policy.
pub(crate) fn shape_message(kind: PolicyKind) -> &'static str {
    match kind {
        PolicyKind::ServiceControl | PolicyKind::ResourceControl => organization::MESSAGE,
        _ => stages::SYNTAX,
    }
}

fn syntax_error(fault: Fault) -> Failure {
    (stages::SYNTAX.to_owned(), fault)
}
