//! What a caller's credentials may never ask, whatever policies say (reference iam.md 5.6, 5.7). No policy lifts such a
//! limit, so no layer is named for the denial.

use crate::{Context, ContextValue, Principal, Request};

/// Why credentials are not good for a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CredentialLimit {
    /// The root user cannot assume a role.
    RootAssumesRole,
    /// Of STS, sessions of this kind may call only a few operations.
    Sts,
    /// The IAM API does not take sessions of this kind.
    Iam,
}

impl CredentialLimit {
    /// AWS's message: `Cannot call GetSessionToken with session credentials`.
    pub fn message(self, action: &str) -> String {
        match self {
            CredentialLimit::RootAssumesRole => "Roles may not be assumed by root accounts.".to_owned(),
            CredentialLimit::Sts => {
                let operation = action.split_once(':').map_or(action, |(_, operation)| operation);
                format!("Cannot call {operation} with session credentials")
            }
            CredentialLimit::Iam => "The security token included in the request is invalid".to_owned(),
        }
    }

    /// What the caller would need instead.
    pub(crate) fn needed(self) -> &'static str {
        match self {
            CredentialLimit::RootAssumesRole => {
                "the credentials of a user or role; the root user assumes no role"
            }
            CredentialLimit::Sts => {
                "other credentials: those of GetFederationToken call no operation of STS but GetCallerIdentity, those \
                 of GetSessionToken only AssumeRole beside it, and a role's make no session token"
            }
            CredentialLimit::Iam => {
                "other credentials: those of GetFederationToken cannot call IAM, nor those of GetSessionToken made \
                 without multi-factor authentication"
            }
        }
    }
}

/// Whether the caller's credentials rule the request out before any policy is asked. A user or root user that has
/// `aws:MultiFactorAuthPresent` in the context works with credentials from GetSessionToken, because long-term
/// credentials do not have the key (reference iam.md 3.5).
///
/// ```
/// use rolecall_policy::{Context, CredentialLimit, Principal, Request, credential_limit};
///
/// let root = Principal::parse("arn:aws:iam::111122223333:root", "111122223333")?;
/// let context = Context::new();
/// let request = Request {
///     principal: &root,
///     action: "sts:AssumeRole",
///     resource: "arn:aws:iam::111122223333:role/deploy",
///     resource_account: None,
///     context: &context,
/// };
/// assert_eq!(credential_limit(&request), Some(CredentialLimit::RootAssumesRole));
/// # Ok::<(), rolecall_policy::PrincipalError>(())
/// ```
pub fn credential_limit(request: &Request<'_>) -> Option<CredentialLimit> {
    let (service, operation) = request.action.split_at_checked("sts:".len())?;
    let is = |name: &str| operation.eq_ignore_ascii_case(name);
    if service.eq_ignore_ascii_case("sts:") {
        let makes_session = is("GetSessionToken") || is("GetFederationToken");
        return match request.principal {
            Principal::Root { .. } if is("AssumeRole") => Some(CredentialLimit::RootAssumesRole),
            Principal::RoleSession { .. } if makes_session => Some(CredentialLimit::Sts),
            Principal::FederatedUser { .. } if !is("GetCallerIdentity") => Some(CredentialLimit::Sts),
            Principal::User { .. } | Principal::Root { .. }
                if mfa(request.context).is_some()
                    && !is("GetCallerIdentity")
                    && !assumes_role(request.action) =>
            {
                Some(CredentialLimit::Sts)
            }
            _ => None,
        };
    }
    // iam:PassRole is asked on behalf of other services' operations, which these credentials may call.
    if !service.eq_ignore_ascii_case("iam:") || is("PassRole") {
        return None;
    }
    let without_mfa = || mfa(request.context).is_some_and(|present| !present);
    match request.principal {
        Principal::FederatedUser { .. } => Some(CredentialLimit::Iam),
        Principal::User { .. } | Principal::Root { .. } if without_mfa() => Some(CredentialLimit::Iam),
        _ => None,
    }
}

/// AssumeRole and the actions that are asked together with it.
pub(crate) fn assumes_role(action: &str) -> bool {
    let asked = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity", "sts:SetContext"];
    asked.iter().any(|name| action.eq_ignore_ascii_case(name))
}

/// What `aws:MultiFactorAuthPresent` says, if it is there.
fn mfa(context: &Context) -> Option<bool> {
    match context.get("aws:MultiFactorAuthPresent")? {
        ContextValue::One(value) => Some(value.eq_ignore_ascii_case("true")),
        ContextValue::Many(_) => Some(false),
    }
}
