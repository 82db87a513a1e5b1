//! The transaction of a receive: choosing messages, hiding them, and sending those away that were received too often.

use rolecall_store::State;
use rolecall_store::records::sqs::{Message, Queue};

use super::send::insert;
use super::{MessageKey, is_expired, messages_of};
use crate::error::SqsError;
use crate::name::{Key, QueueName};

/// What a receive takes.
pub(super) struct Taking {
    /// When, in epoch milliseconds.
    pub(super) now_ms: i64,
    /// How long the messages are hidden, in seconds; none where the queue says it.
    pub(super) visibility_s: Option<i32>,
    /// What the receipt handles end with, one for each message that is taken at most.
    pub(super) receipts: Vec<String>,
}

/// What a receive took.
pub(super) struct Taken {
    /// The queue as it was.
    pub(super) queue: Queue,
    /// The messages with their numbers.
    pub(super) messages: Vec<(u64, Message)>,
    /// The dead-letter queue that others went to.
    pub(super) moved_to: Option<Key>,
}

/// What becomes of the messages that a receive comes upon.
#[derive(Default)]
struct Plan {
    expired: Vec<MessageKey>,
    dead: Vec<MessageKey>,
    chosen: Vec<MessageKey>,
}

/// Takes the first messages of the queue that are visible.
pub(super) fn take(state: &mut State, key: &Key, taking: Taking) -> Result<Taken, SqsError> {
    let queue = Queue::clone(state.queues.get(key).ok_or(SqsError::NoQueue)?);
    let dead_letters = dead_letter_queue(&queue, state);
    let plan = plan(state, key, &queue, dead_letters.is_some(), &taking);
    for expired in &plan.expired {
        state.queue_messages.remove(expired);
    }
    let moved_to = dead_letters.filter(|_| !plan.dead.is_empty());
    if let Some(target) = &moved_to {
        plan.dead.iter().for_each(|dead| move_to(state, dead, target, &queue, taking.now_ms));
    }
    let visibility_s = taking.visibility_s.map_or(queue.visibility_timeout_s, i64::from);
    let mut messages = Vec::with_capacity(plan.chosen.len());
    for (chosen, receipt) in plan.chosen.into_iter().zip(taking.receipts) {
        state.queue_messages.update(&chosen, |message| {
            message.receive_count += 1;
            message.first_received_ms.get_or_insert(taking.now_ms);
            message.visible_from_ms = taking.now_ms + visibility_s * 1000;
            message.receipt = Some(receipt);
        });
        messages.extend(state.queue_messages.get(&chosen).map(|message| (chosen.1, Message::clone(message))));
    }
    Ok(Taken { queue, messages, moved_to })
}

fn plan(state: &State, key: &Key, queue: &Queue, has_dead_letters: bool, taking: &Taking) -> Plan {
    let mut plan = Plan::default();
    let most = queue.redrive.as_ref().filter(|_| has_dead_letters).map(|redrive| redrive.max_receive_count);
    for (key, message) in messages_of(state, key) {
        if is_expired(message, queue, taking.now_ms) {
            plan.expired.push(key.clone());
        } else if message.visible_from_ms > taking.now_ms {
            continue;
        } else if most.is_some_and(|most| message.receive_count >= most) {
            plan.dead.push(key.clone());
        } else {
            plan.chosen.push(key.clone());
        }
        if plan.chosen.len() == taking.receipts.len() {
            break;
        }
    }
    plan
}

/// The dead-letter queue, while it is there. Without it, messages stay and are received again.
fn dead_letter_queue(queue: &Queue, state: &State) -> Option<Key> {
    let target = QueueName::of_arn(&queue.redrive.as_ref()?.target_arn)?.key();
    state.queues.contains(&target).then_some(target)
}

/// Moves a message with its id, its age and its count of receives. SQS does this itself: no permission is asked for, the
/// redrive policies of both queues allow it.
fn move_to(state: &mut State, key: &MessageKey, target: &Key, source: &Queue, now_ms: i64) {
    let Some(message) = state.queue_messages.get(key) else { return };
    let mut message = Message::clone(message);
    message.visible_from_ms = now_ms;
    message.receipt = None;
    message.moved_from = Some(QueueName::from(source).arn().to_string());
    state.queue_messages.remove(key);
    insert(state, target, message);
}

/// When the next message can be received: now, later, or not before one is sent.
pub(super) enum Next {
    /// There is one.
    Now,
    /// The first that is hidden is so until this time, in epoch milliseconds.
    At(i64),
    /// There is none.
    Unknown,
}

/// Looks whether a receive would find something.
pub(super) fn next(state: &State, key: &Key, now_ms: i64) -> Result<Next, SqsError> {
    let queue = state.queues.get(key).ok_or(SqsError::NoQueue)?;
    let mut first = Next::Unknown;
    for (_, message) in messages_of(state, key).filter(|(_, message)| !is_expired(message, queue, now_ms)) {
        let at_ms = message.visible_from_ms;
        if at_ms <= now_ms {
            return Ok(Next::Now);
        }
        if !matches!(first, Next::At(earlier) if earlier <= at_ms) {
            first = Next::At(at_ms);
        }
    }
    Ok(first)
}
