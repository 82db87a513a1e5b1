//! What no policy lifts: what the caller's credentials may never ask (reference iam.md 5.6, 5.7), and what AWS keeps to
//! itself (5.6). No layer is named for such a denial.

use crate::{Principal, Request};

/// Long-term credentials do not have this key.
const MFA: &str = "aws:MultiFactorAuthPresent";

/// Why a request is denied whatever policies say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FixedLimit {
    /// The root user cannot assume a role.
    RootAssumesRole,
    /// Of STS, sessions of this kind may call only a few operations.
    Sts,
    /// The IAM API does not take sessions of this kind.
    Iam,
    /// AWS's own managed policies are for AWS to change.
    AwsPolicy,
    /// Roles that AWS made for itself in the account are for AWS to change.
    AwsRole,
}

impl FixedLimit {
    /// AWS's message: `Cannot call GetSessionToken with session credentials`.
    pub fn message(self, request: &Request<'_>) -> String {
        let operation = request.action.split_once(':').map_or(request.action, |(_, operation)| operation);
        match self {
            FixedLimit::RootAssumesRole => "Roles may not be assumed by root accounts.".to_owned(),
            FixedLimit::Sts => format!("Cannot call {operation} with session credentials"),
            FixedLimit::Iam => "The security token included in the request is invalid".to_owned(),
            FixedLimit::AwsPolicy => {
                let change = if operation.eq_ignore_ascii_case("DeletePolicy") {
                    "delete policies"
                } else if operation.eq_ignore_ascii_case("DeletePolicyVersion") {
                    "delete policy versions for policies"
                } else {
                    "update policies"
                };
                format!("Cannot {change} outside your own account.")
            }
            FixedLimit::AwsRole => {
                let name = request.resource.rsplit('/').next().unwrap_or_default();
                format!(
                    "Cannot perform the operation on the protected role '{name}' - this role is only modifiable by AWS"
                )
            }
        }
    }

    /// What the caller would need instead.
    pub(crate) fn needed(self) -> &'static str {
        match self {
            FixedLimit::RootAssumesRole => "the credentials of a user or role; the root user assumes no role",
            FixedLimit::Sts => {
                "other credentials: those of GetFederationToken call no operation of STS but GetCallerIdentity, those \
                 of GetSessionToken only AssumeRole beside it, and a role's make no session token"
            }
            FixedLimit::Iam => {
                "other credentials: those of GetFederationToken cannot call IAM, nor those of GetSessionToken made \
                 without multi-factor authentication"
            }
            FixedLimit::AwsPolicy => {
                "a policy of the account's own: nobody but AWS changes AWS's managed policies"
            }
            FixedLimit::AwsRole => {
                "a role of the account's own: nobody but AWS changes the roles that it reserves"
            }
        }
    }

    /// Whether the caller's credentials rule the request out before any policy is asked. A user or root user that has
    /// `aws:MultiFactorAuthPresent` in the context works with credentials from GetSessionToken, because long-term
    /// credentials do not have the key (reference iam.md 3.5).
    ///
    /// ```
    /// use rolecall_policy::{Context, FixedLimit, Principal, Request};
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
    /// assert_eq!(FixedLimit::of_credentials(&request), Some(FixedLimit::RootAssumesRole));
    /// # Ok::<(), rolecall_policy::PrincipalError>(())
    /// ```
    pub fn of_credentials(request: &Request<'_>) -> Option<FixedLimit> {
        match operation_of("sts:", request.action) {
            Some(operation) => Self::of_credentials_at_sts(request, operation),
            None => Self::of_credentials_at_iam(request, operation_of("iam:", request.action)?),
        }
    }

    fn of_credentials_at_sts(request: &Request<'_>, operation: &str) -> Option<FixedLimit> {
        let is = |name: &str| operation.eq_ignore_ascii_case(name);
        let makes_session = is("GetSessionToken") || is("GetFederationToken");
        let is_limited = match request.principal {
            Principal::Root { .. } if is("AssumeRole") => return Some(FixedLimit::RootAssumesRole),
            Principal::RoleSession { .. } => makes_session,
            Principal::FederatedUser { .. } => !is("GetCallerIdentity"),
            Principal::User { .. } | Principal::Root { .. } => {
                request.context.truth(MFA).is_some()
                    && !is("GetCallerIdentity")
                    && !assumes_role(request.action)
            }
            _ => false,
        };
        is_limited.then_some(FixedLimit::Sts)
    }

    /// iam:PassRole is asked on behalf of other services' operations, which these credentials may call.
    fn of_credentials_at_iam(request: &Request<'_>, operation: &str) -> Option<FixedLimit> {
        let is_limited = match request.principal {
            _ if operation.eq_ignore_ascii_case("PassRole") => false,
            Principal::FederatedUser { .. } => true,
            Principal::User { .. } | Principal::Root { .. } => request.context.truth(MFA) == Some(false),
            _ => false,
        };
        is_limited.then_some(FixedLimit::Iam)
    }

    /// Whether AWS keeps the resource to itself, so that IAM refuses a change that policies allow: its managed
    /// policies, the roles under `/aws-reserved/`, and the trust policies of service-linked roles. Reading them and
    /// passing them on changes nothing.
    pub fn of_resource(request: &Request<'_>) -> Option<FixedLimit> {
        let operation = operation_of("iam:", request.action)?;
        let owned = request.resource.strip_prefix("arn:aws:iam::")?;
        if owned.starts_with("aws:policy/") {
            return changes(operation).then_some(FixedLimit::AwsPolicy);
        }
        let (_, entity) = owned.split_once(':')?;
        let is_refused = if entity.starts_with("role/aws-service-role/") {
            operation.eq_ignore_ascii_case("UpdateAssumeRolePolicy")
        } else {
            entity.starts_with("role/aws-reserved/") && changes(operation)
        };
        is_refused.then_some(FixedLimit::AwsRole)
    }
}

/// The operation of an action, if it is the service's (`iam:`).
fn operation_of<'a>(service: &str, action: &'a str) -> Option<&'a str> {
    let (before, operation) = action.split_at_checked(service.len())?;
    before.eq_ignore_ascii_case(service).then_some(operation)
}

/// Whether an operation of IAM changes what it is about. One that nobody knows is taken to. A new role changes none: IAM
/// refuses it for its path.
fn changes(operation: &str) -> bool {
    const OTHERS: [&str; 6] = ["Get", "List", "Generate", "Simulate", "PassRole", "CreateRole"];
    let begins =
        |word: &str| operation.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    !OTHERS.into_iter().any(begins)
}

/// AssumeRole and the actions that are asked together with it.
pub(crate) fn assumes_role(action: &str) -> bool {
    let asked = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity", "sts:SetContext"];
    asked.iter().any(|name| action.eq_ignore_ascii_case(name))
}
