//! IAM's users, groups, roles, policies and access keys.

use std::collections::BTreeMap;
use std::sync::Arc;

use rolecall_arn::AccountId;
use serde::{Deserialize, Serialize};

use super::Tag;
use crate::Secret;

/// An inline policy under the name that its author gave it. The map's key is the name in lower case, because names are
/// matched without regard to case and the first spelling stays (reference iam.md 1.10).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InlinePolicy {
    /// The name as first written.
    pub name: String,
    /// The document.
    pub document: Arc<str>,
}

/// The policies of a user, group or role.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Policies {
    /// Inline policies by lower-case name.
    #[serde(default)]
    pub inline: BTreeMap<String, InlinePolicy>,
    /// The ARNs of attached managed policies, in the order of attaching.
    #[serde(default)]
    pub attached: Vec<String>,
}

/// A user.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct User {
    /// The account.
    pub account: AccountId,
    /// The name as written.
    pub name: String,
    /// `/` or `/a/b/`.
    pub path: String,
    /// `AIDA...`.
    pub id: String,
    /// When it was made.
    pub created_ms: i64,
    /// Its own policies.
    pub policies: Policies,
    /// The ARN of its permissions boundary.
    pub boundary: Option<String>,
    /// The lower-case names of its groups.
    pub groups: Vec<String>,
    /// Its tags.
    pub tags: Vec<Tag>,
}

/// A group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Group {
    /// The account.
    pub account: AccountId,
    /// The name as written.
    pub name: String,
    /// `/` or `/a/b/`.
    pub path: String,
    /// `AGPA...`.
    pub id: String,
    /// When it was made.
    pub created_ms: i64,
    /// Its policies, which are its members' too.
    pub policies: Policies,
}

/// A role.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Role {
    /// The account.
    pub account: AccountId,
    /// The name as written.
    pub name: String,
    /// `/` or `/a/b/`.
    pub path: String,
    /// `AROA...`.
    pub id: String,
    /// When it was made.
    pub created_ms: i64,
    /// Its description.
    pub description: Option<String>,
    /// Who may assume it.
    pub trust_policy: Arc<str>,
    /// The unique ids of the users and roles that the trust policy names, by ARN, as of the time of writing: who is
    /// meant is that user or role and not a later one of the same name (reference iam.md 1.5.1).
    #[serde(default)]
    pub bound_principals: BTreeMap<String, String>,
    /// How long a session may last, in seconds.
    pub max_session_duration_s: i64,
    /// Its policies.
    pub policies: Policies,
    /// The ARN of its permissions boundary.
    pub boundary: Option<String>,
    /// Its tags.
    pub tags: Vec<Tag>,
    /// When and in which region it was last used.
    pub last_used: Option<(i64, String)>,
}

/// A customer managed policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ManagedPolicy {
    /// The account.
    pub account: AccountId,
    /// The name as written.
    pub name: String,
    /// `/` or `/a/b/`.
    pub path: String,
    /// `ANPA...`.
    pub id: String,
    /// Its ARN.
    pub arn: String,
    /// Its description.
    pub description: Option<String>,
    /// When it was made.
    pub created_ms: i64,
    /// When its versions last changed.
    pub updated_ms: i64,
    /// The number of the version that is in force.
    pub default_version: u32,
    /// The number that the next version gets.
    pub next_version: u32,
    /// The versions by number.
    pub versions: BTreeMap<u32, PolicyVersion>,
    /// Its tags.
    pub tags: Vec<Tag>,
}

/// A version of a managed policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PolicyVersion {
    /// The document.
    pub document: Arc<str>,
    /// When it was made.
    pub created_ms: i64,
}

/// A long-term access key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AccessKey {
    /// `AKIA...`.
    pub id: String,
    /// The secret; signatures are checked with it, so it cannot be kept as a hash.
    pub secret: Secret,
    /// The account.
    pub account: AccountId,
    /// The lower-case name of the user, or none for the account's root user.
    pub user: Option<String>,
    /// Whether it may be used.
    pub active: bool,
    /// When it was made.
    pub created_ms: i64,
}

/// When and for what a long-term access key was last used. It is not in the key's own record: noting a use must not
/// rewrite the secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessKeyUse {
    /// When.
    pub at_ms: i64,
    /// The service's name in lower case, for example `lambda`.
    pub service: String,
    /// The region that was called.
    pub region: String,
}
