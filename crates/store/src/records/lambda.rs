//! Lambda's functions, versions, aliases, layers and policies.

use std::collections::BTreeMap;
use std::sync::Arc;

use rolecall_arn::{AccountId, Region};
use serde::{Deserialize, Serialize};

use super::Tag;
use super::signing::CodeSignature;
use crate::blobs::BlobId;
use crate::state::Regional;

/// What all versions of a function share.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Function {
    /// The account.
    pub account: AccountId,
    /// The region.
    pub region: Region,
    /// The name.
    pub name: String,
    /// When it was made.
    pub created_ms: i64,
    /// The number that the next published version gets.
    pub next_version: u64,
    /// Its tags; versions and aliases have the same.
    pub tags: Vec<Tag>,
    /// Its reserved concurrency.
    pub reserved_concurrency: Option<u32>,
    /// Whether a loop in which it calls itself goes on (`Allow`) or is stopped (`Terminate`).
    #[serde(default)]
    pub allows_recursion: bool,
    /// The ARN of its code signing configuration.
    #[serde(default)]
    pub code_signing_config: Option<String>,
}

/// A zip of code or of a layer's content.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Code {
    /// The zip file.
    pub blob: BlobId,
    /// Its size in bytes.
    pub size: u64,
    /// The size of its files in bytes.
    #[serde(default)]
    pub unzipped_size: u64,
    /// What its signature is worth.
    #[serde(default)]
    pub signature: CodeSignature,
}

/// The container image of a function.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Image {
    /// `ACCOUNT.dkr.ecr.REGION.amazonaws.com/REPOSITORY` with `:TAG` or `@DIGEST`, as the caller wrote it.
    pub uri: String,
    /// What is run in place of the image's own entry point, arguments and directory; none where never said.
    pub config: Option<ImageConfig>,
}

/// What is run in place of what a container image says.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ImageConfig {
    /// The program and its first arguments.
    pub entry_point: Option<Vec<String>>,
    /// The arguments.
    pub command: Option<Vec<String>>,
    /// The directory.
    pub working_directory: Option<String>,
}

/// `$LATEST` or a published version: its code and its configuration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FunctionVersion {
    /// 0 for `$LATEST`.
    pub version: u64,
    /// Its description.
    pub description: String,
    /// `python3.11`, `provided.al2023`, ...; none for a container image.
    pub runtime: Option<String>,
    /// The ARN of the execution role.
    pub role: String,
    /// `module.function`.
    pub handler: Option<String>,
    /// The code; none for a container image.
    pub code: Option<Code>,
    /// The container image; none for a zip file.
    #[serde(default)]
    pub image: Option<Image>,
    /// How long an invocation may take, in seconds.
    pub timeout_s: u32,
    /// In MB.
    pub memory_mb: u32,
    /// The size of `/tmp` in MB.
    pub ephemeral_storage_mb: u32,
    /// `x86_64` or `arm64`.
    pub architectures: Vec<String>,
    /// Environment variables; none where never set.
    pub environment: Option<BTreeMap<String, String>>,
    /// Layer versions in the order of merging.
    pub layers: Vec<LayerReference>,
    /// The ARN of the dead-letter queue's target.
    pub dead_letter_target: Option<String>,
    /// `PassThrough` or `Active`.
    pub tracing_mode: String,
    /// How logs are written.
    pub logging: LoggingConfig,
    /// Changes with every change.
    pub revision_id: String,
    /// When it was last changed.
    pub last_modified_ms: i64,
    /// `Pending` or `Active`.
    pub state: String,
    /// `InProgress`, `Successful`; none until the function was active once.
    pub last_update_status: Option<String>,
    /// Changes whenever code or configuration is set, so that no execution environment outlives what it was made from.
    #[serde(default)]
    pub deployment: String,
    /// Where in a VPC it is; none where nothing was ever said about that.
    #[serde(default)]
    pub vpc: Option<VpcAttachment>,
    /// Of a published version: the fingerprint that `$LATEST` had when it was published.
    #[serde(default)]
    pub published_fingerprint: Option<String>,
}

/// Where in a VPC a function is connected; everything is empty after it was disconnected.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct VpcAttachment {
    /// The subnets.
    pub subnet_ids: Vec<String>,
    /// The security groups.
    pub security_group_ids: Vec<String>,
    /// The VPC of both.
    pub vpc_id: String,
    /// The network interfaces that connect it, which functions share.
    pub interface_ids: Vec<String>,
}

/// That network interfaces are being made for a function, and no record names them yet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InterfaceClaim {
    /// The ARN of the role that they are made with.
    pub role: String,
}

/// A layer version that a function uses.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LayerReference {
    /// The layer version's ARN.
    pub arn: String,
    /// Its content, which stays usable when the layer version is deleted (reference lambda.md 2.8).
    pub code: Code,
}

/// How a function's logs are written.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct LoggingConfig {
    /// `Text` or `JSON`; none means `Text`.
    pub log_format: Option<String>,
    /// `TRACE` to `FATAL`.
    pub application_log_level: Option<String>,
    /// `DEBUG`, `INFO` or `WARN`.
    pub system_log_level: Option<String>,
    /// A log group other than `/aws/lambda/NAME`.
    pub log_group: Option<String>,
}

/// An alias.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alias {
    /// The name.
    pub name: String,
    /// `$LATEST` or a version number.
    pub function_version: String,
    /// Its description.
    pub description: String,
    /// Additional versions and the share of invocations that each gets, from 0 to 1.
    pub routing: BTreeMap<String, f64>,
    /// Changes with every change.
    pub revision_id: String,
}

/// A resource-based policy of a function, version, alias or layer version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ResourcePolicy {
    /// The whole document.
    pub document: Arc<str>,
    /// The unique ids of the users and roles that it names, by ARN, as of the time of writing: who is meant is that
    /// user or role and not a later one of the same name (reference lambda.md 2.9).
    #[serde(default)]
    pub bound_principals: BTreeMap<String, String>,
    /// Changes with every change.
    pub revision_id: String,
}

/// A layer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Layer {
    /// The name.
    pub name: String,
    /// The number that the next version gets, also when the newest was deleted.
    pub next_version: u64,
}

/// A layer version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LayerVersion {
    /// The number.
    pub version: u64,
    /// Its description.
    pub description: String,
    /// When it was published.
    pub created_ms: i64,
    /// The content.
    pub code: Code,
    /// Runtimes that it says it fits.
    pub compatible_runtimes: Vec<String>,
    /// Architectures that it says it fits.
    pub compatible_architectures: Vec<String>,
    /// Its licence.
    pub license_info: Option<String>,
    /// Who may use it.
    pub policy: Option<ResourcePolicy>,
}

/// An event that was accepted for asynchronous invocation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AsyncInvocation {
    /// The request id, kept through all attempts.
    pub request_id: String,
    /// The function.
    pub function: Regional,
    /// The qualifier as requested.
    pub qualifier: Option<String>,
    /// The event.
    pub payload: BlobId,
    /// When it was accepted.
    pub accepted_ms: i64,
    /// How often it was tried.
    pub attempts: u32,
    /// When to try next.
    pub next_attempt_ms: i64,
    /// The client context as sent, base64.
    pub client_context: Option<String>,
    /// How often it was throttled or met a failure of this program, which counts no attempt (reference lambda.md 7.6).
    #[serde(default)]
    pub throttles: u32,
    /// `X-Amzn-Trace-Id` with the lineage. Where it is traced, its parent is the segment of Lambda itself.
    #[serde(default)]
    pub trace: Option<String>,
    /// The segment that sent the event, where it named one.
    #[serde(default)]
    pub trace_parent: Option<String>,
    /// Whether it would be one pass too many of a loop, so that it is not run (reference lambda.md 3.7).
    #[serde(default)]
    pub is_recursive: bool,
}
