//! Roles: changed and tagged.

use rolecall_wire::{ServiceError, iam as wire};

use crate::document;
use crate::entity::EntityKind;
use crate::request::Request;
use crate::tag::{self, KeyCase};

impl Request<'_> {
    /// UpdateRole; what the request leaves out stays (reference iam.md 7.2).
    pub(crate) async fn update_role(
        &self,
        input: wire::UpdateRoleRequest,
    ) -> Result<wire::UpdateRoleResponse, ServiceError> {
        let entity = self.entity(EntityKind::Role, &input.role_name);
        let proof = self.allow(entity.check_bounded(self.action()))?;
        let target = entity.existing()?;
        self.write(proof, move |state| {
            target.role(state)?;
            state.roles.update(&target.key, |role| {
                role.description = input.description.or(role.description.take());
                role.max_session_duration_s =
                    input.max_session_duration.map_or(role.max_session_duration_s, i64::from);
            });
            Ok(())
        })
        .await?;
        Ok(wire::UpdateRoleResponse)
    }

    /// UpdateRoleDescription.
    pub(crate) async fn update_role_description(
        &self,
        input: wire::UpdateRoleDescriptionRequest,
    ) -> Result<wire::UpdateRoleDescriptionResponse, ServiceError> {
        let entity = self.entity(EntityKind::Role, &input.role_name);
        let proof = self.allow(entity.check_bounded(self.action()))?;
        let target = entity.existing()?;
        let role = self
            .write(proof, move |state| {
                target.role(state)?;
                state.roles.update(&target.key, |role| role.description = Some(input.description));
                Ok(target.role(state)?.clone())
            })
            .await?;
        Ok(wire::UpdateRoleDescriptionResponse { role: Some(self.describe_role(&role)) })
    }

    /// UpdateAssumeRolePolicy: who is meant by a name is decided now, in the same transaction.
    pub(crate) async fn update_assume_role_policy(
        &self,
        input: wire::UpdateAssumeRolePolicyRequest,
    ) -> Result<wire::UpdateAssumeRolePolicyResponse, ServiceError> {
        let entity = self.entity(EntityKind::Role, &input.role_name);
        let proof = self.allow(entity.check_bounded(self.action()))?;
        let target = entity.existing()?;
        let trust_policy = document::trust(&input.policy_document)?;
        self.write(proof, move |state| {
            target.role(state)?;
            let bound_principals = document::bound_principals(&trust_policy, state)?;
            state.roles.update(&target.key, |role| {
                role.trust_policy = trust_policy;
                role.bound_principals = bound_principals;
            });
            Ok(())
        })
        .await?;
        Ok(wire::UpdateAssumeRolePolicyResponse)
    }

    /// TagRole.
    pub(crate) async fn tag_role(
        &self,
        input: wire::TagRoleRequest,
    ) -> Result<wire::TagRoleResponse, ServiceError> {
        let new = tag::taken(input.tags, KeyCase::Ignored)?;
        let entity = self.entity(EntityKind::Role, &input.role_name);
        let proof = self.allow(entity.check(self.action()).request_tags(tag::pairs(&new)))?;
        let target = entity.existing()?;
        self.write(proof, move |state| {
            let tags = tag::added(target.role(state)?.tags.clone(), new, KeyCase::Ignored)?;
            state.roles.update(&target.key, |role| role.tags = tags);
            Ok(())
        })
        .await?;
        Ok(wire::TagRoleResponse)
    }

    /// UntagRole.
    pub(crate) async fn untag_role(
        &self,
        input: wire::UntagRoleRequest,
    ) -> Result<wire::UntagRoleResponse, ServiceError> {
        let entity = self.entity(EntityKind::Role, &input.role_name);
        let proof =
            self.allow(entity.check(self.action()).key_list("aws:TagKeys", input.tag_keys.clone()))?;
        let target = entity.existing()?;
        self.write(proof, move |state| {
            let tags = tag::without(target.role(state)?.tags.clone(), &input.tag_keys, KeyCase::Ignored);
            state.roles.update(&target.key, |role| role.tags = tags);
            Ok(())
        })
        .await?;
        Ok(wire::UntagRoleResponse)
    }

    /// ListRoleTags.
    pub(crate) fn list_role_tags(
        &self,
        input: &wire::ListRoleTagsRequest,
    ) -> Result<wire::ListRoleTagsResponse, ServiceError> {
        let entity = self.entity(EntityKind::Role, &input.role_name);
        self.allow(entity.check(self.action()))?;
        let target = entity.existing()?;
        let page = tag::listed(&target.role(&self.state)?.tags, input.marker.as_deref(), input.max_items)?;
        Ok(wire::ListRoleTagsResponse {
            tags: Some(page.items),
            is_truncated: page.is_truncated,
            marker: page.marker,
        })
    }
}
