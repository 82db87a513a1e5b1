//! Redrive policies: where messages go that were received too often, and which queues may send theirs to one.

use rolecall_store::State;
use rolecall_store::records::sqs::{Redrive, RedriveAllow};
use serde_json::{Map, Value, json};

use crate::error::SqsError;
use crate::name::QueueName;

/// How many queues a redrive allow policy names at most.
const MAX_SOURCES: usize = 10;

/// Reads a redrive policy of the queue; an empty text removes it.
pub(crate) fn read(text: &str, queue: &QueueName) -> Result<Option<Redrive>, SqsError> {
    if text.is_empty() {
        return Ok(None);
    }
    let refused = |reason: &str| SqsError::value(text, "RedrivePolicy", reason);
    let policy = object(text).ok_or_else(|| refused("Redrive policy is not a valid JSON map."))?;
    let member = |name: &str| {
        let missing = format!("Redrive policy does not contain mandatory attribute: {name}.");
        policy.get(name).ok_or_else(|| refused(&missing))
    };
    let (target, count) = (member("deadLetterTargetArn")?, member("maxReceiveCount")?);
    // CloudFormation and consoles write the number as a text.
    let shown = count.as_str().map_or_else(|| count.to_string(), str::to_owned);
    let wrong = format!(
        "Invalid value for maxReceiveCount: {shown}, valid values are from 1 to 1000 both inclusive."
    );
    let max_receive_count = shown.parse().ok().filter(|count| (1..=1000).contains(count));
    let max_receive_count = max_receive_count.ok_or_else(|| refused(&wrong))?;
    let target = target.as_str().and_then(QueueName::of_arn);
    let target = target.filter(|target| target.account == queue.account && target.region == queue.region);
    let target = target.ok_or_else(|| refused("Invalid value for deadLetterTargetArn."))?;
    Ok(Some(Redrive { target_arn: target.arn().to_string(), max_receive_count }))
}

/// Refuses a dead-letter queue that is not there, or that does not let this queue send to it.
pub(crate) fn require_target(redrive: &Redrive, queue: &QueueName, state: &State) -> Result<(), SqsError> {
    let refused = |reason: &str| SqsError::value(shown(redrive), "RedrivePolicy", reason);
    let target = QueueName::of_arn(&redrive.target_arn).and_then(|target| state.queues.get(&target.key()));
    let target = target.ok_or_else(|| refused("Dead letter target does not exist."))?;
    let is_allowed = match &target.redrive_allow {
        None | Some(RedriveAllow::All) => true,
        Some(RedriveAllow::Nobody) => false,
        Some(RedriveAllow::Queues(arns)) => arns.iter().any(|arn| arn == queue.arn().as_str()),
    };
    if is_allowed {
        Ok(())
    } else {
        Err(refused("The dead letter target's redrive allow policy does not allow this source queue."))
    }
}

/// Reads a redrive allow policy; an empty text removes it.
pub(crate) fn read_allow(text: &str) -> Result<Option<RedriveAllow>, SqsError> {
    if text.is_empty() {
        return Ok(None);
    }
    let refused = |reason: &str| SqsError::value(text, "RedriveAllowPolicy", reason);
    let policy = object(text).ok_or_else(|| refused("Redrive allow policy is not a valid JSON map."))?;
    let sources = policy.get("sourceQueueArns").map(|sources| {
        let arns: Option<Vec<String>> =
            sources.as_array()?.iter().map(|arn| arn.as_str().map(str::to_owned)).collect();
        arns.filter(|arns| (1..=MAX_SOURCES).contains(&arns.len()))
    });
    match (policy.get("redrivePermission").and_then(Value::as_str), sources) {
        (Some("allowAll"), None) => Ok(Some(RedriveAllow::All)),
        (Some("denyAll"), None) => Ok(Some(RedriveAllow::Nobody)),
        (Some("byQueue"), Some(Some(arns))) => Ok(Some(RedriveAllow::Queues(arns))),
        (Some("allowAll" | "denyAll" | "byQueue"), _) => Err(refused(
            "sourceQueueArns names 1 to 10 queues where redrivePermission is byQueue, else none.",
        )),
        _ => Err(refused("redrivePermission is allowAll, denyAll or byQueue.")),
    }
}

fn object(text: &str) -> Option<Map<String, Value>> {
    serde_json::from_str(text).ok()
}

/// A redrive policy as GetQueueAttributes shows it.
pub(crate) fn shown(redrive: &Redrive) -> String {
    json!({"deadLetterTargetArn": redrive.target_arn, "maxReceiveCount": redrive.max_receive_count})
        .to_string()
}

/// A redrive allow policy as GetQueueAttributes shows it.
pub(crate) fn shown_allow(allow: &RedriveAllow) -> String {
    match allow {
        RedriveAllow::All => json!({"redrivePermission": "allowAll"}),
        RedriveAllow::Nobody => json!({"redrivePermission": "denyAll"}),
        RedriveAllow::Queues(arns) => json!({"redrivePermission": "byQueue", "sourceQueueArns": arns}),
    }
    .to_string()
}
