//! One call on its way through Organizations: who calls, as what kind of account, and what is asked of the authority.

use std::sync::Arc;

use rolecall_arn::{AccountId, Arn};
use rolecall_authority::{Authorized, Call, Check};
use rolecall_service::{Platform, denied, store_failed};
use rolecall_store::State;
use rolecall_store::records::Tag;
use rolecall_store::records::organizations::Organization;
use rolecall_wire::{ServiceError, ServiceId};

use crate::error::OrganizationsError;
use crate::policy::find_policy;
use crate::tree::{find_place, kind_of};

/// The condition key that tells the type of the policy that a call is about.
pub(crate) const POLICY_TYPE: &str = "organizations:PolicyType";

/// A call of an operation.
pub(crate) struct Request<'a> {
    pub(crate) platform: &'a Platform,
    call: &'a Call,
    /// The caller's account.
    pub(crate) account: AccountId,
    /// The records as of the beginning of the call.
    pub(crate) state: Arc<State>,
    action: String,
}

/// An organization, with the account that manages it.
#[derive(Clone)]
pub(crate) struct Managed {
    /// The management account.
    pub(crate) management: AccountId,
    /// The organization.
    pub(crate) organization: Arc<Organization>,
}

impl Managed {
    /// `arn:aws:organizations::MANAGEMENT:KIND/o-.../...`
    pub(crate) fn arn(&self, kind: &str, rest: &str) -> Arn {
        let resource = format!("{kind}/{}{rest}", self.organization.id);
        Arn::new("organizations", "", Some(self.management), &resource)
    }

    /// The ARN of a member.
    pub(crate) fn account_arn(&self, account: &str) -> Arn {
        self.arn("account", &format!("/{account}"))
    }

    /// The ARN of the root, a unit, an account or a policy. A policy's ARN has its type in it, so one that does not
    /// exist has none; a caller who may use all policies learns that, and everybody else is denied.
    pub(crate) fn arn_of(&self, id: &str, state: &State) -> Arn {
        match kind_of(id) {
            "policy" => match find_policy(state, self, id) {
                Some(policy) => policy.arn,
                None => self.arn("policy", &format!("/*/{id}")),
            },
            kind => self.arn(kind, &format!("/{id}")),
        }
    }
}

impl<'a> Request<'a> {
    /// A call of the operation. Each operation's action has the operation's name, so that an operation cannot ask for
    /// another's permission.
    pub(crate) fn new(
        platform: &'a Platform,
        call: &'a Call,
        operation: &str,
    ) -> Result<Self, OrganizationsError> {
        let account = call.caller.account().ok_or(OrganizationsError::NotManagement)?;
        let action = format!("organizations:{operation}");
        Ok(Request { platform, call, account, state: platform.store.read(), action })
    }

    /// The operation's action on the root, a unit, an account or a policy, with its tags and a policy's type. The ARN
    /// begins with the management account; a caller whose account is in no organization has no such ARN to ask about,
    /// so the check is on its own account's.
    pub(crate) fn check(&self, id: &str) -> Check<'_> {
        let Ok(managed) = self.organization() else {
            let resource = format!("{}/{id}", kind_of(id));
            let arn = Arn::new("organizations", "", Some(self.account), &resource);
            return Check::on(&self.action, &arn, self.account);
        };
        let check = Check::on(&self.action, &managed.arn_of(id, &self.state), self.account);
        match find_policy(&self.state, &managed, id) {
            Some(policy) => check.key(POLICY_TYPE, policy.policy_type.name()).resource_tags(&policy.tags),
            None => check.resource_tags(&self.tags_of_place(&managed, id)),
        }
    }

    /// The operation's action on new policies of the type.
    pub(crate) fn check_new_policy(&self, policy_type: &str) -> Check<'_> {
        let path = format!("/{}/*", policy_type.to_lowercase());
        let arn = match self.organization() {
            Ok(managed) => managed.arn("policy", &path),
            Err(_) => Arn::new("organizations", "", Some(self.account), &format!("policy{path}")),
        };
        Check::on(&self.action, &arn, self.account).key(POLICY_TYPE, policy_type)
    }

    /// Asks for the permission to give tags to new things of the kind, where there are tags.
    pub(crate) fn allow_new_tags(
        &self,
        managed: &Managed,
        kind: &str,
        tags: &[Tag],
    ) -> Result<(), ServiceError> {
        if tags.is_empty() {
            return Ok(());
        }
        let arn = managed.arn(kind, "/*");
        self.allow(Check::on("organizations:TagResource", &arn, self.account).request_tags(pairs(tags)))?;
        Ok(())
    }

    fn tags_of_place(&self, managed: &Managed, id: &str) -> Vec<Tag> {
        let place = find_place(&self.state, managed, id);
        place.map(|_| self.state.organization_node(managed.management, id).tags).unwrap_or_default()
    }

    /// The operation's action, where it has no resource.
    pub(crate) fn check_all(&self) -> Check<'_> {
        Check::on_all(&self.action)
    }

    /// Lets the authority decide.
    pub(crate) fn allow(&self, check: Check<'_>) -> Result<Authorized, ServiceError> {
        let authority = &self.platform.authority;
        authority.authorize(self.call, check).map_err(|refusal| denied(ServiceId::Organizations, &refusal))
    }

    /// Changes records; the proof says that the call may.
    pub(crate) async fn write<T, F>(&self, _proof: Authorized, change: F) -> Result<T, ServiceError>
    where
        T: Send + 'static,
        F: FnOnce(&mut State) -> Result<T, OrganizationsError> + Send + 'static,
    {
        let written = self.platform.store.write(move |state| change(state).map_err(ServiceError::from));
        written.await.map_err(|failure| store_failed(ServiceId::Organizations, failure))
    }

    /// The organization that the caller's account is in.
    pub(crate) fn organization(&self) -> Result<Managed, OrganizationsError> {
        let account = self.state.accounts.get(&self.account);
        let management = account.and_then(|account| account.organization);
        let management = management.ok_or(OrganizationsError::NotInOrganization)?;
        let organization = self.state.organizations.get(&management).cloned();
        let organization = organization.ok_or(OrganizationsError::NotInOrganization)?;
        Ok(Managed { management, organization })
    }

    /// The organization that the caller's account manages.
    pub(crate) fn managed(&self) -> Result<Managed, OrganizationsError> {
        let organization = self.organization()?;
        if organization.management == self.account {
            Ok(organization)
        } else {
            Err(OrganizationsError::NotManagement)
        }
    }
}

/// Tags as checks take them.
pub(crate) fn pairs(tags: &[Tag]) -> impl Iterator<Item = (&str, &str)> {
    tags.iter().map(|tag| (tag.key.as_str(), tag.value.as_str()))
}
