//! Every operation, allowed, implicitly denied and explicitly denied.

use std::collections::BTreeSet;

use crate::fixture::{ALLOW_S3, AWS_POLICY, TARGET_KEY, TRUST_LAMBDA, Town, parts, policy, tag};
use rolecall_testkit::ACCOUNT;
use rolecall_wire::iam::{self as wire, Input, Operation};

/// Each operation with an input that succeeds in [`Town::full`], and the resource that its permission is on.
fn rows() -> Vec<(Input, &'static str)> {
    vec![
        (
            Input::CreateUser(wire::CreateUserRequest {
                user_name: "new".into(),
                path: Some("/a/".into()),
                ..Default::default()
            }),
            "user/a/new",
        ),
        (Input::GetUser(wire::GetUserRequest { user_name: Some("TARGET".into()) }), "user/target"),
        (
            Input::UpdateUser(wire::UpdateUserRequest { user_name: "target".into(), ..Default::default() }),
            "user/target",
        ),
        (Input::DeleteUser(wire::DeleteUserRequest { user_name: "bare".into() }), "user/bare"),
        (Input::ListUsers(wire::ListUsersRequest { ..Default::default() }), "*"),
        (
            Input::TagUser(wire::TagUserRequest { user_name: "target".into(), tags: vec![tag("a", "b")] }),
            "user/target",
        ),
        (
            Input::UntagUser(wire::UntagUserRequest {
                user_name: "target".into(),
                tag_keys: vec!["k".into()],
            }),
            "user/target",
        ),
        (
            Input::ListUserTags(wire::ListUserTagsRequest {
                user_name: "target".into(),
                ..Default::default()
            }),
            "user/target",
        ),
        (
            Input::CreateGroup(wire::CreateGroupRequest { group_name: "new".into(), ..Default::default() }),
            "group/new",
        ),
        (
            Input::GetGroup(wire::GetGroupRequest { group_name: "team".into(), ..Default::default() }),
            "group/team",
        ),
        (
            Input::UpdateGroup(wire::UpdateGroupRequest { group_name: "team".into(), ..Default::default() }),
            "group/team",
        ),
        (Input::DeleteGroup(wire::DeleteGroupRequest { group_name: "empty".into() }), "group/empty"),
        (Input::ListGroups(wire::ListGroupsRequest { ..Default::default() }), "*"),
        (
            Input::AddUserToGroup(wire::AddUserToGroupRequest {
                group_name: "team".into(),
                user_name: "bare".into(),
            }),
            "group/team",
        ),
        (
            Input::RemoveUserFromGroup(wire::RemoveUserFromGroupRequest {
                group_name: "team".into(),
                user_name: "target".into(),
            }),
            "group/team",
        ),
        (
            Input::ListGroupsForUser(wire::ListGroupsForUserRequest {
                user_name: "target".into(),
                ..Default::default()
            }),
            "user/target",
        ),
        (
            Input::CreateAccessKey(wire::CreateAccessKeyRequest { user_name: Some("target".into()) }),
            "user/target",
        ),
        (
            Input::UpdateAccessKey(wire::UpdateAccessKeyRequest {
                user_name: Some("target".into()),
                access_key_id: TARGET_KEY.into(),
                status: "Inactive".into(),
            }),
            "user/target",
        ),
        (
            Input::DeleteAccessKey(wire::DeleteAccessKeyRequest {
                user_name: Some("target".into()),
                access_key_id: TARGET_KEY.into(),
            }),
            "user/target",
        ),
        (
            Input::ListAccessKeys(wire::ListAccessKeysRequest {
                user_name: Some("target".into()),
                ..Default::default()
            }),
            "user/target",
        ),
        (
            Input::GetAccessKeyLastUsed(wire::GetAccessKeyLastUsedRequest {
                access_key_id: TARGET_KEY.into(),
            }),
            "user/target",
        ),
        (
            Input::CreateRole(wire::CreateRoleRequest {
                role_name: "new".into(),
                assume_role_policy_document: TRUST_LAMBDA.into(),
                ..Default::default()
            }),
            "role/new",
        ),
        (Input::GetRole(wire::GetRoleRequest { role_name: "job".into() }), "role/job"),
        (Input::ListRoles(wire::ListRolesRequest { ..Default::default() }), "*"),
        (Input::DeleteRole(wire::DeleteRoleRequest { role_name: "idle".into() }), "role/idle"),
        (
            Input::UpdateRole(wire::UpdateRoleRequest { role_name: "job".into(), ..Default::default() }),
            "role/job",
        ),
        (
            Input::UpdateRoleDescription(wire::UpdateRoleDescriptionRequest {
                role_name: "job".into(),
                description: "d".into(),
            }),
            "role/job",
        ),
        (
            Input::UpdateAssumeRolePolicy(wire::UpdateAssumeRolePolicyRequest {
                role_name: "job".into(),
                policy_document: TRUST_LAMBDA.into(),
            }),
            "role/job",
        ),
        (
            Input::TagRole(wire::TagRoleRequest { role_name: "job".into(), tags: vec![tag("a", "b")] }),
            "role/job",
        ),
        (
            Input::UntagRole(wire::UntagRoleRequest { role_name: "job".into(), tag_keys: vec!["k".into()] }),
            "role/job",
        ),
        (
            Input::ListRoleTags(wire::ListRoleTagsRequest { role_name: "job".into(), ..Default::default() }),
            "role/job",
        ),
        (
            Input::ListInstanceProfilesForRole(wire::ListInstanceProfilesForRoleRequest {
                role_name: "job".into(),
                ..Default::default()
            }),
            "role/job",
        ),
        (
            Input::CreatePolicy(wire::CreatePolicyRequest {
                policy_name: "new".into(),
                policy_document: ALLOW_S3.into(),
                ..Default::default()
            }),
            "policy/new",
        ),
        (Input::GetPolicy(wire::GetPolicyRequest { policy_arn: policy("p/used") }), "policy/p/used"),
        (Input::ListPolicies(wire::ListPoliciesRequest { ..Default::default() }), "*"),
        (Input::DeletePolicy(wire::DeletePolicyRequest { policy_arn: policy("free") }), "policy/free"),
        (
            Input::TagPolicy(wire::TagPolicyRequest {
                policy_arn: policy("p/used"),
                tags: vec![tag("a", "b")],
            }),
            "policy/p/used",
        ),
        (
            Input::UntagPolicy(wire::UntagPolicyRequest {
                policy_arn: policy("p/used"),
                tag_keys: vec!["k".into()],
            }),
            "policy/p/used",
        ),
        (
            Input::ListPolicyTags(wire::ListPolicyTagsRequest {
                policy_arn: policy("p/used"),
                ..Default::default()
            }),
            "policy/p/used",
        ),
        (
            Input::CreatePolicyVersion(wire::CreatePolicyVersionRequest {
                policy_arn: policy("p/used"),
                policy_document: ALLOW_S3.into(),
                set_as_default: None,
            }),
            "policy/p/used",
        ),
        (
            Input::GetPolicyVersion(wire::GetPolicyVersionRequest {
                policy_arn: policy("p/used"),
                version_id: "v1".into(),
            }),
            "policy/p/used",
        ),
        (
            Input::ListPolicyVersions(wire::ListPolicyVersionsRequest {
                policy_arn: policy("p/used"),
                ..Default::default()
            }),
            "policy/p/used",
        ),
        (
            Input::DeletePolicyVersion(wire::DeletePolicyVersionRequest {
                policy_arn: policy("p/used"),
                version_id: "v2".into(),
            }),
            "policy/p/used",
        ),
        (
            Input::SetDefaultPolicyVersion(wire::SetDefaultPolicyVersionRequest {
                policy_arn: policy("p/used"),
                version_id: "v2".into(),
            }),
            "policy/p/used",
        ),
        (
            Input::ListEntitiesForPolicy(wire::ListEntitiesForPolicyRequest {
                policy_arn: policy("p/used"),
                ..Default::default()
            }),
            "policy/p/used",
        ),
        (Input::CreateAccountAlias(wire::CreateAccountAliasRequest { account_alias: "alias".into() }), "*"),
        (Input::DeleteAccountAlias(wire::DeleteAccountAliasRequest { account_alias: "there".into() }), "*"),
        (Input::ListAccountAliases(wire::ListAccountAliasesRequest { ..Default::default() }), "*"),
        (Input::GetAccountSummary(wire::GetAccountSummaryRequest), "*"),
        (
            Input::AttachUserPolicy(wire::AttachUserPolicyRequest {
                user_name: "target".into(),
                policy_arn: AWS_POLICY.into(),
            }),
            "user/target",
        ),
        (
            Input::DetachUserPolicy(wire::DetachUserPolicyRequest {
                user_name: "target".into(),
                policy_arn: policy("p/used"),
            }),
            "user/target",
        ),
        (
            Input::ListAttachedUserPolicies(wire::ListAttachedUserPoliciesRequest {
                user_name: "target".into(),
                ..Default::default()
            }),
            "user/target",
        ),
        (
            Input::PutUserPolicy(wire::PutUserPolicyRequest {
                user_name: "target".into(),
                policy_name: "more".into(),
                policy_document: ALLOW_S3.into(),
            }),
            "user/target",
        ),
        (
            Input::GetUserPolicy(wire::GetUserPolicyRequest {
                user_name: "target".into(),
                policy_name: "inline".into(),
            }),
            "user/target",
        ),
        (
            Input::DeleteUserPolicy(wire::DeleteUserPolicyRequest {
                user_name: "target".into(),
                policy_name: "inline".into(),
            }),
            "user/target",
        ),
        (
            Input::ListUserPolicies(wire::ListUserPoliciesRequest {
                user_name: "target".into(),
                ..Default::default()
            }),
            "user/target",
        ),
        (
            Input::AttachGroupPolicy(wire::AttachGroupPolicyRequest {
                group_name: "team".into(),
                policy_arn: AWS_POLICY.into(),
            }),
            "group/team",
        ),
        (
            Input::DetachGroupPolicy(wire::DetachGroupPolicyRequest {
                group_name: "team".into(),
                policy_arn: policy("p/used"),
            }),
            "group/team",
        ),
        (
            Input::ListAttachedGroupPolicies(wire::ListAttachedGroupPoliciesRequest {
                group_name: "team".into(),
                ..Default::default()
            }),
            "group/team",
        ),
        (
            Input::PutGroupPolicy(wire::PutGroupPolicyRequest {
                group_name: "team".into(),
                policy_name: "more".into(),
                policy_document: ALLOW_S3.into(),
            }),
            "group/team",
        ),
        (
            Input::GetGroupPolicy(wire::GetGroupPolicyRequest {
                group_name: "team".into(),
                policy_name: "inline".into(),
            }),
            "group/team",
        ),
        (
            Input::DeleteGroupPolicy(wire::DeleteGroupPolicyRequest {
                group_name: "team".into(),
                policy_name: "inline".into(),
            }),
            "group/team",
        ),
        (
            Input::ListGroupPolicies(wire::ListGroupPoliciesRequest {
                group_name: "team".into(),
                ..Default::default()
            }),
            "group/team",
        ),
        (
            Input::AttachRolePolicy(wire::AttachRolePolicyRequest {
                role_name: "job".into(),
                policy_arn: AWS_POLICY.into(),
            }),
            "role/job",
        ),
        (
            Input::DetachRolePolicy(wire::DetachRolePolicyRequest {
                role_name: "job".into(),
                policy_arn: policy("p/used"),
            }),
            "role/job",
        ),
        (
            Input::ListAttachedRolePolicies(wire::ListAttachedRolePoliciesRequest {
                role_name: "job".into(),
                ..Default::default()
            }),
            "role/job",
        ),
        (
            Input::PutRolePolicy(wire::PutRolePolicyRequest {
                role_name: "job".into(),
                policy_name: "more".into(),
                policy_document: ALLOW_S3.into(),
            }),
            "role/job",
        ),
        (
            Input::GetRolePolicy(wire::GetRolePolicyRequest {
                role_name: "job".into(),
                policy_name: "inline".into(),
            }),
            "role/job",
        ),
        (
            Input::DeleteRolePolicy(wire::DeleteRolePolicyRequest {
                role_name: "job".into(),
                policy_name: "inline".into(),
            }),
            "role/job",
        ),
        (
            Input::ListRolePolicies(wire::ListRolePoliciesRequest {
                role_name: "job".into(),
                ..Default::default()
            }),
            "role/job",
        ),
        (
            Input::PutUserPermissionsBoundary(wire::PutUserPermissionsBoundaryRequest {
                user_name: "target".into(),
                permissions_boundary: AWS_POLICY.into(),
            }),
            "user/target",
        ),
        (
            Input::DeleteUserPermissionsBoundary(wire::DeleteUserPermissionsBoundaryRequest {
                user_name: "target".into(),
            }),
            "user/target",
        ),
        (
            Input::PutRolePermissionsBoundary(wire::PutRolePermissionsBoundaryRequest {
                role_name: "job".into(),
                permissions_boundary: AWS_POLICY.into(),
            }),
            "role/job",
        ),
        (
            Input::DeleteRolePermissionsBoundary(wire::DeleteRolePermissionsBoundaryRequest {
                role_name: "job".into(),
            }),
            "role/job",
        ),
        (
            Input::SimulateCustomPolicy(wire::SimulateCustomPolicyRequest {
                policy_input_list: vec![ALLOW_S3.into()],
                action_names: vec!["s3:GetObject".into()],
                ..Default::default()
            }),
            "*",
        ),
        (
            Input::SimulatePrincipalPolicy(wire::SimulatePrincipalPolicyRequest {
                policy_source_arn: format!("arn:aws:iam::{ACCOUNT}:role/job"),
                action_names: vec!["s3:GetObject".into()],
                ..Default::default()
            }),
            "role/job",
        ),
    ]
}

fn arn(resource: &str) -> String {
    if resource == "*" { resource.to_owned() } else { format!("arn:aws:iam::{ACCOUNT}:{resource}") }
}

fn statement(effect: &str, action: &str, resource: &str) -> String {
    format!(r#"{{"Effect":"{effect}","Action":"{action}","Resource":"{resource}"}}"#)
}

fn document(statements: &[String]) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","))
}

/// The beginning of a denial's message. Of an access key AWS says it in other words, and no reason.
fn refusal(caller: &str, operation: &str, resource: &str, reason: &str) -> String {
    let caller = format!("User: arn:aws:iam::{ACCOUNT}:user/{caller} is not authorized to perform");
    if operation == "GetAccessKeyLastUsed" {
        return format!("{caller} iam:{operation} on resource: access key {TARGET_KEY}");
    }
    format!("{caller}: iam:{operation} on resource: {} {reason}", arn(resource))
}

#[test]
fn every_operation_that_is_built_has_a_row() {
    let rows: BTreeSet<_> = rows().iter().map(|(input, _)| input.operation().name()).collect();
    let built: BTreeSet<_> =
        Operation::ALL.into_iter().filter(|operation| operation.is_built()).map(Operation::name).collect();
    assert_eq!(rows, built);
}

#[tokio::test]
async fn whoever_has_no_policy_is_denied() {
    let town = Town::full().await;
    let caller = town.house.add_user(ACCOUNT, "caller", None).await;
    for (input, resource) in rows() {
        let operation = input.operation().name();
        let reason = format!("because no identity-based policy allows the iam:{operation} action");
        let error = town.call(&caller, input).await.expect_err(operation);
        assert_eq!(error.status, 403, "{operation}");
        let expected = ("AccessDenied".to_owned(), refusal("caller", operation, resource, &reason));
        assert_eq!(parts(error), expected);
    }
}

#[tokio::test]
async fn an_explicit_deny_on_the_resource_beats_an_allow_of_everything() {
    let town = Town::full().await;
    for (place, (input, resource)) in rows().into_iter().enumerate() {
        let operation = input.operation().name();
        let statements =
            [statement("Allow", "*", "*"), statement("Deny", &format!("iam:{operation}"), &arn(resource))];
        let name = format!("caller-{place}");
        let caller = town.house.add_user(ACCOUNT, &name, Some(&document(&statements))).await;
        let error = town.call(&caller, input).await.expect_err(operation);
        let reason = "with an explicit deny in an identity-based policy";
        let expected = ("AccessDenied".to_owned(), refusal(&name, operation, resource, reason));
        assert_eq!(parts(error), expected);
    }
}

#[tokio::test]
async fn exactly_the_action_on_exactly_the_resource_is_enough() {
    for (input, resource) in rows() {
        let operation = input.operation().name();
        let town = Town::full().await;
        town.house
            .write(|state| {
                state.accounts.update(&ACCOUNT.parse().unwrap(), |account| {
                    account.alias = Some("there".to_owned());
                });
            })
            .await;
        let allowed = document(&[statement("Allow", &format!("iam:{operation}"), &arn(resource))]);
        let caller = town.house.add_user(ACCOUNT, "caller", Some(&allowed)).await;
        if let Err(error) = town.call(&caller, input).await {
            panic!("{operation}: {error}");
        }
    }
}

#[tokio::test]
async fn the_action_on_another_resource_is_not_enough() {
    let town = Town::full().await;
    for (place, (input, resource)) in
        rows().into_iter().enumerate().filter(|(_, (_, resource))| *resource != "*")
    {
        let operation = input.operation().name();
        let elsewhere = format!("{}-not", arn(resource));
        let allowed = document(&[statement("Allow", &format!("iam:{operation}"), &elsewhere)]);
        let caller = town.house.add_user(ACCOUNT, &format!("caller-{place}"), Some(&allowed)).await;
        assert!(town.call(&caller, input).await.is_err(), "{operation}");
    }
}
