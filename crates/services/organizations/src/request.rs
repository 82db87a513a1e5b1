//! One call on its way through Organizations: who calls, and as what kind of account.

use std::sync::Arc;

use rolecall_arn::{AccountId, Arn};
use rolecall_authority::{Authorized, Call, Check};
use rolecall_service::{Platform, denied, store_failed};
use rolecall_store::State;
use rolecall_store::records::organizations::Organization;
use rolecall_wire::{ServiceError, ServiceId};

use crate::error::OrganizationsError;

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

    /// The operation's action on a resource of the caller's account.
    pub(crate) fn check(&self, resource: &Arn) -> Check<'_> {
        Check::on(&self.action, resource, self.account)
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
