//! Trust policies of roles: elements that they do not have, and actions that must come together (reference iam.md 1.12).

use super::Lint;
use crate::PolicyKind;
use crate::document::PrincipalType;
use crate::lint::codes;
use crate::lint::document::{Statement, Text};
use crate::lint::finding::Report;

/// Keys that a request sets only with another action's permission.
const SETTING_ACTIONS: &[(&str, &str)] = &[
    ("sts:sourceidentity", "sts:SetSourceIdentity"),
    ("sts:transitivetagkeys", "sts:TagSession"),
    ("aws:tagkeys", "sts:TagSession"),
    ("aws:requesttag/", "sts:TagSession"),
];

pub(super) fn check(lint: &Lint<'_>, report: &mut Report) {
    if lint.kind != PolicyKind::Trust {
        return;
    }
    for statement in lint.statements() {
        check_elements(statement, report);
        check_sessions(statement, report);
        if statement.allows() {
            check_setting_actions(statement, report);
            check_roles_anywhere(statement, report);
        }
    }
}

fn check_elements(statement: &Statement, report: &mut Report) {
    if let Some(element) = statement.principal.as_ref().filter(|element| element.negated) {
        let message = "Role trust policies do not support NotPrincipal. Update the policy to use a \
                       Principal element instead.";
        report.add(&codes::ROLE_TRUST_POLICY_SYNTAX_ERROR_NOTPRINCIPAL, &element.place, message);
    }
    if let Some(element) = statement.principal.as_ref().filter(|element| element.scalar && !element.negated) {
        let message = "\"Principal\": \"*\" is not supported in the principal element of a role trust \
                       policy. Replace the wildcard with a valid principal value.";
        report.add(&codes::ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL, &element.place, message);
    }
    if let Some(resources) = &statement.resources {
        let message = "Role trust policies apply to the role that they are attached to. You cannot specify \
                       a resource. Remove the Resource or NotResource element.";
        report.add(&codes::ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE, &resources.place, message);
    }
}

/// A session beside its role adds nothing.
fn check_sessions(statement: &Statement, report: &mut Report) {
    let roles: Vec<(&str, &str)> =
        statement.principals(PrincipalType::Aws).filter_map(|text| account_and_role(text)).collect();
    for text in statement.principals(PrincipalType::Aws) {
        let Some((account, role)) = account_and_session_role(text) else { continue };
        if roles.contains(&(account, role)) {
            let message = format!(
                "The assumed-role principal {} is redundant with its parent role {role}.",
                text.value
            );
            report.add(&codes::REDUNDANT_PRINCIPAL_IN_ROLE_TRUST_POLICY, &text.place, message);
        }
    }
}

fn account_and_role(text: &Text) -> Option<(&str, &str)> {
    let (account, path) = text.value.strip_prefix("arn:aws:iam::")?.split_once(":role/")?;
    Some((account, path.rsplit('/').next()?))
}

fn account_and_session_role(text: &Text) -> Option<(&str, &str)> {
    let (account, path) = text.value.strip_prefix("arn:aws:sts::")?.split_once(":assumed-role/")?;
    Some((account, path.split('/').next()?))
}

fn check_setting_actions(statement: &Statement, report: &mut Report) {
    for condition in &statement.conditions {
        let key = condition.key.value.to_ascii_lowercase();
        let needed = SETTING_ACTIONS
            .iter()
            .find(|(known, _)| key == *known || (known.ends_with('/') && key.starts_with(known)));
        if let Some((_, action)) = needed
            && !statement.covers_action(action)
        {
            let message = format!(
                "The {action} action must be in the action block to allow setting values for the condition \
                 key {}.",
                condition.key.value
            );
            report.add(&codes::MISSING_ACTION_FOR_CONDITION_KEY, &condition.key.place, message);
        }
    }
}

fn check_roles_anywhere(statement: &Statement, report: &mut Report) {
    let needed = ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"];
    let service =
        statement.principals(PrincipalType::Service).find(|text| text.value == "rolesanywhere.amazonaws.com");
    if let Some(service) = service
        && !needed.iter().all(|action| statement.covers_action(action))
    {
        let message = "The rolesanywhere.amazonaws.com service principal requires the sts:AssumeRole, \
                       sts:SetSourceIdentity, and sts:TagSession permissions to assume a role.";
        report.add(&codes::MISSING_ACTION_FOR_ROLES_ANYWHERE_TRUST_POLICY, &service.place, message);
    }
}
