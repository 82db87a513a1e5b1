//! Configurations that hang on a function, a version or an alias of Lambda, each set by operations of its own.

use serde::{Deserialize, Serialize};

/// How events for asynchronous invocation are handled (reference lambda.md 7.6-3).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct EventInvokeConfig {
    /// How often a failing function is tried again, 0 to 2; none means 2.
    pub max_retries: Option<u32>,
    /// How old an event may become, in seconds; none means six hours.
    pub max_age_s: Option<u32>,
    /// The ARN of where successes are told.
    pub on_success: Option<String>,
    /// The ARN of where failures are told.
    pub on_failure: Option<String>,
    /// When it was last changed.
    pub last_modified_ms: i64,
}

/// How many execution environments are kept ready for a version or an alias. How many are, is not remembered: a server
/// that starts makes them anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProvisionedConcurrency {
    /// How many.
    pub requested: u32,
    /// When it was last changed.
    pub last_modified_ms: i64,
}

/// When a version gets a newer runtime.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuntimeManagement {
    /// `Auto`, `FunctionUpdate` or `Manual`.
    pub update_on: String,
    /// The runtime version that `Manual` holds on to.
    pub runtime_version_arn: Option<String>,
}
