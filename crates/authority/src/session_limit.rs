//! What credentials from GetSessionToken and GetFederationToken may not call (reference iam.md 5.7).
//!
//! The limit does not come from any policy, so no policy can lift it. Multi-factor devices would; there are none here.

use crate::caller::Caller;
use crate::session::SessionHolder;

/// Why credentials from GetSessionToken or GetFederationToken may not call an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SessionLimit {
    /// The IAM API takes no credentials from GetFederationToken, and none from GetSessionToken that were made without a
    /// multi-factor device.
    #[error("The security token included in the request is invalid")]
    NoIam,
    /// Of STS only GetCallerIdentity may be called, and with credentials from GetSessionToken AssumeRole.
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
    let is_federated = match caller.session.as_ref().map(|session| &session.holder) {
        None | Some(SessionHolder::Role { .. }) => return Ok(()),
        Some(SessionHolder::Federated { .. }) => true,
        Some(SessionHolder::User { .. } | SessionHolder::Root { .. }) => false,
    };
    match (service, operation) {
        ("iam", _) => Err(SessionLimit::NoIam),
        ("sts", "GetCallerIdentity") => Ok(()),
        ("sts", "AssumeRole") if !is_federated => Ok(()),
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
    use crate::session::Session;

    #[test]
    fn credentials_of_users_sessions_are_limited_and_no_others() {
        let account = AccountId::from_number(1);
        let long_term = Caller::root(account);
        let with_session = |holder: SessionHolder| {
            let session = Session {
                access_key_id: "ASIAAAAAAAAAAAAAAAAA".to_owned(),
                secret: Secret::new("secret"),
                issued_ms: 0,
                expires_ms: 1,
                holder,
            };
            Caller { session: Some(Arc::new(session)), ..long_term.clone() }
        };
        let temporary = with_session(SessionHolder::Root { account });
        let federated = with_session(SessionHolder::Federated {
            maker: Box::new(SessionHolder::Root { account }),
            name: "guest".to_owned(),
            policies: Vec::new(),
            policy_arns: Vec::new(),
            tags: Vec::new(),
        });
        for (service, operation, of_user, of_federated) in [
            ("iam", "GetUser", false, false),
            ("sts", "GetSessionToken", false, false),
            ("sts", "GetFederationToken", false, false),
            ("sts", "AssumeRole", true, false),
            ("sts", "GetCallerIdentity", true, true),
            ("lambda", "Invoke", true, true),
        ] {
            for (caller, allowed) in [(&temporary, of_user), (&federated, of_federated)] {
                let may = session_limit(caller, service, operation).is_ok();
                assert_eq!(may, allowed, "{service} {operation}");
            }
            assert!(session_limit(&long_term, service, operation).is_ok(), "{service} {operation}");
        }
    }
}
