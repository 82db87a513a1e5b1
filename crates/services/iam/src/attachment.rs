//! Managed policies attached to users, groups and roles.

use rolecall_wire::{ServiceError, iam as wire};

use crate::entity::EntityKind;
use crate::error::IamError;
use crate::managed::{Managed, name_and_path, policy_arn, sort_key};
use crate::page::{Page, page};
use crate::path;
use crate::quota;
use crate::request::Request;

impl Request<'_> {
    /// AttachUserPolicy, AttachGroupPolicy, AttachRolePolicy; attaching twice is attaching once.
    pub(crate) async fn attach(&self, kind: EntityKind, name: &str, arn: &str) -> Result<(), ServiceError> {
        let arn = policy_arn(arn)?;
        let entity = self.entity(kind, name);
        let proof = self.allow(entity.check_bounded(self.action()).key("iam:PolicyARN", arn.as_str()))?;
        let target = entity.existing()?;
        let account = self.account;
        self.write(proof, move |state| {
            let mut policies = target.policies(state)?.clone();
            match Managed::find(arn.as_str(), account, state) {
                Some(policy) if policy.is_for_services() => return Err(IamError::ServiceRolePolicy),
                Some(policy) if policy.is_attachable() => {}
                _ => return Err(IamError::NotAttachable(arn.to_string())),
            }
            if policies.attached.iter().any(|attached| attached == arn.as_str()) {
                return Ok(());
            }
            let (quota, limit) = attachment_quota(kind);
            if policies.attached.len() >= limit {
                return Err(IamError::Quota { name: quota, limit });
            }
            policies.attached.push(arn.to_string());
            target.set_policies(state, policies)
        })
        .await
    }

    /// DetachUserPolicy, DetachGroupPolicy, DetachRolePolicy.
    pub(crate) async fn detach(&self, kind: EntityKind, name: &str, arn: &str) -> Result<(), ServiceError> {
        let arn = policy_arn(arn)?;
        let entity = self.entity(kind, name);
        let proof = self.allow(entity.check_bounded(self.action()).key("iam:PolicyARN", arn.as_str()))?;
        let target = entity.existing()?;
        self.write(proof, move |state| {
            let mut policies = target.policies(state)?.clone();
            let before = policies.attached.len();
            policies.attached.retain(|attached| attached != arn.as_str());
            if policies.attached.len() == before {
                return Err(IamError::NoPolicy(arn.to_string()));
            }
            target.set_policies(state, policies)
        })
        .await
    }

    /// ListAttachedUserPolicies, ListAttachedGroupPolicies, ListAttachedRolePolicies.
    pub(crate) fn attached(
        &self,
        kind: EntityKind,
        name: &str,
        path_prefix: Option<&str>,
        marker: Option<&str>,
        max_items: Option<i32>,
    ) -> Result<Page<wire::AttachedPolicy>, ServiceError> {
        let entity = self.entity(kind, name);
        self.allow(entity.check(self.action()))?;
        let target = entity.existing()?;
        let attached = target.policies(&self.state)?.attached.iter();
        let shown = attached.filter(|arn| path::has_prefix(name_and_path(arn).1, path_prefix)).map(|arn| {
            let shown = wire::AttachedPolicy {
                policy_name: Some(name_and_path(arn).0.to_owned()),
                policy_arn: Some(arn.clone()),
            };
            (sort_key(arn), shown)
        });
        Ok(page(shown, marker, max_items)?)
    }
}

fn attachment_quota(kind: EntityKind) -> (&'static str, usize) {
    match kind {
        EntityKind::User => ("PoliciesPerUser", quota::POLICIES_PER_USER),
        EntityKind::Group => ("PoliciesPerGroup", quota::POLICIES_PER_GROUP),
        EntityKind::Role => ("PoliciesPerRole", quota::POLICIES_PER_ROLE),
    }
}
