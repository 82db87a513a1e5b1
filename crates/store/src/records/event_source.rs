//! Lambda's event source mappings.

use std::collections::BTreeMap;

use rolecall_arn::{AccountId, Region};
use serde::{Deserialize, Serialize};

use super::Tag;
use crate::state::Regional;

/// An event source mapping: which source's records a function shall get, and how.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EventSourceMapping {
    /// The account.
    pub account: AccountId,
    /// The region.
    pub region: Region,
    /// Its id.
    pub uuid: String,
    /// The function.
    pub function: Regional,
    /// The version or alias, where one was named.
    pub qualifier: Option<String>,
    /// The source.
    pub source: EventSource,
    /// `Creating`, `Enabling`, `Enabled`, `Disabling`, `Disabled`, `Updating` or `Deleting`.
    pub state: String,
    /// Whether it shall be enabled when its state settles.
    pub enabled: bool,
    /// When it was last changed.
    pub last_modified_ms: i64,
    /// Where in a stream it begins.
    pub starting_position: Option<String>,
    /// The time from which on, for `AT_TIMESTAMP`.
    pub starting_position_ms: Option<i64>,
    /// What can be changed.
    pub settings: EventSourceSettings,
    /// Its tags.
    pub tags: Vec<Tag>,
}

/// Where records come from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EventSource {
    /// The ARN of what AWS runs.
    pub arn: Option<String>,
    /// The endpoints of what others run, by kind.
    pub endpoints: BTreeMap<String, Vec<String>>,
    /// The topics of Kafka.
    pub topics: Vec<String>,
    /// The queues of a broker.
    pub queues: Vec<String>,
    /// The consumer group of Kafka.
    pub consumer_group_id: Option<String>,
    /// `Stream` or `Queue`, of self-managed Kafka.
    pub consumption_mode: Option<String>,
}

/// The part of a mapping that UpdateEventSourceMapping changes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct EventSourceSettings {
    /// How many records a batch has at most.
    pub batch_size: i32,
    /// How long a batch is gathered, in seconds.
    pub batching_window_s: Option<i32>,
    /// How many batches of a shard are processed at once.
    pub parallelization_factor: Option<i32>,
    /// How old a record may be, in seconds; -1 for no limit.
    pub maximum_record_age_s: Option<i32>,
    /// How often a batch is tried again; -1 for no limit.
    pub maximum_retry_attempts: Option<i32>,
    /// Whether a failed batch is split.
    pub bisect_on_error: Option<bool>,
    /// The window of aggregations, in seconds.
    pub tumbling_window_s: Option<i32>,
    /// `ReportBatchItemFailures` or nothing.
    pub response_types: Option<Vec<String>>,
    /// The patterns of which a record must match one.
    pub filters: Vec<String>,
    /// Where records go that could not be processed.
    pub on_failure: Option<String>,
    /// How many invocations may run at once.
    pub maximum_concurrency: Option<i32>,
    /// The pollers that are always there.
    pub minimum_pollers: Option<i32>,
    /// The pollers that there are at most.
    pub maximum_pollers: Option<i32>,
    /// The group of functions that share pollers.
    pub poller_group: Option<String>,
    /// Credentials and networks of the source: kind and URI.
    pub access: Vec<(String, String)>,
    /// Metrics that are wanted.
    pub metrics: Vec<String>,
    /// The level of the mapping's own log.
    pub log_level: Option<String>,
    /// The database of DocumentDB.
    pub database_name: Option<String>,
    /// The collection of DocumentDB.
    pub collection_name: Option<String>,
    /// `UpdateLookup` or `Default`, of DocumentDB.
    pub full_document: Option<String>,
    /// The schema registry of Kafka.
    pub schema_registry: Option<SchemaRegistry>,
}

/// A schema registry of Kafka.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SchemaRegistry {
    /// Where it is.
    pub uri: Option<String>,
    /// `JSON` or `SOURCE`.
    pub event_record_format: Option<String>,
    /// Its credentials: kind and URI.
    pub access: Vec<(String, String)>,
    /// `KEY` and `VALUE`, as far as they are validated.
    pub validated: Vec<String>,
}
