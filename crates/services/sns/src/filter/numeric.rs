//! Numeric conditions of filter policies: `["=", 5]`, `[">", 0]`, `[">=", 0, "<", 100]`. Wrong ones are refused in AWS's
//! words.

use serde_json::Value;

use super::invalid;
use crate::error::SnsError;

/// A range of numbers, open where an end is absent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Range {
    bottom: Option<Bound>,
    top: Option<Bound>,
}

/// An end of a range.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Bound {
    value: f64,
    is_inside: bool,
}

impl Range {
    /// Reads the operand of `numeric`.
    pub(super) fn read(operand: &Value) -> Result<Self, SnsError> {
        // The words for what is no list at all are ours.
        let terms = operand.as_array().ok_or_else(|| invalid("numeric match pattern must be an array"))?;
        let first = terms.first();
        let operator = first.and_then(Value::as_str).ok_or_else(|| {
            invalid(&format!(
                "Invalid member in numeric match: {}",
                first.map_or("]".to_owned(), Value::to_string)
            ))
        })?;
        match operator {
            "=" => {
                let bound = Bound { value: number(terms, 1, "equals")?, is_inside: true };
                end(terms, 2, "Too many elements in numeric expression")?;
                Ok(Range { bottom: Some(bound), top: Some(bound) })
            }
            "<" | "<=" => {
                let top = Bound { value: number(terms, 1, operator)?, is_inside: operator == "<=" };
                end(terms, 2, "Too many elements in numeric expression")?;
                Ok(Range { bottom: None, top: Some(top) })
            }
            ">" | ">=" => {
                let bottom = Bound { value: number(terms, 1, operator)?, is_inside: operator == ">=" };
                Ok(Range { bottom: Some(bottom), top: read_top(terms, bottom)? })
            }
            other => Err(invalid(&format!("Unrecognized numeric range operator: {other}"))),
        }
    }

    /// Whether the number is in the range.
    pub(super) fn holds(&self, value: f64) -> bool {
        let above = self.bottom.is_none_or(|end| value > end.value || end.is_inside && value == end.value);
        let below = self.top.is_none_or(|end| value < end.value || end.is_inside && value == end.value);
        above && below
    }
}

/// The upper end that may follow a lower one.
fn read_top(terms: &[Value], bottom: Bound) -> Result<Option<Bound>, SnsError> {
    let Some(term) = terms.get(2) else { return Ok(None) };
    let operator = term.as_str().ok_or_else(|| invalid(&format!("Bad value in numeric range: {term}")))?;
    if !["<", "<="].contains(&operator) {
        return Err(invalid(&format!("Bad numeric range operator: {operator}")));
    }
    let value = number(terms, 3, operator)?;
    if bottom.value >= value {
        return Err(invalid("Bottom must be less than top"));
    }
    end(terms, 4, "Too many terms in numeric range expression")?;
    Ok(Some(Bound { value, is_inside: operator == "<=" }))
}

fn number(terms: &[Value], index: usize, operator: &str) -> Result<f64, SnsError> {
    let number = terms.get(index).and_then(Value::as_f64);
    number.ok_or_else(|| invalid(&format!("Value of {operator} must be numeric")))
}

fn end(terms: &[Value], index: usize, words: &str) -> Result<(), SnsError> {
    if terms.len() > index { Err(invalid(words)) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_range_has_the_numbers_between_its_ends() {
        for (operand, inside, outside) in [
            (json!(["=", 5]), 5.0, 5.1),
            (json!(["<", 5]), 4.9, 5.0),
            (json!(["<=", 5]), 5.0, 5.1),
            (json!([">", 5]), 5.1, 5.0),
            (json!([">=", 5]), 5.0, 4.9),
            (json!([">", 0, "<", 5]), 4.9, 5.0),
            (json!([">=", 0, "<=", 5]), 0.0, -0.1),
        ] {
            let range = Range::read(&operand).unwrap();
            assert!(range.holds(inside) && !range.holds(outside), "{operand}");
        }
    }

    /// The words were recorded from AWS.
    #[test]
    fn what_is_no_range_is_refused_in_awss_words() {
        for (operand, words) in [
            (json!([]), "Invalid member in numeric match: ]"),
            (json!(["operator"]), "Unrecognized numeric range operator: operator"),
            (json!([1, "<="]), "Invalid member in numeric match: 1"),
            (json!(["=", "000"]), "Value of equals must be numeric"),
            (json!([">="]), "Value of >= must be numeric"),
            (json!(["<", 100, ">", 10]), "Too many elements in numeric expression"),
            (json!([">=", 1, ">", 2]), "Bad numeric range operator: >"),
            (json!([">", 3, "<", 1]), "Bottom must be less than top"),
            (json!([">", 20, "<="]), "Value of <= must be numeric"),
            (json!([">", 20, 30]), "Bad value in numeric range: 30"),
            (json!([">", 20, "test"]), "Bad numeric range operator: test"),
            (json!([">", "20", "<", "30"]), "Value of > must be numeric"),
            (json!([">", 20, "<", "30"]), "Value of < must be numeric"),
            (json!([">", 20, "<", 30, "<", 50]), "Too many terms in numeric range expression"),
        ] {
            let refused = Range::read(&operand).unwrap_err().to_string();
            assert_eq!(refused, format!("Invalid parameter: FilterPolicy: {words}"), "{operand}");
        }
    }
}
