//! What credentials from GetSessionToken may not call (reference iam.md 5.7).
//!
//! The limit does not come from any policy, so no policy can lift it. Multi-factor devices would; there are none here.

use crate::caller::Caller;

/// Why credentials from GetSessionToken may not call an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SessionLimit {
    /// The IAM API takes no credentials from GetSessionToken that were made without a multi-factor device.
    #[error("The security token included in the request is invalid")]
    NoIam,
    /// Of STS only AssumeRole and GetCallerIdentity may be called.
    #[error("Cannot call {operation} with session credentials")]
    NoSts {
        /// The operation.
        operation: &'static str,
    },
}

/// Whether the caller's credentials may call the operation of the service (`iam`, `sts`, ...) at all. Every other
/// question is for policies.
///
/// # Errors
/// [`SessionLimit`], which the service renders with its own code: IAM `InvalidClientTokenId`, STS `AccessDenied`.
pub fn session_limit(caller: &Caller, service: &str, operation: &'static str) -> Result<(), SessionLimit> {
    if !caller.has_user_session() {
        return Ok(());
    }
    match (service, operation) {
        ("iam", _) => Err(SessionLimit::NoIam),
        ("sts", "AssumeRole" | "GetCallerIdentity") => Ok(()),
        ("sts", operation) => Err(SessionLimit::NoSts { operation }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rolecall_arn::AccountId;
    use rolecall_store::Secret;

    use super::*;
    use crate::session::{Session, SessionHolder};

    #[test]
    fn credentials_from_get_session_token_are_limited_and_no_others() {
        let account = AccountId::from_number(1);
        let long_term = Caller::root(account);
        let session = Session {
            access_key_id: "ASIAAAAAAAAAAAAAAAAA".to_owned(),
            secret: Secret::new("secret"),
            issued_ms: 0,
            expires_ms: 1,
            holder: SessionHolder::Root { account },
        };
        let temporary = Caller { session: Some(Arc::new(session)), ..long_term.clone() };
        for (service, operation, allowed) in [
            ("iam", "GetUser", false),
            ("sts", "GetSessionToken", false),
            ("sts", "GetFederationToken", false),
            ("sts", "AssumeRole", true),
            ("sts", "GetCallerIdentity", true),
            ("lambda", "Invoke", true),
        ] {
            assert_eq!(
                session_limit(&temporary, service, operation).is_ok(),
                allowed,
                "{service} {operation}"
            );
            assert!(session_limit(&long_term, service, operation).is_ok(), "{service} {operation}");
        }
    }
}
