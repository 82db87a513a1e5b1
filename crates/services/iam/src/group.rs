//! Groups: made, shown with their members, listed, deleted.

use rolecall_arn::UniqueIdKind;
use rolecall_store::State;
use rolecall_store::records::iam::{Group, Policies};
use rolecall_wire::{ServiceError, iam as wire};

use crate::entity::{EntityKind, entity_arn};
use crate::error::IamError;
use crate::page::page;
use crate::path;
use crate::quota;
use crate::request::{Request, of_account, time};
use crate::user;

impl Request<'_> {
    /// CreateGroup.
    pub(crate) async fn create_group(
        &self,
        input: wire::CreateGroupRequest,
    ) -> Result<wire::CreateGroupResponse, ServiceError> {
        let path = path::parse(input.path)?;
        let proof =
            self.allow(self.check(&entity_arn(EntityKind::Group, self.account, &path, &input.group_name)))?;
        let group = Group {
            account: self.account,
            name: input.group_name,
            path,
            id: self.platform.entropy().unique_id(UniqueIdKind::Group).to_string(),
            created_ms: self.platform.now_ms(),
            policies: Policies::default(),
        };
        let shown = describe(&group);
        self.write(proof, move |state| add(state, group)).await?;
        Ok(wire::CreateGroupResponse { group: Some(shown) })
    }

    /// GetGroup: the group and a page of its members.
    pub(crate) fn get_group(
        &self,
        input: &wire::GetGroupRequest,
    ) -> Result<wire::GetGroupResponse, ServiceError> {
        let entity = self.entity(EntityKind::Group, &input.group_name);
        self.allow(entity.check(self.action()))?;
        let target = entity.existing()?;
        let members = of_account(&self.state.users, self.account)
            .filter(|user| user.groups.contains(&target.key.1))
            .map(|user| (user.name.to_lowercase(), user::describe_briefly(user)));
        let page = page(members, input.marker.as_deref(), input.max_items)?;
        Ok(wire::GetGroupResponse {
            group: Some(describe(target.group(&self.state)?)),
            users: Some(page.items),
            is_truncated: page.is_truncated,
            marker: page.marker,
        })
    }

    /// ListGroups.
    pub(crate) fn list_groups(
        &self,
        input: &wire::ListGroupsRequest,
    ) -> Result<wire::ListGroupsResponse, ServiceError> {
        self.allow(self.check_all())?;
        let groups = of_account(&self.state.groups, self.account)
            .filter(|group| path::has_prefix(&group.path, input.path_prefix.as_deref()))
            .map(|group| (group.name.to_lowercase(), describe(group)));
        let page = page(groups, input.marker.as_deref(), input.max_items)?;
        Ok(wire::ListGroupsResponse {
            groups: Some(page.items),
            is_truncated: page.is_truncated,
            marker: page.marker,
        })
    }

    /// DeleteGroup.
    pub(crate) async fn delete_group(
        &self,
        input: wire::DeleteGroupRequest,
    ) -> Result<wire::DeleteGroupResponse, ServiceError> {
        let entity = self.entity(EntityKind::Group, &input.group_name);
        let proof = self.allow(entity.check(self.action()))?;
        let target = entity.existing()?;
        self.write(proof, move |state| {
            ensure_unused(target.group(state)?, state)?;
            state.groups.remove(&target.key);
            Ok(())
        })
        .await?;
        Ok(wire::DeleteGroupResponse)
    }
}

fn add(state: &mut State, group: Group) -> Result<(), IamError> {
    let key = (group.account, group.name.to_lowercase());
    if state.groups.contains(&key) {
        return Err(IamError::EntityExists { kind: EntityKind::Group, name: group.name });
    }
    if of_account(&state.groups, group.account).count() >= quota::GROUPS {
        return Err(IamError::Quota { name: "GroupsPerAccount", limit: quota::GROUPS });
    }
    state.groups.put(key, group);
    Ok(())
}

fn ensure_unused(group: &Group, state: &State) -> Result<(), IamError> {
    let name = group.name.to_lowercase();
    if of_account(&state.users, group.account).any(|user| user.groups.contains(&name)) {
        Err(IamError::InUse("remove users from group"))
    } else if !group.policies.attached.is_empty() {
        Err(IamError::InUse("detach all policies"))
    } else if !group.policies.inline.is_empty() {
        Err(IamError::InUse("delete policies"))
    } else {
        Ok(())
    }
}

/// The group as answers show it.
pub(crate) fn describe(group: &Group) -> wire::Group {
    wire::Group {
        path: Some(group.path.clone()),
        group_name: Some(group.name.clone()),
        group_id: Some(group.id.clone()),
        arn: Some(entity_arn(EntityKind::Group, group.account, &group.path, &group.name).to_string()),
        create_date: time(group.created_ms),
    }
}
