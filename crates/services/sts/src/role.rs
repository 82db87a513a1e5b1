//! The role that is to be assumed, whether or not it exists.

use std::sync::{Arc, LazyLock};

use rolecall_arn::{AccountId, Arn, PARTITION};
use rolecall_authority::{BoundPrincipals, ResourcePolicyRef};
use rolecall_store::State;
use rolecall_store::records::Tag;
use rolecall_store::records::iam::Role;

use crate::error::StsError;

/// A trust policy that trusts nobody: what a role that does not exist is decided by, so that it is refused by the same
/// path and with the same words as one that does not trust the caller.
static TRUSTS_NOBODY: LazyLock<Arc<str>> =
    LazyLock::new(|| Arc::from(r#"{"Version":"2012-10-17","Statement":[]}"#));

static NOBODY: BoundPrincipals = BoundPrincipals::new();

/// A role by the ARN of a request.
pub(crate) struct RequestedRole {
    /// The ARN.
    pub(crate) arn: Arn,
    /// The account that the ARN names.
    pub(crate) account: AccountId,
    /// The role, if the ARN is exactly that of one.
    pub(crate) role: Option<Arc<Role>>,
    policy_name: String,
}

impl RequestedRole {
    /// Reads the ARN and looks the role up.
    pub(crate) fn find(text: &str, state: &State) -> Result<Self, StsError> {
        let invalid = || StsError::InvalidRoleArn(text.to_owned());
        let arn: Arn = text.parse().map_err(|_| invalid())?;
        let account = arn.account_id().ok_or_else(invalid)?;
        let is_iam = arn.partition() == PARTITION && arn.service() == "iam" && arn.region().is_empty();
        let Some(path_and_name) =
            arn.resource().strip_prefix("role").filter(|rest| is_iam && rest.starts_with('/'))
        else {
            return Err(invalid());
        };
        let Some((path, name)) = path_and_name.rsplit_once('/').filter(|(_, name)| !name.is_empty()) else {
            return Err(invalid());
        };
        let role = state.roles.get(&(account, name.to_lowercase()));
        let role = role.filter(|role| role.name == name && role.path == format!("{path}/")).map(Arc::clone);
        let policy_name = match &role {
            Some(_) => format!("trust policy of {arn}"),
            None => format!("trust policy of {arn}, which does not exist"),
        };
        Ok(RequestedRole { account, role, policy_name, arn })
    }

    /// The policy that decides who may assume the role.
    pub(crate) fn trust_policy(&self) -> ResourcePolicyRef<'_> {
        let (document, bound) = match &self.role {
            Some(role) => (&role.trust_policy, &role.bound_principals),
            None => (&*TRUSTS_NOBODY, &NOBODY),
        };
        ResourcePolicyRef::Trust { name: &self.policy_name, document, bound }
    }

    /// The role's tags.
    pub(crate) fn tags(&self) -> &[Tag] {
        self.role.as_ref().map_or(&[], |role| &role.tags)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_arns_of_roles_are_taken() {
        let state = State::default();
        for arn in ["arn:aws:iam::111122223333:role/r", "arn:aws:iam::111122223333:role/a/b/r"] {
            assert!(RequestedRole::find(arn, &state).is_ok(), "{arn}");
        }
        for arn in [
            "role-name-of-some-length",
            "arn:aws:iam::111122223333:user/u",
            "arn:aws:iam::111122223333:role",
            "arn:aws:iam::111122223333:role/",
            "arn:aws:iam::111122223333:roles/r",
            "arn:aws:iam::aws:role/r",
            "arn:aws:iam:eu-west-1:111122223333:role/r",
            "arn:aws:sts::111122223333:role/r",
        ] {
            assert_eq!(
                RequestedRole::find(arn, &state).err(),
                Some(StsError::InvalidRoleArn(arn.to_owned()))
            );
        }
    }
}
