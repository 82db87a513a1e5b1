//! Reads the `Condition` element as far as it can be read, and reports what has not its shape (reference iam.md 1.8).

use super::codes;
use super::document::{Condition, Text, Value, ValueForm};
use super::finding::{Place, Report};
use super::read::{members, mismatch};
use crate::condition::operator::Operator;
use crate::json::{self, Member, Node};

/// The element's value.
pub(super) fn conditions(node: Node<'_>, place: &Place, report: &mut Report) -> Vec<Condition> {
    let mut read = Vec::new();
    for operator in block(node, place, report) {
        let at = place.member(&operator.name, &operator.node.span);
        let name = Text {
            place: place.member(&operator.name, &operator.name_span),
            value: operator.name.into_owned(),
        };
        let keys = block(operator.node, &at, report);
        let parsed = Operator::parse(&name.value);
        for key in keys {
            read.push(condition(&name, parsed, key, &at, report));
        }
    }
    read
}

fn condition(
    operator: &Text,
    parsed: Option<Operator>,
    key: Member<'_>,
    place: &Place,
    report: &mut Report,
) -> Condition {
    let at = place.member(&key.name, &key.node.span);
    let name = Text { place: place.member(&key.name, &key.name_span), value: key.name.into_owned() };
    Condition { operator: operator.clone(), parsed, key: name, values: values(key.node, &at, report) }
}

fn block<'a>(node: Node<'a>, place: &Place, report: &mut Report) -> Vec<Member<'a>> {
    let members = members(node, place, report);
    if members.as_ref().is_some_and(Vec::is_empty) {
        let message = "This condition block is empty and it does not affect the policy. Specify conditions.";
        report.add(&codes::EMPTY_OBJECT_CONDITION, place, message);
    }
    members.unwrap_or_default()
}

fn values(node: Node<'_>, place: &Place, report: &mut Report) -> Vec<Value> {
    match node.value {
        json::Value::Array(nodes) => {
            let read = |(index, node): (usize, Node<'_>)| {
                let at = place.element(index, &node.span);
                value(node, &at, report)
            };
            nodes.into_iter().enumerate().filter_map(read).collect()
        }
        _ => value(node, place, report).into_iter().collect(),
    }
}

fn value(node: Node<'_>, place: &Place, report: &mut Report) -> Option<Value> {
    let (value, form) = match node.value {
        json::Value::String(text) => (text.into_owned(), ValueForm::String),
        json::Value::Number(text) => (text.to_owned(), ValueForm::Number),
        json::Value::Bool(truth) => (truth.to_string(), ValueForm::Bool),
        json::Value::Null | json::Value::Array(_) | json::Value::Object(_) => {
            mismatch("String", place, report);
            return None;
        }
    };
    Some(Value { text: Text { value, place: place.clone() }, form })
}
