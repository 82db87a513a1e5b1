//! Values that their operator cannot read, or reads otherwise than they look (reference iam.md 2.2 to 2.4).

use std::net::{Ipv4Addr, Ipv6Addr};

use super::Lint;
use crate::condition::date::Instant;
use crate::condition::ip::Network;
use crate::condition::number::Decimal;
use crate::condition::operator::{Family, Operator, Order};
use crate::condition::{arn, decode_base64};
use crate::lint::codes::{self, Code};
use crate::lint::document::Condition;
use crate::lint::finding::Report;

pub(super) fn check(lint: &Lint<'_>, report: &mut Report) {
    for condition in lint.conditions() {
        let Some(operator) = condition.parsed else { continue };
        for value in condition.values.iter().map(|value| &value.text) {
            // A variable with one of these operators is reported as such.
            if value.value.contains("${") {
                continue;
            }
            if let Some((code, message)) = value_fault(condition, operator, &value.value) {
                report.add(code, &value.place, message);
            }
        }
        check_booleans(condition, operator, report);
        check_thresholds(condition, operator, report);
    }
}

fn value_fault(condition: &Condition, operator: Operator, value: &str) -> Option<(&'static Code, String)> {
    let name = &condition.operator.value;
    let is_boolean = || ["true", "false"].iter().any(|word| value.eq_ignore_ascii_case(word));
    match operator.family {
        Family::Bool | Family::Null if !is_boolean() => {
            let message =
                format!("Add a valid Boolean value (true or false) for the condition operator {name}.");
            Some((&codes::TYPE_MISMATCH_BOOLEAN, message))
        }
        Family::Numeric(_) if Decimal::parse(value).is_none() => {
            let message = format!("Add a valid numeric value for the condition operator {name}.");
            Some((&codes::TYPE_MISMATCH_NUMBER, message))
        }
        Family::Date(_) => date_fault(value),
        Family::Binary if decode_base64(value).is_none() => {
            let message =
                format!("Add a valid base64-encoded string value for the condition operator {name}.");
            Some((&codes::TYPE_MISMATCH_STRING, message))
        }
        Family::IpAddress => address_fault(name, value),
        Family::Arn if !arn::is_storable(value) => {
            let message = format!("The condition operator {name} is used with {value}, which is no ARN.");
            Some((&codes::INVALID_ARN_PREFIX, message))
        }
        _ => None,
    }
}

fn date_fault(value: &str) -> Option<(&'static Code, String)> {
    if Instant::parse(value).is_none() {
        let message = "The date condition operator is used with an invalid value. Specify a valid date \
                       using YYYY-MM-DD or other ISO 8601 date/time format.";
        return Some((&codes::TYPE_MISMATCH_DATE, message.to_owned()));
    }
    let digits = value.trim_start_matches(['+', '-']);
    let is_epoch = digits.len() > 4 && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_epoch.then(|| {
        let message = format!(
            "The date {value} might not resolve as expected. We recommend that you use the YYYY-MM-DD format."
        );
        (&codes::INVALID_DATE_VALUE, message)
    })
}

fn address_fault(operator: &str, value: &str) -> Option<(&'static Code, String)> {
    if let Some(better) = network_address(value) {
        let message = format!(
            "The non-zero bits in the IP address after the masked bits are ignored. Replace address with \
             {better}."
        );
        return Some((&codes::IMPROVE_IP_RANGE, message));
    }
    if Network::parse(value).is_some() {
        return None;
    }
    let hint = network_address_v6(value).map_or(String::new(), |better| format!(" Did you mean {better}?"));
    let message = format!("The condition operator {operator} is used with an invalid IP range value.{hint}");
    Some((&codes::TYPE_MISMATCH_IP_RANGE, message))
}

/// The network of an IPv4 CIDR whose address has bits behind the prefix.
fn network_address(value: &str) -> Option<String> {
    let (address, prefix) = value.split_once('/')?;
    let (address, prefix): (Ipv4Addr, u32) = (address.parse().ok()?, prefix.parse().ok()?);
    let mask = u32::MAX.checked_shl(32_u32.checked_sub(prefix)?).unwrap_or(0);
    let network = Ipv4Addr::from_bits(address.to_bits() & mask);
    (network != address).then(|| format!("{network}/{prefix}"))
}

/// The same of IPv6, where AWS ignores nothing and such a value matches nothing.
fn network_address_v6(value: &str) -> Option<String> {
    let (address, prefix) = value.split_once('/')?;
    let (address, prefix): (Ipv6Addr, u32) = (address.parse().ok()?, prefix.parse().ok()?);
    let mask = u128::MAX.checked_shl(128_u32.checked_sub(prefix)?).unwrap_or(0);
    Some(format!("{}/{prefix}", Ipv6Addr::from_bits(address.to_bits() & mask)))
}

fn check_booleans(condition: &Condition, operator: Operator, report: &mut Report) {
    if matches!(operator.family, Family::Bool | Family::Null) && condition.values.len() > 1 {
        let message =
            "The condition key does not support multiple Boolean values. Use a single Boolean value.";
        report.add(&codes::INVALID_CONDITION_MULTIPLE_BOOLEAN, &condition.key.place, message);
    }
}

/// Of several limits only the widest decides.
fn check_thresholds(condition: &Condition, operator: Operator, report: &mut Report) {
    let widest = match operator.family {
        Family::Numeric(Order::Less | Order::LessOrEqual) => "greatest",
        Family::Numeric(Order::Greater | Order::GreaterOrEqual) => "least",
        _ => return,
    };
    if condition.values.len() > 1 {
        let (name, key) = (&condition.operator.value, &condition.key.value);
        let message = format!(
            "Multiple values in {name} are redundant. Replace with the {widest} single value for {key}."
        );
        report.add(&codes::REDUNDANT_CONDITION_VALUE_NUM, &condition.key.place, message);
    }
}
