//! Publish and PublishBatch: a message is on the disk, with a delivery for everyone who wants it, before its id is
//! answered.

use std::collections::BTreeSet;
use std::sync::Arc;

use rolecall_authority::{Authorized, Call};
use rolecall_wire::{ServiceError, sns as wire};

use crate::Sns;
use crate::error::{SnsError, write_failed};
use crate::name::{Key, TopicName};
use crate::outgoing::Outgoing;

/// The largest batch in bytes.
const MAX_BATCH_BYTES: usize = 262_144;
/// How many messages a batch has at most.
const MAX_ENTRIES: usize = 10;
/// The longest id of an entry.
const MAX_ENTRY_ID: usize = 80;

impl Sns {
    /// Publish.
    pub(crate) async fn publish(
        &self,
        call: &Call,
        input: wire::PublishInput,
    ) -> Result<wire::PublishResponse, ServiceError> {
        let topic = target(call, &input)?;
        let state = self.platform.store.read();
        let proof = self.authorize_topic(call, "sns:Publish", &topic, &state, |check| check)?;
        let entry = wire::PublishBatchRequestEntry {
            id: String::new(),
            message: input.message,
            subject: input.subject,
            message_structure: input.message_structure,
            message_attributes: input.message_attributes,
            message_deduplication_id: input.message_deduplication_id,
            message_group_id: input.message_group_id,
        };
        let message = Outgoing::read(&self.platform, call, entry)?;
        let id = message.id().to_owned();
        self.insert_deliveries(proof, topic.key(), vec![message]).await?;
        Ok(wire::PublishResponse { message_id: Some(id), sequence_number: None })
    }

    /// PublishBatch: up to ten messages. One that is no message refuses them all, as on AWS.
    pub(crate) async fn publish_batch(
        &self,
        call: &Call,
        input: wire::PublishBatchInput,
    ) -> Result<wire::PublishBatchResponse, ServiceError> {
        let topic = TopicName::of_arn(call, &input.topic_arn)?;
        let state = self.platform.store.read();
        let proof = self.authorize_topic(call, "sns:Publish", &topic, &state, |check| check)?;
        let entries = input.publish_batch_request_entries;
        check_ids(entries.iter().map(|entry| entry.id.as_str()))?;
        let ids: Vec<String> = entries.iter().map(|entry| entry.id.clone()).collect();
        let read = |entry| Outgoing::read(&self.platform, call, entry);
        let messages: Vec<Outgoing> = entries.into_iter().map(read).collect::<Result<_, _>>()?;
        if messages.iter().map(Outgoing::size).sum::<usize>() > MAX_BATCH_BYTES {
            return Err(SnsError::BatchTooLong.into());
        }
        let shown = |(id, message): (String, &Outgoing)| wire::PublishBatchResultEntry {
            id: Some(id),
            message_id: Some(message.id().to_owned()),
            sequence_number: None,
        };
        let successful = Some(ids.into_iter().zip(&messages).map(shown).collect());
        self.insert_deliveries(proof, topic.key(), messages).await?;
        Ok(wire::PublishBatchResponse { successful, failed: Some(Vec::new()) })
    }

    /// Writes down a delivery for everyone who wants one of the messages, and begins to deliver.
    async fn insert_deliveries(
        &self,
        _proof: Authorized,
        topic: Key,
        messages: Vec<Outgoing>,
    ) -> Result<(), ServiceError> {
        let platform = Arc::clone(&self.platform);
        let written = self.platform.store.write(move |state| {
            state.topics.get(&topic).ok_or(SnsError::NoTopic)?;
            let deliveries: Vec<_> =
                messages.iter().flat_map(|message| message.deliveries(state, &topic)).collect();
            let mut due = Vec::with_capacity(deliveries.len());
            for delivery in deliveries {
                let id = platform.entropy().uuid();
                due.push((delivery.next_attempt_ms, id.clone()));
                state.sns_deliveries.put(id, delivery);
            }
            Ok(due)
        });
        let due = written.await.map_err(write_failed)?;
        self.deliveries.add(due);
        Ok(())
    }
}

/// The topic that a message is for. The other targets that SNS has are refused by name.
fn target(call: &Call, input: &wire::PublishInput) -> Result<TopicName, SnsError> {
    if input.phone_number.is_some() {
        return Err(SnsError::NotBuilt("PhoneNumber".to_owned()));
    }
    let arn = input.topic_arn.as_deref().or(input.target_arn.as_deref());
    let arn = arn.ok_or_else(|| {
        SnsError::parameter("TopicArn or TargetArn Reason: no value for required parameter")
    })?;
    if arn.split(':').nth(5).is_some_and(|resource| resource.starts_with("endpoint/")) {
        return Err(SnsError::NotBuilt("A mobile platform endpoint".to_owned()));
    }
    TopicName::of_arn(call, arn)
}

/// Refuses no entries, too many, and entries without an id of their own.
fn check_ids<'a>(ids: impl ExactSizeIterator<Item = &'a str>) -> Result<(), SnsError> {
    match ids.len() {
        0 => return Err(SnsError::EmptyBatch),
        1..=MAX_ENTRIES => {}
        _ => return Err(SnsError::TooManyEntries),
    }
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    let mut seen = BTreeSet::new();
    for id in ids {
        if !(1..=MAX_ENTRY_ID).contains(&id.len()) || !id.bytes().all(legal) {
            return Err(SnsError::EntryId);
        }
        if !seen.insert(id) {
            return Err(SnsError::RepeatedId);
        }
    }
    Ok(())
}
