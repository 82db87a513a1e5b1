//! ListEntitiesForPolicy: whom a managed policy is attached to, and whose permissions boundary it is.

use rolecall_store::records::iam::Policies;
use rolecall_wire::{ServiceError, iam as wire};

use crate::error::IamError;
use crate::managed::{Managed, policy_arn};
use crate::page::page;
use crate::path;
use crate::request::{Request, of_account};

/// Someone who has the policy.
enum Holder {
    Group(wire::PolicyGroup),
    User(wire::PolicyUser),
    Role(wire::PolicyRole),
}

/// Which uses of the policy are asked for.
struct Wanted<'i> {
    arn: &'i str,
    input: &'i wire::ListEntitiesForPolicyRequest,
}

impl Wanted<'_> {
    fn kind(&self, kind: &str) -> bool {
        match self.input.entity_filter.as_deref() {
            // The two remaining values of the enum are kinds of policies, which narrow nothing here.
            None | Some("LocalManagedPolicy" | "AWSManagedPolicy") => true,
            Some(filter) => filter == kind,
        }
    }

    fn holder(&self, path: &str, policies: &Policies, boundary: Option<&str>) -> bool {
        let is_attached = || policies.attached.iter().any(|arn| arn == self.arn);
        let is_boundary = || boundary == Some(self.arn);
        let is_used = match self.input.policy_usage_filter.as_deref() {
            Some("PermissionsPolicy") => is_attached(),
            Some("PermissionsBoundary") => is_boundary(),
            _ => is_attached() || is_boundary(),
        };
        is_used && path::has_prefix(path, self.input.path_prefix.as_deref())
    }
}

impl Request<'_> {
    /// ListEntitiesForPolicy. Without a usage filter both attachments and boundaries count (reference iam.md 7.2).
    pub(crate) fn list_entities_for_policy(
        &self,
        input: &wire::ListEntitiesForPolicyRequest,
    ) -> Result<wire::ListEntitiesForPolicyResponse, ServiceError> {
        let arn = policy_arn(&input.policy_arn)?;
        self.allow(self.policy_check(&arn))?;
        if Managed::find(arn.as_str(), self.account, &self.state).is_none() {
            return Err(IamError::NoPolicy(arn.to_string()).into());
        }
        let holders = self.holders(&Wanted { arn: arn.as_str(), input });
        let page = page(holders, input.marker.as_deref(), input.max_items)?;
        let (mut groups, mut users, mut roles) = (Vec::new(), Vec::new(), Vec::new());
        for holder in page.items {
            match holder {
                Holder::Group(group) => groups.push(group),
                Holder::User(user) => users.push(user),
                Holder::Role(role) => roles.push(role),
            }
        }
        Ok(wire::ListEntitiesForPolicyResponse {
            policy_groups: Some(groups),
            policy_users: Some(users),
            policy_roles: Some(roles),
            is_truncated: page.is_truncated,
            marker: page.marker,
        })
    }

    fn holders(&self, wanted: &Wanted<'_>) -> Vec<(String, Holder)> {
        let groups = of_account(&self.state.groups, self.account)
            .filter(|group| wanted.kind("Group") && wanted.holder(&group.path, &group.policies, None))
            .map(|group| {
                let shown = wire::PolicyGroup {
                    group_name: Some(group.name.clone()),
                    group_id: Some(group.id.clone()),
                };
                (format!("group/{}", group.name.to_lowercase()), Holder::Group(shown))
            });
        let users = of_account(&self.state.users, self.account)
            .filter(|user| {
                wanted.kind("User") && wanted.holder(&user.path, &user.policies, user.boundary.as_deref())
            })
            .map(|user| {
                let shown =
                    wire::PolicyUser { user_name: Some(user.name.clone()), user_id: Some(user.id.clone()) };
                (format!("user/{}", user.name.to_lowercase()), Holder::User(shown))
            });
        let roles = of_account(&self.state.roles, self.account)
            .filter(|role| {
                wanted.kind("Role") && wanted.holder(&role.path, &role.policies, role.boundary.as_deref())
            })
            .map(|role| {
                let shown =
                    wire::PolicyRole { role_name: Some(role.name.clone()), role_id: Some(role.id.clone()) };
                (format!("role/{}", role.name.to_lowercase()), Holder::Role(shown))
            });
        groups.chain(users).chain(roles).collect()
    }
}
