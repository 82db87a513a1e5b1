//! The attributes of queues: reading what a caller sets, and showing what a queue has.

use std::collections::BTreeMap;
use std::sync::Arc;

use rolecall_authority::{Authorized, Call};
use rolecall_store::State;
use rolecall_store::records::sqs::{Queue, Redrive, RedriveAllow};
use rolecall_wire::{ServiceError, sqs as wire};

use crate::Sqs;
use crate::error::{SqsError, write_failed};
use crate::message::{Counts, messages_of};
use crate::name::QueueName;
use crate::{policy, redrive};

/// An attribute that is a whole number within limits.
struct Number {
    name: &'static str,
    least: i64,
    most: i64,
    get: fn(&Queue) -> i64,
    set: fn(&mut Queue, i64),
}

/// The attributes that are whole numbers (SetQueueAttributes in the API reference).
static NUMBERS: [Number; 5] = [
    Number {
        name: "VisibilityTimeout",
        least: 0,
        most: 43_200,
        get: |queue| queue.visibility_timeout_s,
        set: |queue, value| queue.visibility_timeout_s = value,
    },
    Number {
        name: "MaximumMessageSize",
        least: 1_024,
        most: 1_048_576,
        get: |queue| queue.maximum_message_size,
        set: |queue, value| queue.maximum_message_size = value,
    },
    Number {
        name: "MessageRetentionPeriod",
        least: 60,
        most: 1_209_600,
        get: |queue| queue.retention_s,
        set: |queue, value| queue.retention_s = value,
    },
    Number {
        name: "DelaySeconds",
        least: 0,
        most: 900,
        get: |queue| queue.delay_s,
        set: |queue, value| queue.delay_s = value,
    },
    Number {
        name: "ReceiveMessageWaitTimeSeconds",
        least: 0,
        most: 20,
        get: |queue| queue.receive_wait_s,
        set: |queue, value| queue.receive_wait_s = value,
    },
];

/// The attributes that GetQueueAttributes answers and nobody sets.
const COMPUTED: [&str; 7] = [
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
    "CreatedTimestamp",
    "LastModifiedTimestamp",
    "QueueArn",
    "SqsManagedSseEnabled",
];

/// The attributes that only FIFO queues have.
const OF_FIFO: [&str; 4] =
    ["FifoQueue", "ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit"];

/// What a caller wants to set.
pub(crate) struct Changes(Vec<Change>);

enum Change {
    Number(&'static Number, i64),
    Policy(Option<Arc<str>>),
    Redrive(Option<Redrive>),
    RedriveAllow(Option<RedriveAllow>),
}

impl Changes {
    /// Reads the attributes that a caller gives for the queue.
    pub(crate) fn read(attributes: &BTreeMap<String, String>, queue: &QueueName) -> Result<Self, SqsError> {
        let changes = attributes.iter().filter_map(|(name, value)| read(name, value, queue).transpose());
        changes.collect::<Result<_, _>>().map(Changes)
    }

    /// Sets them. Who a policy names and whether a dead-letter queue is there is looked up in the transaction.
    pub(crate) fn apply(self, queue: &mut Queue, state: &State) -> Result<(), SqsError> {
        for change in self.0 {
            match change {
                Change::Number(number, value) => (number.set)(queue, value),
                Change::Policy(document) => policy::set(queue, document, state)?,
                Change::RedriveAllow(allow) => queue.redrive_allow = allow,
                Change::Redrive(redrive) => {
                    if let Some(redrive) = &redrive {
                        redrive::require_target(redrive, &QueueName::from(&*queue), state)?;
                    }
                    queue.redrive = redrive;
                }
            }
        }
        Ok(())
    }
}

fn read(name: &str, value: &str, queue: &QueueName) -> Result<Option<Change>, SqsError> {
    if let Some(number) = NUMBERS.iter().find(|number| number.name == name) {
        let value = value.parse().ok().filter(|value| (number.least..=number.most).contains(value));
        let value = value.ok_or_else(|| SqsError::AttributeValue(name.to_owned()))?;
        return Ok(Some(Change::Number(number, value)));
    }
    match name {
        "Policy" => policy::read(value).map(Change::Policy).map(Some),
        "RedrivePolicy" => redrive::read(value, queue).map(Change::Redrive).map(Some),
        "RedriveAllowPolicy" => redrive::read_allow(value).map(Change::RedriveAllow).map(Some),
        // Nothing is encrypted here, and nobody shall be told that it is.
        "SqsManagedSseEnabled" if value == "false" => Ok(None),
        "KmsMasterKeyId" if value.is_empty() => Ok(None),
        "SqsManagedSseEnabled" | "KmsMasterKeyId" | "KmsDataKeyReusePeriodSeconds" => {
            Err(SqsError::NotBuilt(format!("Server-side encryption ({name})")))
        }
        _ => Err(unknown(name)),
    }
}

/// The attribute of a queue that is there that differs from what CreateQueue asks for.
pub(crate) fn different_attribute(queue: &Queue, changes: &Changes) -> Option<&'static str> {
    let differs = |change: &Change| match change {
        Change::Number(number, value) => ((number.get)(queue) != *value).then_some(number.name),
        Change::Policy(policy) => (queue.policy != *policy).then_some("Policy"),
        Change::Redrive(redrive) => (queue.redrive != *redrive).then_some("RedrivePolicy"),
        Change::RedriveAllow(allow) => (queue.redrive_allow != *allow).then_some("RedriveAllowPolicy"),
    };
    changes.0.iter().find_map(differs)
}

fn unknown(name: &str) -> SqsError {
    SqsError::AttributeName(format!("Unknown Attribute {name}."))
}

impl Sqs {
    /// SetQueueAttributes.
    pub(crate) async fn set_queue_attributes(
        &self,
        call: &Call,
        input: wire::SetQueueAttributesRequest,
    ) -> Result<wire::SetQueueAttributesResponse, ServiceError> {
        let queue = QueueName::of_url(call, &input.queue_url)?;
        let state = self.platform.store.read();
        let proof = self.authorize_owner(call, "sqs:SetQueueAttributes", &queue, &state, |check| check)?;
        let changes = Changes::read(&input.attributes, &queue)?;
        self.change_attributes(proof, queue, changes).await?;
        Ok(wire::SetQueueAttributesResponse)
    }

    async fn change_attributes(
        &self,
        _proof: Authorized,
        queue: QueueName,
        changes: Changes,
    ) -> Result<(), ServiceError> {
        let (key, now_ms) = (queue.key(), self.platform.now_ms());
        let bell = key.clone();
        let written = self.platform.store.write(move |state| {
            let mut record = Queue::clone(state.queues.get(&key).ok_or(SqsError::NoQueue)?);
            changes.apply(&mut record, state)?;
            record.modified_ms = now_ms;
            state.queues.put(key, record);
            Ok(())
        });
        written.await.map_err(write_failed)?;
        self.arrivals.ring(&bell);
        Ok(())
    }

    /// GetQueueAttributes: those that are asked for, as far as the queue has them.
    pub(crate) fn get_queue_attributes(
        &self,
        call: &Call,
        input: wire::GetQueueAttributesRequest,
    ) -> Result<wire::GetQueueAttributesResult, ServiceError> {
        let queue = QueueName::of_url(call, &input.queue_url)?;
        let state = self.platform.store.read();
        self.authorize_queue(call, "sqs:GetQueueAttributes", &queue, &state)?;
        let record = state.queues.get(&queue.key()).ok_or(SqsError::NoQueue)?;
        let wanted = input.attribute_names.unwrap_or_default();
        if let Some(name) = wanted.iter().find(|name| *name != "All" && !is_known(name)) {
            return Err(unknown(name).into());
        }
        let counts = Counts::of(messages_of(&state, &queue.key()), record, self.platform.now_ms());
        let mut all = shown(record, &counts);
        if !wanted.iter().any(|name| name == "All") {
            all.retain(|name, _| wanted.contains(name));
        }
        Ok(wire::GetQueueAttributesResult { attributes: (!all.is_empty()).then_some(all) })
    }
}

fn is_known(name: &str) -> bool {
    let others =
        ["Policy", "RedrivePolicy", "RedriveAllowPolicy", "KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds"];
    NUMBERS.iter().any(|number| number.name == name)
        || COMPUTED.contains(&name)
        || OF_FIFO.contains(&name)
        || others.contains(&name)
}

fn shown(queue: &Queue, counts: &Counts) -> BTreeMap<String, String> {
    let seconds = |time_ms: i64| time_ms.div_euclid(1000).to_string();
    let numbers = NUMBERS.iter().map(|number| (number.name, (number.get)(queue).to_string()));
    let computed = [
        counts.visible.to_string(),
        counts.in_flight.to_string(),
        counts.delayed.to_string(),
        seconds(queue.created_ms),
        seconds(queue.modified_ms),
        QueueName::from(queue).arn().to_string(),
        "false".to_owned(),
    ];
    let policies = [
        ("Policy", queue.policy.as_ref().map(ToString::to_string)),
        ("RedrivePolicy", queue.redrive.as_ref().map(redrive::shown)),
        ("RedriveAllowPolicy", queue.redrive_allow.as_ref().map(redrive::shown_allow)),
    ];
    let policies = policies.into_iter().filter_map(|(name, value)| Some((name, value?)));
    numbers
        .chain(COMPUTED.into_iter().zip(computed))
        .chain(policies)
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}
