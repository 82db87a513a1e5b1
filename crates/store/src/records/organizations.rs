//! Accounts and organizations.

use rolecall_arn::AccountId;
use serde::{Deserialize, Serialize};

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
