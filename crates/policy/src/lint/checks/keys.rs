//! Condition keys: that they exist, that their operator suits them, and that requests for the statement's actions have
//! them (reference iam.md 4, lambda.md 1.7).

use super::Lint;
use crate::condition::operator::{Family, Operator, SetMode};
use crate::lint::codes::{self, Code};
use crate::lint::document::{Condition, Statement, has_wildcard};
use crate::lint::finding::Report;
use crate::lint::known_keys::{self, KeyType};

/// Keys that need a tag's key behind the slash.
const TAG_KEYS: &[&str] = &[
    "aws:principaltag",
    "aws:requesttag",
    "aws:resourcetag",
    "iam:resourcetag",
    "s3:existingobjecttag",
    "s3:requestobjecttag",
    "s3:buckettag",
];

pub(super) fn check(lint: &Lint<'_>, report: &mut Report) {
    for statement in lint.statements() {
        for (index, condition) in statement.conditions.iter().enumerate() {
            check_existence(lint, condition, report);
            check_repetition(statement, index, report);
            check_pairs(statement, condition, report);
            if let Some(operator) = condition.parsed {
                check_set_operator(lint, statement, condition, operator, report);
                check_type(condition, operator, report);
                check_supply(lint, statement, condition, operator, report);
            }
        }
    }
}

fn check_existence(lint: &Lint<'_>, condition: &Condition, report: &mut Report) {
    if let Some((code, message)) = existence_fault(lint, &condition.key.value) {
        report.add(code, &condition.key.place, message);
    }
}

fn existence_fault(lint: &Lint<'_>, key: &str) -> Option<(&'static Code, String)> {
    let folded = key.to_ascii_lowercase();
    if key.contains("${") {
        return None;
    }
    let format = || {
        (
            &codes::INVALID_CONDITION_KEY_FORMAT,
            "The condition key format is not valid. Use the format service:keyname.".to_owned(),
        )
    };
    let Some((prefix, name)) = folded.split_once(':') else { return Some(format()) };
    if prefix.is_empty() || name.is_empty() || has_wildcard(key) || key.contains(' ') && !key.contains('/') {
        return Some(format());
    }
    if TAG_KEYS.contains(&folded.trim_end_matches('/')) {
        let message =
            format!("The condition key {key} must include a tag key to control access based on tags.");
        return Some((&codes::MISSING_TAG_KEY_IN_CONDITION, message));
    }
    if folded == "aws:arn" {
        let message =
            "The condition key aws:ARN is not supported. Use aws:PrincipalArn or aws:SourceArn instead.";
        return Some((&codes::UNSUPPORTED_GLOBAL_CONDITION_KEY, message.to_owned()));
    }
    if known_keys::known(key).is_some() {
        return None;
    }
    if prefix == "aws" {
        let message = format!("The condition key {key} does not exist. Use a valid condition key.");
        return Some((&codes::INVALID_GLOBAL_CONDITION_KEY, message));
    }
    if lint.knows_service(prefix) {
        let supplied = lint.catalog.actions().iter().any(|facts| facts.supplies(key));
        let message = format!(
            "The condition key {key} does not exist in the service {prefix}. Use a valid condition key."
        );
        return (!supplied).then_some((&codes::INVALID_SERVICE_CONDITION_KEY, message));
    }
    let similar = lint.similar_service(prefix)?;
    let message = format!("The service {prefix} does not exist. Did you mean {similar}?");
    Some((&codes::INVALID_SERVICE, message))
}

/// The same key twice under one operator, in different spellings.
fn check_repetition(statement: &Statement, index: usize, report: &mut Report) {
    let Some(condition) = statement.conditions.get(index) else { return };
    let earlier = statement.conditions.get(..index).unwrap_or_default();
    let same = |other: &&Condition| {
        other.operator.value == condition.operator.value
            && other.key.value.eq_ignore_ascii_case(&condition.key.value)
    };
    if earlier.iter().any(|other| same(&other)) {
        let message = format!(
            "The condition key {} appears more than once with different capitalization in the same \
             condition block.",
            condition.key.value
        );
        report.add(&codes::DUPLICATE_KEYS_WITH_DIFFERENT_CASE, &condition.key.place, message);
    }
}

/// Keys that mean little alone, and keys that the caller writes.
fn check_pairs(statement: &Statement, condition: &Condition, report: &mut Report) {
    let key = condition.key.value.as_str();
    let vpc_keys = &["aws:SourceVpc", "aws:SourceVpce", "aws:SourceVpcArn"];
    if key.eq_ignore_ascii_case("aws:VpcSourceIp") && !statement.has_condition_on(vpc_keys) {
        let message = format!(
            "Using the condition key {key} can be overly permissive without also using the following \
             condition keys: aws:SourceVpc."
        );
        report.add(&codes::MISSING_PAIRED_CONDITION_KEYS, &condition.key.place, message);
    }
    if ["aws:referer", "aws:UserAgent"].iter().any(|spoofed| key.eq_ignore_ascii_case(spoofed)) {
        let message = format!(
            "The {key} condition key is not recommended for access control as it can be spoofed/manipulated \
             by the caller."
        );
        report.add(&codes::UNTRUSTWORTHY_CONDITION_KEY, &condition.key.place, message);
    }
}

fn is_multivalued(lint: &Lint<'_>, key: &str) -> bool {
    let mut keys = lint.catalog.actions().iter().flat_map(|facts| &facts.condition_keys);
    known_keys::is_multivalued(key)
        || keys.any(|known| known.multivalued && known.name.eq_ignore_ascii_case(key))
}

fn check_set_operator(
    lint: &Lint<'_>,
    statement: &Statement,
    condition: &Condition,
    operator: Operator,
    report: &mut Report,
) {
    let key = condition.key.value.as_str();
    // Whether a key of an identity provider or of an unknown service has one value or several is not known.
    let service = key.split(':').next().unwrap_or_default();
    let known = known_keys::known(key).is_some() || lint.knows_service(service);
    if operator.family == Family::Null {
        return;
    }
    match (is_multivalued(lint, key), operator.set) {
        (true, SetMode::Scalar) => {
            let message = format!(
                "The request context key {key} has multiple values. Use the ForAllValues or ForAnyValue \
                 condition key qualifiers in your policy."
            );
            report.add(&codes::MISSING_QUALIFIER, &condition.key.place, message);
        }
        (false, SetMode::All) if known => {
            let message = format!(
                "Using ForAllValues qualifier with the single-valued condition key {key} can be overly \
                 permissive."
            );
            report.add(&codes::FORALLVALUES_WITH_SINGLE_VALUED_KEY, &condition.key.place, message);
        }
        (true, SetMode::All) if statement.allows() && !requires_presence(statement, key) => {
            let message = format!(
                "ForAllValues is true for a request without {key}, so this statement allows that too."
            );
            report.add(&codes::FORALLVALUES_WITHOUT_NULL_CHECK, &condition.key.place, message);
        }
        _ => {}
    }
}

/// Whether the statement has `Null` `false` on the key.
fn requires_presence(statement: &Statement, key: &str) -> bool {
    statement.conditions_on(key).any(|condition| {
        let is_null = condition.parsed.is_some_and(|operator| operator.family == Family::Null);
        is_null && condition.values.iter().any(|value| value.text.value.eq_ignore_ascii_case("false"))
    })
}

fn check_type(condition: &Condition, operator: Operator, report: &mut Report) {
    let Some(known) = known_keys::known(&condition.key.value) else { return };
    let suits = match (known.holds, operator.family) {
        (_, Family::Null) | (KeyType::Any, _) => true,
        (KeyType::Text, Family::Text | Family::TextIgnoringCase | Family::TextPattern) => true,
        // Comparing the whole text of an ARN is exact and common; a pattern of its text is not exact.
        (KeyType::Arn, Family::Arn | Family::Text | Family::TextIgnoringCase | Family::TextPattern) => true,
        (KeyType::Number, Family::Numeric(_)) | (KeyType::Date, Family::Date(_)) => true,
        (KeyType::Bool, Family::Bool) | (KeyType::Ip, Family::IpAddress) => true,
        _ => false,
    };
    let (key, name) = (&condition.key.value, &condition.operator.value);
    let message = format!(
        "Use the operator type {} instead of operator {name} for the condition key {key}.",
        known.holds.operators()
    );
    if !suits {
        report.add(&codes::TYPE_MISMATCH, &condition.operator.place, message);
    } else if known.holds == KeyType::Arn && operator.family == Family::TextPattern {
        report.add(&codes::STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS, &condition.operator.place, message);
    }
}

/// Keys that requests for the statement's actions never have. An action with wildcards is blamed when nothing that the
/// statement is about has the key. `IfExists` says that the author knows, and `aws:ResourceTag` has codes of its own.
fn check_supply(
    lint: &Lint<'_>,
    statement: &Statement,
    condition: &Condition,
    operator: Operator,
    report: &mut Report,
) {
    let key = condition.key.value.as_str();
    let folded = key.to_ascii_lowercase();
    let of_request = folded.starts_with("aws:requesttag/") || folded == "aws:tagkeys";
    let everywhere = known_keys::global(key).is_some() && !of_request;
    if everywhere || operator.if_exists || existence_fault(lint, key).is_some() {
        return;
    }
    let actions = statement.listed_actions();
    let supplied =
        actions.iter().any(|action| lint.covered(&action.value).iter().any(|facts| facts.supplies(key)));
    let to_blame = actions.iter().filter(|action| !(supplied && has_wildcard(&action.value)));
    let lacking: Vec<&str> = to_blame.filter_map(|action| lacks(lint, &action.value, key)).collect();
    let service = folded.split(':').next().unwrap_or_default();
    if lacking.is_empty() || !(of_request || lint.knows_service(service)) {
        return;
    }
    let message = format!(
        "The following actions: {} are not supported by the condition key {key}. Requests for them do not \
         have it.",
        lacking.join(", ")
    );
    report.add(&codes::UNSUPPORTED_ACTION_FOR_CONDITION_KEY, &condition.key.place, message);
}

/// The action as it is to be blamed, when it is known and no request for it has the key.
fn lacks<'a>(lint: &Lint<'a>, written: &'a str, key: &str) -> Option<&'a str> {
    let covered = lint.covered(written);
    if covered.is_empty() || covered.iter().any(|facts| facts.supplies(key)) {
        return None;
    }
    Some(if has_wildcard(written) { written } else { covered.first()?.name.as_str() })
}
