//! Lists without a value. A statement with one does nothing, or not what it seems to do (reference iam.md 2.1).

use super::Lint;
use crate::condition::operator::SetMode;
use crate::lint::codes::{self, Code};
use crate::lint::document::{Condition, ListElement};
use crate::lint::finding::Report;

pub(super) fn check(lint: &Lint<'_>, report: &mut Report) {
    for statement in lint.statements() {
        element(statement.actions.as_ref(), "actions", &codes::EMPTY_ARRAY_ACTION, report);
        element(statement.resources.as_ref(), "resources", &codes::EMPTY_ARRAY_RESOURCE, report);
    }
    for condition in lint.conditions().filter(|condition| condition.values.is_empty()) {
        report.add(code(condition), &condition.key.place, message(condition));
    }
}

fn element(element: Option<&ListElement>, what: &str, code: &'static Code, report: &mut Report) {
    if let Some(element) = element.filter(|element| element.values.is_empty()) {
        let message = format!("This statement includes no {what} and does not affect the policy.");
        report.add(code, &element.place, message);
    }
}

fn code(condition: &Condition) -> &'static Code {
    match condition.parsed {
        Some(operator) if operator.set == SetMode::All => &codes::EMPTY_ARRAY_CONDITION_FORALLVALUES,
        Some(operator) if operator.set == SetMode::Any => &codes::EMPTY_ARRAY_CONDITION_FORANYVALUE,
        Some(operator) if operator.if_exists => &codes::EMPTY_ARRAY_CONDITION_IFEXISTS,
        _ => &codes::EMPTY_ARRAY_CONDITION,
    }
}

fn message(condition: &Condition) -> String {
    let key = &condition.key.value;
    match condition.parsed {
        Some(operator) if operator.set == SetMode::Any => {
            format!("There are no values for the condition key {key}, and ForAnyValue is then never true.")
        }
        Some(operator) if operator.set == SetMode::All || operator.if_exists => {
            format!(
                "There are no values for the condition key {key}: this is true only when the request has no \
                 {key}."
            )
        }
        Some(operator) if operator.negated => {
            format!("There are no values for the condition key {key}: this is always true.")
        }
        _ => format!("There are no values for the condition key {key}: this is never true."),
    }
}
