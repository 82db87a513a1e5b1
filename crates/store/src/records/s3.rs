//! S3 buckets and objects.

use std::collections::BTreeMap;
use std::sync::Arc;

use rolecall_arn::{AccountId, Region};
use serde::{Deserialize, Serialize};

use crate::blobs::BlobId;

/// A bucket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bucket {
    /// The name.
    pub name: String,
    /// The owner.
    pub account: AccountId,
    /// The region.
    pub region: Region,
    /// When it was made.
    pub created_ms: i64,
    /// Its bucket policy.
    pub policy: Option<Arc<str>>,
    /// The unique ids of the users and roles that the bucket policy names, by ARN.
    #[serde(default)]
    pub bound_principals: BTreeMap<String, String>,
    /// Which functions its events call.
    pub notifications: Vec<FunctionNotification>,
}

/// An event configuration that calls a function.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FunctionNotification {
    /// The configuration's id.
    pub id: String,
    /// The function's ARN as configured.
    pub function_arn: String,
    /// `s3:ObjectCreated:*`, ...
    pub events: Vec<String>,
    /// The filter rules on the key: `(prefix or suffix, value)`.
    pub filter_rules: Vec<(String, String)>,
}

/// An event that a function is to be told of. It stays until Lambda has taken it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Notification {
    /// Its id, which is also that of the request by which Lambda is told.
    pub id: String,
    /// The bucket's name.
    pub bucket: String,
    /// The bucket's owner.
    pub account: AccountId,
    /// The bucket's region.
    pub region: Region,
    /// The function's ARN as configured.
    pub function_arn: String,
    /// The message, JSON.
    pub message: String,
    /// `X-Amzn-Trace-Id` of the call that made the event.
    pub trace: Option<String>,
    /// When it happened.
    pub created_ms: i64,
    /// How often Lambda was told in vain.
    pub failures: u32,
    /// When to tell it next.
    pub next_attempt_ms: i64,
}

/// An object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Object {
    /// The content.
    pub blob: BlobId,
    /// Its size in bytes.
    pub size: u64,
    /// The entity tag without quotes.
    pub etag: String,
    /// When it was stored.
    pub last_modified_ms: i64,
    /// HTTP headers stored with it, by lower-case name: content-type, cache-control, ...
    pub headers: BTreeMap<String, String>,
    /// User metadata without the `x-amz-meta-` prefix.
    pub metadata: BTreeMap<String, String>,
    /// Checksums in base64 by algorithm: `CRC32`, `CRC32C`, `CRC64NVME`, `SHA1`, `SHA256`.
    pub checksums: BTreeMap<String, String>,
    /// Orders the events of one key.
    pub sequencer: u64,
}
