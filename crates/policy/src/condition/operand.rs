//! The values of a condition clause, read once when the policy is compiled, and the comparison of one request value
//! with all of them (reference iam.md 2.2, 2.3).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::arn::{ArnMatch, ArnOperand};
use super::date::Instant;
use super::ip::{Network, RequestAddress};
use super::number::Decimal;
use super::operator::{Family, Order};
use crate::Context;
use crate::document::Version;
use crate::resource::split_arn;
use crate::template::{Operand, lower};

/// The values of a clause. `None` stands for a value that is malformed and equals nothing.
#[derive(Debug)]
pub(super) enum Operands {
    Text(Box<[Operand]>),
    TextIgnoringCase(Box<[Operand]>),
    Numeric(Order, Box<[Option<Decimal>]>),
    Date(Order, Box<[Option<Instant>]>),
    Bool(Box<[bool]>),
    /// As they are written: strict base64 writes the same bytes in one way only.
    Binary(Box<[Option<Box<str>>]>),
    IpAddress(Box<[Option<Network>]>),
    Arn(Box<[ArnOperand]>),
}

/// What the comparison of one request value found, before negation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It equals one of the values.
    Match,
    /// It equals none.
    NoMatch,
    /// It is malformed so that neither the operator nor its negation holds: IP addresses and ARNs only.
    BadRequestValue,
    /// A malformed value of the policy was reached first: ARNs only.
    BadPolicyValue,
}

impl Operands {
    pub(super) fn parse<'a>(family: Family, values: impl Iterator<Item = &'a str>, version: Version) -> Self {
        match family {
            Family::Text => Operands::Text(values.map(|text| Operand::parse(text, version, false)).collect()),
            Family::TextPattern => {
                Operands::Text(values.map(|text| Operand::parse(text, version, true)).collect())
            }
            Family::TextIgnoringCase => {
                let lowered = |text: &str| Operand::parse(text, version, false).lowercase();
                Operands::TextIgnoringCase(values.map(lowered).collect())
            }
            Family::Numeric(order) => Operands::Numeric(order, values.map(Decimal::parse).collect()),
            Family::Date(order) => Operands::Date(order, values.map(Instant::parse).collect()),
            Family::Bool | Family::Null => Operands::Bool(values.map(is_true).collect()),
            Family::Binary => {
                let written = |text: &str| decode_base64(text).map(|_| text.into());
                Operands::Binary(values.map(written).collect())
            }
            Family::IpAddress => Operands::IpAddress(values.map(Network::parse).collect()),
            Family::Arn => Operands::Arn(values.map(|text| ArnOperand::parse(text, version)).collect()),
        }
    }

    /// Compares one value of the request with all values of the clause, in order.
    pub(super) fn compare(&self, value: &str, context: &Context) -> Verdict {
        let found = match self {
            Operands::Text(operands) => operands.iter().any(|one| one.matches(value, context) == Some(true)),
            Operands::TextIgnoringCase(operands) => {
                let lowered = lower(value);
                operands.iter().any(|one| one.equals_lowercase(&lowered, context))
            }
            Operands::Numeric(order, operands) => any_in_order(*order, Decimal::parse(value), operands),
            Operands::Date(order, operands) => any_in_order(*order, Instant::parse(value), operands),
            Operands::Bool(operands) => operands.contains(&is_true(value)),
            Operands::Binary(operands) => operands.iter().flatten().any(|one| **one == *value),
            Operands::IpAddress(operands) => match RequestAddress::parse(value) {
                None => return Verdict::BadRequestValue,
                Some(address) => operands.iter().flatten().any(|network| network.contains(address)),
            },
            Operands::Arn(operands) => return compare_arn(operands, value, context),
        };
        if found { Verdict::Match } else { Verdict::NoMatch }
    }
}

fn compare_arn(operands: &[ArnOperand], value: &str, context: &Context) -> Verdict {
    let Some(request) = split_arn(value) else { return Verdict::BadRequestValue };
    for operand in operands {
        match operand.compare(&request, context) {
            ArnMatch::Yes => return Verdict::Match,
            ArnMatch::Broken => return Verdict::BadPolicyValue,
            ArnMatch::No => {}
        }
    }
    Verdict::NoMatch
}

/// A malformed value on either side stands in no order to anything.
fn any_in_order<T: Ord>(order: Order, value: Option<T>, operands: &[Option<T>]) -> bool {
    value.is_some_and(|value| operands.iter().flatten().any(|operand| order.holds(value.cmp(operand))))
}

/// Only `true`, in any case, is true; everything else is false, on both sides (reference iam.md 2.2).
pub(super) fn is_true(text: &str) -> bool {
    text.eq_ignore_ascii_case("true")
}

/// Strict base64: padded, canonical, no blanks and not empty.
pub(crate) fn decode_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok().filter(|bytes| !bytes.is_empty())
}
