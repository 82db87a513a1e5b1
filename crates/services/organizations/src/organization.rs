//! The organization itself and its root.

use std::collections::BTreeSet;

use rolecall_arn::AccountId;
use rolecall_store::State;
use rolecall_store::records::organizations::Organization;
use rolecall_wire::organizations as wire;
use rolecall_wire::{Sensitive, ServiceError};

use crate::error::OrganizationsError;
use crate::page::page;
use crate::policy_type::describe_root;
use crate::request::{Managed, Request};
use crate::tree::{accounts, units};

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
            enabled_policy_types: BTreeSet::new(),
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

    /// DeleteOrganization: units and policies go with it; members would have to leave before.
    pub(crate) async fn delete_organization(&self) -> Result<wire::DeleteOrganizationResponse, ServiceError> {
        let proof = self.allow(self.check_all())?;
        let managed = self.managed()?;
        self.write(proof, move |state| dissolve(state, &managed)).await?;
        Ok(wire::DeleteOrganizationResponse)
    }

    /// ListRoots: an organization has one.
    pub(crate) fn list_roots(
        &self,
        input: &wire::ListRootsRequest,
    ) -> Result<wire::ListRootsResponse, ServiceError> {
        self.allow(self.check_all())?;
        let managed = self.managed()?;
        let root = (managed.organization.root_id.clone(), describe_root(&self.state, &managed, None));
        let (roots, next_token) = page([root], input.next_token.as_deref(), input.max_results)?;
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
            available_policy_types: Some(available_policy_types(&managed.organization)),
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

/// A member that AWS gave up: with all features it says that service control policies are enabled, whether they are in
/// the root or not, and of other types it says nothing.
fn available_policy_types(organization: &Organization) -> Vec<wire::PolicyTypeSummary> {
    let service_control = wire::PolicyTypeSummary {
        r#type: Some("SERVICE_CONTROL_POLICY".to_owned()),
        status: Some("ENABLED".to_owned()),
    };
    if organization.feature_set == "ALL" { vec![service_control] } else { Vec::new() }
}

fn dissolve(state: &mut State, managed: &Managed) -> Result<(), OrganizationsError> {
    let management = managed.management;
    if accounts(state, managed).any(|account| account.id != management) {
        return Err(OrganizationsError::NotEmpty);
    }
    let mut nodes: Vec<String> = units(state, managed).map(|(id, _)| id.clone()).collect();
    nodes.extend([managed.organization.root_id.clone(), management.to_string()]);
    for id in nodes {
        state.organization_nodes.remove(&(management, id));
    }
    let policies = state.organization_policies.range((management, String::new())..);
    let policies = policies.map(|(key, _)| key).take_while(|(owner, _)| *owner == management);
    let policies: Vec<_> = policies.cloned().collect();
    for key in policies {
        state.organization_policies.remove(&key);
    }
    state.accounts.update(&management, |account| {
        account.organization = None;
        account.joined_ms = None;
    });
    state.organizations.remove(&management);
    Ok(())
}
