//! SQS's queues and their messages.

use std::collections::BTreeMap;
use std::sync::Arc;

use rolecall_arn::{AccountId, Region};
use serde::{Deserialize, Serialize};

use super::Tag;

/// A queue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Queue {
    /// The account.
    pub account: AccountId,
    /// The region.
    pub region: Region,
    /// The name.
    pub name: String,
    /// Tells this queue from an earlier one of the same name; part of its receipt handles.
    pub id: String,
    /// When it was made.
    pub created_ms: i64,
    /// When its attributes were last changed.
    pub modified_ms: i64,
    /// When it was last purged.
    pub purged_ms: Option<i64>,
    /// The number that its next message gets.
    pub next_number: u64,
    /// How long a message that was received stays hidden, in seconds.
    pub visibility_timeout_s: i64,
    /// The largest message in bytes.
    pub maximum_message_size: i64,
    /// How long messages are kept, in seconds.
    pub retention_s: i64,
    /// How long a message is hidden at first, in seconds.
    pub delay_s: i64,
    /// How long ReceiveMessage waits for a message, in seconds.
    pub receive_wait_s: i64,
    /// Where messages go that were received too often.
    pub redrive: Option<Redrive>,
    /// Which queues may send theirs here.
    pub redrive_allow: Option<RedriveAllow>,
    /// Its queue policy.
    pub policy: Option<Arc<str>>,
    /// The unique ids of the users and roles that the policy names, by ARN.
    pub bound_principals: BTreeMap<String, String>,
    /// Its tags.
    pub tags: Vec<Tag>,
}

/// A redrive policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redrive {
    /// The dead-letter queue's ARN.
    pub target_arn: String,
    /// How often a message is received before it goes there.
    pub max_receive_count: u32,
}

/// A redrive allow policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum RedriveAllow {
    /// Every queue of the account.
    All,
    /// None.
    Nobody,
    /// The queues with these ARNs.
    Queues(Vec<String>),
}

/// A message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Its id.
    pub id: String,
    /// What was sent.
    pub content: Arc<MessageContent>,
    /// It is not shown before this time, in epoch milliseconds.
    pub visible_from_ms: i64,
    /// How often it was received.
    pub receive_count: u32,
    /// When it was first received.
    pub first_received_ms: Option<i64>,
    /// What its last receipt handle ends with; none before it is received.
    pub receipt: Option<String>,
    /// The ARN of the queue that it came from, in a dead-letter queue.
    pub moved_from: Option<String>,
}

/// What was sent, which no receive changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MessageContent {
    /// The body.
    pub body: String,
    /// The message attributes, by name.
    pub attributes: BTreeMap<String, MessageAttribute>,
    /// The trace header, where one was sent.
    pub trace_header: Option<String>,
    /// The message group, where one was given.
    pub group_id: Option<String>,
    /// Who sent it: the unique id of the principal.
    pub sender_id: String,
    /// When it was sent.
    pub sent_ms: i64,
}

/// A message attribute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageAttribute {
    /// `String`, `Number` or `Binary`, perhaps with a label after a dot.
    pub data_type: String,
    /// The value.
    pub value: AttributeValue,
}

/// The value of a message attribute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum AttributeValue {
    /// Of the types String and Number.
    Text(String),
    /// Of the type Binary, in base64.
    Binary(String),
}
