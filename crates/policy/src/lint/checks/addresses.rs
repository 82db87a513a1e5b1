//! Values of keys that name places: private addresses, regions, VPCs (reference iam.md 4.2, 4.4).

use rolecall_arn::Region;

use super::Lint;
use crate::condition::ip::Network;
use crate::condition::operator::Family;
use crate::lint::codes::{self, Code};
use crate::lint::document::{Condition, Value, has_wildcard};
use crate::lint::finding::Report;

/// The networks that nobody on the internet has: first address, bits.
const PRIVATE: &[(u32, u32)] = &[(0x0a00_0000, 8), (0xac10_0000, 12), (0xc0a8_0000, 16), (0x7f00_0000, 8)];

pub(super) fn check(lint: &Lint<'_>, report: &mut Report) {
    for condition in lint.conditions() {
        let key = condition.key.value.to_ascii_lowercase();
        match key.as_str() {
            "aws:sourceip" => check_private(condition, report),
            "aws:requestedregion" => each_literal(condition, report, region_fault),
            "aws:sourcevpc" => each_literal(condition, report, |value| {
                id_fault(value, "vpc-", "VPC", &codes::INVALID_VPC_FORMAT)
            }),
            "aws:sourcevpce" => each_literal(condition, report, |value| {
                id_fault(value, "vpce-", "VPCE", &codes::INVALID_VPCE_FORMAT)
            }),
            _ => {}
        }
    }
}

fn check_private(condition: &Condition, report: &mut Report) {
    let Some(operator) = condition.parsed.filter(|operator| operator.family == Family::IpAddress) else {
        return;
    };
    let private = condition.values.iter().filter(|value| is_private(value)).count();
    let all = private == condition.values.len();
    if private == 0 {
        return;
    }
    let (code, message) = match (operator.negated, all) {
        (false, true) => (
            &codes::PRIVATE_IP_ADDRESS,
            "aws:SourceIp is always a public address, and all values are private, so the condition is never \
             true.",
        ),
        (true, true) => (
            &codes::PRIVATE_NOT_IP_ADDRESS,
            "aws:SourceIp is always a public address, and all values are private, so the condition is \
             always true.",
        ),
        (false, false) => (
            &codes::PRIVATE_IP_ADDRESS_SUBSET,
            "aws:SourceIp is always a public address; the private values match nothing.",
        ),
        (true, false) => (
            &codes::PRIVATE_NOT_IP_ADDRESS_SUBSET,
            "aws:SourceIp is always a public address; the private values have no effect.",
        ),
    };
    report.add(code, &condition.key.place, message);
}

fn is_private(value: &Value) -> bool {
    match Network::parse(&value.text.value) {
        Some(Network::V4 { network, prefix }) => PRIVATE
            .iter()
            .any(|(first, bits)| prefix >= *bits && network >> (32 - bits) == first >> (32 - bits)),
        // Unique local addresses, fc00::/7.
        Some(Network::V6 { network, prefix }) => prefix >= 7 && network >> 121 == 0x7e,
        None => false,
    }
}

/// Looks at the values that are compared as they are written.
fn each_literal(
    condition: &Condition,
    report: &mut Report,
    fault: impl Fn(&str) -> Option<(&'static Code, String)>,
) {
    let is_text = condition.parsed.is_some_and(|operator| {
        matches!(operator.family, Family::Text | Family::TextIgnoringCase | Family::TextPattern)
    });
    let values = condition.values.iter().map(|value| &value.text);
    for value in values.filter(|text| is_text && !has_wildcard(&text.value) && !text.value.contains("${")) {
        if let Some((code, message)) = fault(&value.value) {
            report.add(code, &value.place, message);
        }
    }
}

fn region_fault(value: &str) -> Option<(&'static Code, String)> {
    let message =
        format!("The Region {value} is not valid. Update the condition value to a supported Region.");
    value.parse::<Region>().is_err().then_some((&codes::INVALID_REGION, message))
}

fn id_fault(value: &str, prefix: &str, what: &str, code: &'static Code) -> Option<(&'static Code, String)> {
    let is_id = |id: &str| matches!(id.len(), 8 | 17) && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if value.strip_prefix(prefix).is_some_and(is_id) {
        return None;
    }
    let message = format!(
        "The {what} identifier in the condition key value is not valid. Use the prefix '{prefix}' followed \
         by 8 or 17 alphanumeric characters."
    );
    Some((code, message))
}
