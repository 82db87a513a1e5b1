//! Accounts and organizations.

use rolecall_arn::AccountId;
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
