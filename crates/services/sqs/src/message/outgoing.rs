//! A message that a caller sends, checked as far as that needs no queue.

use std::collections::BTreeMap;
use std::sync::Arc;

use rolecall_store::records::sqs::{AttributeValue, Message, MessageAttribute, MessageContent, Queue};
use rolecall_wire::sqs::{MessageAttributeValue, MessageSystemAttributeValue, SendMessageBatchRequestEntry};

use super::attribute;
use crate::error::SqsError;

/// The only system attribute that a sender sets.
const TRACE_HEADER: &str = "AWSTraceHeader";
/// The longest delay in seconds.
const MAX_DELAY_S: i32 = 900;

/// A message on its way into a queue.
#[derive(Debug)]
pub(crate) struct Outgoing {
    body: String,
    attributes: BTreeMap<String, MessageAttribute>,
    trace_header: Option<MessageAttribute>,
    group_id: Option<String>,
    /// None where the queue's own delay counts.
    delay_s: Option<i32>,
}

impl Outgoing {
    /// Reads a message, alone or of a batch.
    pub(crate) fn read(entry: SendMessageBatchRequestEntry) -> Result<Self, SqsError> {
        if entry.message_body.is_empty() {
            return Err(SqsError::Missing("MessageBody"));
        }
        check_characters(&entry.message_body)?;
        if let Some(id) = &entry.message_deduplication_id {
            let reason = "The request include parameter that is not valid for this queue type.";
            return Err(SqsError::value(id, "MessageDeduplicationId", reason));
        }
        if let Some(delay) = entry.delay_seconds.filter(|delay| !(0..=MAX_DELAY_S).contains(delay)) {
            let reason = "DelaySeconds must be >= 0 and <= 900.";
            return Err(SqsError::value(delay, "DelaySeconds", reason));
        }
        Ok(Outgoing {
            body: entry.message_body,
            attributes: attribute::read(entry.message_attributes.unwrap_or_default())?,
            trace_header: trace_header(entry.message_system_attributes.unwrap_or_default())?,
            group_id: entry.message_group_id,
            delay_s: entry.delay_seconds,
        })
    }

    /// What counts against the limits, in bytes: the body and the attributes.
    pub(crate) fn size(&self) -> usize {
        self.body.len() + self.attributes.iter().map(attribute::size).sum::<usize>()
    }

    /// Refuses a message that is larger than the queue takes.
    pub(crate) fn check_size(&self, queue: &Queue) -> Result<(), SqsError> {
        let most = queue.maximum_message_size;
        if i64::try_from(self.size()).is_ok_and(|size| size <= most) {
            return Ok(());
        }
        Err(SqsError::Parameter(format!(
            "One or more parameters are invalid. Reason: Message must be shorter than {most} bytes."
        )))
    }

    /// The digests that the sender compares: of the body, the attributes and the system attributes.
    pub(crate) fn digests(&self) -> (String, Option<String>, Option<String>) {
        let name = TRACE_HEADER.to_owned();
        let system = self.trace_header.iter().map(|header| (&name, header));
        (attribute::md5_of_text(&self.body), attribute::md5(&self.attributes), attribute::md5(system))
    }

    /// The record of the message in a queue.
    pub(crate) fn into_message(self, id: String, sender_id: String, queue: &Queue, now_ms: i64) -> Message {
        let delay_s = self.delay_s.map_or(queue.delay_s, i64::from);
        let trace_header = self.trace_header.and_then(|header| match header.value {
            AttributeValue::Text(text) => Some(text),
            AttributeValue::Binary(_) => None,
        });
        let (body, attributes, group_id) = (self.body, self.attributes, self.group_id);
        let content = MessageContent { body, attributes, trace_header, group_id, sender_id, sent_ms: now_ms };
        Message {
            id,
            content: Arc::new(content),
            visible_from_ms: now_ms + delay_s * 1000,
            receive_count: 0,
            first_received_ms: None,
            receipt: None,
            moved_from: None,
        }
    }
}

fn trace_header(
    given: BTreeMap<String, MessageSystemAttributeValue>,
) -> Result<Option<MessageAttribute>, SqsError> {
    let mut header = None;
    for (name, value) in given {
        if name != TRACE_HEADER {
            let words = format!("Message system attribute name '{name}' is invalid.");
            return Err(SqsError::Parameter(words));
        }
        let MessageSystemAttributeValue { string_value, data_type, .. } = value;
        if data_type != "String" {
            let words = format!("The message system attribute '{name}' must have the type String.");
            return Err(SqsError::Parameter(words));
        }
        let value = MessageAttributeValue { string_value, data_type, ..MessageAttributeValue::default() };
        header = attribute::read([("Trace".to_owned(), value)].into())?.into_values().next();
    }
    Ok(header)
}

/// Refuses what XML could not say, of which SQS's first protocol was.
pub(crate) fn check_characters(text: &str) -> Result<(), SqsError> {
    let is_legal = |character: char| matches!(character, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    if text.chars().all(is_legal) { Ok(()) } else { Err(SqsError::Characters) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(body: &str) -> SendMessageBatchRequestEntry {
        SendMessageBatchRequestEntry { message_body: body.to_owned(), ..Default::default() }
    }

    #[test]
    fn what_no_message_may_be_is_refused() {
        assert_eq!(Outgoing::read(entry("")).unwrap_err(), SqsError::Missing("MessageBody"));
        assert_eq!(Outgoing::read(entry("a\u{1}")).unwrap_err(), SqsError::Characters);
        assert_eq!(Outgoing::read(entry("a\u{ffff}")).unwrap_err(), SqsError::Characters);
        let late = SendMessageBatchRequestEntry { delay_seconds: Some(901), ..entry("a") };
        assert!(
            Outgoing::read(late).unwrap_err().to_string().starts_with("Value 901 for parameter DelaySeconds")
        );
        assert_eq!(Outgoing::read(entry("grün\u{1f600}\n")).unwrap().size(), 10);
    }
}
