//! Who makes a call.

use std::sync::Arc;

use rolecall_arn::{AccountId, Arn};
use rolecall_policy::Principal;
use rolecall_store::State;
use rolecall_store::records::iam::{Role, User};

use crate::session::{Session, SessionHolder};

/// Who makes a call, as the credentials say.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The principal that policies are matched against.
    pub principal: Principal,
    /// Where its policies are found.
    pub holder: Holder,
    /// The access key that signed the call.
    pub access_key_id: Option<String>,
    /// The session, where the credentials are temporary.
    pub session: Option<Arc<Session>>,
}

/// Where a caller's policies are found.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Holder {
    /// Nobody signed: no identity-based policies.
    Anonymous,
    /// An account's root user: no identity-based policies, and none needed.
    Root(AccountId),
    /// A user, by account and lower-case name.
    User(AccountId, String),
    /// A role, by account and lower-case name.
    Role(AccountId, String),
    /// An AWS service acting for itself: no identity-based policies.
    Service,
}

impl Caller {
    /// The caller of an unsigned request.
    pub fn anonymous() -> Self {
        Caller {
            principal: Principal::Anonymous,
            holder: Holder::Anonymous,
            access_key_id: None,
            session: None,
        }
    }

    /// An AWS service acting for itself, for example `s3.amazonaws.com`.
    pub fn service(name: &str) -> Self {
        let principal = Principal::Service { name: name.to_owned() };
        Caller { principal, holder: Holder::Service, access_key_id: None, session: None }
    }

    /// An account's root user.
    pub fn root(account: AccountId) -> Self {
        let principal = Principal::Root { account };
        Caller { principal, holder: Holder::Root(account), access_key_id: None, session: None }
    }

    /// A user with a long-term access key.
    pub fn user(user: &User) -> Self {
        let principal = Principal::User { account: user.account, arn: user_arn(user), id: user.id.clone() };
        let holder = Holder::User(user.account, user.name.to_lowercase());
        Caller { principal, holder, access_key_id: None, session: None }
    }

    /// The caller whose session it is; none where the role or user is gone, or was made anew under the same name
    /// (reference iam.md 5.6: the session of a deleted role is invalid).
    pub fn of_session(session: Arc<Session>, state: &State) -> Option<Self> {
        let mut caller = Self::of_session_holder(&session.holder, state)?;
        caller.access_key_id = Some(session.access_key_id.clone());
        caller.session = Some(session);
        Some(caller)
    }

    fn of_session_holder(holder: &SessionHolder, state: &State) -> Option<Self> {
        Some(match holder {
            SessionHolder::Root { account } => {
                state.accounts.get(account)?;
                Caller::root(*account)
            }
            SessionHolder::User { account, user_id, user_name } => {
                // A user who was renamed since is still the same user, so the unique id decides.
                let named = state.users.get(&(*account, user_name.to_lowercase()));
                let of_account = || state.users.range((*account, String::new())..).map(|(_, user)| user);
                let mut users =
                    named.into_iter().chain(of_account().take_while(|user| user.account == *account));
                let user = users.find(|user| user.id == *user_id)?;
                Caller::user(user)
            }
            SessionHolder::Role { account, role_id, role_name, session_name, .. } => {
                let role = state.roles.get(&(*account, role_name.to_lowercase()))?;
                (role.id == *role_id).then(|| Caller::role(role, session_name))?
            }
            SessionHolder::Federated { maker, name, .. } => {
                Self::of_session_holder(maker, state)?.federated(name)?
            }
        })
    }

    /// The federated user whom the user or root user has let in, with the same policies.
    fn federated(self, name: &str) -> Option<Self> {
        let account = self.account()?;
        let (user_arn, user_id) = match self.principal {
            Principal::User { arn, id, .. } => (arn, id),
            Principal::Root { account } => (Arn::iam(account, "root"), account.to_string()),
            _ => return None,
        };
        let arn = Arn::new("sts", "", Some(account), &format!("federated-user/{name}"));
        Some(Caller { principal: Principal::FederatedUser { account, arn, user_arn, user_id }, ..self })
    }

    fn role(role: &Role, session_name: &str) -> Self {
        let principal = Principal::RoleSession {
            account: role.account,
            role_arn: role_arn(role),
            role_id: role.id.clone(),
            session_arn: session_arn(role, session_name),
            session_name: session_name.to_owned(),
        };
        let holder = Holder::Role(role.account, role.name.to_lowercase());
        Caller { principal, holder, access_key_id: None, session: None }
    }

    /// The caller's account; none for services and the anonymous.
    pub fn account(&self) -> Option<AccountId> {
        match &self.holder {
            Holder::Anonymous | Holder::Service => None,
            Holder::Root(account) | Holder::User(account, _) | Holder::Role(account, _) => Some(*account),
        }
    }

    /// The ARN that messages and GetCallerIdentity print.
    pub fn arn(&self) -> String {
        self.principal.caller_arn()
    }

    /// `UserId` of GetCallerIdentity: the value of `aws:userid` (reference iam.md 3.5).
    pub fn user_id(&self) -> String {
        match &self.principal {
            Principal::Anonymous => "anonymous".to_owned(),
            Principal::Root { account } => account.to_string(),
            Principal::User { id, .. } => id.clone(),
            Principal::RoleSession { role_id, session_name, .. } => format!("{role_id}:{session_name}"),
            Principal::FederatedUser { account, arn, .. } => {
                format!("{account}:{}", arn.resource().trim_start_matches("federated-user/"))
            }
            Principal::Federated { provider, .. } => provider.clone(),
            Principal::Service { name } => name.clone(),
        }
    }
}

/// `arn:aws:iam::ACCOUNT:user/PATH/NAME`
fn user_arn(user: &User) -> Arn {
    Arn::iam(user.account, &format!("user{}{}", user.path, user.name))
}

/// `arn:aws:iam::ACCOUNT:role/PATH/NAME`
fn role_arn(role: &Role) -> Arn {
    Arn::iam(role.account, &format!("role{}{}", role.path, role.name))
}

/// `arn:aws:sts::ACCOUNT:assumed-role/NAME/SESSION`, without the role's path.
fn session_arn(role: &Role, session_name: &str) -> Arn {
    Arn::new("sts", "", Some(role.account), &format!("assumed-role/{}/{session_name}", role.name))
}
