//! Permissions boundaries of users and roles.

use rolecall_arn::AccountId;
use rolecall_store::State;
use rolecall_wire::{ServiceError, iam as wire};

use crate::entity::{EntityKind, Target};
use crate::error::IamError;
use crate::managed::{Managed, policy_arn};
use crate::request::Request;

impl Request<'_> {
    /// PutUserPermissionsBoundary and PutRolePermissionsBoundary.
    pub(crate) async fn put_boundary(
        &self,
        kind: EntityKind,
        name: &str,
        boundary: String,
    ) -> Result<(), ServiceError> {
        let entity = self.entity(kind, name);
        let check = entity.check(self.action()).key("iam:PermissionsBoundary", boundary.as_str());
        let proof = self.allow(check)?;
        let target = entity.existing()?;
        let account = self.account;
        self.write(proof, move |state| {
            ensure_usable(Some(&boundary), account, state)?;
            set(state, &target, Some(boundary))
        })
        .await
    }

    /// DeleteUserPermissionsBoundary and DeleteRolePermissionsBoundary.
    pub(crate) async fn delete_boundary(&self, kind: EntityKind, name: &str) -> Result<(), ServiceError> {
        let entity = self.entity(kind, name);
        let proof = self.allow(entity.check_bounded(self.action()))?;
        let target = entity.existing()?;
        self.write(proof, move |state| set(state, &target, None)).await
    }
}

fn set(state: &mut State, target: &Target, boundary: Option<String>) -> Result<(), IamError> {
    match target.kind {
        EntityKind::User => {
            target.user(state)?;
            state.users.update(&target.key, |user| user.boundary = boundary);
        }
        EntityKind::Role => {
            target.role(state)?;
            state.roles.update(&target.key, |role| role.boundary = boundary);
        }
        // No operation names a group here: groups have no boundary.
        EntityKind::Group => {}
    }
    Ok(())
}

/// A boundary is a managed policy that exists and is not for service-linked roles.
pub(crate) fn ensure_usable(
    boundary: Option<&str>,
    account: AccountId,
    state: &State,
) -> Result<(), IamError> {
    let Some(arn) = boundary else { return Ok(()) };
    policy_arn(arn)?;
    match Managed::find(arn, account, state) {
        Some(policy) if policy.is_attachable() => Ok(()),
        _ => Err(IamError::NoBoundary(arn.to_owned())),
    }
}

/// The boundary in the description of a user or role.
pub(crate) fn shown(boundary: Option<&str>) -> Option<wire::AttachedPermissionsBoundary> {
    boundary.map(|arn| wire::AttachedPermissionsBoundary {
        // The model's enum says `PermissionsBoundaryPolicy`; AWS's documentation and its answers say `Policy`.
        permissions_boundary_type: Some("Policy".to_owned()),
        permissions_boundary_arn: Some(arn.to_owned()),
    })
}
