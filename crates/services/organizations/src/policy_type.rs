//! Which types of policy are enabled in the root. A type that is not enabled binds nobody.

use rolecall_store::State;
use rolecall_store::records::organizations::PolicyType;
use rolecall_wire::ServiceError;
use rolecall_wire::organizations as wire;

use crate::attachment::{full_access, is_enabled};
use crate::error::OrganizationsError;
use crate::policy::built_type;
use crate::request::{Managed, POLICY_TYPE, Request};
use crate::tree::{change_node, targets};

impl Request<'_> {
    /// EnablePolicyType: AWS's policy of the type is attached everywhere, so that nothing changes yet. On AWS this takes
    /// a while and the answer says so; here it is done, and the answer says the same.
    pub(crate) async fn enable_policy_type(
        &self,
        input: wire::EnablePolicyTypeRequest,
    ) -> Result<wire::EnablePolicyTypeResponse, ServiceError> {
        let check = self.check(&input.root_id).key(POLICY_TYPE, input.policy_type.as_str());
        let proof = self.allow(check)?;
        let managed = self.managed()?;
        let policy_type = built_type(&input.policy_type)?;
        let root = self
            .write(proof, move |state| {
                enable(state, &managed, &input.root_id, policy_type)?;
                Ok(describe_root(state, &managed, Some(policy_type)))
            })
            .await?;
        Ok(wire::EnablePolicyTypeResponse { root: Some(root) })
    }

    /// DisablePolicyType: every policy of the type is detached, from everything.
    pub(crate) async fn disable_policy_type(
        &self,
        input: wire::DisablePolicyTypeRequest,
    ) -> Result<wire::DisablePolicyTypeResponse, ServiceError> {
        let check = self.check(&input.root_id).key(POLICY_TYPE, input.policy_type.as_str());
        let proof = self.allow(check)?;
        let managed = self.managed()?;
        let policy_type = built_type(&input.policy_type)?;
        let root = self
            .write(proof, move |state| {
                disable(state, &managed, &input.root_id, policy_type)?;
                Ok(describe_root(state, &managed, None))
            })
            .await?;
        Ok(wire::DisablePolicyTypeResponse { root: Some(root) })
    }
}

/// The root as answers show it. A type that was enabled just now is still being enabled.
pub(crate) fn describe_root(state: &State, managed: &Managed, pending: Option<PolicyType>) -> wire::Root {
    let organization = state.organizations.get(&managed.management);
    let enabled = organization.into_iter().flat_map(|organization| &organization.enabled_policy_types);
    let policy_types = enabled.map(|policy_type| wire::PolicyTypeSummary {
        r#type: Some(policy_type.name().to_owned()),
        status: Some(if pending == Some(*policy_type) { "PENDING_ENABLE" } else { "ENABLED" }.to_owned()),
    });
    let id = &managed.organization.root_id;
    wire::Root {
        arn: Some(managed.arn_of(id, state).to_string()),
        id: Some(id.clone()),
        name: Some("Root".to_owned()),
        policy_types: Some(policy_types.collect()),
    }
}

fn enable(
    state: &mut State,
    managed: &Managed,
    root: &str,
    policy_type: PolicyType,
) -> Result<(), OrganizationsError> {
    if root != managed.organization.root_id {
        return Err(OrganizationsError::NoRoot);
    }
    if managed.organization.feature_set != "ALL" {
        return Err(OrganizationsError::TypeNotAvailable);
    }
    if is_enabled(state, managed, policy_type) {
        return Err(OrganizationsError::TypeEnabled);
    }
    state.organizations.update(&managed.management, |organization| {
        organization.enabled_policy_types.insert(policy_type);
    });
    for target in targets(state, managed) {
        change_node(state, managed, &target, |node| {
            node.attached.insert(policy_type, full_access(policy_type));
            Ok(())
        })?;
    }
    Ok(())
}

fn disable(
    state: &mut State,
    managed: &Managed,
    root: &str,
    policy_type: PolicyType,
) -> Result<(), OrganizationsError> {
    if root != managed.organization.root_id {
        return Err(OrganizationsError::NoRoot);
    }
    if !is_enabled(state, managed, policy_type) {
        return Err(OrganizationsError::TypeNotEnabled);
    }
    state.organizations.update(&managed.management, |organization| {
        organization.enabled_policy_types.remove(&policy_type);
    });
    for target in targets(state, managed) {
        change_node(state, managed, &target, |node| {
            node.attached.remove(&policy_type);
            Ok(())
        })?;
    }
    Ok(())
}
