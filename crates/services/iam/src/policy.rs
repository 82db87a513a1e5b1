//! Managed policies: made, shown, listed, deleted, tagged.

use std::collections::BTreeMap;

use rolecall_arn::{Arn, UniqueIdKind};
use rolecall_authority::Check;
use rolecall_store::State;
use rolecall_store::records::iam::{ManagedPolicy, PolicyVersion};
use rolecall_wire::{ServiceError, iam as wire};

use crate::document;
use crate::error::IamError;
use crate::managed::{Managed, Usage, own_policy_arn, policy_arn, sort_key};
use crate::page::page;
use crate::path;
use crate::quota;
use crate::request::{Request, of_account};
use crate::tag::{self, KeyCase};

/// A customer managed policy that existed when its permission was checked.
pub(crate) struct PolicyTarget {
    pub(crate) key: (rolecall_arn::AccountId, String),
    pub(crate) arn: String,
    id: String,
}

impl PolicyTarget {
    /// The policy, as long as it is the same one.
    pub(crate) fn policy<'s>(&self, state: &'s State) -> Result<&'s ManagedPolicy, IamError> {
        let policy = state.policies.get(&self.key).filter(|policy| policy.id == self.id);
        policy.map(AsRef::as_ref).ok_or_else(|| IamError::NoPolicy(self.arn.clone()))
    }
}

impl Request<'_> {
    /// CreatePolicy. Tags need the permission to tag, too, as on AWS.
    pub(crate) async fn create_policy(
        &self,
        input: wire::CreatePolicyRequest,
    ) -> Result<wire::CreatePolicyResponse, ServiceError> {
        let path = path::parse(input.path)?;
        let tags = tag::taken(input.tags.unwrap_or_default(), KeyCase::Significant)?;
        let arn = own_policy_arn(self.account, &path, &input.policy_name);
        let proof = self.allow(self.check(&arn).request_tags(tag::pairs(&tags)))?;
        if !tags.is_empty() {
            self.allow(Check::on("iam:TagPolicy", &arn, self.account).request_tags(tag::pairs(&tags)))?;
        }
        let now_ms = self.platform.now_ms();
        let first =
            PolicyVersion { document: document::managed(&input.policy_document)?, created_ms: now_ms };
        let policy = ManagedPolicy {
            account: self.account,
            name: input.policy_name,
            path,
            id: self.platform.entropy().unique_id(UniqueIdKind::ManagedPolicy).to_string(),
            arn: arn.to_string(),
            description: input.description,
            created_ms: now_ms,
            updated_ms: now_ms,
            default_version: 1,
            next_version: 2,
            versions: BTreeMap::from([(1, first)]),
            tags,
        };
        let shown = Managed::Own(&policy.clone().into()).describe(&Usage::default());
        self.write(proof, move |state| add(state, policy)).await?;
        Ok(wire::CreatePolicyResponse { policy: Some(shown) })
    }

    /// GetPolicy.
    pub(crate) fn get_policy(
        &self,
        input: &wire::GetPolicyRequest,
    ) -> Result<wire::GetPolicyResponse, ServiceError> {
        let arn = policy_arn(&input.policy_arn)?;
        self.allow(self.policy_check(&arn))?;
        let policy = Managed::find(arn.as_str(), self.account, &self.state);
        let policy = policy.ok_or_else(|| IamError::NoPolicy(arn.to_string()))?;
        let shown = policy.describe(&Usage::count(self.account, &self.state));
        Ok(wire::GetPolicyResponse { policy: Some(shown) })
    }

    /// ListPolicies. The usage filter counts only together with `OnlyAttached` (reference iam.md 7.2).
    pub(crate) fn list_policies(
        &self,
        input: &wire::ListPoliciesRequest,
    ) -> Result<wire::ListPoliciesResponse, ServiceError> {
        self.allow(self.check_all())?;
        let usage = Usage::count(self.account, &self.state);
        let scope = input.scope.as_deref().unwrap_or("All");
        let aws = rolecall_catalog::managed_policies().iter().filter(|_| scope != "Local").map(Managed::Aws);
        let own = of_account(&self.state.policies, self.account).filter(|_| scope != "AWS").map(Managed::Own);
        let is_used = |policy: &Managed<'_>| {
            let (attached, boundaries) = usage.of(policy.arn());
            match input.policy_usage_filter.as_deref() {
                Some("PermissionsPolicy") => attached > 0,
                Some("PermissionsBoundary") => boundaries > 0,
                _ => attached > 0 || boundaries > 0,
            }
        };
        let only_attached = input.only_attached == Some(true);
        let listed = aws
            .chain(own)
            .filter(|policy| path::has_prefix(policy.path(), input.path_prefix.as_deref()))
            .filter(|policy| !only_attached || is_used(policy))
            .map(|policy| (sort_key(policy.arn()), policy));
        let page = page(listed, input.marker.as_deref(), input.max_items)?;
        Ok(wire::ListPoliciesResponse {
            policies: Some(page.items.iter().map(|policy| policy.describe_briefly(&usage)).collect()),
            is_truncated: page.is_truncated,
            marker: page.marker,
        })
    }

    /// DeletePolicy.
    pub(crate) async fn delete_policy(
        &self,
        input: wire::DeletePolicyRequest,
    ) -> Result<wire::DeletePolicyResponse, ServiceError> {
        let arn = policy_arn(&input.policy_arn)?;
        let proof = self.allow(self.policy_check(&arn))?;
        let target = self.own_policy(&arn, "delete policies")?;
        self.write(proof, move |state| {
            let policy = target.policy(state)?;
            if Usage::count(policy.account, state).of(&policy.arn) != (0, 0) {
                return Err(IamError::PolicyAttached);
            }
            if policy.versions.len() > 1 {
                return Err(IamError::PolicyHasVersions);
            }
            state.policies.remove(&target.key);
            Ok(())
        })
        .await?;
        Ok(wire::DeletePolicyResponse)
    }

    /// TagPolicy.
    pub(crate) async fn tag_policy(
        &self,
        input: wire::TagPolicyRequest,
    ) -> Result<wire::TagPolicyResponse, ServiceError> {
        let new = tag::taken(input.tags, KeyCase::Significant)?;
        let arn = policy_arn(&input.policy_arn)?;
        let proof = self.allow(self.policy_check(&arn).request_tags(tag::pairs(&new)))?;
        let target = self.own_policy(&arn, "update policies")?;
        self.write(proof, move |state| {
            let tags = tag::added(target.policy(state)?.tags.clone(), new, KeyCase::Significant)?;
            state.policies.update(&target.key, |policy| policy.tags = tags);
            Ok(())
        })
        .await?;
        Ok(wire::TagPolicyResponse)
    }

    /// UntagPolicy.
    pub(crate) async fn untag_policy(
        &self,
        input: wire::UntagPolicyRequest,
    ) -> Result<wire::UntagPolicyResponse, ServiceError> {
        let arn = policy_arn(&input.policy_arn)?;
        let proof = self.allow(self.policy_check(&arn).key_list("aws:TagKeys", input.tag_keys.clone()))?;
        let target = self.own_policy(&arn, "update policies")?;
        self.write(proof, move |state| {
            let tags =
                tag::without(target.policy(state)?.tags.clone(), &input.tag_keys, KeyCase::Significant);
            state.policies.update(&target.key, |policy| policy.tags = tags);
            Ok(())
        })
        .await?;
        Ok(wire::UntagPolicyResponse)
    }

    /// ListPolicyTags. AWS's policies have none.
    pub(crate) fn list_policy_tags(
        &self,
        input: &wire::ListPolicyTagsRequest,
    ) -> Result<wire::ListPolicyTagsResponse, ServiceError> {
        let arn = policy_arn(&input.policy_arn)?;
        self.allow(self.policy_check(&arn))?;
        let tags = match Managed::find(arn.as_str(), self.account, &self.state) {
            Some(Managed::Own(policy)) => policy.tags.as_slice(),
            Some(Managed::Aws(_)) => &[],
            None => return Err(IamError::NoPolicy(arn.to_string()).into()),
        };
        let page = tag::listed(tags, input.marker.as_deref(), input.max_items)?;
        Ok(wire::ListPolicyTagsResponse {
            tags: Some(page.items),
            is_truncated: page.is_truncated,
            marker: page.marker,
        })
    }

    /// The operation's action on a managed policy. AWS's policies count as the caller's own account's: nothing but the
    /// caller's policies decides who may read them. Another account's are that account's, so nobody may.
    pub(crate) fn policy_check(&self, arn: &Arn) -> Check<'_> {
        let check = Check::on(self.action(), arn, arn.account_id().unwrap_or(self.account));
        match Managed::find(arn.as_str(), self.account, &self.state) {
            Some(Managed::Own(policy)) => check.resource_tags(&policy.tags),
            Some(Managed::Aws(_)) | None => check,
        }
    }

    /// The account's own policy that is to be changed; `what` completes AWS's words for any other account's.
    pub(crate) fn own_policy(&self, arn: &Arn, what: &'static str) -> Result<PolicyTarget, IamError> {
        if arn.account_id() != Some(self.account) {
            return Err(IamError::Foreign(what));
        }
        match Managed::find(arn.as_str(), self.account, &self.state) {
            Some(Managed::Own(policy)) => Ok(PolicyTarget {
                key: (policy.account, policy.name.to_lowercase()),
                arn: policy.arn.clone(),
                id: policy.id.clone(),
            }),
            Some(Managed::Aws(_)) | None => Err(IamError::NoPolicy(arn.to_string())),
        }
    }
}

fn add(state: &mut State, policy: ManagedPolicy) -> Result<(), IamError> {
    let key = (policy.account, policy.name.to_lowercase());
    if state.policies.contains(&key) {
        return Err(IamError::PolicyExists(policy.name));
    }
    if of_account(&state.policies, policy.account).count() >= quota::POLICIES {
        return Err(IamError::Quota { name: "PoliciesPerAccount", limit: quota::POLICIES });
    }
    state.policies.put(key, policy);
    Ok(())
}
