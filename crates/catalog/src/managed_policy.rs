//! The policies that AWS manages: every account has them, and nobody can change them.

use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::dataset::records;

/// A policy that AWS manages.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ManagedPolicy {
    /// The name, like `AWSLambda_FullAccess`.
    pub name: String,
    /// The ARN, like `arn:aws:iam::aws:policy/AWSLambda_FullAccess`.
    pub arn: String,
    /// The path, with a slash at both ends.
    pub path: String,
    /// The id of the version that is in force, like `v7`.
    pub default_version: String,
    /// When the policy came to be, `YYYY-MM-DDTHH:MM:SSZ`.
    pub created: String,
    /// When the version in force came to be, `YYYY-MM-DDTHH:MM:SSZ`.
    pub updated: String,
    /// Whether a customer may attach it: not if it is deprecated, nor if it is for service-linked roles, which is
    /// what the path `/aws-service-role/` means.
    pub attachable: bool,
    /// Whether AWS has replaced it. A deprecated policy stays where it is attached and cannot be attached anew.
    pub deprecated: bool,
    /// The versions that are known, oldest first; the one in force is always among them.
    pub versions: Vec<PolicyVersion>,
}

/// One version of a managed policy.
#[derive(Debug, Deserialize)]
pub struct PolicyVersion {
    /// The id, like `v1`.
    pub id: String,
    /// When it came to be, `YYYY-MM-DDTHH:MM:SSZ`.
    pub created: String,
    document: Box<RawValue>,
}

impl PolicyVersion {
    /// The document as JSON text without white space.
    pub fn document(&self) -> &str {
        self.document.get()
    }
}

impl ManagedPolicy {
    /// A version by its id.
    pub fn version(&self, id: &str) -> Option<&PolicyVersion> {
        self.versions.iter().find(|version| version.id == id)
    }

    /// The document in force. It is empty, and so allows nothing, only if the catalog lacks it, which a test forbids.
    pub fn document(&self) -> &str {
        self.version(&self.default_version).map_or("", PolicyVersion::document)
    }
}

/// Sorted by ARN.
static MANAGED_POLICIES: LazyLock<Vec<ManagedPolicy>> = LazyLock::new(|| {
    let mut policies: Vec<ManagedPolicy> = records(include_str!("../data/managed-policies.json"));
    policies.sort_unstable_by(|a, b| a.arn.cmp(&b.arn));
    policies
});

/// All managed policies that are known, sorted by ARN.
pub fn managed_policies() -> &'static [ManagedPolicy] {
    &MANAGED_POLICIES
}

/// The managed policy with exactly this ARN.
pub fn find_managed_policy(arn: &str) -> Option<&'static ManagedPolicy> {
    let at = MANAGED_POLICIES.binary_search_by(|policy| policy.arn.as_str().cmp(arn)).ok()?;
    MANAGED_POLICIES.get(at)
}
