//! SNS's topics, their subscriptions, and the deliveries that are not done.

use std::collections::BTreeMap;
use std::sync::Arc;

use rolecall_arn::{AccountId, Region};
use serde::{Deserialize, Serialize};

use super::Tag;
use super::sqs::MessageAttribute;

/// A topic.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Topic {
    /// The account.
    pub account: AccountId,
    /// The region.
    pub region: Region,
    /// The name.
    pub name: String,
    /// The name that people read.
    pub display_name: String,
    /// Its topic policy.
    pub policy: Arc<str>,
    /// The unique ids of the users and roles that the policy names, by ARN.
    pub bound_principals: BTreeMap<String, String>,
    /// Its tags.
    pub tags: Vec<Tag>,
}

/// A subscription.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Subscription {
    /// The last part of its ARN.
    pub id: String,
    /// The account that subscribed.
    pub owner: AccountId,
    /// The ARN of the user or role that subscribed.
    pub principal: String,
    /// Who is told: a function or a queue.
    pub protocol: Protocol,
    /// The ARN of the function or queue.
    pub endpoint: String,
    /// Whether a queue gets the message alone, without what is about it.
    pub raw: bool,
    /// Which messages it wants, as written.
    pub filter_policy: Option<String>,
    /// The ARN of the queue that gets what could not be delivered.
    pub dead_letter_arn: Option<String>,
}

/// Whom a subscription tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Protocol {
    /// A function of Lambda.
    Lambda,
    /// A queue of SQS.
    Sqs,
}

/// A message that was published.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Published {
    /// Its id.
    pub id: String,
    /// When it was published.
    pub time_ms: i64,
    /// The message.
    pub message: String,
    /// The subject.
    pub subject: Option<String>,
    /// The message attributes, by name.
    pub attributes: BTreeMap<String, MessageAttribute>,
    /// The message group that the publisher named, which queues are told.
    pub group_id: Option<String>,
    /// The trace header that it came with.
    pub trace: Option<String>,
}

/// A message on its way to one subscription.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Delivery {
    /// The topic.
    pub topic: (AccountId, Region, String),
    /// The subscription's id.
    pub subscription: String,
    /// What is delivered.
    pub published: Arc<Published>,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried next, in epoch milliseconds.
    pub next_attempt_ms: i64,
}
