//! ChangeMessageVisibility and its batch: how long a message that somebody works on stays hidden.

use rolecall_authority::{Authorized, Call};
use rolecall_store::State;
use rolecall_wire::{ServiceError, sqs as wire};

use super::batch::{self, Sorted};
use super::receipt::Receipt;
use crate::Sqs;
use crate::error::{SqsError, write_failed};
use crate::name::{Key, QueueName};

/// The longest time that a message is hidden, in seconds.
pub(super) const MAX_TIMEOUT_S: i32 = 43_200;

/// The handle, and the new timeout in seconds.
type Change = (String, Option<i32>);

impl Sqs {
    /// ChangeMessageVisibility.
    pub(crate) async fn change_message_visibility(
        &self,
        call: &Call,
        input: wire::ChangeMessageVisibilityRequest,
    ) -> Result<wire::ChangeMessageVisibilityResponse, ServiceError> {
        let queue = QueueName::of_url(call, &input.queue_url)?;
        let state = self.platform.store.read();
        let proof = self.authorize_queue(call, "sqs:ChangeMessageVisibility", &queue, &state)?;
        let change = (input.receipt_handle, Some(input.visibility_timeout));
        let changed = self.change_visibility(proof, &queue, vec![change]).await?;
        changed.into_iter().collect::<Result<(), _>>()?;
        Ok(wire::ChangeMessageVisibilityResponse)
    }

    /// ChangeMessageVisibilityBatch.
    pub(crate) async fn change_message_visibility_batch(
        &self,
        call: &Call,
        input: wire::ChangeMessageVisibilityBatchRequest,
    ) -> Result<wire::ChangeMessageVisibilityBatchResult, ServiceError> {
        let queue = QueueName::of_url(call, &input.queue_url)?;
        let state = self.platform.store.read();
        let proof = self.authorize_queue(call, "sqs:ChangeMessageVisibility", &queue, &state)?;
        let ids = input.entries.iter().map(|entry| &entry.id);
        batch::check(ids, "ChangeMessageVisibilityBatchRequestEntry")?;
        let (ids, changes): (Vec<_>, Vec<_>) = input
            .entries
            .into_iter()
            .map(|entry| (entry.id, (entry.receipt_handle, entry.visibility_timeout)))
            .unzip();
        let changed = self.change_visibility(proof, &queue, changes).await?;
        let Sorted { successful, failed } = batch::sort(ids.into_iter().zip(changed));
        let shown = |(id, ())| wire::ChangeMessageVisibilityBatchResultEntry { id: Some(id) };
        let successful = successful.map(|good| good.into_iter().map(shown).collect());
        Ok(wire::ChangeMessageVisibilityBatchResult { successful, failed })
    }

    async fn change_visibility(
        &self,
        _proof: Authorized,
        queue: &QueueName,
        changes: Vec<Change>,
    ) -> Result<Vec<Result<(), SqsError>>, ServiceError> {
        let (key, now_ms) = (queue.key(), self.platform.now_ms());
        let bell = key.clone();
        let written = self.platform.store.write(move |state| {
            state.queues.get(&key).ok_or(SqsError::NoQueue)?;
            Ok(changes.iter().map(|change| hide(state, &key, change, now_ms)).collect())
        });
        let changed = written.await.map_err(write_failed)?;
        self.arrivals.ring(&bell);
        Ok(changed)
    }
}

fn hide(state: &mut State, queue: &Key, (handle, timeout_s): &Change, now_ms: i64) -> Result<(), SqsError> {
    let timeout_s = timeout_s.ok_or(SqsError::Missing("VisibilityTimeout"))?;
    check_timeout(timeout_s)?;
    let not_in_flight = || SqsError::NotInFlight(handle.clone());
    let key = Receipt::read(handle)?.find(handle, state, queue)?.ok_or_else(not_in_flight)?;
    let is_hidden = state.queue_messages.get(&key).is_some_and(|message| message.visible_from_ms > now_ms);
    if !is_hidden {
        return Err(not_in_flight());
    }
    state.queue_messages.update(&key, |message| {
        message.visible_from_ms = now_ms + i64::from(timeout_s) * 1000;
    });
    Ok(())
}

/// Refuses a visibility timeout that is out of bounds.
pub(super) fn check_timeout(timeout_s: i32) -> Result<(), SqsError> {
    if (0..=MAX_TIMEOUT_S).contains(&timeout_s) {
        return Ok(());
    }
    let reason = "Must be between 0 and 43200, if provided.";
    Err(SqsError::value(timeout_s, "VisibilityTimeout", reason))
}
