//! One condition of a filter policy.

use serde_json::{Map, Value};

use super::invalid;
use super::numeric::Range;
use crate::error::SnsError;

/// What a filter policy wants of an attribute.
#[derive(Debug, PartialEq)]
pub(super) enum Condition {
    /// This very text, number or keyword.
    Is(Value),
    Prefix(String),
    Suffix(String),
    EqualsIgnoreCase(String),
    /// None of these texts or numbers.
    AnythingBut(Vec<Value>),
    /// No text that begins so.
    AnythingButPrefix(String),
    Numeric(Range),
    /// That the attribute is there, or that it is not.
    Exists(bool),
}

impl Condition {
    /// Reads a condition: a plain value, or an object with one operator.
    pub(super) fn read(condition: &Value) -> Result<Self, SnsError> {
        match condition {
            Value::Object(operators) => read_operator(operators),
            Value::Array(_) => Err(invalid("Match value must be String, number, true, false, or null")),
            value => Ok(Condition::Is(value.clone())),
        }
    }

    /// Whether it holds for one of the values of an attribute.
    pub(super) fn holds(&self, values: &[Value]) -> bool {
        let any_text = |test: &dyn Fn(&str) -> bool| values.iter().filter_map(Value::as_str).any(test);
        match self {
            Condition::Is(wanted) => values.iter().any(|value| is_same(value, wanted)),
            Condition::Prefix(prefix) => any_text(&|text| text.starts_with(prefix.as_str())),
            Condition::Suffix(suffix) => any_text(&|text| text.ends_with(suffix.as_str())),
            Condition::EqualsIgnoreCase(wanted) => {
                any_text(&|text| text.to_lowercase() == wanted.to_lowercase())
            }
            Condition::AnythingBut(unwanted) => {
                values.iter().any(|value| !unwanted.iter().any(|other| is_same(value, other)))
            }
            Condition::AnythingButPrefix(prefix) => any_text(&|text| !text.starts_with(prefix.as_str())),
            Condition::Numeric(range) => {
                values.iter().filter_map(Value::as_f64).any(|value| range.holds(value))
            }
            Condition::Exists(exists) => *exists,
        }
    }

    /// Whether it holds for an attribute that is not there. `exists` counts absence only in a message that has other
    /// attributes (key matching in the SNS developer guide).
    pub(super) fn holds_without(&self, has_others: bool) -> bool {
        match self {
            Condition::Is(Value::Null) => true,
            Condition::Exists(exists) => !exists && has_others,
            _ => false,
        }
    }
}

fn read_operator(operators: &Map<String, Value>) -> Result<Condition, SnsError> {
    let mut entries = operators.iter();
    let (Some((operator, operand)), None) = (entries.next(), entries.next()) else {
        return Err(invalid("Only one key allowed in match expression"));
    };
    let text = || {
        let wrong = || invalid(&format!("{operator} match pattern must be a string"));
        operand.as_str().map(str::to_owned).ok_or_else(wrong)
    };
    match operator.as_str() {
        "prefix" => text().map(Condition::Prefix),
        "suffix" => text().map(Condition::Suffix),
        "equals-ignore-case" => text().map(Condition::EqualsIgnoreCase),
        "exists" => {
            let wrong = || invalid("exists match pattern must be either true or false.");
            operand.as_bool().map(Condition::Exists).ok_or_else(wrong)
        }
        "numeric" => Range::read(operand).map(Condition::Numeric),
        "anything-but" => read_anything_but(operand),
        "cidr" | "wildcard" => Err(SnsError::NotBuilt(format!("The filter policy operator {operator}"))),
        _ => Err(invalid(&format!("Unrecognized match type {operator}"))),
    }
}

fn read_anything_but(operand: &Value) -> Result<Condition, SnsError> {
    let values = match operand {
        Value::Object(object) => match object.get("prefix").and_then(Value::as_str) {
            Some(prefix) if object.len() == 1 => return Ok(Condition::AnythingButPrefix(prefix.to_owned())),
            _ => return Err(SnsError::NotBuilt("This kind of anything-but in a filter policy".to_owned())),
        },
        Value::Array(values) => values.clone(),
        value => vec![value.clone()],
    };
    let is_plain = |value: &Value| value.is_string() || value.is_number();
    if !values.is_empty() && values.iter().all(is_plain) {
        return Ok(Condition::AnythingBut(values));
    }
    // The words are ours.
    Err(invalid("anything-but takes texts and numbers"))
}

/// Numbers are the same by their value, however they are written.
fn is_same(value: &Value, wanted: &Value) -> bool {
    match (value.as_f64(), wanted.as_f64()) {
        (Some(value), Some(wanted)) => value == wanted,
        _ => value == wanted,
    }
}
