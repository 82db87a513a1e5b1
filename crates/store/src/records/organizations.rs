//! Accounts and organizations: the tree of an organization, and the policies that are attached in it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rolecall_arn::{AccountId, Arn};
use serde::{Deserialize, Serialize};

use super::Tag;

/// An account of this server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// Its name, as given to CreateAccount.
    pub name: String,
    /// The mail address of its owner, as given to CreateAccount.
    pub email: String,
    /// When it was made.
    pub created_ms: i64,
    /// The management account of the organization that it belongs to.
    pub organization: Option<AccountId>,
    /// When it joined that organization.
    pub joined_ms: Option<i64>,
    /// The CreateAccount request that made it.
    pub create_request: Option<String>,
    /// Its alias.
    #[serde(default)]
    pub alias: Option<String>,
}

/// An organization, kept under its management account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Organization {
    /// `o-` and ten to thirty-two characters.
    pub id: String,
    /// `r-` and four to thirty-two characters.
    pub root_id: String,
    /// `ALL` or `CONSOLIDATED_BILLING`.
    pub feature_set: String,
    /// When it was made.
    pub created_ms: i64,
    /// The types of policy that are enabled in its root.
    #[serde(default)]
    pub enabled_policy_types: BTreeSet<PolicyType>,
}

/// A type of policy that can be attached in an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum PolicyType {
    /// What the callers of an account can at most do.
    #[serde(rename = "SERVICE_CONTROL_POLICY")]
    ServiceControl,
    /// What can at most be done to the resources of an account.
    #[serde(rename = "RESOURCE_CONTROL_POLICY")]
    ResourceControl,
}

impl PolicyType {
    /// Both.
    pub const ALL: [PolicyType; 2] = [PolicyType::ServiceControl, PolicyType::ResourceControl];

    /// AWS's name.
    pub fn name(self) -> &'static str {
        match self {
            PolicyType::ServiceControl => "SERVICE_CONTROL_POLICY",
            PolicyType::ResourceControl => "RESOURCE_CONTROL_POLICY",
        }
    }

    /// The type with AWS's name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|policy_type| policy_type.name() == name)
    }

    /// The ARN of a policy of this type: `arn:aws:organizations::MANAGEMENT:policy/o-.../service_control_policy/p-...`.
    pub fn policy_arn(self, management: AccountId, organization: &str, policy: &str) -> Arn {
        let resource = format!("policy/{organization}/{}/{policy}", self.name().to_lowercase());
        Arn::new("organizations", "", Some(management), &resource)
    }
}

/// What is known of the root, an organizational unit or an account of an organization, kept under its id. The root, and
/// an account that is directly under it, may have no record as long as there is nothing to know.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// The organizational unit that it is in; none directly under the root, and for the root itself.
    pub parent: Option<String>,
    /// The name of an organizational unit.
    pub name: Option<String>,
    /// The ids of the policies that are attached to it.
    pub attached: BTreeMap<PolicyType, BTreeSet<String>>,
    /// Its tags.
    pub tags: Vec<Tag>,
}

/// A policy that an organization wrote. Those that AWS manages are in the catalog.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Policy {
    /// `p-` and ten characters.
    pub id: String,
    /// Its type.
    pub policy_type: PolicyType,
    /// Its name, which no other policy of the type has.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// The document as it was written.
    pub content: Arc<str>,
    /// Its tags.
    pub tags: Vec<Tag>,
}

/// A request to make an account, which DescribeCreateAccountStatus tells about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateAccountRequest {
    /// The management account that asked.
    pub management: AccountId,
    /// The name for the new account.
    pub name: String,
    /// When it was asked for.
    pub requested_ms: i64,
    /// When it was done or failed.
    pub completed_ms: i64,
    /// The account, or AWS's word for why there is none, for example `EMAIL_ALREADY_EXISTS`.
    pub outcome: Result<AccountId, String>,
    /// The tags that the account was made with.
    pub tags: Vec<Tag>,
}
