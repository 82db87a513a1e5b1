//! Who calls. A principal is what authentication proved, with everything that policies can name it by
//! (reference iam.md 1.5, 3.5).

use rolecall_arn::{AccountId, Arn, PARTITION};

/// The caller of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// Nobody signed the request.
    Anonymous,
    /// The root user of an account.
    Root {
        /// Its account.
        account: AccountId,
    },
    /// An IAM user, also one that works with a GetSessionToken session.
    User {
        /// Its account.
        account: AccountId,
        /// Its ARN, path included.
        arn: Arn,
        /// Its unique id, `AIDA...`.
        id: String,
    },
    /// A session of a role.
    RoleSession {
        /// The role's account.
        account: AccountId,
        /// The ARN of the role, path included.
        role_arn: Arn,
        /// The unique id of the role, `AROA...`.
        role_id: String,
        /// `arn:aws:sts::A:assumed-role/ROLE/SESSION`.
        session_arn: Arn,
        /// The name of the session.
        session_name: String,
    },
    /// A session that a user made with GetFederationToken.
    FederatedUser {
        /// The user's account.
        account: AccountId,
        /// `arn:aws:sts::A:federated-user/NAME`.
        arn: Arn,
        /// The ARN of the user that made the session.
        user_arn: Arn,
        /// The unique id of that user.
        user_id: String,
    },
    /// Somebody for whom an identity provider vouches and who is about to assume a role with
    /// AssumeRoleWithWebIdentity or AssumeRoleWithSAML. What comes of it is a role session.
    Federated {
        /// As the `Federated` of a trust policy names it: the ARN of a SAML or OpenID Connect provider, or the name of
        /// a provider that every account has ([`SHARED_PROVIDERS`]).
        provider: String,
        /// The account that the provider is registered in; none for the shared ones.
        account: Option<AccountId>,
    },
    /// An AWS service that calls in its own name.
    Service {
        /// `s3.amazonaws.com`.
        name: String,
    },
}

/// The identity providers that need no registration and so have no ARN (reference iam.md 1.5.1). The first is also
/// the domain name of a service; as a caller it is always meant as the provider.
pub const SHARED_PROVIDERS: &[&str] =
    &["cognito-identity.amazonaws.com", "accounts.google.com", "graph.facebook.com", "www.amazon.com"];

/// The text names no caller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{0}' is not a caller: expected the ARN of a user, role, assumed-role session, federated user, account root or \
     identity provider in the partition aws, or a service such as s3.amazonaws.com"
)]
pub struct PrincipalError(String);

impl Principal {
    /// The account that the caller belongs to.
    pub fn account(&self) -> Option<AccountId> {
        match self {
            Principal::Anonymous | Principal::Service { .. } => None,
            Principal::Root { account }
            | Principal::User { account, .. }
            | Principal::RoleSession { account, .. }
            | Principal::FederatedUser { account, .. } => Some(*account),
            Principal::Federated { account, .. } => *account,
        }
    }

    /// The ARN that AWS prints in messages and returns from GetCallerIdentity. `anonymous` for an unsigned request, the
    /// provider for somebody whom it vouches for, the service's name for a service.
    pub fn caller_arn(&self) -> String {
        match self {
            Principal::Anonymous => "anonymous".to_owned(),
            Principal::Root { account } => root_arn(*account),
            Principal::User { arn, .. } | Principal::FederatedUser { arn, .. } => arn.to_string(),
            Principal::RoleSession { session_arn, .. } => session_arn.to_string(),
            Principal::Federated { provider, .. } => provider.clone(),
            Principal::Service { name } => name.clone(),
        }
    }

    /// Whether the caller is a session of a service-linked role, which service and resource control policies do not
    /// bind (reference iam.md 5.6).
    pub fn is_service_linked(&self) -> bool {
        matches!(self, Principal::RoleSession { role_arn, .. }
            if role_arn.resource().starts_with("role/aws-service-role/"))
    }

    /// Whether the caller is somebody whom the IAM of an account knows, and not a service or one who did not sign.
    pub(crate) fn is_of_iam(&self) -> bool {
        !matches!(self, Principal::Anonymous | Principal::Service { .. } | Principal::Federated { .. })
    }

    /// A short name for people: `user/ana`, `assumed-role/deploy/ci`, `s3.amazonaws.com`.
    pub fn short_name(&self) -> String {
        match self {
            Principal::Anonymous => "an anonymous caller".to_owned(),
            Principal::Root { account } => format!("the root user of {account}"),
            Principal::User { arn, .. } | Principal::FederatedUser { arn, .. } => arn.resource().to_owned(),
            Principal::RoleSession { role_arn, .. } => role_arn.resource().to_owned(),
            Principal::Federated { provider, .. } => format!("somebody of {provider}"),
            Principal::Service { name } => name.clone(),
        }
    }

    /// Reads a caller from an ARN, or from the name of a service or shared identity provider. The path of a session's
    /// role is not in the session's ARN, so the role ARN is then the one without path. A role ARN stands for a session of
    /// that role with the name `session`. The user behind a federated user is not known and left as the account's root.
    ///
    /// # Errors
    /// When the text names none of these, or somebody of another partition than `aws`: what follows from a caller, such as
    /// the ARN of its account's root, is written in this one.
    pub fn parse(text: &str, unique_id: &str) -> Result<Principal, PrincipalError> {
        let refused = || PrincipalError(text.to_owned());
        if SHARED_PROVIDERS.contains(&text) {
            return Ok(Principal::Federated { provider: text.to_owned(), account: None });
        }
        if is_service_name(text) {
            return Ok(Principal::Service { name: text.to_owned() });
        }
        let arn: Arn = text.parse().map_err(|_| refused())?;
        if arn.partition() != PARTITION {
            return Err(refused());
        }
        let account = arn.account_id().ok_or_else(refused)?;
        let (kind, name) = arn.resource().split_once('/').unwrap_or((arn.resource(), ""));
        let (service, id) = (arn.service(), unique_id.to_owned());
        match (service, kind, name) {
            ("iam", "root", _) if arn.resource() == "root" => Ok(Principal::Root { account }),
            ("iam", "user", name) if !name.is_empty() => Ok(Principal::User { account, arn, id }),
            ("iam", "role", path_and_name) if !path_and_name.is_empty() => {
                let role = path_and_name.rsplit('/').next().unwrap_or_default();
                let session_arn = Arn::new("sts", "", Some(account), &format!("assumed-role/{role}/session"));
                let session_name = "session".to_owned();
                Ok(Principal::RoleSession { account, role_arn: arn, role_id: id, session_arn, session_name })
            }
            ("iam", "oidc-provider" | "saml-provider", name) if !name.is_empty() => {
                Ok(Principal::Federated { provider: text.to_owned(), account: Some(account) })
            }
            ("sts", "assumed-role", role_and_session) => {
                let (role, session) = role_and_session.split_once('/').ok_or_else(refused)?;
                let role_arn = Arn::iam(account, &format!("role/{role}"));
                let session_name = session.to_owned();
                Ok(Principal::RoleSession { account, role_arn, role_id: id, session_arn: arn, session_name })
            }
            ("sts", "federated-user", name) if !name.is_empty() => {
                let user_arn = Arn::iam(account, "root");
                Ok(Principal::FederatedUser { account, arn, user_arn, user_id: id })
            }
            _ => Err(refused()),
        }
    }
}

/// The ARN of an account's root user.
pub(crate) fn root_arn(account: AccountId) -> String {
    Arn::iam(account, "root").to_string()
}

/// Service principals are domain names below Amazon's own: `lambda.amazonaws.com`, `alexa-appkit.amazon.com`.
fn is_service_name(text: &str) -> bool {
    let endings = [".amazonaws.com", ".amazonaws.com.cn", ".amazon.com", ".aws.internal"];
    endings.iter().any(|ending| text.len() > ending.len() && text.ends_with(ending))
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte))
}
