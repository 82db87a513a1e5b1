//! Cases as YAML, which is easy to write and easy to misread: what YAML takes for a number or a truth value where a
//! case wants text is refused, and not guessed at.

use anyhow::{Result, anyhow, bail};
use rolecall_policy::cases::{self, Case};
use serde_json::Value;

/// Reads the cases of a YAML file: a list or one case in each document.
pub(crate) fn read(name: &str, text: &str) -> Result<Vec<Case>> {
    let documents: Vec<Value> = serde_saphyr::from_multiple(text).map_err(|error| anyhow!("{error}"))?;
    let mut found = Vec::new();
    for document in documents {
        refuse_fractions(&document)?;
        let listed = document.as_array().map_or_else(|| vec![&document], |cases| cases.iter().collect());
        listed.into_iter().try_for_each(refuse_unquoted_context)?;
        found.extend(cases::from_value(name, document)?);
    }
    Ok(found)
}

/// YAML reads 000000000000 and 1.10 as numbers and loses their zeros, so that an account id would be another text.
fn refuse_fractions(value: &Value) -> Result<()> {
    match value {
        Value::Number(number) if number.is_f64() => {
            bail!("a value that YAML reads as the number {number} has to stand in quotes")
        }
        Value::Array(values) => values.iter().try_for_each(refuse_fractions),
        Value::Object(members) => members.values().try_for_each(refuse_fractions),
        _ => Ok(()),
    }
}

fn refuse_unquoted_context(case: &Value) -> Result<()> {
    let context = case.get("context").and_then(Value::as_object).into_iter().flatten();
    for (key, value) in context {
        let values = value.as_array().map_or_else(|| vec![value], |values| values.iter().collect());
        if !values.iter().all(|value| value.is_string()) {
            bail!("the value of {key} has to stand in quotes: condition keys hold text");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(context: &str) -> String {
        format!(
            "principal: arn:aws:iam::111122223333:user/ana\naction: a:B\nresource: '*'\ncontext: {context}\n\
             expected: {{decision: denied}}\n"
        )
    }

    #[test]
    fn documents_and_lists_hold_cases() {
        assert_eq!(read("f", &case("{}")).unwrap().len(), 1);
        assert_eq!(read("f", &format!("{}---\n{}", case("{}"), case("{}"))).unwrap().len(), 2);
    }

    #[test]
    fn what_yaml_does_not_take_for_text_is_refused() {
        for (context, words) in [
            ("{'aws:SecureTransport': true}", "aws:SecureTransport"),
            ("{'aws:TagKeys': [1]}", "aws:TagKeys"),
            ("{'aws:PrincipalAccount': 000000000000}", "quotes"),
        ] {
            let error = read("f", &case(context)).unwrap_err().to_string();
            assert!(error.contains(words), "{context}: {error}");
        }
    }
}
