//! Typed condition values that AWS refuses to store (reference iam.md 1.11, second table). Session policies may
//! contain them; there they matter only when they are evaluated.

use crate::condition::date::Instant;
use crate::condition::ip::Network;
use crate::condition::number::Decimal;
use crate::condition::operator::{Family, Operator};
use crate::condition::{arn, decode_base64};
use crate::document::RawCondition;
use crate::error::Fault;

/// Checks the values of one clause.
pub(super) fn check(raw: &RawCondition<'_>) -> Result<(), Fault> {
    check_family(raw, |_| true)
}

/// Checks only base64, which is refused everywhere.
pub(super) fn check_binary(raw: &RawCondition<'_>) -> Result<(), Fault> {
    check_family(raw, |family| family == Family::Binary)
}

fn check_family(raw: &RawCondition<'_>, wanted: impl Fn(Family) -> bool) -> Result<(), Fault> {
    let Some(operator) = Operator::parse(&raw.operator.value).filter(|operator| wanted(operator.family))
    else {
        return Ok(());
    };
    match raw.values.iter().find(|value| !is_storable(operator.family, &value.value)) {
        None => Ok(()),
        Some(value) => {
            let reason = format!("'{}' is no value for {}", value.value, raw.operator.value);
            Err(Fault::new(&value.span, reason))
        }
    }
}

fn is_storable(family: Family, value: &str) -> bool {
    match family {
        Family::Numeric(_) => Decimal::parse(value).is_some(),
        Family::Date(_) => Instant::parse(value).is_some(),
        Family::Binary => decode_base64(value).is_some(),
        Family::IpAddress => Network::parse(value).is_some(),
        Family::Arn => arn::is_storable(value),
        Family::Text | Family::TextIgnoringCase | Family::TextPattern | Family::Bool | Family::Null => true,
    }
}
