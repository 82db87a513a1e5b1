//! Wildcards in values of String and Arn operators: where they are text, where they match everything, and where they
//! match strangers (reference iam.md 2.2).

use super::Lint;
use crate::condition::operator::{Family, Operator, SetMode};
use crate::lint::codes::{self, Code};
use crate::lint::document::{Condition, has_wildcard};
use crate::lint::finding::Report;
use crate::lint::forms::is_everything;

/// Keys whose values are ids that AWS gives: a pattern of them has no meaning but to take in others.
const SENSITIVE: &[&str] = &[
    "aws:principalaccount",
    "aws:principalorgid",
    "aws:resourceaccount",
    "aws:resourceorgid",
    "aws:sourceaccount",
    "aws:sourceorgid",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:vpceaccount",
    "aws:vpceorgid",
];

pub(super) fn check(lint: &Lint<'_>, report: &mut Report) {
    for condition in lint.conditions() {
        let Some(operator) = condition.parsed else { continue };
        match operator.family {
            Family::Text | Family::TextIgnoringCase => literal_wildcards(condition, report),
            Family::TextPattern => {
                all_matching(condition, operator, report);
                too_permissive(condition, report);
            }
            Family::Arn => too_permissive(condition, report),
            _ => {}
        }
        too_permissive_variables(condition, report);
    }
}

fn literal_wildcards(condition: &Condition, report: &mut Report) {
    for value in condition.values.iter().map(|value| &value.text) {
        if has_wildcard(&without_variables(&value.value)) {
            let message = "Your condition value includes a * or ? character. If you meant to use a wildcard \
                           (*, ?), update the condition operator to include Like.";
            report.add(&codes::WILDCARD_WITHOUT_LIKE_OPERATOR, &value.place, message);
        }
    }
}

/// The text without `${...}`, in which a star is a star.
fn without_variables(value: &str) -> String {
    let mut parts = value.split("${");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once('}').map_or("", |(_, after)| after))
}

/// A value of stars matches everything, so that only the presence of the key decides, or nothing at all.
fn all_matching(condition: &Condition, operator: Operator, report: &mut Report) {
    if !condition.values.iter().any(|value| is_everything(&value.text.value)) {
        return;
    }
    let true_when_absent = operator.if_exists || operator.set == SetMode::All;
    let (code, means) = match (operator.negated, operator.set) {
        (false, _) if true_when_absent => {
            (&codes::REDUNDANT_KEY_DUE_TO_WILDCARD_IN_CONDITION, "is always true")
        }
        (false, _) => (&codes::EQUIVALENT_TO_NULL_FALSE, "only asks that the request has the key"),
        (true, SetMode::Any) => (&codes::REDUNDANT_STATEMENT_DUE_TO_WILDCARD_IN_CONDITION, "is never true"),
        (true, _) => (&codes::EQUIVALENT_TO_NULL_TRUE, "only asks that the request does not have the key"),
    };
    let message = format!(
        "The key {} in the condition block of {} {means}.",
        condition.key.value, condition.operator.value
    );
    report.add(code, &condition.key.place, message);
}

fn too_permissive(condition: &Condition, report: &mut Report) {
    let key = condition.key.value.to_ascii_lowercase();
    for value in condition.values.iter().map(|value| &value.text) {
        let wide = if key == "aws:userid" {
            is_wide_user_id(&value.value)
        } else {
            SENSITIVE.contains(&key.as_str()) && has_wildcard(&without_variables(&value.value))
        };
        if wide {
            let message =
                format!("Overly permissive use of wildcard for the {} condition key.", condition.key.value);
            report.add(&codes::WILDCARD_USAGE_TOO_PERMISSIVE, &value.place, message);
        }
    }
}

/// An id is `ID:SESSION` for sessions; a wildcard may stand for the session, or alone for the id.
fn is_wide_user_id(value: &str) -> bool {
    match value.split_once(':') {
        Some((id, _)) => has_wildcard(id) && id != "*",
        None => has_wildcard(value),
    }
}

/// Ids that AWS itself puts into the request may be compared with one another; other variables have what a caller or
/// an administrator of tags wrote.
fn too_permissive_variables(condition: &Condition, report: &mut Report) {
    if !SENSITIVE.contains(&condition.key.value.to_ascii_lowercase().as_str()) {
        return;
    }
    let is_id = |variable: &str| {
        let key = variable.split('}').next().unwrap_or_default();
        SENSITIVE.contains(&key.to_ascii_lowercase().as_str()) || matches!(key, "*" | "?" | "$")
    };
    for value in condition.values.iter().map(|value| &value.text) {
        if value.value.split("${").skip(1).all(is_id) {
            continue;
        }
        let code: &'static Code = &codes::VARIABLE_USAGE_TOO_PERMISSIVE;
        let message =
            format!("The policy variable is not allowed in the condition key {}.", condition.key.value);
        report.add(code, &value.place, message);
    }
}
