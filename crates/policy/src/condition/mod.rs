//! The `Condition` element: one clause for each operator and key, all of which must hold (reference iam.md 2.1).

pub(crate) mod arn;
pub(crate) mod date;
pub(crate) mod ip;
pub(crate) mod number;
mod operand;
pub(crate) mod operator;

use crate::context::Key;
use crate::document::{RawCondition, Version};
use crate::{Context, ContextValue};

pub(crate) use operand::decode_base64;
use operand::{Operands, Verdict};
use operator::{Family, Operator, SetMode};

/// One operator with one key and its values. How they are written is read from the document when an explanation needs
/// it (`Policy::written_clause`).
#[derive(Debug)]
pub(crate) struct Clause {
    key: Key,
    test: Test,
}

#[derive(Debug)]
enum Test {
    /// An operator that nobody knows: a Deny applies and an Allow does not (reference mistakes.md 1, row 20).
    Unknown,
    /// `Null` with a set prefix has a fixed outcome: true for `ForAllValues`, false for `ForAnyValue`.
    Always(bool),
    /// `Null`: whether the key must be absent, for each value.
    Absent(Box<[bool]>),
    Compare {
        operator: Operator,
        operands: Operands,
    },
}

impl Clause {
    pub(crate) fn compile(raw: &RawCondition<'_>, version: Version) -> Self {
        Clause { key: Key::new(&raw.key.value), test: Test::compile(raw, version) }
    }

    /// Whether the clause holds. `deny` says that the statement denies, which decides what cannot be evaluated.
    pub(crate) fn holds(&self, context: &Context, deny: bool) -> bool {
        let value = context.find(&self.key);
        match &self.test {
            Test::Unknown => deny,
            Test::Always(outcome) => *outcome,
            Test::Absent(wanted) => wanted.contains(&value.is_none()),
            Test::Compare { operator, operands } => match value {
                None => operator.holds_without_value(),
                Some(value) => operator.holds(operands, value, context).unwrap_or(deny),
            },
        }
    }

    /// The request's values for the key, as an explanation shows them.
    pub(crate) fn request_values<'a>(&self, context: &'a Context) -> Option<&'a ContextValue> {
        context.find(&self.key)
    }

    /// Whether the operator is known.
    pub(crate) fn is_known(&self) -> bool {
        !matches!(self.test, Test::Unknown)
    }

    /// Whether the key is multivalued in this request and the operator is not made for that.
    pub(crate) fn lacks_set_operator(&self, context: &Context) -> bool {
        let Test::Compare { operator, .. } = &self.test else { return false };
        operator.set == SetMode::Scalar && matches!(context.find(&self.key), Some(ContextValue::Many(_)))
    }
}

impl Test {
    fn compile(raw: &RawCondition<'_>, version: Version) -> Self {
        let values = || raw.values.iter().map(|value| value.value.as_ref());
        let Some(operator) = Operator::parse(&raw.operator.value) else { return Test::Unknown };
        match (operator.family, operator.set) {
            (Family::Null, SetMode::Scalar) => Test::Absent(values().map(operand::is_true).collect()),
            (Family::Null, set) => Test::Always(set == SetMode::All),
            (family, _) => Test::Compare { operator, operands: Operands::parse(family, values(), version) },
        }
    }
}

impl Operator {
    /// The outcome for a key that the request does not have; the first rule that applies wins.
    fn holds_without_value(&self) -> bool {
        match self.set {
            _ if self.if_exists => true,
            SetMode::All => true,
            SetMode::Any => false,
            SetMode::Scalar => self.negated,
        }
    }

    /// The outcome for a key that is there; `None` when a value of the policy makes it unknowable.
    fn holds(&self, operands: &Operands, value: &ContextValue, context: &Context) -> Option<bool> {
        let one = |value: &String| self.holds_for_one(operands, value, context);
        match (self.set, value) {
            (SetMode::Scalar, ContextValue::One(value)) => one(value),
            (SetMode::Scalar, ContextValue::Many(_)) => Some(false),
            (SetMode::Any, value) => first_that(value.values().iter().map(one), true),
            (SetMode::All, value) => first_that(value.values().iter().map(one), false),
        }
    }

    fn holds_for_one(&self, operands: &Operands, value: &str, context: &Context) -> Option<bool> {
        match operands.compare(value, context) {
            Verdict::Match => Some(!self.negated),
            Verdict::NoMatch => Some(self.negated),
            Verdict::BadRequestValue => Some(false),
            Verdict::BadPolicyValue => None,
        }
    }
}

/// Looks for `wanted` among the outcomes; what cannot be known ends the search.
fn first_that(mut outcomes: impl Iterator<Item = Option<bool>>, wanted: bool) -> Option<bool> {
    match outcomes.find(|outcome| *outcome != Some(!wanted)) {
        None => Some(!wanted),
        Some(outcome) => outcome,
    }
}
