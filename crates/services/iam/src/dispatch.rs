//! Each operation to what performs it: one arm per operation and none for the rest, so that an operation which is built
//! on the wire and not here does not compile.

use rolecall_wire::ServiceError;
use rolecall_wire::iam::{self as wire, Input, Output};

use crate::entity::EntityKind::{Group, Role, User};
use crate::request::Request;

impl Request<'_> {
    /// Performs the operation.
    pub(crate) async fn perform(&self, input: Input) -> Result<Output, ServiceError> {
        Ok(match input {
            Input::CreateUser(input) => Output::CreateUser(self.create_user(input).await?),
            Input::GetUser(input) => Output::GetUser(self.get_user(&input)?),
            Input::UpdateUser(input) => Output::UpdateUser(self.update_user(input).await?),
            Input::DeleteUser(input) => Output::DeleteUser(self.delete_user(input).await?),
            Input::ListUsers(input) => Output::ListUsers(self.list_users(&input)?),
            Input::TagUser(input) => Output::TagUser(self.tag_user(input).await?),
            Input::UntagUser(input) => Output::UntagUser(self.untag_user(input).await?),
            Input::ListUserTags(input) => Output::ListUserTags(self.list_user_tags(&input)?),
            Input::CreateGroup(input) => Output::CreateGroup(self.create_group(input).await?),
            Input::GetGroup(input) => Output::GetGroup(self.get_group(&input)?),
            Input::UpdateGroup(input) => Output::UpdateGroup(self.update_group(input).await?),
            Input::DeleteGroup(input) => Output::DeleteGroup(self.delete_group(input).await?),
            Input::ListGroups(input) => Output::ListGroups(self.list_groups(&input)?),
            Input::AddUserToGroup(input) => Output::AddUserToGroup(self.add_user_to_group(input).await?),
            Input::RemoveUserFromGroup(input) => {
                Output::RemoveUserFromGroup(self.remove_user_from_group(input).await?)
            }
            Input::ListGroupsForUser(input) => Output::ListGroupsForUser(self.list_groups_for_user(&input)?),
            Input::CreateAccessKey(input) => Output::CreateAccessKey(self.create_access_key(input).await?),
            Input::UpdateAccessKey(input) => Output::UpdateAccessKey(self.update_access_key(input).await?),
            Input::DeleteAccessKey(input) => Output::DeleteAccessKey(self.delete_access_key(input).await?),
            Input::ListAccessKeys(input) => Output::ListAccessKeys(self.list_access_keys(&input)?),
            Input::GetAccessKeyLastUsed(input) => {
                Output::GetAccessKeyLastUsed(self.get_access_key_last_used(&input)?)
            }
            Input::CreateRole(input) => Output::CreateRole(self.create_role(input).await?),
            Input::GetRole(input) => Output::GetRole(self.get_role(&input)?),
            Input::ListRoles(input) => Output::ListRoles(self.list_roles(&input)?),
            Input::DeleteRole(input) => Output::DeleteRole(self.delete_role(input).await?),
            Input::UpdateRole(input) => Output::UpdateRole(self.update_role(input).await?),
            Input::UpdateRoleDescription(input) => {
                Output::UpdateRoleDescription(self.update_role_description(input).await?)
            }
            Input::UpdateAssumeRolePolicy(input) => {
                Output::UpdateAssumeRolePolicy(self.update_assume_role_policy(input).await?)
            }
            Input::TagRole(input) => Output::TagRole(self.tag_role(input).await?),
            Input::UntagRole(input) => Output::UntagRole(self.untag_role(input).await?),
            Input::ListRoleTags(input) => Output::ListRoleTags(self.list_role_tags(&input)?),
            Input::ListInstanceProfilesForRole(input) => {
                Output::ListInstanceProfilesForRole(self.list_instance_profiles_for_role(&input)?)
            }
            Input::CreatePolicy(input) => Output::CreatePolicy(self.create_policy(input).await?),
            Input::GetPolicy(input) => Output::GetPolicy(self.get_policy(&input)?),
            Input::ListPolicies(input) => Output::ListPolicies(self.list_policies(&input)?),
            Input::DeletePolicy(input) => Output::DeletePolicy(self.delete_policy(input).await?),
            Input::TagPolicy(input) => Output::TagPolicy(self.tag_policy(input).await?),
            Input::UntagPolicy(input) => Output::UntagPolicy(self.untag_policy(input).await?),
            Input::ListPolicyTags(input) => Output::ListPolicyTags(self.list_policy_tags(&input)?),
            Input::CreatePolicyVersion(input) => {
                Output::CreatePolicyVersion(self.create_policy_version(input).await?)
            }
            Input::GetPolicyVersion(input) => Output::GetPolicyVersion(self.get_policy_version(&input)?),
            Input::ListPolicyVersions(input) => {
                Output::ListPolicyVersions(self.list_policy_versions(&input)?)
            }
            Input::DeletePolicyVersion(input) => {
                Output::DeletePolicyVersion(self.delete_policy_version(input).await?)
            }
            Input::SetDefaultPolicyVersion(input) => {
                Output::SetDefaultPolicyVersion(self.set_default_policy_version(input).await?)
            }
            Input::ListEntitiesForPolicy(input) => {
                Output::ListEntitiesForPolicy(self.list_entities_for_policy(&input)?)
            }
            Input::CreateAccountAlias(input) => {
                Output::CreateAccountAlias(self.create_account_alias(input).await?)
            }
            Input::DeleteAccountAlias(input) => {
                Output::DeleteAccountAlias(self.delete_account_alias(input).await?)
            }
            Input::ListAccountAliases(input) => {
                Output::ListAccountAliases(self.list_account_aliases(&input)?)
            }
            Input::SimulateCustomPolicy(input) => {
                Output::SimulateCustomPolicy(self.simulate_custom_policy(input)?)
            }
            Input::SimulatePrincipalPolicy(input) => {
                Output::SimulatePrincipalPolicy(self.simulate_principal_policy(input)?)
            }
            Input::GetAccountSummary(_) => Output::GetAccountSummary(self.get_account_summary()?),
            Input::AttachUserPolicy(input) => {
                self.attach(User, &input.user_name, &input.policy_arn).await?;
                Output::AttachUserPolicy(wire::AttachUserPolicyResponse)
            }
            Input::AttachGroupPolicy(input) => {
                self.attach(Group, &input.group_name, &input.policy_arn).await?;
                Output::AttachGroupPolicy(wire::AttachGroupPolicyResponse)
            }
            Input::AttachRolePolicy(input) => {
                self.attach(Role, &input.role_name, &input.policy_arn).await?;
                Output::AttachRolePolicy(wire::AttachRolePolicyResponse)
            }
            Input::DetachUserPolicy(input) => {
                self.detach(User, &input.user_name, &input.policy_arn).await?;
                Output::DetachUserPolicy(wire::DetachUserPolicyResponse)
            }
            Input::DetachGroupPolicy(input) => {
                self.detach(Group, &input.group_name, &input.policy_arn).await?;
                Output::DetachGroupPolicy(wire::DetachGroupPolicyResponse)
            }
            Input::DetachRolePolicy(input) => {
                self.detach(Role, &input.role_name, &input.policy_arn).await?;
                Output::DetachRolePolicy(wire::DetachRolePolicyResponse)
            }
            Input::ListAttachedUserPolicies(input) => {
                let (prefix, marker) = (input.path_prefix.as_deref(), input.marker.as_deref());
                let page = self.attached(User, &input.user_name, prefix, marker, input.max_items)?;
                Output::ListAttachedUserPolicies(wire::ListAttachedUserPoliciesResponse {
                    attached_policies: Some(page.items),
                    is_truncated: page.is_truncated,
                    marker: page.marker,
                })
            }
            Input::ListAttachedGroupPolicies(input) => {
                let (prefix, marker) = (input.path_prefix.as_deref(), input.marker.as_deref());
                let page = self.attached(Group, &input.group_name, prefix, marker, input.max_items)?;
                Output::ListAttachedGroupPolicies(wire::ListAttachedGroupPoliciesResponse {
                    attached_policies: Some(page.items),
                    is_truncated: page.is_truncated,
                    marker: page.marker,
                })
            }
            Input::ListAttachedRolePolicies(input) => {
                let (prefix, marker) = (input.path_prefix.as_deref(), input.marker.as_deref());
                let page = self.attached(Role, &input.role_name, prefix, marker, input.max_items)?;
                Output::ListAttachedRolePolicies(wire::ListAttachedRolePoliciesResponse {
                    attached_policies: Some(page.items),
                    is_truncated: page.is_truncated,
                    marker: page.marker,
                })
            }
            Input::PutUserPolicy(input) => {
                self.put_inline(User, &input.user_name, input.policy_name, &input.policy_document).await?;
                Output::PutUserPolicy(wire::PutUserPolicyResponse)
            }
            Input::PutGroupPolicy(input) => {
                self.put_inline(Group, &input.group_name, input.policy_name, &input.policy_document).await?;
                Output::PutGroupPolicy(wire::PutGroupPolicyResponse)
            }
            Input::PutRolePolicy(input) => {
                self.put_inline(Role, &input.role_name, input.policy_name, &input.policy_document).await?;
                Output::PutRolePolicy(wire::PutRolePolicyResponse)
            }
            Input::GetUserPolicy(input) => {
                let shown = self.get_inline(User, &input.user_name, input.policy_name)?;
                Output::GetUserPolicy(wire::GetUserPolicyResponse {
                    user_name: shown.holder,
                    policy_name: shown.name,
                    policy_document: shown.document,
                })
            }
            Input::GetGroupPolicy(input) => {
                let shown = self.get_inline(Group, &input.group_name, input.policy_name)?;
                Output::GetGroupPolicy(wire::GetGroupPolicyResponse {
                    group_name: shown.holder,
                    policy_name: shown.name,
                    policy_document: shown.document,
                })
            }
            Input::GetRolePolicy(input) => {
                let shown = self.get_inline(Role, &input.role_name, input.policy_name)?;
                Output::GetRolePolicy(wire::GetRolePolicyResponse {
                    role_name: shown.holder,
                    policy_name: shown.name,
                    policy_document: shown.document,
                })
            }
            Input::DeleteUserPolicy(input) => {
                self.delete_inline(User, &input.user_name, input.policy_name).await?;
                Output::DeleteUserPolicy(wire::DeleteUserPolicyResponse)
            }
            Input::DeleteGroupPolicy(input) => {
                self.delete_inline(Group, &input.group_name, input.policy_name).await?;
                Output::DeleteGroupPolicy(wire::DeleteGroupPolicyResponse)
            }
            Input::DeleteRolePolicy(input) => {
                self.delete_inline(Role, &input.role_name, input.policy_name).await?;
                Output::DeleteRolePolicy(wire::DeleteRolePolicyResponse)
            }
            Input::ListUserPolicies(input) => {
                let marker = input.marker.as_deref();
                let page = self.inline_names(User, &input.user_name, marker, input.max_items)?;
                Output::ListUserPolicies(wire::ListUserPoliciesResponse {
                    policy_names: Some(page.items),
                    is_truncated: page.is_truncated,
                    marker: page.marker,
                })
            }
            Input::ListGroupPolicies(input) => {
                let marker = input.marker.as_deref();
                let page = self.inline_names(Group, &input.group_name, marker, input.max_items)?;
                Output::ListGroupPolicies(wire::ListGroupPoliciesResponse {
                    policy_names: Some(page.items),
                    is_truncated: page.is_truncated,
                    marker: page.marker,
                })
            }
            Input::ListRolePolicies(input) => {
                let marker = input.marker.as_deref();
                let page = self.inline_names(Role, &input.role_name, marker, input.max_items)?;
                Output::ListRolePolicies(wire::ListRolePoliciesResponse {
                    policy_names: Some(page.items),
                    is_truncated: page.is_truncated,
                    marker: page.marker,
                })
            }
            Input::PutUserPermissionsBoundary(input) => {
                self.put_boundary(User, &input.user_name, input.permissions_boundary).await?;
                Output::PutUserPermissionsBoundary(wire::PutUserPermissionsBoundaryResponse)
            }
            Input::DeleteUserPermissionsBoundary(input) => {
                self.delete_boundary(User, &input.user_name).await?;
                Output::DeleteUserPermissionsBoundary(wire::DeleteUserPermissionsBoundaryResponse)
            }
            Input::PutRolePermissionsBoundary(input) => {
                self.put_boundary(Role, &input.role_name, input.permissions_boundary).await?;
                Output::PutRolePermissionsBoundary(wire::PutRolePermissionsBoundaryResponse)
            }
            Input::DeleteRolePermissionsBoundary(input) => {
                self.delete_boundary(Role, &input.role_name).await?;
                Output::DeleteRolePermissionsBoundary(wire::DeleteRolePermissionsBoundaryResponse)
            }
        })
    }
}
