//! DeleteMessage and DeleteMessageBatch.

use rolecall_authority::{Authorized, Call};
use rolecall_store::State;
use rolecall_wire::{ServiceError, sqs as wire};

use super::batch::{self, Sorted};
use super::receipt::Receipt;
use crate::Sqs;
use crate::error::{SqsError, write_failed};
use crate::name::{Key, QueueName};

impl Sqs {
    /// DeleteMessage. A message that is gone, or that somebody else has received since, is no error.
    pub(crate) async fn delete_message(
        &self,
        call: &Call,
        input: wire::DeleteMessageRequest,
    ) -> Result<wire::DeleteMessageResponse, ServiceError> {
        let queue = QueueName::of_url(call, &input.queue_url)?;
        let proof = self.authorize_queue(call, "sqs:DeleteMessage", &queue, &self.platform.store.read())?;
        let deleted = self.delete(proof, &queue, vec![input.receipt_handle]).await?;
        deleted.into_iter().collect::<Result<(), _>>()?;
        Ok(wire::DeleteMessageResponse)
    }

    /// DeleteMessageBatch.
    pub(crate) async fn delete_message_batch(
        &self,
        call: &Call,
        input: wire::DeleteMessageBatchRequest,
    ) -> Result<wire::DeleteMessageBatchResult, ServiceError> {
        let queue = QueueName::of_url(call, &input.queue_url)?;
        let proof = self.authorize_queue(call, "sqs:DeleteMessage", &queue, &self.platform.store.read())?;
        batch::check(input.entries.iter().map(|entry| &entry.id), "DeleteMessageBatchRequestEntry")?;
        let (ids, handles): (Vec<_>, Vec<_>) =
            input.entries.into_iter().map(|entry| (entry.id, entry.receipt_handle)).unzip();
        let deleted = self.delete(proof, &queue, handles).await?;
        let Sorted { successful, failed } = batch::sort(ids.into_iter().zip(deleted));
        let shown = |(id, ())| wire::DeleteMessageBatchResultEntry { id: Some(id) };
        let successful = successful.map(|good| good.into_iter().map(shown).collect());
        Ok(wire::DeleteMessageBatchResult { successful, failed })
    }

    async fn delete(
        &self,
        _proof: Authorized,
        queue: &QueueName,
        handles: Vec<String>,
    ) -> Result<Vec<Result<(), SqsError>>, ServiceError> {
        let key = queue.key();
        let written = self.platform.store.write(move |state| {
            state.queues.get(&key).ok_or(SqsError::NoQueue)?;
            Ok(handles.iter().map(|handle| remove(state, &key, handle)).collect())
        });
        written.await.map_err(write_failed)
    }
}

fn remove(state: &mut State, queue: &Key, handle: &str) -> Result<(), SqsError> {
    if let Some(key) = Receipt::read(handle)?.find(handle, state, queue)? {
        state.queue_messages.remove(&key);
    }
    Ok(())
}
