//! Service control and resource control policies (reference iam.md 1.2, 1.13).

use super::Lint;
use crate::PolicyKind;
use crate::condition::operator::Family;
use crate::document::PrincipalType;
use crate::lint::codes::{self, Code};
use crate::lint::document::{PrincipalElement, Statement};
use crate::lint::finding::Report;
use crate::resource_control_covers;

const IS_SERVICE: &str = "aws:PrincipalIsAWSService";
const PRINCIPAL_KEYS: &[&str] =
    &["aws:principalorgid", "aws:principalorgpaths", "aws:principalaccount", "aws:principalarn"];
const SOURCE_KEYS: &[&str] = &["aws:sourceorgid", "aws:sourceorgpaths", "aws:sourceaccount", "aws:sourcearn"];

pub(super) fn check(lint: &Lint<'_>, report: &mut Report) {
    for statement in lint.statements() {
        match lint.kind {
            PolicyKind::ServiceControl => service_control(statement, report),
            PolicyKind::ResourceControl => resource_control(statement, report),
            _ => {}
        }
    }
}

fn service_control(statement: &Statement, report: &mut Report) {
    if let Some(element) = &statement.principal {
        let message =
            "SCPs do not support specifying principals. Remove the Principal or NotPrincipal element.";
        report.add(&codes::SCP_SYNTAX_ERROR_PRINCIPAL, &element.place, message);
    }
}

fn resource_control(statement: &Statement, report: &mut Report) {
    if let Some(effect) = statement.effect.as_ref().filter(|effect| !effect.denies) {
        let message = "A resource control policy of your own can only deny.";
        report.add(&codes::RCP_SYNTAX_ERROR_ALLOW, &effect.place, message);
    }
    if let Some(element) = statement.principal.as_ref().filter(|element| !is_everyone(element)) {
        let message = "The Principal element contents are not valid. RCPs only support specifying all \
                       principals (\"*\") in the Principal element. The NotPrincipal element is not \
                       supported for RCPs.";
        report.add(&codes::RCP_SYNTAX_ERROR_PRINCIPAL, &element.place, message);
    }
    if let Some(actions) = statement.actions.as_ref().filter(|actions| actions.negated) {
        let message = "RCPs do not support the NotAction element. Update to use the Action element.";
        report.add(&codes::RCP_SYNTAX_ERROR_NOTACTION, &actions.place, message);
    }
    for action in statement.listed_actions() {
        let service = action.value.split(':').next().unwrap_or_default();
        if !resource_control_covers(service) {
            let message = "RCPs only support specifying select service prefixes in the Action element.";
            report.add(&codes::RCP_SYNTAX_ERROR_ACTION, &action.place, message);
        }
    }
    if statement.denies() {
        check_services(statement, report);
    }
}

fn is_everyone(element: &PrincipalElement) -> bool {
    let everyone = |(kind, text): &(PrincipalType, crate::lint::document::Text)| {
        *kind == PrincipalType::Aws && text.value == "*"
    };
    !element.negated && !element.entries.is_empty() && element.entries.iter().all(everyone)
}

/// A Deny for strangers hits the services that work for the organization too, unless it says how they are meant.
fn check_services(statement: &Statement, report: &mut Report) {
    let says_service = statement.has_condition_on(&[IS_SERVICE]);
    let says_source = ["aws:SourceAccount", "aws:SourceArn"]
        .iter()
        .flat_map(|key| statement.conditions_on(key))
        .any(|condition| condition.parsed.is_some_and(|operator| operator.family == Family::Null));
    for condition in &statement.conditions {
        let key = condition.key.value.to_ascii_lowercase();
        let is_null = condition.parsed.is_some_and(|operator| operator.family == Family::Null);
        let of_principal = PRINCIPAL_KEYS.contains(&key.as_str()) || key.starts_with("aws:principaltag/");
        let of_source = SOURCE_KEYS.contains(&key.as_str()) && !is_null;
        let mut add = |code: &'static Code, message: String| report.add(code, &condition.key.place, message);
        if of_principal && !says_service {
            add(
                &codes::RCP_MISSING_RELATED_PRINCIPAL_CONDITION_KEY,
                format!(
                    "Calls of AWS services have no {}, so services that work for you are denied too.",
                    condition.key.value
                ),
            );
        }
        if of_source && !says_service {
            add(
                &codes::RCP_MISSING_RELATED_SERVICE_PRINCIPAL_CONDITION_KEY,
                format!(
                    "Calls of users and roles have no {}, so they may be denied too.",
                    condition.key.value
                ),
            );
        } else if of_source && !says_source {
            add(
                &codes::RCP_MISSING_SERVICE_CONDITION_KEY_NULL_CHECK,
                format!("Some services call without {}, and are denied too.", condition.key.value),
            );
        }
    }
}
