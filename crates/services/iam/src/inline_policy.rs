//! Inline policies of users, groups and roles. Their names are matched without regard to case; the first spelling stays
//! (reference iam.md 1.10).

use rolecall_store::records::iam::{InlinePolicy, Policies};
use rolecall_wire::ServiceError;

use crate::document;
use crate::entity::{EntityKind, Target};
use crate::error::IamError;
use crate::page::{Page, page};
use crate::quota;
use crate::request::Request;

/// An inline policy as the Get operations show it.
pub(crate) struct ShownInlinePolicy {
    /// The name of the user, group or role.
    pub(crate) holder: Option<String>,
    /// The policy's name as the request spells it.
    pub(crate) name: Option<String>,
    /// The document, percent-encoded.
    pub(crate) document: Option<String>,
}

impl Request<'_> {
    /// PutUserPolicy, PutGroupPolicy, PutRolePolicy.
    pub(crate) async fn put_inline(
        &self,
        kind: EntityKind,
        name: &str,
        policy_name: String,
        document: &str,
    ) -> Result<(), ServiceError> {
        let entity = self.entity(kind, name);
        let proof = self.allow(entity.check_bounded(self.action()))?;
        let target = entity.existing()?;
        let document = document::identity(document)?;
        self.write(proof, move |state| {
            let mut policies = target.policies(state)?.clone();
            let key = policy_name.to_lowercase();
            let name = policies.inline.remove(&key).map_or(policy_name, |old| old.name);
            policies.inline.insert(key, InlinePolicy { name, document });
            ensure_size(&policies, &target)?;
            target.set_policies(state, policies)
        })
        .await
    }

    /// GetUserPolicy, GetGroupPolicy, GetRolePolicy.
    pub(crate) fn get_inline(
        &self,
        kind: EntityKind,
        name: &str,
        policy_name: String,
    ) -> Result<ShownInlinePolicy, ServiceError> {
        let entity = self.entity(kind, name);
        self.allow(entity.check(self.action()))?;
        let target = entity.existing()?;
        let inline = target.policies(&self.state)?.inline.get(&policy_name.to_lowercase());
        let Some(inline) = inline else {
            return Err(IamError::NoInlinePolicy { kind, name: policy_name }.into());
        };
        Ok(ShownInlinePolicy {
            holder: Some(target.stored_name(&self.state)?),
            name: Some(policy_name),
            document: document::encoded(&inline.document),
        })
    }

    /// DeleteUserPolicy, DeleteGroupPolicy, DeleteRolePolicy.
    pub(crate) async fn delete_inline(
        &self,
        kind: EntityKind,
        name: &str,
        policy_name: String,
    ) -> Result<(), ServiceError> {
        let entity = self.entity(kind, name);
        let proof = self.allow(entity.check_bounded(self.action()))?;
        let target = entity.existing()?;
        self.write(proof, move |state| {
            let mut policies = target.policies(state)?.clone();
            if policies.inline.remove(&policy_name.to_lowercase()).is_none() {
                return Err(IamError::NoInlinePolicy { kind, name: policy_name });
            }
            target.set_policies(state, policies)
        })
        .await
    }

    /// ListUserPolicies, ListGroupPolicies, ListRolePolicies.
    pub(crate) fn inline_names(
        &self,
        kind: EntityKind,
        name: &str,
        marker: Option<&str>,
        max_items: Option<i32>,
    ) -> Result<Page<String>, ServiceError> {
        let entity = self.entity(kind, name);
        self.allow(entity.check(self.action()))?;
        let target = entity.existing()?;
        let inline = target.policies(&self.state)?.inline.iter();
        Ok(page(inline.map(|(key, policy)| (key.clone(), policy.name.clone())), marker, max_items)?)
    }
}

fn ensure_size(policies: &Policies, target: &Target) -> Result<(), IamError> {
    let limit = match target.kind {
        EntityKind::User => quota::USER_INLINE_SIZE,
        EntityKind::Group => quota::GROUP_INLINE_SIZE,
        EntityKind::Role => quota::ROLE_INLINE_SIZE,
    };
    let size: usize = policies.inline.values().map(|inline| document::size(&inline.document)).sum();
    if size > limit {
        return Err(IamError::InlineSize { kind: target.kind, name: target.name.clone(), limit });
    }
    Ok(())
}
