//! A message as its receiver sees it: only the attributes that were asked for.

use std::collections::BTreeMap;

use rolecall_store::records::sqs::{Message, MessageAttribute, Queue};
use rolecall_wire::sqs as wire;

use super::attribute;
use super::receipt::Receipt;
use crate::error::SqsError;

/// The system attributes that a receiver can ask for. Messages of standard queues never have two of them.
const SYSTEM_NAMES: [&str; 9] = [
    "SenderId",
    "SentTimestamp",
    "ApproximateReceiveCount",
    "ApproximateFirstReceiveTimestamp",
    "SequenceNumber",
    "MessageDeduplicationId",
    "MessageGroupId",
    "AWSTraceHeader",
    "DeadLetterQueueSourceArn",
];

/// What a receiver asks for.
pub(super) struct Wanted {
    system: Vec<String>,
    attributes: Vec<String>,
}

impl Wanted {
    /// Reads the names of a request.
    pub(super) fn read(input: wire::ReceiveMessageRequest) -> Result<Self, SqsError> {
        let mut system = input.message_system_attribute_names.unwrap_or_default();
        system.extend(input.attribute_names.unwrap_or_default());
        let is_known = |name: &String| name == "All" || SYSTEM_NAMES.contains(&name.as_str());
        match system.iter().find(|name| !is_known(name)) {
            Some(name) => Err(SqsError::AttributeName(format!("Unknown Attribute {name}."))),
            None => Ok(Wanted { system, attributes: input.message_attribute_names.unwrap_or_default() }),
        }
    }

    /// The message, with the receipt handle of its last receive.
    pub(super) fn show(&self, queue: &Queue, number: u64, message: &Message) -> wire::Message {
        let content = &message.content;
        let wanted = || content.attributes.iter().filter(|(name, _)| self.wants(name));
        let attributes: BTreeMap<_, _> = wanted()
            .map(|(name, value): (&String, &MessageAttribute)| (name.clone(), attribute::shown(value)))
            .collect();
        let system = self.system_attributes(message);
        wire::Message {
            message_id: Some(message.id.clone()),
            receipt_handle: Receipt::of(queue, number, message),
            md5_of_body: Some(attribute::md5_of_text(&content.body)),
            body: Some(content.body.clone()),
            attributes: (!system.is_empty()).then_some(system),
            md5_of_message_attributes: attribute::md5(wanted()),
            message_attributes: (!attributes.is_empty()).then_some(attributes),
        }
    }

    /// `All` and `.*` ask for every attribute, `x.*` for those that begin with `x`.
    fn wants(&self, name: &str) -> bool {
        self.attributes.iter().any(|wanted| match wanted.strip_suffix(".*") {
            Some(prefix) => name.starts_with(prefix),
            None => wanted == "All" || wanted == name,
        })
    }

    fn system_attributes(&self, message: &Message) -> BTreeMap<String, String> {
        let content = &message.content;
        let all = [
            ("SenderId", Some(content.sender_id.clone())),
            ("SentTimestamp", Some(content.sent_ms.to_string())),
            ("ApproximateReceiveCount", Some(message.receive_count.to_string())),
            ("ApproximateFirstReceiveTimestamp", message.first_received_ms.map(|time| time.to_string())),
            ("MessageGroupId", content.group_id.clone()),
            ("AWSTraceHeader", content.trace_header.clone()),
            ("DeadLetterQueueSourceArn", message.moved_from.clone()),
        ];
        let asked = |name: &str| self.system.iter().any(|wanted| wanted == "All" || wanted == name);
        all.into_iter()
            .filter(|(name, _)| asked(name))
            .filter_map(|(name, value)| Some((name.to_owned(), value?)))
            .collect()
    }
}
