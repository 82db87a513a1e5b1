//! CloudWatch log groups and streams.

use rolecall_arn::{AccountId, Region};
use serde::{Deserialize, Serialize};

use super::Tag;

/// A log group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LogGroup {
    /// The account.
    pub account: AccountId,
    /// The region.
    pub region: Region,
    /// The name.
    pub name: String,
    /// When it was made.
    pub created_ms: i64,
    /// How long its events are kept, in days; for ever where not set.
    pub retention_days: Option<i64>,
    /// Its tags.
    pub tags: Vec<Tag>,
    /// The bytes of its events as CloudWatch counts them: each message and 26 bytes more.
    pub stored_bytes: i64,
    /// Events before this time are removed already, in epoch milliseconds.
    #[serde(default)]
    pub expired_until_ms: i64,
}

/// A log stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LogStream {
    /// The name.
    pub name: String,
    /// When it was made.
    pub created_ms: i64,
    /// The time of its first event.
    pub first_event_ms: Option<i64>,
    /// The time of its last event.
    pub last_event_ms: Option<i64>,
    /// When its last event was taken in.
    pub last_ingestion_ms: Option<i64>,
    /// Changes with every upload.
    pub upload_sequence_token: String,
    /// The bytes of its events as CloudWatch counts them.
    #[serde(default)]
    pub stored_bytes: i64,
}
