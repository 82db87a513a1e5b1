//! Messages: sending, receiving, deleting them.

mod attribute;
mod batch;
mod delete;
mod outgoing;
mod receipt;
mod receive;
mod send;
mod shown;
mod take;
mod visibility;

use std::sync::Arc;

use rolecall_store::State;
use rolecall_store::records::sqs::{Message, Queue};

use crate::name::Key;

/// The key of a message's record: its queue, and its number there.
pub(crate) type MessageKey = (Key, u64);

/// The messages of a queue, in the order in which they came.
pub(crate) fn messages_of<'s>(
    state: &'s State,
    queue: &Key,
) -> impl Iterator<Item = (&'s MessageKey, &'s Arc<Message>)> + use<'s> {
    let range = (queue.clone(), 0)..=(queue.clone(), u64::MAX);
    state.queue_messages.range(range)
}

/// Whether the message is older than its queue keeps messages.
pub(crate) fn is_expired(message: &Message, queue: &Queue, now_ms: i64) -> bool {
    now_ms - message.content.sent_ms > queue.retention_s * 1000
}

/// How many messages a queue has, by what can be done with them now.
#[derive(Default)]
pub(crate) struct Counts {
    /// They can be received.
    pub(crate) visible: usize,
    /// Somebody has received them, and works on them.
    pub(crate) in_flight: usize,
    /// They were sent with a delay that has not passed.
    pub(crate) delayed: usize,
}

impl Counts {
    /// Counts the messages of a queue.
    pub(crate) fn of<'s>(
        messages: impl Iterator<Item = (&'s MessageKey, &'s Arc<Message>)>,
        queue: &Queue,
        now_ms: i64,
    ) -> Self {
        let mut counts = Counts::default();
        for (_, message) in messages.filter(|(_, message)| !is_expired(message, queue, now_ms)) {
            let count = match (message.visible_from_ms > now_ms, &message.receipt) {
                (false, _) => &mut counts.visible,
                (true, Some(_)) => &mut counts.in_flight,
                (true, None) => &mut counts.delayed,
            };
            *count += 1;
        }
        counts
    }
}
