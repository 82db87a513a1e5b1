//! Policy variables: their form, and the places where they are variables (reference iam.md 3).

use super::Lint;
use crate::condition::operator::Family;
use crate::document::Version;
use crate::lint::codes::{self, Code};
use crate::lint::document::{Condition, Text};
use crate::lint::finding::Report;
use crate::lint::known_keys;

pub(super) fn check(lint: &Lint<'_>, report: &mut Report) {
    for text in texts_without_variables(lint) {
        misplaced(text, report);
    }
    for list in lint.statements().filter_map(|statement| statement.resources.as_ref()) {
        for resource in &list.values {
            check_resource(lint, resource, report);
        }
    }
    for condition in lint.conditions() {
        check_condition(lint, condition, report);
    }
}

/// The texts of the elements in which `${` is no variable.
fn texts_without_variables<'a>(lint: &Lint<'a>) -> impl Iterator<Item = &'a Text> {
    let of_statements = lint.statements().flat_map(|statement| {
        let actions = statement.actions.iter().flat_map(|list| &list.values);
        let principals =
            statement.principal.iter().flat_map(|element| element.entries.iter().map(|(_, text)| text));
        let keys = statement.conditions.iter().map(|condition| &condition.key);
        statement.sid.iter().chain(actions).chain(principals).chain(keys)
    });
    lint.document.id.iter().chain(of_statements)
}

fn misplaced(text: &Text, report: &mut Report) {
    if let Some((_, rest)) = text.value.split_once("${") {
        let variable = rest.split('}').next().unwrap_or_default();
        let message = format!(
            "Policy variables are supported in the Resource and Condition elements. Remove the policy \
             variable {variable} from this element."
        );
        report.add(&codes::VARIABLE_UNSUPPORTED_IN_ELEMENT, &text.place, message);
    }
}

fn check_resource(lint: &Lint<'_>, resource: &Text, report: &mut Report) {
    if !check_version(lint, resource, report) {
        return;
    }
    check_form(resource, report);
    let before_path: String = resource.value.splitn(6, ':').take(5).collect();
    let stands_before = resource.value.splitn(6, ':').count() == 6 && before_path.contains("${");
    if stands_before {
        let message = "A variable before the fifth colon of a resource never has a value; the resource \
                       matches nothing.";
        report.add(&codes::VARIABLE_UNSUPPORTED_IN_ELEMENT, &resource.place, message);
    }
}

fn check_condition(lint: &Lint<'_>, condition: &Condition, report: &mut Report) {
    let takes_variables = condition.parsed.is_none_or(|operator| {
        matches!(operator.family, Family::Text | Family::TextIgnoringCase | Family::TextPattern | Family::Arn)
    });
    for value in condition.values.iter().map(|value| &value.text) {
        if !check_version(lint, value, report) {
            continue;
        }
        if takes_variables {
            check_form(value, report);
        } else {
            let message = "Policy variables can only be used with String and ARN operators.";
            report.add(&codes::INVALID_VARIABLE_FOR_OPERATOR, &value.place, message);
        }
    }
}

/// Whether the text has a variable that is one.
fn check_version(lint: &Lint<'_>, text: &Text, report: &mut Report) -> bool {
    let has_variable = text.value.contains("${");
    if has_variable && lint.document.version != Version::V2012 {
        let message = "To include variables in your policy, use the policy version 2012-10-17 or later.";
        report.add(&codes::VARIABLE_UNSUPPORTED_IN_VERSION, &text.place, message);
        return false;
    }
    has_variable
}

fn check_form(text: &Text, report: &mut Report) {
    let mut rest = text.value.as_str();
    while let Some((_, inside)) = rest.split_once("${") {
        let Some((variable, after)) = inside.split_once('}') else {
            let message =
                "The policy variable is missing a closing curly brace. Add } after the variable text.";
            report.add(&codes::MISSING_BRACE_IN_VARIABLE, &text.place, message);
            return;
        };
        if let Some((code, message)) = variable_fault(variable) {
            report.add(code, &text.place, message);
        }
        rest = after;
    }
}

fn variable_fault(variable: &str) -> Option<(&'static Code, String)> {
    if matches!(variable, "*" | "?" | "$") {
        return None;
    }
    if variable.trim().is_empty() {
        let message = "Empty policy variable. Remove the ${ } variable structure or provide a variable \
                       within the structure.";
        return Some((&codes::EMPTY_VARIABLE, message.to_owned()));
    }
    let (key, default) = match variable.split_once(',') {
        None => (variable, None),
        Some((key, default)) => (key, Some(default)),
    };
    if key.contains(char::is_whitespace) {
        let message = "A space is not supported within the policy variable text. Remove the space.";
        return Some((&codes::UNSUPPORTED_SPACE_IN_VARIABLE, message.to_owned()));
    }
    if default.is_some_and(|default| !is_quoted(default)) {
        let message = "The policy variable default value must begin and end with a single quote, after a \
                       comma and one blank.";
        return Some((&codes::MISSING_QUOTE_IN_VARIABLE, message.to_owned()));
    }
    let is_global = key.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("aws:"));
    if is_global && known_keys::global(key).is_none() {
        let message = format!("The condition key {key} does not exist, so the variable never has a value.");
        return Some((&codes::INVALID_GLOBAL_CONDITION_KEY, message));
    }
    None
}

fn is_quoted(default: &str) -> bool {
    let text = default.strip_prefix(" '").and_then(|rest| rest.strip_suffix('\''));
    text.is_some_and(|text| !text.contains('\''))
}
