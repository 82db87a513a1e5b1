//! Lint: what is wrong with a policy, and what could be better, before anybody attaches it.
//!
//! [`lint`] finds what IAM Access Analyzer's ValidatePolicy finds, under its codes, as far as it applies to what is
//! served here, and what only a tool can find that knows how Lambda is authorised. All codes are declared in
//! [`ACCESS_ANALYZER`] and [`LAMBDA_AWARE`]; [`LEFT_OUT`] says what is left out and why.
//!
//! Lint decides nothing: a policy with findings can be stored and is evaluated like any other. The one link to the
//! validator goes the other way: a document that AWS would refuse has at least one finding of level error.

mod catalog;
mod checks;
mod codes;
mod document;
mod finding;
mod forms;
mod known_keys;
mod read;
mod read_condition;

pub use catalog::{ActionCatalog, ActionFacts, ConditionKeyFacts};
pub use codes::{ACCESS_ANALYZER, Code, LAMBDA_AWARE, LEFT_OUT};
pub use finding::{Finding, Level};
pub use known_keys::is_multivalued;

use self::checks::Lint;
use self::document::Document;
use self::finding::{Place, Report};
use crate::document::PrincipalType;
use crate::{PolicyKind, json, validate};

/// Finds what is wrong with a document, ordered by position. Any text is welcome: what cannot be read is itself a
/// finding.
pub fn lint(kind: PolicyKind, text: &str, catalog: &dyn ActionCatalog) -> Vec<Finding> {
    let mut report = Report::default();
    if let Some(document) = read_document(kind, text, &mut report) {
        checks::run(&Lint::new(kind, text, &document, catalog), &mut report);
    }
    report_refusal(kind, text, &mut report);
    report.finish(text)
}

/// Tells from a document what kind of policy it is likely to be: with principals a trust policy when all actions are
/// of `sts` and no resources are named, else a resource-based policy; without principals an identity-based policy.
pub fn guess_kind(text: &str) -> PolicyKind {
    let Some(document) = read_document(PolicyKind::Identity, text, &mut Report::default()) else {
        return PolicyKind::Identity;
    };
    let statements = &document.statements;
    if statements.iter().all(|statement| statement.principal.is_none()) {
        return PolicyKind::Identity;
    }
    let mut actions = statements.iter().filter_map(|statement| statement.actions.as_ref());
    let only_sts = actions.all(|list| list.values.iter().all(|action| action.value.starts_with("sts:")));
    let no_resource = statements.iter().all(|statement| statement.resources.is_none());
    if only_sts && no_resource { PolicyKind::Trust } else { PolicyKind::Resource }
}

fn read_document(kind: PolicyKind, text: &str, report: &mut Report) -> Option<Document> {
    match json::parse(text) {
        Ok(node) => read::document(kind, node, report),
        Err(fault) => {
            read::report_fault(text, &fault, report);
            None
        }
    }
}

/// Whatever the checks above do not know, the validator does: nothing that it refuses may look fine.
fn report_refusal(kind: PolicyKind, text: &str, report: &mut Report) {
    if report.has_error() {
        return;
    }
    if let Err(error) = validate(kind, text) {
        let place = Place { span: error.span().start..error.span().end, path: String::new() };
        let message = format!("AWS refuses the policy: {} ({}).", error.message(), error.reason());
        report.add(&codes::REFUSED_WHEN_WRITTEN, &place, message);
    }
}

/// The name of a type of principal as it is written.
fn principal_key(kind: PrincipalType) -> &'static str {
    match kind {
        PrincipalType::Aws => "AWS",
        PrincipalType::Service => "Service",
        PrincipalType::Federated => "Federated",
        PrincipalType::CanonicalUser => "CanonicalUser",
    }
}
