//! SendMessage and SendMessageBatch. A message is on the disk before its id is answered.

use rolecall_authority::{Authorized, Call};
use rolecall_store::State;
use rolecall_wire::{ServiceError, sqs as wire};

use super::batch::{self, Sorted};
use super::is_expired;
use super::messages_of;
use super::outgoing::Outgoing;
use crate::Sqs;
use crate::error::{SqsError, write_failed};
use crate::name::{Key, QueueName};

/// The most bytes that the messages of a batch have together.
const MAX_BATCH_BYTES: usize = 1_048_576;

/// What the sender is told of a message.
struct Sent {
    id: String,
    digests: (String, Option<String>, Option<String>),
}

impl Sqs {
    /// SendMessage.
    pub(crate) async fn send_message(
        &self,
        call: &Call,
        input: wire::SendMessageRequest,
    ) -> Result<wire::SendMessageResult, ServiceError> {
        let queue = QueueName::of_url(call, &input.queue_url)?;
        let proof = self.authorize_queue(call, "sqs:SendMessage", &queue, &self.platform.store.read())?;
        let message = Outgoing::read(wire::SendMessageBatchRequestEntry {
            id: String::new(),
            message_body: input.message_body,
            delay_seconds: input.delay_seconds,
            message_attributes: input.message_attributes,
            message_system_attributes: input.message_system_attributes,
            message_deduplication_id: input.message_deduplication_id,
            message_group_id: input.message_group_id,
        })?;
        let sent = self.append(proof, call, &queue, vec![message]).await?.pop();
        let Sent { id, digests: (body, attributes, system) } = sent.ok_or(SqsError::NoQueue)??;
        Ok(wire::SendMessageResult {
            md5_of_message_body: Some(body),
            md5_of_message_attributes: attributes,
            md5_of_message_system_attributes: system,
            message_id: Some(id),
            sequence_number: None,
        })
    }

    /// SendMessageBatch: up to ten messages, in one transaction.
    pub(crate) async fn send_message_batch(
        &self,
        call: &Call,
        input: wire::SendMessageBatchRequest,
    ) -> Result<wire::SendMessageBatchResult, ServiceError> {
        let queue = QueueName::of_url(call, &input.queue_url)?;
        let proof = self.authorize_queue(call, "sqs:SendMessage", &queue, &self.platform.store.read())?;
        batch::check(input.entries.iter().map(|entry| &entry.id), "SendMessageBatchRequestEntry")?;
        let ids: Vec<String> = input.entries.iter().map(|entry| entry.id.clone()).collect();
        // A batch with one entry that is no message at all is refused as a whole (seen with AWS).
        let messages: Vec<Outgoing> =
            input.entries.into_iter().map(Outgoing::read).collect::<Result<_, _>>()?;
        let size = messages.iter().map(Outgoing::size).sum();
        if size > MAX_BATCH_BYTES {
            return Err(SqsError::BatchTooLong { limit: MAX_BATCH_BYTES, sent: size }.into());
        }
        let sent = self.append(proof, call, &queue, messages).await?;
        let Sorted { successful, failed } = batch::sort(ids.into_iter().zip(sent));
        let shown = |(id, sent): (String, Sent)| wire::SendMessageBatchResultEntry {
            id: Some(id),
            message_id: Some(sent.id),
            md5_of_message_body: Some(sent.digests.0),
            md5_of_message_attributes: sent.digests.1,
            md5_of_message_system_attributes: sent.digests.2,
            sequence_number: None,
        };
        let successful = successful.map(|good| good.into_iter().map(shown).collect());
        Ok(wire::SendMessageBatchResult { successful, failed })
    }

    /// Puts messages at the end of the queue, and wakes who waits for them.
    async fn append(
        &self,
        _proof: Authorized,
        call: &Call,
        queue: &QueueName,
        messages: Vec<Outgoing>,
    ) -> Result<Vec<Result<Sent, SqsError>>, ServiceError> {
        let (key, now_ms, sender) = (queue.key(), self.platform.now_ms(), call.caller.user_id());
        let with_ids: Vec<(String, Outgoing)> =
            messages.into_iter().map(|message| (self.platform.entropy().uuid(), message)).collect();
        let bell = key.clone();
        let written = self.platform.store.write(move |state| {
            remove_expired(state, &key, now_ms)?;
            let mut put = |(id, message)| put(state, &key, id, message, &sender, now_ms);
            with_ids.into_iter().map(|message| Ok(put(message))).collect()
        });
        let sent = written.await.map_err(write_failed)?;
        self.arrivals.ring(&bell);
        Ok(sent)
    }
}

fn put(
    state: &mut State,
    key: &Key,
    id: String,
    message: Outgoing,
    sender: &str,
    now_ms: i64,
) -> Result<Sent, SqsError> {
    let queue = state.queues.get(key).ok_or(SqsError::NoQueue)?;
    message.check_size(queue)?;
    let sent = Sent { id: id.clone(), digests: message.digests() };
    let message = message.into_message(id, sender.to_owned(), queue, now_ms);
    insert(state, key, message);
    Ok(sent)
}

/// Puts a message at the end of a queue that is there.
pub(super) fn insert(state: &mut State, key: &Key, message: rolecall_store::records::sqs::Message) {
    let mut number = 0;
    state.queues.update(key, |queue| {
        number = queue.next_number;
        queue.next_number += 1;
    });
    state.queue_messages.put((key.clone(), number), message);
}

/// Removes the messages at the front that are too old, so that a queue that nobody reads does not grow for ever.
fn remove_expired(state: &mut State, key: &Key, now_ms: i64) -> Result<(), SqsError> {
    let queue = state.queues.get(key).ok_or(SqsError::NoQueue)?;
    let expired: Vec<_> = messages_of(state, key)
        .take_while(|(_, message)| is_expired(message, queue, now_ms))
        .map(|(key, _)| key.clone())
        .collect();
    for key in &expired {
        state.queue_messages.remove(key);
    }
    Ok(())
}
