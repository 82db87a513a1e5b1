//! Whom a whole policy document names (reference lambda.md 2.6).

use serde_json::{Map, Value};

/// Every principal that a document names, as it is written there. Conditions on `lambda:Principal` are asked for each
/// of them, so that nobody is let in beside one who may be.
pub(crate) fn named_principals(text: &str) -> Vec<String> {
    let Ok(document) = serde_json::from_str::<Value>(text) else { return Vec::new() };
    let statements = match document.get("Statement") {
        Some(Value::Array(statements)) => statements.iter().collect(),
        Some(statement) => vec![statement],
        None => Vec::new(),
    };
    let members = statements.into_iter().filter_map(Value::as_object).flat_map(Map::iter);
    let mut named: Vec<String> = Vec::new();
    for (_, principals) in members.filter(|(name, _)| matches!(name.as_str(), "Principal" | "NotPrincipal")) {
        for name in texts(principals) {
            if !named.contains(&name) {
                named.push(name);
            }
        }
    }
    named
}

fn texts(principals: &Value) -> Vec<String> {
    match principals {
        Value::String(text) => vec![text.clone()],
        Value::Array(values) => values.iter().flat_map(texts).collect(),
        Value::Object(kinds) => kinds.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_whom_a_document_names_is_found() {
        let text = r#"{"Statement":[{"Principal":"*"},{"Principal":{"AWS":["a","b"],"Service":"s"}},{"NotPrincipal":{"AWS":"a"}}]}"#;
        assert_eq!(named_principals(text), ["*", "a", "b", "s"]);
        assert_eq!(named_principals(r#"{"Statement":{"Principal":{"AWS":"c"}}}"#), ["c"]);
        assert!(named_principals("no").is_empty());
    }
}
