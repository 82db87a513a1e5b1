//! Users and groups that get another name or path. Everything that names them follows.

use std::sync::Arc;

use rolecall_authority::Check;
use rolecall_store::State;
use rolecall_store::records::iam::{Group, User};
use rolecall_wire::{ServiceError, iam as wire};

use crate::entity::{EntityKind, Target, entity_arn};
use crate::error::IamError;
use crate::path;
use crate::request::Request;

/// The name and path that a user or group shall have.
struct Renamed {
    name: String,
    path: String,
}

impl Request<'_> {
    /// UpdateUser: needs the permission on the user as it is and as it will be.
    pub(crate) async fn update_user(
        &self,
        input: wire::UpdateUserRequest,
    ) -> Result<wire::UpdateUserResponse, ServiceError> {
        let new_path = input.new_path.map(|path| path::parse(Some(path))).transpose()?;
        let entity = self.entity(EntityKind::User, &input.user_name);
        let proof = self.allow(entity.check(self.action()))?;
        let target = entity.existing()?;
        let user = Arc::clone(target.user(&self.state)?);
        let renamed = Renamed {
            name: input.new_user_name.unwrap_or_else(|| user.name.clone()),
            path: new_path.unwrap_or_else(|| user.path.clone()),
        };
        self.allow(self.check_renamed(EntityKind::User, &renamed))?;
        self.write(proof, move |state| rename_user(state, &target, renamed)).await?;
        Ok(wire::UpdateUserResponse)
    }

    /// UpdateGroup: needs the permission on the group as it is and as it will be.
    pub(crate) async fn update_group(
        &self,
        input: wire::UpdateGroupRequest,
    ) -> Result<wire::UpdateGroupResponse, ServiceError> {
        let new_path = input.new_path.map(|path| path::parse(Some(path))).transpose()?;
        let entity = self.entity(EntityKind::Group, &input.group_name);
        let proof = self.allow(entity.check(self.action()))?;
        let target = entity.existing()?;
        let group = Arc::clone(target.group(&self.state)?);
        let renamed = Renamed {
            name: input.new_group_name.unwrap_or_else(|| group.name.clone()),
            path: new_path.unwrap_or_else(|| group.path.clone()),
        };
        self.allow(self.check_renamed(EntityKind::Group, &renamed))?;
        self.write(proof, move |state| rename_group(state, &target, renamed)).await?;
        Ok(wire::UpdateGroupResponse)
    }

    fn check_renamed(&self, kind: EntityKind, renamed: &Renamed) -> Check<'_> {
        self.check(&entity_arn(kind, self.account, &renamed.path, &renamed.name))
    }
}

fn rename_user(state: &mut State, target: &Target, renamed: Renamed) -> Result<(), IamError> {
    let user = User { name: renamed.name, path: renamed.path, ..User::clone(target.user(state)?) };
    let key = (user.account, user.name.to_lowercase());
    if key != target.key {
        if state.users.contains(&key) {
            return Err(IamError::EntityExists { kind: EntityKind::User, name: user.name });
        }
        state.users.remove(&target.key);
        let (account, old_name) = &target.key;
        let keys = state
            .access_keys
            .iter()
            .filter(|(_, key)| key.account == *account && key.user.as_deref() == Some(old_name.as_str()));
        let keys: Vec<String> = keys.map(|(id, _)| id.clone()).collect();
        for id in keys {
            state.access_keys.update(&id, |access_key| access_key.user = Some(key.1.clone()));
        }
    }
    state.users.put(key, user);
    Ok(())
}

fn rename_group(state: &mut State, target: &Target, renamed: Renamed) -> Result<(), IamError> {
    let group = Group { name: renamed.name, path: renamed.path, ..Group::clone(target.group(state)?) };
    let key = (group.account, group.name.to_lowercase());
    if key != target.key {
        if state.groups.contains(&key) {
            return Err(IamError::EntityExists { kind: EntityKind::Group, name: group.name });
        }
        state.groups.remove(&target.key);
        let (account, old_name) = &target.key;
        let members = state
            .users
            .iter()
            .filter(|((owner, _), user)| owner == account && user.groups.contains(old_name));
        let members: Vec<_> = members.map(|(key, _)| key.clone()).collect();
        for member in members {
            state.users.update(&member, |user| {
                user.groups
                    .iter_mut()
                    .filter(|name| *name == old_name)
                    .for_each(|name| name.clone_from(&key.1));
            });
        }
    }
    state.groups.put(key, group);
    Ok(())
}
