//! Users: made, shown, listed, deleted, tagged.

use rolecall_arn::UniqueIdKind;
use rolecall_authority::Check;
use rolecall_store::State;
use rolecall_store::records::iam::{Policies, User};
use rolecall_wire::{ServiceError, iam as wire};

use crate::boundary;
use crate::entity::{EntityKind, entity_arn};
use crate::error::IamError;
use crate::page::page;
use crate::path;
use crate::quota;
use crate::request::{Request, Subject, of_account, time};
use crate::tag::{self, KeyCase};

impl Request<'_> {
    /// CreateUser. Tags need the permission to tag, too, as on AWS.
    pub(crate) async fn create_user(
        &self,
        input: wire::CreateUserRequest,
    ) -> Result<wire::CreateUserResponse, ServiceError> {
        let path = path::parse(input.path)?;
        let tags = tag::taken(input.tags.unwrap_or_default(), KeyCase::Ignored)?;
        let boundary = input.permissions_boundary;
        let arn = entity_arn(EntityKind::User, self.account, &path, &input.user_name);
        let check = self.check(&arn).request_tags(tag::pairs(&tags));
        let proof = self.allow(check.key_if("iam:PermissionsBoundary", boundary.as_deref()))?;
        if !tags.is_empty() {
            self.allow(Check::on("iam:TagUser", &arn, self.account).request_tags(tag::pairs(&tags)))?;
        }
        let user = User {
            account: self.account,
            name: input.user_name,
            path,
            id: self.platform.entropy().unique_id(UniqueIdKind::User).to_string(),
            created_ms: self.platform.now_ms(),
            policies: Policies::default(),
            boundary,
            groups: Vec::new(),
            tags,
        };
        let shown = describe(&user);
        self.write(proof, move |state| add(state, user)).await?;
        Ok(wire::CreateUserResponse { user: Some(shown) })
    }

    /// GetUser; without a name, of the caller.
    pub(crate) fn get_user(
        &self,
        input: &wire::GetUserRequest,
    ) -> Result<wire::GetUserResponse, ServiceError> {
        let user = match self.subject(input.user_name.as_deref())? {
            Subject::User(entity) => {
                self.allow(entity.check(self.action()))?;
                describe(entity.existing()?.user(&self.state)?)
            }
            Subject::Root => {
                self.allow(self.check(&self.root_arn()))?;
                self.describe_root()
            }
        };
        Ok(wire::GetUserResponse { user: Some(user) })
    }

    /// ListUsers.
    pub(crate) fn list_users(
        &self,
        input: &wire::ListUsersRequest,
    ) -> Result<wire::ListUsersResponse, ServiceError> {
        self.allow(self.check_all())?;
        let users = of_account(&self.state.users, self.account)
            .filter(|user| path::has_prefix(&user.path, input.path_prefix.as_deref()))
            .map(|user| (user.name.to_lowercase(), describe_briefly(user)));
        let page = page(users, input.marker.as_deref(), input.max_items)?;
        Ok(wire::ListUsersResponse {
            users: Some(page.items),
            is_truncated: page.is_truncated,
            marker: page.marker,
        })
    }

    /// DeleteUser.
    pub(crate) async fn delete_user(
        &self,
        input: wire::DeleteUserRequest,
    ) -> Result<wire::DeleteUserResponse, ServiceError> {
        let entity = self.entity(EntityKind::User, &input.user_name);
        let proof = self.allow(entity.check(self.action()))?;
        let target = entity.existing()?;
        self.write(proof, move |state| {
            ensure_unused(target.user(state)?, state)?;
            state.users.remove(&target.key);
            Ok(())
        })
        .await?;
        Ok(wire::DeleteUserResponse)
    }

    /// TagUser.
    pub(crate) async fn tag_user(
        &self,
        input: wire::TagUserRequest,
    ) -> Result<wire::TagUserResponse, ServiceError> {
        let new = tag::taken(input.tags, KeyCase::Ignored)?;
        let entity = self.entity(EntityKind::User, &input.user_name);
        let proof = self.allow(entity.check(self.action()).request_tags(tag::pairs(&new)))?;
        let target = entity.existing()?;
        self.write(proof, move |state| {
            let tags = tag::added(target.user(state)?.tags.clone(), new, KeyCase::Ignored)?;
            state.users.update(&target.key, |user| user.tags = tags);
            Ok(())
        })
        .await?;
        Ok(wire::TagUserResponse)
    }

    /// UntagUser.
    pub(crate) async fn untag_user(
        &self,
        input: wire::UntagUserRequest,
    ) -> Result<wire::UntagUserResponse, ServiceError> {
        let entity = self.entity(EntityKind::User, &input.user_name);
        let check = entity.check(self.action()).key_list("aws:TagKeys", input.tag_keys.clone());
        let proof = self.allow(check)?;
        let target = entity.existing()?;
        self.write(proof, move |state| {
            let tags = tag::without(target.user(state)?.tags.clone(), &input.tag_keys, KeyCase::Ignored);
            state.users.update(&target.key, |user| user.tags = tags);
            Ok(())
        })
        .await?;
        Ok(wire::UntagUserResponse)
    }

    /// ListUserTags.
    pub(crate) fn list_user_tags(
        &self,
        input: &wire::ListUserTagsRequest,
    ) -> Result<wire::ListUserTagsResponse, ServiceError> {
        let entity = self.entity(EntityKind::User, &input.user_name);
        self.allow(entity.check(self.action()))?;
        let target = entity.existing()?;
        let page = tag::listed(&target.user(&self.state)?.tags, input.marker.as_deref(), input.max_items)?;
        Ok(wire::ListUserTagsResponse {
            tags: Some(page.items),
            is_truncated: page.is_truncated,
            marker: page.marker,
        })
    }

    /// The root user has neither name nor path, and the account's age.
    fn describe_root(&self) -> wire::User {
        let account = self.state.accounts.get(&self.account);
        wire::User {
            user_id: Some(self.account.to_string()),
            arn: Some(self.root_arn().to_string()),
            create_date: account.and_then(|account| time(account.created_ms)),
            ..wire::User::default()
        }
    }
}

fn add(state: &mut State, user: User) -> Result<(), IamError> {
    let key = (user.account, user.name.to_lowercase());
    if state.users.contains(&key) {
        return Err(IamError::EntityExists { kind: EntityKind::User, name: user.name });
    }
    if of_account(&state.users, user.account).count() >= quota::USERS {
        return Err(IamError::Quota { name: "UsersPerAccount", limit: quota::USERS });
    }
    boundary::ensure_usable(user.boundary.as_deref(), user.account, state)?;
    state.users.put(key, user);
    Ok(())
}

/// Everything that belongs to a user has to be taken away before the user is.
fn ensure_unused(user: &User, state: &State) -> Result<(), IamError> {
    let name = user.name.to_lowercase();
    let has_keys = state
        .access_keys
        .iter()
        .any(|(_, key)| key.account == user.account && key.user.as_deref() == Some(name.as_str()));
    if !user.policies.attached.is_empty() {
        Err(IamError::InUse("detach all policies"))
    } else if !user.policies.inline.is_empty() {
        Err(IamError::InUse("delete policies"))
    } else if has_keys {
        Err(IamError::InUse("delete access keys"))
    } else if !user.groups.is_empty() {
        Err(IamError::InUse("remove users from group"))
    } else {
        Ok(())
    }
}

/// The user as GetUser and CreateUser show it.
pub(crate) fn describe(user: &User) -> wire::User {
    wire::User {
        permissions_boundary: boundary::shown(user.boundary.as_deref()),
        tags: tag::shown(&user.tags),
        ..describe_briefly(user)
    }
}

/// The user as lists show it.
pub(crate) fn describe_briefly(user: &User) -> wire::User {
    wire::User {
        path: Some(user.path.clone()),
        user_name: Some(user.name.clone()),
        user_id: Some(user.id.clone()),
        arn: Some(entity_arn(EntityKind::User, user.account, &user.path, &user.name).to_string()),
        create_date: time(user.created_ms),
        ..wire::User::default()
    }
}
