//! Conditions: one operator, one key, some values (reference iam.md 2).

mod arn;
mod date;
mod ip;
mod number;

use std::cmp::Ordering;

use rolecall_policy::{Context, ContextValue};

use crate::document::Condition;
use crate::text::{Reading, Symbol, fits, read};

/// An operator's name taken apart.
struct Operator {
    /// `ForAllValues` or `ForAnyValue`.
    set: Option<Set>,
    base: &'static str,
    if_exists: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Set {
    All,
    Any,
}

/// What the comparison of one value of the request says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Holds,
    Fails,
    /// A broken ARN pattern of the policy was reached (reference iam.md 2.5).
    Broken,
}

impl From<bool> for Verdict {
    fn from(holds: bool) -> Self {
        if holds { Verdict::Holds } else { Verdict::Fails }
    }
}

/// What a condition is evaluated in.
struct Scene<'a> {
    base: &'a str,
    values: &'a [String],
    /// What variables are looked up in; `None` in documents without variables.
    variables: Option<&'a Context>,
    /// Whether the statement allows: a broken ARN pattern never helps an Allow and never stops a Deny.
    allows: bool,
}

/// Whether one operator with one key holds, in the order of reference iam.md 2.1.
pub(crate) fn holds(
    condition: &Condition,
    variables: Option<&Context>,
    context: &Context,
    allows: bool,
) -> bool {
    let Some(operator) = take_apart(&condition.operator) else {
        // Nobody knows what it asks for, so it does not help an Allow and does not stop a Deny.
        return !allows;
    };
    let value = context.get(&condition.key);
    if operator.base == "Null" {
        return null_holds(operator.set, &condition.values, value.is_none());
    }
    let Some(value) = value else { return holds_without_value(&operator) };
    let scene = Scene { base: operator.base, values: &condition.values, variables, allows };
    match (value, operator.set) {
        (ContextValue::Many(_), None) => false,
        (value, Some(Set::All)) => scene.decide_by_first(value.values(), Verdict::Fails),
        (value, _) => scene.decide_by_first(value.values(), Verdict::Holds),
    }
}

/// Takes a name apart, written in any case; `None` for one that names no operator.
fn take_apart(name: &str) -> Option<Operator> {
    let lower = name.to_ascii_lowercase();
    let (set, rest) = match lower.split_once(':') {
        Some(("forallvalues", rest)) => (Some(Set::All), rest),
        Some(("foranyvalue", rest)) => (Some(Set::Any), rest),
        _ => (None, lower.as_str()),
    };
    let (base, if_exists) = match rest.strip_suffix("ifexists") {
        Some(base) => (base, true),
        None => (rest, false),
    };
    let base = *KNOWN.iter().find(|known| known.to_ascii_lowercase() == base)?;
    let is_operator = base != "Null" || !if_exists;
    is_operator.then_some(Operator { set, base, if_exists })
}

const KNOWN: &[&str] = &[
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "DateEquals",
    "DateNotEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
    "Bool",
    "BinaryEquals",
    "IpAddress",
    "NotIpAddress",
    "ArnEquals",
    "ArnNotEquals",
    "ArnLike",
    "ArnNotLike",
    "Null",
];

fn is_negated(base: &str) -> bool {
    base.contains("Not")
}

/// `Null` asks for presence only; with a set prefix its answer is fixed (reference iam.md 2.2).
fn null_holds(set: Option<Set>, values: &[String], is_absent: bool) -> bool {
    match set {
        Some(Set::All) => true,
        Some(Set::Any) => false,
        None => values.iter().any(|value| is_true(value) == is_absent),
    }
}

fn holds_without_value(operator: &Operator) -> bool {
    if operator.if_exists {
        return true;
    }
    match operator.set {
        Some(Set::All) => true,
        Some(Set::Any) => false,
        None => is_negated(operator.base),
    }
}

impl Scene<'_> {
    /// Tries the values of the request in order; the first that says `decisive` decides, and so does a broken pattern.
    fn decide_by_first(&self, values: &[String], decisive: Verdict) -> bool {
        for value in values {
            match self.judge(value) {
                Verdict::Broken => return !self.allows,
                verdict if verdict == decisive => return decisive == Verdict::Holds,
                _ => {}
            }
        }
        decisive == Verdict::Fails
    }

    /// Whether one value of the request fulfils the operator.
    fn judge(&self, requested: &str) -> Verdict {
        match self.base {
            "IpAddress" | "NotIpAddress" => {
                // An address that is none fulfils neither form (reference iam.md 2.3).
                let Some(address) = ip::read_address(requested) else { return Verdict::Fails };
                let is_in = self.values.iter().any(|value| ip::is_in(&address, value));
                Verdict::from(is_in != is_negated(self.base))
            }
            "ArnEquals" | "ArnLike" | "ArnNotEquals" | "ArnNotLike" => self.judge_arn(requested),
            base => {
                let matched = self.values.iter().any(|value| self.compare(base, requested, value));
                Verdict::from(matched != is_negated(base))
            }
        }
    }

    fn judge_arn(&self, requested: &str) -> Verdict {
        if !arn::is_one(requested) {
            return Verdict::Fails;
        }
        for value in self.values {
            match arn::compare(value, self.variables, requested) {
                arn::Comparison::Matches => return Verdict::from(!is_negated(self.base)),
                arn::Comparison::Differs => {}
                // Values are tried in order, and a broken one ends the trial (reference iam.md 2.5).
                arn::Comparison::Broken => return Verdict::Broken,
            }
        }
        Verdict::from(is_negated(self.base))
    }

    /// The comparison without its negation.
    fn compare(&self, base: &str, requested: &str, value: &str) -> bool {
        match base {
            "StringEquals" | "StringNotEquals" => {
                self.text(value, false).is_some_and(|pattern| fits(&pattern, requested))
            }
            "StringEqualsIgnoreCase" | "StringNotEqualsIgnoreCase" => {
                self.text(value, false).is_some_and(|pattern| lower(&pattern) == requested.to_lowercase())
            }
            "StringLike" | "StringNotLike" => {
                self.text(value, true).is_some_and(|pattern| fits(&pattern, requested))
            }
            "Bool" => is_true(requested) == is_true(value),
            "BinaryEquals" => {
                let bytes = |text: &str| data_encoding::BASE64.decode(text.as_bytes()).ok();
                !requested.is_empty() && bytes(requested).is_some() && bytes(requested) == bytes(value)
            }
            numeric if numeric.starts_with("Numeric") => {
                is_ordered(numeric, number::compare(requested, value))
            }
            date => is_ordered(date, date::compare(requested, value)),
        }
    }

    fn text(&self, value: &str, wildcards: bool) -> Option<Vec<Symbol>> {
        read(value, Reading { wildcards, variables: self.variables })
    }
}

/// Case is ignored by making both sides lower case, not by folding (reference iam.md 2.2).
fn lower(pattern: &[Symbol]) -> String {
    let units: Vec<u16> = pattern
        .iter()
        .filter_map(|symbol| match symbol {
            Symbol::Unit(unit) => Some(*unit),
            Symbol::Run | Symbol::One => None,
        })
        .collect();
    String::from_utf16_lossy(&units).to_lowercase()
}

/// Only `true` is true; every other text is false (reference iam.md 2.2).
fn is_true(text: &str) -> bool {
    text.eq_ignore_ascii_case("true")
}

/// Whether the order of two values is what the operator asks for; values that cannot be read have no order.
fn is_ordered(base: &str, order: Option<Ordering>) -> bool {
    let Some(order) = order else { return false };
    let asks = base.trim_start_matches("Numeric").trim_start_matches("Date");
    match asks {
        "LessThan" => order.is_lt(),
        "LessThanEquals" => order.is_le(),
        "GreaterThan" => order.is_gt(),
        "GreaterThanEquals" => order.is_ge(),
        _ => order.is_eq(),
    }
}
