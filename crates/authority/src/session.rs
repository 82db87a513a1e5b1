//! Temporary credentials.
//!
//! A session is not stored anywhere: its token carries all that is known of it, sealed with a key that only this server
//! has. So a session costs no write, survives a restart, and cannot be altered by its holder.

use std::sync::Arc;

use rolecall_arn::AccountId;
use rolecall_store::Secret;
use rolecall_store::records::Tag;
use serde::{Deserialize, Serialize};

/// Everything that follows from a session token.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// `ASIA...`; a token is good only together with its own key.
    pub access_key_id: String,
    /// The secret that signs.
    pub secret: Secret,
    /// When it was issued, in epoch milliseconds.
    pub issued_ms: i64,
    /// When it ends, in epoch milliseconds.
    pub expires_ms: i64,
    /// Whose session it is.
    pub holder: SessionHolder,
}

/// Whose session it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum SessionHolder {
    /// A session of a role.
    Role {
        /// The role's account.
        account: AccountId,
        /// The role's unique id: a later role of the same name is another.
        role_id: String,
        /// The role's name as written.
        role_name: String,
        /// The session's name.
        session_name: String,
        /// Inline session policies.
        policies: Vec<Arc<str>>,
        /// ARNs of managed policies given as session policies.
        policy_arns: Vec<String>,
        /// Session tags.
        tags: Vec<Tag>,
        /// Those of the tags that a chained session inherits.
        transitive_tag_keys: Vec<String>,
        /// The source identity.
        source_identity: Option<String>,
        /// The unqualified ARN of the function whose environment holds the credentials (reference lambda.md 4.5).
        source_function_arn: Option<String>,
    },
    /// A session of a user from GetSessionToken.
    User {
        /// The account.
        account: AccountId,
        /// The user's unique id.
        user_id: String,
        /// The user's name as written.
        user_name: String,
    },
    /// A session of an account's root user from GetSessionToken.
    Root {
        /// The account.
        account: AccountId,
    },
    /// A session of a federated user from GetFederationToken.
    Federated {
        /// The user or root user who let the federated user in, and has the rights that the session can have.
        maker: Box<SessionHolder>,
        /// The federated user's name.
        name: String,
        /// Inline session policies.
        policies: Vec<Arc<str>>,
        /// ARNs of managed policies given as session policies.
        policy_arns: Vec<String>,
        /// Session tags.
        tags: Vec<Tag>,
    },
}

impl SessionHolder {
    /// The session policies: inline ones, and ARNs of managed ones.
    pub(crate) fn policies(&self) -> (&[Arc<str>], &[String]) {
        match self {
            SessionHolder::Role { policies, policy_arns, .. }
            | SessionHolder::Federated { policies, policy_arns, .. } => (policies, policy_arns),
            SessionHolder::User { .. } | SessionHolder::Root { .. } => (&[], &[]),
        }
    }

    /// The session tags.
    pub(crate) fn tags(&self) -> &[Tag] {
        match self {
            SessionHolder::Role { tags, .. } | SessionHolder::Federated { tags, .. } => tags,
            SessionHolder::User { .. } | SessionHolder::Root { .. } => &[],
        }
    }
}

/// A session with the token that carries it.
#[derive(Debug, Clone)]
pub struct IssuedSession {
    /// What the token says.
    pub session: Session,
    /// The token.
    pub token: Secret,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_prints_no_secret() {
        let session = Session {
            access_key_id: "ASIAAAAAAAAAAAAAAAAA".to_owned(),
            secret: Secret::new("hush"),
            issued_ms: 1,
            expires_ms: 2,
            holder: SessionHolder::Root { account: AccountId::from_number(1) },
        };
        assert!(!format!("{session:?}").contains("hush"));
    }
}
