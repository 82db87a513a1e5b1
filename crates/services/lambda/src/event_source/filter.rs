//! Filter patterns: JSON objects whose leaves are lists of what a value may be.

use rolecall_wire::lambda::{Filter, FilterCriteria};
use serde_json::Value;

use crate::error::LambdaError;

/// How many patterns a mapping may have.
const MAX_FILTERS: usize = 5;
/// How deep a pattern may be nested.
const MAX_DEPTH: usize = 16;
/// What a list of a pattern may say of a value beside naming it.
const OPERATORS: [&str; 8] =
    ["prefix", "suffix", "anything-but", "numeric", "exists", "equals-ignore-case", "wildcard", "cidr"];

/// The patterns of a request, each checked.
pub(super) fn read(criteria: &FilterCriteria) -> Result<Vec<String>, LambdaError> {
    let filters = criteria.filters.as_deref().unwrap_or_default();
    if filters.len() > MAX_FILTERS {
        let text = format!("The number of filters exceeds the limit of {MAX_FILTERS}.");
        return Err(LambdaError::InvalidParameter(text));
    }
    filters.iter().map(|filter| read_pattern(filter).ok_or_else(invalid)).collect()
}

fn read_pattern(filter: &Filter) -> Option<String> {
    let text = filter.pattern.as_ref()?;
    let pattern: Value = serde_json::from_str(text).ok()?;
    (pattern.is_object() && is_pattern(&pattern, MAX_DEPTH)).then(|| text.clone())
}

/// An object of patterns, or a list of what a value may be.
fn is_pattern(value: &Value, depth: usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return false };
    match value {
        Value::Object(members) => members.iter().all(|(key, value)| match (key.as_str(), value) {
            ("$or", Value::Array(choices)) => {
                choices.len() > 1 && choices.iter().all(|it| it.is_object() && is_pattern(it, depth))
            }
            _ => is_pattern(value, depth),
        }),
        Value::Array(choices) => !choices.is_empty() && choices.iter().all(is_choice),
        _ => false,
    }
}

fn is_choice(choice: &Value) -> bool {
    match choice {
        Value::Object(operator) => {
            operator.len() == 1 && operator.keys().all(|key| OPERATORS.contains(&key.as_str()))
        }
        Value::Array(_) => false,
        _ => true,
    }
}

fn invalid() -> LambdaError {
    LambdaError::InvalidParameter("Invalid filter pattern definition.".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_taken(pattern: &str) -> bool {
        let filter = Filter { pattern: Some(pattern.to_owned()) };
        read(&FilterCriteria { filters: Some(vec![filter]) }).is_ok()
    }

    #[test]
    fn patterns_are_objects_with_lists() {
        for pattern in [
            r#"{"body": {"a": ["x", 1, null, true, {"prefix": "p"}]}}"#,
            r#"{"eventName": [{"anything-but": ["REMOVE"]}], "n": [{"numeric": [">", 1]}]}"#,
            r#"{"$or": [{"a": ["x"]}, {"b": ["y"]}]}"#,
            "{}",
        ] {
            assert!(is_taken(pattern), "{pattern}");
        }
        for pattern in [
            "single-string",
            r#"[{"eventName": ["INSERT"=123}]"#,
            r#"["a"]"#,
            r#"{"a": "x"}"#,
            r#"{"a": []}"#,
            "",
            r#"{"a": [{"what": 1}]}"#,
            r#"{"a": [["x"]]}"#,
            "null",
        ] {
            assert!(!is_taken(pattern), "{pattern}");
        }
    }
}
