//! A message that a caller publishes, checked, and who gets it.

use std::collections::BTreeMap;
use std::sync::Arc;

use rolecall_authority::Call;
use rolecall_service::Platform;
use rolecall_store::State;
use rolecall_store::records::sns::{Delivery, Protocol, Published, Subscription};
use rolecall_wire::sns::PublishBatchRequestEntry;
use serde_json::Value;

use crate::error::SnsError;
use crate::filter::Filter;
use crate::message_attribute;
use crate::name::Key;
use crate::subscription::{protocol_name, subscriptions_of};

/// The largest message with its attributes, in bytes.
const MAX_BYTES: usize = 262_144;
/// The longest subject in characters.
const MAX_SUBJECT: usize = 100;
/// The longest id of a message group.
const MAX_GROUP_ID: usize = 128;

/// A message, checked, with its text for each protocol where it has several.
pub(crate) struct Outgoing {
    published: Published,
    by_protocol: Option<BTreeMap<String, String>>,
}

impl Outgoing {
    /// Reads a message, alone or of a batch, and gives it its id.
    pub(crate) fn read(
        platform: &Platform,
        call: &Call,
        entry: PublishBatchRequestEntry,
    ) -> Result<Self, SnsError> {
        if entry.message_deduplication_id.is_some() {
            return Err(SnsError::parameter(
                "MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not \
                 valid for this topic type",
            ));
        }
        if entry.message.is_empty() {
            return Err(SnsError::parameter("Empty message"));
        }
        let by_protocol = match entry.message_structure.as_deref() {
            None | Some("") => None,
            Some("json") => Some(read_structure(&entry.message)?),
            Some(_) => return Err(SnsError::parameter("MessageStructure")),
        };
        let published = Published {
            id: platform.entropy().uuid(),
            time_ms: platform.now_ms(),
            message: entry.message,
            subject: entry.subject.map(check_subject).transpose()?,
            attributes: message_attribute::read(entry.message_attributes.unwrap_or_default())?,
            group_id: entry.message_group_id.map(check_group_id).transpose()?,
            trace: call.trace.clone(),
        };
        let message = Outgoing { published, by_protocol };
        if message.size() > MAX_BYTES { Err(SnsError::parameter("Message too long")) } else { Ok(message) }
    }

    /// The message's id.
    pub(crate) fn id(&self) -> &str {
        &self.published.id
    }

    /// What counts against the limits, in bytes: the message and its attributes.
    pub(crate) fn size(&self) -> usize {
        self.published.message.len()
            + self.published.attributes.iter().map(message_attribute::size).sum::<usize>()
    }

    /// A delivery to each subscription of the topic that wants the message.
    pub(crate) fn deliveries(&self, state: &State, topic: &Key) -> Vec<Delivery> {
        let mut texts: BTreeMap<&str, Arc<Published>> = BTreeMap::new();
        let wanting = subscriptions_of(state, topic).filter(|(_, subscription)| self.is_wanted(subscription));
        let delivery = |((_, id), subscription): (&(Key, String), &Arc<Subscription>)| {
            let protocol = subscription.protocol;
            let published =
                texts.entry(protocol_name(protocol)).or_insert_with(|| Arc::new(self.text_for(protocol)));
            Delivery {
                topic: topic.clone(),
                subscription: id.clone(),
                published: Arc::clone(published),
                attempts: 0,
                next_attempt_ms: self.published.time_ms,
            }
        };
        wanting.map(delivery).collect()
    }

    fn is_wanted(&self, subscription: &Subscription) -> bool {
        let filter = subscription.filter_policy.as_deref().map(Filter::parse);
        // A policy was read when it was set; one that cannot be read lets nothing pass.
        filter.is_none_or(|filter| filter.is_ok_and(|filter| filter.passes(&self.published.attributes)))
    }

    fn text_for(&self, protocol: Protocol) -> Published {
        let mut published = self.published.clone();
        if let Some(texts) = &self.by_protocol {
            let text = texts.get(protocol_name(protocol)).or_else(|| texts.get("default"));
            published.message = text.cloned().unwrap_or_default();
        }
        published
    }
}

/// The texts of a message with the structure `json`. What is no text is not there (seen with AWS).
fn read_structure(message: &str) -> Result<BTreeMap<String, String>, SnsError> {
    let wrong = |reason: &str| SnsError::parameter(format!("Message Structure - {reason}"));
    let object: BTreeMap<String, Value> =
        serde_json::from_str(message).map_err(|_| wrong("JSON message body failed to parse"))?;
    let texts = object.into_iter().filter_map(|(name, text)| Some((name, text.as_str()?.to_owned())));
    let texts: BTreeMap<_, _> = texts.collect();
    if texts.contains_key("default") {
        Ok(texts)
    } else {
        Err(wrong("No default entry in JSON message body"))
    }
}

fn check_subject(subject: String) -> Result<String, SnsError> {
    let is_good = (1..=MAX_SUBJECT).contains(&subject.chars().count()) && !subject.contains(char::is_control);
    if is_good { Ok(subject) } else { Err(SnsError::parameter("Subject")) }
}

fn check_group_id(id: String) -> Result<String, SnsError> {
    let is_good = (1..=MAX_GROUP_ID).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic());
    if is_good { Ok(id) } else { Err(SnsError::parameter("MessageGroupId")) }
}
