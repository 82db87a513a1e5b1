//! Receipt handles: what a receiver has of a message, until the next one receives it.
//!
//! A handle names the queue, the message and this one receive. Only the last receive's handle has any effect.

use data_encoding::BASE64;
use rolecall_store::State;
use rolecall_store::records::sqs::{Message, Queue};

use super::MessageKey;
use crate::error::SqsError;
use crate::name::Key;

/// A receipt handle, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Receipt {
    queue_id: String,
    number: u64,
    receipt: String,
}

impl Receipt {
    /// Reads a handle.
    pub(crate) fn read(handle: &str) -> Result<Self, SqsError> {
        let invalid = || SqsError::ReceiptHandle(handle.to_owned());
        let bytes = BASE64.decode(handle.as_bytes()).map_err(|_| invalid())?;
        let text = String::from_utf8(bytes).map_err(|_| invalid())?;
        let mut parts = text.split(' ').map(str::to_owned);
        match (parts.next(), parts.next().and_then(|number| number.parse().ok()), parts.next(), parts.next())
        {
            (Some(queue_id), Some(number), Some(receipt), None) => Ok(Receipt { queue_id, number, receipt }),
            _ => Err(invalid()),
        }
    }

    /// The handle of a message's last receive; none where it was not received.
    pub(crate) fn of(queue: &Queue, number: u64, message: &Message) -> Option<String> {
        let receipt = message.receipt.as_ref()?;
        Some(BASE64.encode(format!("{} {number} {receipt}", queue.id).as_bytes()))
    }

    /// The message that the handle is of, while no later receive has made it void.
    pub(crate) fn find(
        &self,
        handle: &str,
        state: &State,
        queue: &Key,
    ) -> Result<Option<MessageKey>, SqsError> {
        let record = state.queues.get(queue).ok_or(SqsError::NoQueue)?;
        if record.id != self.queue_id {
            return Err(SqsError::ReceiptHandle(handle.to_owned()));
        }
        let key = (queue.clone(), self.number);
        let message = state.queue_messages.get(&key);
        Ok(message.filter(|message| message.receipt.as_ref() == Some(&self.receipt)).map(|_| key))
    }
}
