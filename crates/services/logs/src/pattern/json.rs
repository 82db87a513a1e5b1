//! What a JSON pattern means: conditions on the values that a path finds in an event.

use regex_lite::Regex;
use serde_json::Value;

/// A condition on an event.
pub(crate) enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Test(Path, Test),
}

/// `$.a.b[0]`, step by step.
pub(crate) struct Path(pub(crate) Vec<Step>);

pub(crate) enum Step {
    Member(String),
    Index(usize),
    Each,
}

/// What is asked about the value.
pub(crate) enum Test {
    Equal(Operand),
    NotEqual(Operand),
    Less(f64),
    LessOrEqual(f64),
    Greater(f64),
    GreaterOrEqual(f64),
    IsTrue,
    IsFalse,
    IsNull,
    NotExists,
}

/// What a value is compared with.
pub(crate) enum Operand {
    /// A number, which is equal to the same number and to nothing else.
    Number(f64),
    /// A text; `*` stands for anything.
    Text(String),
    Regex(Regex),
}

impl Condition {
    pub(crate) fn matches(&self, event: &Value) -> bool {
        match self {
            Condition::All(parts) => parts.iter().all(|part| part.matches(event)),
            Condition::Any(parts) => parts.iter().any(|part| part.matches(event)),
            Condition::Test(path, Test::NotExists) => path.find(event).is_empty(),
            // A missing value makes every other comparison false, `!=` as well.
            Condition::Test(path, test) => path.find(event).into_iter().any(|value| test.holds(value)),
        }
    }
}

impl Path {
    fn find<'v>(&self, event: &'v Value) -> Vec<&'v Value> {
        let mut found = vec![event];
        for step in &self.0 {
            found = found.into_iter().flat_map(|value| step.take(value)).collect();
        }
        found
    }
}

impl Step {
    fn take<'v>(&self, value: &'v Value) -> Vec<&'v Value> {
        match self {
            Step::Member(name) => value.get(name).into_iter().collect(),
            Step::Index(index) => value.as_array().and_then(|items| items.get(*index)).into_iter().collect(),
            Step::Each => value.as_array().map(|items| items.iter().collect()).unwrap_or_default(),
        }
    }
}

impl Test {
    fn holds(&self, value: &Value) -> bool {
        let number = |compare: fn(f64, f64) -> bool, bound: f64| {
            value.as_f64().is_some_and(|number| compare(number, bound))
        };
        match self {
            Test::Equal(operand) => operand.equals(value),
            Test::NotEqual(operand) => !operand.equals(value),
            Test::Less(bound) => number(|a, b| a < b, *bound),
            Test::LessOrEqual(bound) => number(|a, b| a <= b, *bound),
            Test::Greater(bound) => number(|a, b| a > b, *bound),
            Test::GreaterOrEqual(bound) => number(|a, b| a >= b, *bound),
            Test::IsTrue => *value == Value::Bool(true),
            Test::IsFalse => *value == Value::Bool(false),
            Test::IsNull => value.is_null(),
            Test::NotExists => false,
        }
    }
}

impl Operand {
    fn equals(&self, value: &Value) -> bool {
        match (self, value) {
            (Operand::Number(number), Value::Number(_)) => value.as_f64() == Some(*number),
            (Operand::Text(pattern), Value::String(text)) => wildcard(pattern, text),
            (Operand::Regex(regex), Value::String(text)) => regex.is_match(text),
            (Operand::Text(pattern), Value::Number(_) | Value::Bool(_)) if pattern.contains('*') => {
                wildcard(pattern, &value.to_string())
            }
            // `= *` is how a pattern asks whether there is any value.
            (Operand::Text(pattern), _) => pattern == "*",
            _ => false,
        }
    }
}

/// Whether the text is the pattern, in which `*` stands for any characters.
fn wildcard(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = rest.get(at + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything() {
        for (pattern, text, expected) in [
            ("a*", "abc", true),
            ("*c", "abc", true),
            ("a*c", "abc", true),
            ("a*b*c", "aXbYc", true),
            ("a*a", "a", false),
            ("abc", "abcd", false),
            ("*", "", true),
        ] {
            assert_eq!(wildcard(pattern, text), expected, "{pattern} {text}");
        }
    }
}
