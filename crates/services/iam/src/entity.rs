//! Users, groups and roles by the name that a request gives: the same lookup for all that is done to any of them.

use std::fmt;
use std::sync::Arc;

use rolecall_arn::{AccountId, Arn};
use rolecall_authority::Check;
use rolecall_store::State;
use rolecall_store::records::Tag;
use rolecall_store::records::iam::{Group, Policies, Role, User};

use crate::error::IamError;

/// What holds policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EntityKind {
    User,
    Group,
    Role,
}

impl EntityKind {
    /// As a sentence begins with it.
    pub(crate) fn capitalized(self) -> &'static str {
        match self {
            EntityKind::User => "User",
            EntityKind::Group => "Group",
            EntityKind::Role => "Role",
        }
    }
}

impl fmt::Display for EntityKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            EntityKind::User => "user",
            EntityKind::Group => "group",
            EntityKind::Role => "role",
        })
    }
}

/// The ARN of a user, group or role: `arn:aws:iam::ACCOUNT:user/PATH/NAME`.
pub(crate) fn entity_arn(kind: EntityKind, account: AccountId, path: &str, name: &str) -> Arn {
    Arn::iam(account, &format!("{kind}{path}{name}"))
}

/// A user, group or role that a request names, whether or not it exists.
pub(crate) struct Entity {
    kind: EntityKind,
    account: AccountId,
    name: String,
    arn: Arn,
    id: Option<String>,
    tags: Vec<Tag>,
    boundary: Option<String>,
}

impl Entity {
    /// Looks the name up. The permission is checked on the stored ARN, path and spelling included, or on the ARN that
    /// the name would have at the root path where nothing has the name (reference iam.md 1.7).
    pub(crate) fn find(kind: EntityKind, account: AccountId, name: &str, state: &State) -> Self {
        let key = (account, name.to_lowercase());
        let stored = match kind {
            EntityKind::User => state
                .users
                .get(&key)
                .map(|user| (&user.path, &user.name, &user.id, user.tags.clone(), user.boundary.clone())),
            EntityKind::Group => {
                state.groups.get(&key).map(|group| (&group.path, &group.name, &group.id, Vec::new(), None))
            }
            EntityKind::Role => state
                .roles
                .get(&key)
                .map(|role| (&role.path, &role.name, &role.id, role.tags.clone(), role.boundary.clone())),
        };
        let name = name.to_owned();
        match stored {
            Some((path, stored_name, id, tags, boundary)) => {
                let arn = entity_arn(kind, account, path, stored_name);
                Entity { kind, account, name, arn, id: Some(id.clone()), tags, boundary }
            }
            None => {
                let arn = entity_arn(kind, account, "/", &name);
                Entity { kind, account, name, arn, id: None, tags: Vec::new(), boundary: None }
            }
        }
    }

    /// The action on the entity, with the entity's tags.
    pub(crate) fn check<'a>(&self, action: &'a str) -> Check<'a> {
        let mut check = Check::on(action, &self.arn, self.account).resource_tags(&self.tags);
        for tag in &self.tags {
            check = check.key(&format!("iam:ResourceTag/{}", tag.key), tag.value.as_str());
        }
        check
    }

    /// The action on the entity, with its tags and with its permissions boundary, which is `iam:PermissionsBoundary`
    /// where the request brings no other (reference iam.md 4.5).
    pub(crate) fn check_bounded<'a>(&self, action: &'a str) -> Check<'a> {
        self.check(action).key_if("iam:PermissionsBoundary", self.boundary.as_deref())
    }

    /// The entity, if it exists.
    pub(crate) fn existing(self) -> Result<Target, IamError> {
        let Entity { kind, account, name, id, .. } = self;
        match id {
            Some(id) => Ok(Target { kind, key: (account, name.to_lowercase()), name, id }),
            None => Err(IamError::NoEntity { kind, name }),
        }
    }
}

/// A user, group or role that existed when its permission was checked. It is found again only as long as it is the
/// same one: another of the same name was never checked.
#[derive(Clone)]
pub(crate) struct Target {
    pub(crate) kind: EntityKind,
    pub(crate) key: (AccountId, String),
    /// The name as the request spells it.
    pub(crate) name: String,
    id: String,
}

impl Target {
    /// The user.
    pub(crate) fn user<'s>(&self, state: &'s State) -> Result<&'s Arc<User>, IamError> {
        state.users.get(&self.key).filter(|user| user.id == self.id).ok_or_else(|| self.gone())
    }

    /// The group.
    pub(crate) fn group<'s>(&self, state: &'s State) -> Result<&'s Arc<Group>, IamError> {
        state.groups.get(&self.key).filter(|group| group.id == self.id).ok_or_else(|| self.gone())
    }

    /// The role.
    pub(crate) fn role<'s>(&self, state: &'s State) -> Result<&'s Arc<Role>, IamError> {
        state.roles.get(&self.key).filter(|role| role.id == self.id).ok_or_else(|| self.gone())
    }

    /// The entity's name as it is stored.
    pub(crate) fn stored_name(&self, state: &State) -> Result<String, IamError> {
        Ok(match self.kind {
            EntityKind::User => self.user(state)?.name.clone(),
            EntityKind::Group => self.group(state)?.name.clone(),
            EntityKind::Role => self.role(state)?.name.clone(),
        })
    }

    /// The entity's policies.
    pub(crate) fn policies<'s>(&self, state: &'s State) -> Result<&'s Policies, IamError> {
        Ok(match self.kind {
            EntityKind::User => &self.user(state)?.policies,
            EntityKind::Group => &self.group(state)?.policies,
            EntityKind::Role => &self.role(state)?.policies,
        })
    }

    /// Puts other policies in the place of the entity's.
    pub(crate) fn set_policies(&self, state: &mut State, policies: Policies) -> Result<(), IamError> {
        self.policies(state)?;
        match self.kind {
            EntityKind::User => state.users.update(&self.key, |user| user.policies = policies),
            EntityKind::Group => state.groups.update(&self.key, |group| group.policies = policies),
            EntityKind::Role => state.roles.update(&self.key, |role| role.policies = policies),
        };
        Ok(())
    }

    fn gone(&self) -> IamError {
        IamError::NoEntity { kind: self.kind, name: self.name.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(id: &str) -> User {
        User {
            account: AccountId::from_number(1),
            name: "Ana".to_owned(),
            path: "/team/".to_owned(),
            id: id.to_owned(),
            created_ms: 0,
            policies: Policies::default(),
            boundary: None,
            groups: Vec::new(),
            tags: Vec::new(),
        }
    }

    #[test]
    fn the_permission_is_on_the_stored_arn_or_on_the_one_of_the_name() {
        let mut state = State::default();
        let account = AccountId::from_number(1);
        let find = |state: &State| Entity::find(EntityKind::User, account, "aNA", state).arn.to_string();
        assert_eq!(find(&state), "arn:aws:iam::000000000001:user/aNA");
        state.users.put((account, "ana".to_owned()), user("AIDA1"));
        assert_eq!(find(&state), "arn:aws:iam::000000000001:user/team/Ana");
    }

    #[test]
    fn whoever_took_the_name_after_the_check_is_not_the_one_that_was_checked() {
        let mut state = State::default();
        let account = AccountId::from_number(1);
        state.users.put((account, "ana".to_owned()), user("AIDA1"));
        let target = Entity::find(EntityKind::User, account, "ana", &state).existing().unwrap();
        assert!(target.user(&state).is_ok());
        state.users.put((account, "ana".to_owned()), user("AIDA2"));
        let gone = IamError::NoEntity { kind: EntityKind::User, name: "ana".to_owned() };
        assert_eq!(target.user(&state).unwrap_err(), gone);
        assert_eq!(target.set_policies(&mut state, Policies::default()).unwrap_err(), gone);
    }
}
