//! Reads and shows notification configurations.

use rolecall_arn::{Arn, Region};
use rolecall_store::records::s3::FunctionNotification;
use rolecall_wire::s3 as wire;

use super::filter::{overlap, share_event};
use crate::error::S3Error;

/// How many configurations a bucket has at most.
const MAX_CONFIGURATIONS: usize = 100;
/// The most characters of a prefix or suffix.
const MAX_FILTER_VALUE: usize = 1024;

/// The events that can happen here. What belongs to versions, tags, restoring and replication never does, so it is
/// refused instead of waited for.
const EVENTS: [&str; 8] = [
    "s3:ObjectCreated:*",
    "s3:ObjectCreated:Put",
    "s3:ObjectCreated:Post",
    "s3:ObjectCreated:Copy",
    "s3:ObjectCreated:CompleteMultipartUpload",
    "s3:ObjectRemoved:*",
    "s3:ObjectRemoved:Delete",
    "s3:ObjectRemoved:DeleteMarkerCreated",
];

/// Reads a whole configuration.
pub(super) fn read(
    given: wire::NotificationConfiguration,
    region: &Region,
    new_id: impl Fn() -> String,
) -> Result<Vec<FunctionNotification>, S3Error> {
    refuse_other_destinations(&given)?;
    let functions = given.lambda_function_configurations.unwrap_or_default();
    if functions.len() > MAX_CONFIGURATIONS {
        let words = "Your configuration exceeds the maximum number of allowed notification configurations.";
        return Err(S3Error::argument(words, "CloudFunctionConfiguration", &functions.len().to_string()));
    }
    let read_one = |function: wire::LambdaFunctionConfiguration| {
        let id = function.id.filter(|id| !id.is_empty()).unwrap_or_else(&new_id);
        check_function(&function.lambda_function_arn, region)?;
        let events = checked_events(function.events)?;
        let filter_rules = filter_rules(function.filter)?;
        Ok(FunctionNotification { id, function_arn: function.lambda_function_arn, events, filter_rules })
    };
    let notifications = functions.into_iter().map(read_one).collect::<Result<Vec<_>, S3Error>>()?;
    check_together(&notifications)?;
    Ok(notifications)
}

fn refuse_other_destinations(given: &wire::NotificationConfiguration) -> Result<(), S3Error> {
    let topics = given.topic_configurations.as_ref().is_some_and(|topics| !topics.is_empty());
    let queues = given.queue_configurations.as_ref().is_some_and(|queues| !queues.is_empty());
    let other = [
        ("TopicConfiguration", topics),
        ("QueueConfiguration", queues),
        ("EventBridgeConfiguration", given.event_bridge_configuration.is_some()),
    ];
    match other.into_iter().find(|(_, given)| *given) {
        Some((name, _)) => {
            let words = "This server sends notifications to Lambda functions only.";
            Err(S3Error::InvalidArgument {
                words: words.to_owned(),
                arguments: vec![("ArgumentName", name.to_owned())],
            })
        }
        None => Ok(()),
    }
}

fn check_function(arn: &str, region: &Region) -> Result<(), S3Error> {
    let refuse = |words: &str| Err(S3Error::argument(words, "CloudFunction", arn));
    let Ok(parsed) = arn.parse::<Arn>() else { return refuse("The ARN could not be parsed") };
    let is_function = parsed.service() == "lambda"
        && parsed.partition() == rolecall_arn::PARTITION
        && parsed.account_id().is_some()
        && parsed.resource().starts_with("function:");
    if !is_function {
        return refuse("The ARN could not be parsed");
    }
    if parsed.region() != region.as_str() {
        return refuse(
            "The notification destination service region is not valid for the bucket location constraint",
        );
    }
    Ok(())
}

fn checked_events(events: Vec<String>) -> Result<Vec<String>, S3Error> {
    match events.iter().find(|event| !EVENTS.contains(&event.as_str())) {
        Some(unknown) => {
            Err(S3Error::argument("The event is not supported for notifications", "Event", unknown))
        }
        None if events.is_empty() => Err(S3Error::MalformedXml),
        None => Ok(events),
    }
}

/// The rules with lower-case names; at most one prefix and one suffix.
fn filter_rules(
    filter: Option<wire::NotificationConfigurationFilter>,
) -> Result<Vec<(String, String)>, S3Error> {
    let rules = filter.and_then(|filter| filter.key).and_then(|key| key.filter_rules).unwrap_or_default();
    let mut read: Vec<(String, String)> = Vec::new();
    for rule in rules {
        let given = rule.name.unwrap_or_default();
        let (name, value) = (given.to_ascii_lowercase(), rule.value.unwrap_or_default());
        if !["prefix", "suffix"].contains(&name.as_str()) {
            let words = "filter rule name must be either prefix or suffix";
            return Err(S3Error::argument(words, "FilterRule.Name", &given));
        }
        if read.iter().any(|(other, _)| *other == name) {
            let words = format!("Cannot specify more than one {name} rule in a filter.");
            return Err(S3Error::argument(&words, "FilterRule.Name", &given));
        }
        if value.chars().count() > MAX_FILTER_VALUE {
            let words = format!("Size of filter rule value cannot exceed {MAX_FILTER_VALUE} bytes in UTF-8");
            return Err(S3Error::argument(&words, "FilterRule.Value", &value));
        }
        read.push((name, value));
    }
    Ok(read)
}

/// Ids are unique, and no event of a key calls two functions.
fn check_together(notifications: &[FunctionNotification]) -> Result<(), S3Error> {
    for (index, one) in notifications.iter().enumerate() {
        for other in notifications.iter().skip(index + 1) {
            if one.id == other.id {
                return Err(S3Error::argument("Same ID used for multiple configurations.", "Id", &one.id));
            }
            if !share_event(one, other) || !overlap(one, other) {
                continue;
            }
            let words = if one.filter_rules.is_empty() && other.filter_rules.is_empty() {
                "Configurations overlap. Configurations on the same bucket cannot share a common event type."
            } else {
                "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes \
                 are overlapping for the same event type."
            };
            return Err(S3Error::InvalidArgument { words: words.to_owned(), arguments: Vec::new() });
        }
    }
    Ok(())
}

/// The configuration as S3 shows it: the names of rules begin with a capital letter.
pub(super) fn shown(notifications: &[FunctionNotification]) -> wire::NotificationConfiguration {
    let functions: Vec<_> = notifications.iter().map(shown_one).collect();
    wire::NotificationConfiguration {
        lambda_function_configurations: (!functions.is_empty()).then_some(functions),
        ..Default::default()
    }
}

fn shown_one(notification: &FunctionNotification) -> wire::LambdaFunctionConfiguration {
    let name = |name: &str| if name == "prefix" { "Prefix" } else { "Suffix" };
    let rules = notification.filter_rules.iter().map(|(rule, value)| wire::FilterRule {
        name: Some(name(rule).to_owned()),
        value: Some(value.clone()),
    });
    let rules: Vec<wire::FilterRule> = rules.collect();
    let key = Some(wire::S3KeyFilter { filter_rules: Some(rules) });
    let filter =
        (!notification.filter_rules.is_empty()).then_some(wire::NotificationConfigurationFilter { key });
    wire::LambdaFunctionConfiguration {
        id: Some(notification.id.clone()),
        lambda_function_arn: notification.function_arn.clone(),
        events: notification.events.clone(),
        filter,
    }
}
