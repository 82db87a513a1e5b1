//! What is attached where. A policy binds the accounts below the root, unit or account that it is attached to, from the
//! moment that this is acknowledged.

use std::collections::{BTreeMap, BTreeSet};

use rolecall_catalog::{organization_policies, organization_policy};
use rolecall_store::State;
use rolecall_store::records::organizations::PolicyType;
use rolecall_wire::ServiceError;
use rolecall_wire::organizations as wire;

use crate::error::OrganizationsError;
use crate::page::page;
use crate::policy::{FoundPolicy, built_type, find_policy};
use crate::quota;
use crate::request::{Managed, POLICY_TYPE, Request};
use crate::tree::{change_node, find_place, targets};

impl Request<'_> {
    /// AttachPolicy: the permission is on the policy and on the target.
    pub(crate) async fn attach_policy(
        &self,
        input: wire::AttachPolicyRequest,
    ) -> Result<wire::AttachPolicyResponse, ServiceError> {
        let wire::AttachPolicyRequest { policy_id, target_id } = input;
        let proof = self.allow(self.check(&policy_id))?;
        self.allow_target(&policy_id, &target_id)?;
        let managed = self.managed()?;
        self.write(proof, move |state| attach(state, &managed, &policy_id, &target_id)).await?;
        Ok(wire::AttachPolicyResponse)
    }

    /// DetachPolicy: the permission is on the policy and on the target.
    pub(crate) async fn detach_policy(
        &self,
        input: wire::DetachPolicyRequest,
    ) -> Result<wire::DetachPolicyResponse, ServiceError> {
        let wire::DetachPolicyRequest { policy_id, target_id } = input;
        let proof = self.allow(self.check(&policy_id))?;
        self.allow_target(&policy_id, &target_id)?;
        let managed = self.managed()?;
        self.write(proof, move |state| detach(state, &managed, &policy_id, &target_id)).await?;
        Ok(wire::DetachPolicyResponse)
    }

    /// ListPoliciesForTarget: what is attached to it directly.
    pub(crate) fn list_policies_for_target(
        &self,
        input: &wire::ListPoliciesForTargetRequest,
    ) -> Result<wire::ListPoliciesForTargetResponse, ServiceError> {
        self.allow(self.check(&input.target_id).key(POLICY_TYPE, input.filter.as_str()))?;
        let managed = self.managed()?;
        let policy_type = built_type(&input.filter)?;
        let target = find_place(&self.state, &managed, &input.target_id);
        target.ok_or(OrganizationsError::NoTarget)?;
        let attached = attached_to(&self.state, &managed, &input.target_id, policy_type);
        let policies = attached.iter().filter_map(|id| find_policy(&self.state, &managed, id));
        let shown = policies.map(|policy| (policy.id.clone(), policy.summary()));
        let (policies, next_token) = page(shown, input.next_token.as_deref(), input.max_results)?;
        Ok(wire::ListPoliciesForTargetResponse { policies: Some(policies), next_token })
    }

    /// ListTargetsForPolicy.
    pub(crate) fn list_targets_for_policy(
        &self,
        input: &wire::ListTargetsForPolicyRequest,
    ) -> Result<wire::ListTargetsForPolicyResponse, ServiceError> {
        self.allow(self.check(&input.policy_id))?;
        let managed = self.managed()?;
        let policy = find_policy(&self.state, &managed, &input.policy_id);
        let policy = policy.ok_or(OrganizationsError::NoPolicy)?;
        let targets: BTreeSet<String> = targets_of(&self.state, &managed, &policy).into_iter().collect();
        let shown = targets.into_iter().map(|id| (id.clone(), self.describe_target(&managed, id)));
        let (targets, next_token) = page(shown, input.next_token.as_deref(), input.max_results)?;
        Ok(wire::ListTargetsForPolicyResponse { targets: Some(targets), next_token })
    }

    fn allow_target(&self, policy: &str, target: &str) -> Result<(), ServiceError> {
        let found = self.organization().ok();
        let found = found.and_then(|managed| find_policy(&self.state, &managed, policy));
        let policy_type = found.map(|policy| policy.policy_type.name());
        self.allow(self.check(target).key_if(POLICY_TYPE, policy_type))?;
        Ok(())
    }

    fn describe_target(&self, managed: &Managed, id: String) -> wire::PolicyTargetSummary {
        let place = find_place(&self.state, managed, &id);
        wire::PolicyTargetSummary {
            arn: Some(managed.arn_of(&id, &self.state).to_string()),
            name: place.as_ref().map(|place| place.name()),
            r#type: place.map(|place| place.kind().to_owned()),
            target_id: Some(id),
        }
    }
}

/// What everything new is given: AWS's policy of each type that is enabled.
pub(crate) fn default_attachments(
    state: &State,
    managed: &Managed,
) -> BTreeMap<PolicyType, BTreeSet<String>> {
    let enabled = PolicyType::ALL.into_iter().filter(|policy_type| is_enabled(state, managed, *policy_type));
    enabled.map(|policy_type| (policy_type, full_access(policy_type))).collect()
}

/// AWS's policy of the type.
pub(crate) fn full_access(policy_type: PolicyType) -> BTreeSet<String> {
    let policies = organization_policies().iter().filter(|policy| policy.policy_type == policy_type.name());
    policies.map(|policy| policy.id.to_owned()).collect()
}

/// Whether policies of the type are enabled in the root.
pub(crate) fn is_enabled(state: &State, managed: &Managed, policy_type: PolicyType) -> bool {
    let organization = state.organizations.get(&managed.management);
    organization.is_some_and(|organization| organization.enabled_policy_types.contains(&policy_type))
}

/// Where the policy is attached.
pub(crate) fn targets_of(state: &State, managed: &Managed, policy: &FoundPolicy) -> Vec<String> {
    let mut targets = targets(state, managed);
    targets.retain(|target| attached_to(state, managed, target, policy.policy_type).contains(&policy.id));
    targets
}

fn attached_to(state: &State, managed: &Managed, target: &str, policy_type: PolicyType) -> BTreeSet<String> {
    let mut node = state.organization_node(managed.management, target);
    node.attached.remove(&policy_type).unwrap_or_default()
}

fn attach(
    state: &mut State,
    managed: &Managed,
    policy: &str,
    target: &str,
) -> Result<(), OrganizationsError> {
    let policy = find_policy(state, managed, policy).ok_or(OrganizationsError::NoPolicy)?;
    find_place(state, managed, target).ok_or(OrganizationsError::NoTarget)?;
    if !is_enabled(state, managed, policy.policy_type) {
        return Err(OrganizationsError::TypeNotEnabled);
    }
    change_node(state, managed, target, |node| {
        let attached = node.attached.entry(policy.policy_type).or_default();
        if attached.contains(&policy.id) {
            return Err(OrganizationsError::AlreadyAttached);
        }
        if attached.len() >= quota::attached(policy.policy_type) {
            return Err(OrganizationsError::TooManyAttached);
        }
        attached.insert(policy.id);
        Ok(())
    })
}

fn detach(
    state: &mut State,
    managed: &Managed,
    policy: &str,
    target: &str,
) -> Result<(), OrganizationsError> {
    let policy = find_policy(state, managed, policy).ok_or(OrganizationsError::NoPolicy)?;
    find_place(state, managed, target).ok_or(OrganizationsError::NoTarget)?;
    change_node(state, managed, target, |node| {
        let attached = node.attached.entry(policy.policy_type).or_default();
        if !attached.contains(&policy.id) {
            return Err(OrganizationsError::NotAttached);
        }
        // AWS's resource control policy is always there; its service control policy may be replaced by others.
        if policy.policy_type == PolicyType::ResourceControl && organization_policy(&policy.id).is_some() {
            return Err(OrganizationsError::NotDetachable);
        }
        if attached.len() == 1 {
            return Err(OrganizationsError::LastAttached);
        }
        attached.remove(&policy.id);
        Ok(())
    })
}
