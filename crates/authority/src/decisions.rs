//! Decisions that were kept, to be explained later.

use std::fmt;
use std::str::FromStr;

use rolecall_arn::AccountId;
use rolecall_policy::Explanation;
use serde::{Deserialize, Serialize};

/// The id of a decision, carried by `x-rolecall-decision`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DecisionId(String);

impl DecisionId {
    pub(crate) fn new(text: String) -> Self {
        DecisionId(text)
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DecisionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The text has not the form of a decision's id.
#[derive(Debug, Clone, thiserror::Error)]
#[error("'{0}' is not the id of a decision; copy it from the x-rolecall-decision header of an answer")]
pub struct DecisionIdError(String);

impl FromStr for DecisionId {
    type Err = DecisionIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if (8..=64).contains(&text.len()) && text.bytes().all(legal) {
            Ok(DecisionId(text.to_owned()))
        } else {
            Err(DecisionIdError(text.to_owned()))
        }
    }
}

/// A decision with everything needed to tell why.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DecisionRecord {
    /// Its id.
    pub id: DecisionId,
    /// The request that it was made for.
    pub request_id: String,
    /// When, in epoch milliseconds.
    pub time_ms: i64,
    /// The caller's account and the resource's: those who may read their side of the explanation, where their policies
    /// allow.
    pub accounts: Vec<AccountId>,
    /// The caller's account; none for services and the anonymous.
    #[serde(default)]
    pub caller_account: Option<AccountId>,
    /// The whole explanation.
    pub explanation: Explanation,
}
