//! Lambda's capacity providers: the instances of an account on which its functions may run.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Tag;

/// A capacity provider.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CapacityProvider {
    /// The name.
    pub name: String,
    /// The subnets that instances are launched in.
    pub subnet_ids: Vec<String>,
    /// The security groups of the instances.
    pub security_group_ids: Vec<String>,
    /// The ARN of the role with which Lambda manages the instances.
    pub operator_role: String,
    /// What instances must be like; none where never said.
    pub instances: Option<InstanceRequirements>,
    /// How it grows; none where never said.
    pub scaling: Option<CapacityScaling>,
    /// Which tags instances get; none where never said.
    pub propagated_tags: Option<PropagatedTags>,
    /// How its logs are written; none where never said.
    pub logging: Option<CapacityLogging>,
    /// When it was last changed.
    pub last_modified_ms: i64,
    /// Its tags.
    pub tags: Vec<Tag>,
}

/// What instances must be like.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InstanceRequirements {
    /// `x86_64` or `arm64`.
    pub architectures: Option<Vec<String>>,
    /// Types that may be used.
    pub allowed_types: Option<Vec<String>>,
    /// Types that may not be used.
    pub excluded_types: Option<Vec<String>>,
}

/// How a capacity provider grows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CapacityScaling {
    /// The most virtual processors of all instances together.
    pub max_vcpus: Option<i32>,
    /// `Auto` or `Manual`.
    pub mode: Option<String>,
    /// Metrics and the values they shall have; none where never said.
    pub policies: Option<Vec<(String, f64)>>,
}

/// Which tags instances get.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PropagatedTags {
    /// `None` or `Explicit`.
    pub mode: Option<String>,
    /// The tags.
    pub explicit: Option<BTreeMap<String, String>>,
}

/// How the logs of a capacity provider are written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CapacityLogging {
    /// `DEBUG`, `INFO` or `WARN`.
    pub system_log_level: Option<String>,
    /// The log group.
    pub log_group: Option<String>,
}
