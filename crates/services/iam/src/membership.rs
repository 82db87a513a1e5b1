//! Who is in which group. The permission is on the group.

use rolecall_wire::{ServiceError, iam as wire};

use crate::entity::EntityKind;
use crate::error::IamError;
use crate::group;
use crate::page::page;
use crate::quota;
use crate::request::Request;

impl Request<'_> {
    /// AddUserToGroup; a user who is in the group already stays in it.
    pub(crate) async fn add_user_to_group(
        &self,
        input: wire::AddUserToGroupRequest,
    ) -> Result<wire::AddUserToGroupResponse, ServiceError> {
        let group = self.entity(EntityKind::Group, &input.group_name);
        let proof = self.allow(group.check(self.action()))?;
        let group = group.existing()?;
        let user = self.entity(EntityKind::User, &input.user_name).existing()?;
        self.write(proof, move |state| {
            group.group(state)?;
            let groups = &user.user(state)?.groups;
            if groups.contains(&group.key.1) {
                return Ok(());
            }
            if groups.len() >= quota::GROUPS_PER_USER {
                return Err(IamError::Quota { name: "GroupsPerUser", limit: quota::GROUPS_PER_USER });
            }
            state.users.update(&user.key, |user| user.groups.push(group.key.1));
            Ok(())
        })
        .await?;
        Ok(wire::AddUserToGroupResponse)
    }

    /// RemoveUserFromGroup.
    pub(crate) async fn remove_user_from_group(
        &self,
        input: wire::RemoveUserFromGroupRequest,
    ) -> Result<wire::RemoveUserFromGroupResponse, ServiceError> {
        let group = self.entity(EntityKind::Group, &input.group_name);
        let proof = self.allow(group.check(self.action()))?;
        let group = group.existing()?;
        let user = self.entity(EntityKind::User, &input.user_name).existing()?;
        self.write(proof, move |state| {
            if !user.user(state)?.groups.contains(&group.key.1) {
                return Err(IamError::NotInGroup { user: user.name, group: group.name });
            }
            state.users.update(&user.key, |user| user.groups.retain(|name| *name != group.key.1));
            Ok(())
        })
        .await?;
        Ok(wire::RemoveUserFromGroupResponse)
    }

    /// ListGroupsForUser.
    pub(crate) fn list_groups_for_user(
        &self,
        input: &wire::ListGroupsForUserRequest,
    ) -> Result<wire::ListGroupsForUserResponse, ServiceError> {
        let entity = self.entity(EntityKind::User, &input.user_name);
        self.allow(entity.check(self.action()))?;
        let target = entity.existing()?;
        let names = &target.user(&self.state)?.groups;
        let groups = names.iter().filter_map(|name| {
            let found = self.state.groups.get(&(self.account, name.clone()))?;
            Some((name.clone(), group::describe(found)))
        });
        let page = page(groups, input.marker.as_deref(), input.max_items)?;
        Ok(wire::ListGroupsForUserResponse {
            groups: Some(page.items),
            is_truncated: page.is_truncated,
            marker: page.marker,
        })
    }
}
