//! Principals of any kind of policy (reference iam.md 1.5). What is particular to trust policies and to services is
//! looked at elsewhere.

use super::Lint;
use crate::PolicyKind;
use crate::document::PrincipalType;
use crate::lint::codes;
use crate::lint::document::{PrincipalElement, Statement, Text, has_wildcard};
use crate::lint::finding::Report;
use crate::lint::principal_key;

pub(super) fn check(lint: &Lint<'_>, report: &mut Report) {
    for statement in lint.statements() {
        let Some(element) = &statement.principal else { continue };
        check_element(lint, statement, element, report);
        for (kind, text) in &element.entries {
            check_wildcard(*kind, text, report);
            check_reference(*kind, text, report);
        }
    }
}

fn check_element(lint: &Lint<'_>, statement: &Statement, element: &PrincipalElement, report: &mut Report) {
    if !lint.kind.names_principals() && lint.kind != PolicyKind::ServiceControl {
        let message =
            "This policy type does not support the Principal element. Remove the Principal element.";
        report.add(&codes::UNSUPPORTED_PRINCIPAL, &element.place, message);
        return;
    }
    if element.negated && statement.allows() && lint.kind.allows_not_principal() {
        let message = "Using Allow with NotPrincipal can be overly permissive. We recommend that you use \
                       Principal instead.";
        report.add(&codes::ALLOW_WITH_NOT_PRINCIPAL, &element.place, message);
    }
    let has_users = matches!(lint.kind, PolicyKind::Resource | PolicyKind::Trust);
    let everyone = statement.principals(PrincipalType::Aws).find(|text| text.value == "*");
    if let Some(everyone) = everyone.filter(|_| has_users && statement.allows()) {
        check_everyone(lint, statement, everyone, report);
    }
    let federated = statement.principals(PrincipalType::Federated);
    if lint.kind != PolicyKind::Trust {
        for provider in federated {
            let message =
                "The policy type does not support a federated identity provider in the principal element.";
            report.add(&codes::FEDERATED_PRINCIPAL_NOT_SUPPORTED, &provider.place, message);
        }
    }
}

fn check_everyone(lint: &Lint<'_>, statement: &Statement, everyone: &Text, report: &mut Report) {
    // A bare star in a trust policy is refused, and reported as such.
    let is_bare = statement.principal.as_ref().is_some_and(|element| element.scalar);
    if statement.conditions.is_empty() && !(is_bare && lint.kind == PolicyKind::Trust) {
        let message =
            "This statement allows everybody in the world, with credentials of any account or with none.";
        report.add(&codes::EVERYONE_WITHOUT_CONDITION, &everyone.place, message);
    }
}

fn check_wildcard(kind: PrincipalType, text: &Text, report: &mut Report) {
    let is_everyone = kind == PrincipalType::Aws && text.value == "*";
    if has_wildcard(&text.value) && !is_everyone {
        let key = principal_key(kind);
        let message = format!(
            "Wildcards (*, ?) are not supported with the principal key {key}. Replace the wildcard with a \
             valid principal value."
        );
        report.add(&codes::UNSUPPORTED_WILDCARD_IN_PRINCIPAL, &text.place, message);
    }
}

fn check_reference(kind: PrincipalType, text: &Text, report: &mut Report) {
    if kind != PrincipalType::Aws {
        return;
    }
    let value = &text.value;
    if value.starts_with("AROA") {
        let message = format!(
            "The Principal element includes the IAM role ID {value}. We recommend that you use a role ARN \
             instead."
        );
        report.add(&codes::INVALID_ROLE_REFERENCE, &text.place, message);
    } else if value.starts_with("AIDA") {
        let message = format!(
            "The Principal element includes the IAM user ID {value}. We recommend that you use a user ARN \
             instead."
        );
        report.add(&codes::INVALID_USER_REFERENCE, &text.place, message);
    }
}
