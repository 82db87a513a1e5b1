//! Roles: made, shown, listed, deleted.

use rolecall_arn::UniqueIdKind;
use rolecall_authority::{Check, effective_document};
use rolecall_store::State;
use rolecall_store::records::iam::{Policies, Role};
use rolecall_wire::{ServiceError, Timestamp, iam as wire};

use crate::boundary;
use crate::document;
use crate::entity::{EntityKind, entity_arn};
use crate::error::IamError;
use crate::page::page;
use crate::path;
use crate::quota;
use crate::request::{Request, of_account, time};
use crate::tag::{self, KeyCase};

/// How long a session may last where the role does not say.
const DEFAULT_SESSION_DURATION_S: i64 = 3600;

/// After so long a role counts as never used (reference iam.md 7.2).
const LAST_USED_WINDOW_MS: i64 = 400 * 24 * 60 * 60 * 1000;

impl Request<'_> {
    /// CreateRole. Tags need the permission to tag, too, as on AWS.
    pub(crate) async fn create_role(
        &self,
        input: wire::CreateRoleRequest,
    ) -> Result<wire::CreateRoleResponse, ServiceError> {
        let path = path::parse(input.path)?;
        let tags = tag::taken(input.tags.unwrap_or_default(), KeyCase::Ignored)?;
        let boundary = input.permissions_boundary;
        let arn = entity_arn(EntityKind::Role, self.account, &path, &input.role_name);
        let check = self.check(&arn).request_tags(tag::pairs(&tags));
        let proof = self.allow(check.key_if("iam:PermissionsBoundary", boundary.as_deref()))?;
        if !tags.is_empty() {
            self.allow(Check::on("iam:TagRole", &arn, self.account).request_tags(tag::pairs(&tags)))?;
        }
        if ["/aws-service-role/", "/aws-reserved/"].iter().any(|reserved| path.starts_with(reserved)) {
            return Err(IamError::ReservedPath(path).into());
        }
        let role = Role {
            account: self.account,
            name: input.role_name,
            path,
            id: self.platform.entropy().unique_id(UniqueIdKind::Role).to_string(),
            created_ms: self.platform.now_ms(),
            description: input.description,
            trust_policy: document::trust(&input.assume_role_policy_document)?,
            bound_principals: Default::default(),
            max_session_duration_s: input.max_session_duration.map_or(DEFAULT_SESSION_DURATION_S, i64::from),
            policies: Policies::default(),
            boundary,
            tags,
            last_used: None,
        };
        let shown = wire::Role {
            description: role.description.clone(),
            max_session_duration: i32::try_from(role.max_session_duration_s).ok(),
            permissions_boundary: boundary::shown(role.boundary.as_deref()),
            tags: tag::shown(&role.tags),
            ..describe_briefly(&role, &self.state)
        };
        self.write(proof, move |state| add(state, role)).await?;
        Ok(wire::CreateRoleResponse { role: Some(shown) })
    }

    /// GetRole.
    pub(crate) fn get_role(
        &self,
        input: &wire::GetRoleRequest,
    ) -> Result<wire::GetRoleResponse, ServiceError> {
        let entity = self.entity(EntityKind::Role, &input.role_name);
        self.allow(entity.check_bounded(self.action()))?;
        let target = entity.existing()?;
        let shown = self.describe_role(target.role(&self.state)?);
        Ok(wire::GetRoleResponse { role: Some(shown) })
    }

    /// ListRoles.
    pub(crate) fn list_roles(
        &self,
        input: &wire::ListRolesRequest,
    ) -> Result<wire::ListRolesResponse, ServiceError> {
        self.allow(self.check_all())?;
        let roles = of_account(&self.state.roles, self.account)
            .filter(|role| path::has_prefix(&role.path, input.path_prefix.as_deref()))
            .map(|role| (role.name.to_lowercase(), role));
        let page = page(roles, input.marker.as_deref(), input.max_items)?;
        Ok(wire::ListRolesResponse {
            roles: Some(page.items.into_iter().map(|role| describe_in_list(role, &self.state)).collect()),
            is_truncated: page.is_truncated,
            marker: page.marker,
        })
    }

    /// DeleteRole: from then on no session of the role is good.
    pub(crate) async fn delete_role(
        &self,
        input: wire::DeleteRoleRequest,
    ) -> Result<wire::DeleteRoleResponse, ServiceError> {
        let entity = self.entity(EntityKind::Role, &input.role_name);
        let proof = self.allow(entity.check_bounded(self.action()))?;
        let target = entity.existing()?;
        self.write(proof, move |state| {
            let policies = &target.role(state)?.policies;
            if !policies.attached.is_empty() {
                return Err(IamError::InUse("detach all policies"));
            }
            if !policies.inline.is_empty() {
                return Err(IamError::InUse("delete policies"));
            }
            state.roles.remove(&target.key);
            Ok(())
        })
        .await?;
        Ok(wire::DeleteRoleResponse)
    }

    /// ListInstanceProfilesForRole. There are no instance profiles, as there are no instances: the list is empty.
    pub(crate) fn list_instance_profiles_for_role(
        &self,
        input: &wire::ListInstanceProfilesForRoleRequest,
    ) -> Result<wire::ListInstanceProfilesForRoleResponse, ServiceError> {
        let entity = self.entity(EntityKind::Role, &input.role_name);
        self.allow(entity.check(self.action()))?;
        entity.existing()?;
        let page = page(Vec::new(), input.marker.as_deref(), input.max_items)?;
        Ok(wire::ListInstanceProfilesForRoleResponse {
            instance_profiles: Some(page.items),
            is_truncated: page.is_truncated,
            marker: page.marker,
        })
    }

    /// The role as GetRole shows it.
    pub(crate) fn describe_role(&self, role: &Role) -> wire::Role {
        let since_ms = self.platform.now_ms() - LAST_USED_WINDOW_MS;
        let last_used = role.last_used.as_ref().filter(|(at_ms, _)| *at_ms >= since_ms);
        wire::Role {
            permissions_boundary: boundary::shown(role.boundary.as_deref()),
            tags: tag::shown(&role.tags),
            role_last_used: Some(wire::RoleLastUsed {
                last_used_date: last_used.map(|(at_ms, _)| Timestamp(*at_ms)),
                region: last_used.map(|(_, region)| region.clone()),
            }),
            ..describe_in_list(role, &self.state)
        }
    }
}

fn add(state: &mut State, role: Role) -> Result<(), IamError> {
    let key = (role.account, role.name.to_lowercase());
    if state.roles.contains(&key) {
        return Err(IamError::EntityExists { kind: EntityKind::Role, name: role.name });
    }
    if of_account(&state.roles, role.account).count() >= quota::ROLES {
        return Err(IamError::Quota { name: "RolesPerAccount", limit: quota::ROLES });
    }
    boundary::ensure_usable(role.boundary.as_deref(), role.account, state)?;
    let bound_principals = document::bound_principals(&role.trust_policy, state)?;
    state.roles.put(key, Role { bound_principals, ..role });
    Ok(())
}

/// The role as lists show it.
fn describe_in_list(role: &Role, state: &State) -> wire::Role {
    wire::Role {
        description: role.description.clone(),
        max_session_duration: i32::try_from(role.max_session_duration_s).ok(),
        ..describe_briefly(role, state)
    }
}

/// What every description of a role has. The trust policy shows the unique ids of those it names who are gone.
fn describe_briefly(role: &Role, state: &State) -> wire::Role {
    let trust_policy = effective_document(&role.trust_policy, &role.bound_principals, state);
    wire::Role {
        path: Some(role.path.clone()),
        role_name: Some(role.name.clone()),
        role_id: Some(role.id.clone()),
        arn: Some(entity_arn(EntityKind::Role, role.account, &role.path, &role.name).to_string()),
        create_date: time(role.created_ms),
        assume_role_policy_document: document::encoded(&trust_policy),
        ..wire::Role::default()
    }
}
