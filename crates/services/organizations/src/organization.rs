//! The organization itself and its root.

use rolecall_arn::AccountId;
use rolecall_store::State;
use rolecall_store::records::organizations::Organization;
use rolecall_wire::organizations as wire;
use rolecall_wire::{Sensitive, ServiceError};

use crate::error::OrganizationsError;
use crate::page::page;
use crate::request::{Managed, Request};

/// What ids consist of after their prefix.
pub(crate) const ID_ALPHABET: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";

impl Request<'_> {
    /// CreateOrganization: the caller's account becomes the management account.
    pub(crate) async fn create_organization(
        &self,
        input: wire::CreateOrganizationRequest,
    ) -> Result<wire::CreateOrganizationResponse, ServiceError> {
        let proof = self.allow(self.check_all())?;
        let entropy = self.platform.entropy();
        let organization = Organization {
            id: format!("o-{}", entropy.text(ID_ALPHABET, 10)),
            root_id: format!("r-{}", entropy.text(ID_ALPHABET, 4)),
            feature_set: input.feature_set.unwrap_or_else(|| "ALL".to_owned()),
            created_ms: self.platform.now_ms(),
        };
        let management = self.account;
        let made = organization.clone();
        self.write(proof, move |state| found(state, management, made)).await?;
        let made = Managed { management, organization: organization.into() };
        Ok(wire::CreateOrganizationResponse { organization: Some(self.describe(&made)) })
    }

    /// DescribeOrganization: every member may ask.
    pub(crate) fn describe_organization(&self) -> Result<wire::DescribeOrganizationResponse, ServiceError> {
        self.allow(self.check_all())?;
        let organization = self.organization()?;
        Ok(wire::DescribeOrganizationResponse { organization: Some(self.describe(&organization)) })
    }

    /// ListRoots: an organization has one. No type of policy is enabled in it, as none is built.
    pub(crate) fn list_roots(
        &self,
        input: &wire::ListRootsRequest,
    ) -> Result<wire::ListRootsResponse, ServiceError> {
        self.allow(self.check_all())?;
        let managed = self.managed()?;
        let root_id = managed.organization.root_id.clone();
        let root = wire::Root {
            arn: Some(managed.arn("root", &format!("/{root_id}")).to_string()),
            id: Some(root_id.clone()),
            name: Some("Root".to_owned()),
            policy_types: Some(Vec::new()),
        };
        let (roots, next_token) = page([(root_id, root)], input.next_token.as_deref(), input.max_results)?;
        Ok(wire::ListRootsResponse { roots: Some(roots), next_token })
    }

    fn describe(&self, managed: &Managed) -> wire::Organization {
        let account = self.state.accounts.get(&managed.management);
        wire::Organization {
            id: Some(managed.organization.id.clone()),
            arn: Some(managed.arn("organization", "").to_string()),
            feature_set: Some(managed.organization.feature_set.clone()),
            master_account_arn: Some(managed.account_arn(managed.management.as_str()).to_string()),
            master_account_id: Some(managed.management.to_string()),
            master_account_email: account.map(|account| Sensitive::new(account.email.clone())),
            available_policy_types: Some(Vec::new()),
        }
    }
}

fn found(
    state: &mut State,
    management: AccountId,
    organization: Organization,
) -> Result<(), OrganizationsError> {
    let account = state.accounts.get(&management).ok_or(OrganizationsError::NotManagement)?;
    if account.organization.is_some() {
        return Err(OrganizationsError::AlreadyInOrganization);
    }
    state.accounts.update(&management, |account| {
        account.organization = Some(management);
        account.joined_ms = Some(organization.created_ms);
    });
    state.organizations.put(management, organization);
    Ok(())
}
