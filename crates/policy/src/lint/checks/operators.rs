//! Condition operators: their names, and the JSON types of what they compare (reference iam.md 1.8, 2.2).

use super::Lint;
use crate::condition::operator::{Family, SetMode};
use crate::lint::codes;
use crate::lint::document::{Condition, ValueForm};
use crate::lint::finding::Report;

pub(super) fn check(lint: &Lint<'_>, report: &mut Report) {
    for condition in lint.conditions() {
        check_name(condition, report);
        check_forms(condition, report);
    }
}

fn check_name(condition: &Condition, report: &mut Report) {
    let name = condition.operator.value.as_str();
    match condition.parsed {
        Some(operator) if operator.family == Family::Null && operator.set != SetMode::Scalar => {
            let result = if operator.set == SetMode::All { "true" } else { "false" };
            let message = format!("The Null condition operator with {} is always {result}.", prefix(name));
            report.add(&codes::NULL_WITH_QUALIFIER, &condition.operator.place, message);
        }
        Some(_) => {}
        None if base(name).eq_ignore_ascii_case("NullIfExists") => {
            let message = "The Null condition operator cannot be used with the IfExists suffix.";
            report.add(&codes::NULL_WITH_IF_EXISTS, &condition.operator.place, message);
        }
        None => {
            let message = format!("The condition operator {name} is not valid.");
            report.add(&codes::INVALID_CONDITION_OPERATOR, &condition.operator.place, message);
        }
    }
}

fn prefix(name: &str) -> &str {
    name.split(':').next().unwrap_or_default()
}

fn base(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or_default()
}

fn check_forms(condition: &Condition, report: &mut Report) {
    let mut forms = condition.values.iter().map(|value| value.form);
    let first = forms.next().unwrap_or(ValueForm::String);
    if forms.any(|form| form != first) {
        let message =
            "The condition value data types do not match. Use condition values of the same JSON data type.";
        report.add(&codes::INVALID_CONDITION_DATA_TYPE, &condition.key.place, message);
    }
}
