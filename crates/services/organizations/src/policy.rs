//! The policies of an organization: those that it writes, and the one of each type that AWS manages.

use std::collections::BTreeMap;
use std::sync::Arc;

use rolecall_arn::Arn;
use rolecall_catalog::{organization_policies, organization_policy};
use rolecall_policy::{PolicyKind, validate};
use rolecall_store::State;
use rolecall_store::records::Tag;
use rolecall_store::records::organizations::{Policy, PolicyType};
use rolecall_wire::ServiceError;
use rolecall_wire::organizations as wire;

use crate::attachment::targets_of;
use crate::error::OrganizationsError;
use crate::organization::ID_ALPHABET;
use crate::page::page;
use crate::quota;
use crate::request::{Managed, POLICY_TYPE, Request, pairs};
use crate::tag::{ensure_legal, given};

/// A policy that can be attached.
pub(crate) struct FoundPolicy {
    pub(crate) id: String,
    pub(crate) arn: Arn,
    pub(crate) policy_type: PolicyType,
    pub(crate) tags: Vec<Tag>,
    name: String,
    description: String,
    content: Arc<str>,
    is_aws_managed: bool,
}

impl Request<'_> {
    /// CreatePolicy: it binds nobody until it is attached.
    pub(crate) async fn create_policy(
        &self,
        input: wire::CreatePolicyRequest,
    ) -> Result<wire::CreatePolicyResponse, ServiceError> {
        let tags = given(input.tags);
        let proof = self.allow(self.check_new_policy(&input.r#type).request_tags(pairs(&tags)))?;
        let managed = self.managed()?;
        self.allow_new_tags(&managed, "policy", &tags)?;
        ensure_legal(&tags)?;
        let policy_type = built_type(&input.r#type)?;
        if managed.organization.feature_set != "ALL" {
            return Err(OrganizationsError::TypeNotAvailable.into());
        }
        ensure_document(policy_type, &input.content)?;
        let policy = Policy {
            id: format!("p-{}", self.platform.entropy().text(ID_ALPHABET, 10)),
            policy_type,
            name: input.name,
            description: input.description,
            content: Arc::from(input.content),
            tags,
        };
        let made = self.write(proof, move |state| create(state, &managed, policy)).await?;
        Ok(wire::CreatePolicyResponse { policy: Some(made) })
    }

    /// DescribePolicy: with its document.
    pub(crate) fn describe_policy(
        &self,
        input: &wire::DescribePolicyRequest,
    ) -> Result<wire::DescribePolicyResponse, ServiceError> {
        self.allow(self.check(&input.policy_id))?;
        let managed = self.managed()?;
        let policy = find_policy(&self.state, &managed, &input.policy_id);
        let policy = policy.ok_or(OrganizationsError::NoPolicy)?;
        Ok(wire::DescribePolicyResponse { policy: Some(policy.whole()) })
    }

    /// UpdatePolicy: whatever is not given stays.
    pub(crate) async fn update_policy(
        &self,
        input: wire::UpdatePolicyRequest,
    ) -> Result<wire::UpdatePolicyResponse, ServiceError> {
        let proof = self.allow(self.check(&input.policy_id))?;
        let managed = self.managed()?;
        let updated = self.write(proof, move |state| update(state, &managed, input)).await?;
        Ok(wire::UpdatePolicyResponse { policy: Some(updated) })
    }

    /// DeletePolicy: one that is attached nowhere.
    pub(crate) async fn delete_policy(
        &self,
        input: wire::DeletePolicyRequest,
    ) -> Result<wire::DeletePolicyResponse, ServiceError> {
        let id = input.policy_id;
        let proof = self.allow(self.check(&id))?;
        let managed = self.managed()?;
        self.write(proof, move |state| {
            let policy = find_policy(state, &managed, &id).ok_or(OrganizationsError::NoPolicy)?;
            ensure_own(&id)?;
            if !targets_of(state, &managed, &policy).is_empty() {
                return Err(OrganizationsError::PolicyInUse);
            }
            state.organization_policies.remove(&(managed.management, id));
            Ok(())
        })
        .await?;
        Ok(wire::DeletePolicyResponse)
    }

    /// ListPolicies: all of a type, AWS's own included.
    pub(crate) fn list_policies(
        &self,
        input: &wire::ListPoliciesRequest,
    ) -> Result<wire::ListPoliciesResponse, ServiceError> {
        self.allow(self.check_all().key(POLICY_TYPE, input.filter.as_str()))?;
        let managed = self.managed()?;
        let policy_type = built_type(&input.filter)?;
        let shown = all_policies(&self.state, &managed, policy_type)
            .into_iter()
            .map(|(id, policy)| (id, policy.summary()));
        let (policies, next_token) = page(shown, input.next_token.as_deref(), input.max_results)?;
        Ok(wire::ListPoliciesResponse { policies: Some(policies), next_token })
    }
}

impl FoundPolicy {
    /// The policy without its document.
    pub(crate) fn summary(self) -> wire::PolicySummary {
        wire::PolicySummary {
            id: Some(self.id),
            arn: Some(self.arn.to_string()),
            name: Some(self.name),
            description: Some(self.description),
            r#type: Some(self.policy_type.name().to_owned()),
            aws_managed: Some(self.is_aws_managed),
        }
    }

    fn whole(self) -> wire::Policy {
        let content = Some(self.content.to_string());
        wire::Policy { policy_summary: Some(self.summary()), content }
    }
}

/// The policy with the id.
pub(crate) fn find_policy(state: &State, managed: &Managed, id: &str) -> Option<FoundPolicy> {
    if let Some(policy) = organization_policy(id) {
        return Some(FoundPolicy {
            id: id.to_owned(),
            arn: policy.arn.parse().ok()?,
            policy_type: PolicyType::from_name(policy.policy_type)?,
            tags: Vec::new(),
            name: policy.name.to_owned(),
            description: policy.description.to_owned(),
            content: Arc::from(policy.document),
            is_aws_managed: true,
        });
    }
    let policy = state.organization_policies.get(&(managed.management, id.to_owned()))?;
    Some(FoundPolicy {
        id: id.to_owned(),
        arn: policy.policy_type.policy_arn(managed.management, &managed.organization.id, id),
        policy_type: policy.policy_type,
        tags: policy.tags.clone(),
        name: policy.name.clone(),
        description: policy.description.clone(),
        content: Arc::clone(&policy.content),
        is_aws_managed: false,
    })
}

/// Nobody changes a policy that AWS manages.
pub(crate) fn ensure_own(id: &str) -> Result<(), OrganizationsError> {
    if organization_policy(id).is_some() { Err(OrganizationsError::ImmutablePolicy) } else { Ok(()) }
}

/// The type with AWS's name, where it is built.
pub(crate) fn built_type(name: &str) -> Result<PolicyType, OrganizationsError> {
    PolicyType::from_name(name).ok_or_else(|| OrganizationsError::TypeNotBuilt(name.to_owned()))
}

fn all_policies(state: &State, managed: &Managed, policy_type: PolicyType) -> BTreeMap<String, FoundPolicy> {
    let own = state.organization_policies.range((managed.management, String::new())..);
    let own = own.map(|((owner, id), _)| (*owner, id.as_str()));
    let own = own.take_while(|(owner, _)| *owner == managed.management).map(|(_, id)| id);
    let ids = organization_policies().iter().map(|policy| policy.id).chain(own);
    let found = ids.filter_map(|id| find_policy(state, managed, id));
    let found = found.filter(|policy| policy.policy_type == policy_type);
    found.map(|policy| (policy.id.clone(), policy)).collect()
}

fn create(state: &mut State, managed: &Managed, policy: Policy) -> Result<wire::Policy, OrganizationsError> {
    let others = all_policies(state, managed, policy.policy_type);
    if others.values().any(|other| other.name == policy.name) {
        return Err(OrganizationsError::PolicyExists);
    }
    if others.values().filter(|other| !other.is_aws_managed).count() >= quota::policies(policy.policy_type) {
        return Err(OrganizationsError::TooManyPolicies);
    }
    let id = policy.id.clone();
    state.organization_policies.put((managed.management, id.clone()), policy);
    find_policy(state, managed, &id).map(FoundPolicy::whole).ok_or(OrganizationsError::NoPolicy)
}

fn update(
    state: &mut State,
    managed: &Managed,
    input: wire::UpdatePolicyRequest,
) -> Result<wire::Policy, OrganizationsError> {
    let wire::UpdatePolicyRequest { policy_id: id, name, description, content } = input;
    let found = find_policy(state, managed, &id).ok_or(OrganizationsError::NoPolicy)?;
    ensure_own(&id)?;
    if let Some(content) = &content {
        ensure_document(found.policy_type, content)?;
    }
    let others = all_policies(state, managed, found.policy_type);
    if others.values().any(|other| other.id != id && Some(&other.name) == name.as_ref()) {
        return Err(OrganizationsError::PolicyExists);
    }
    state.organization_policies.update(&(managed.management, id.clone()), |policy| {
        policy.name = name.unwrap_or_else(|| policy.name.clone());
        policy.description = description.unwrap_or_else(|| policy.description.clone());
        policy.content = content.map_or_else(|| Arc::clone(&policy.content), Arc::from);
    });
    find_policy(state, managed, &id).map(FoundPolicy::whole).ok_or(OrganizationsError::NoPolicy)
}

/// Refuses a document that is too long, or that is none of the type (reference iam.md 1.9, 1.13).
fn ensure_document(policy_type: PolicyType, content: &str) -> Result<(), OrganizationsError> {
    if content.chars().count() > quota::document_characters(policy_type) {
        return Err(OrganizationsError::PolicyTooLong);
    }
    let kind = match policy_type {
        PolicyType::ServiceControl => PolicyKind::ServiceControl,
        PolicyType::ResourceControl => PolicyKind::ResourceControl,
    };
    validate(kind, content).map_err(|_| OrganizationsError::Malformed)
}
