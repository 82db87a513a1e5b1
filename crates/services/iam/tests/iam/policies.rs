//! Managed and inline policies.

use rolecall_testkit::{ACCOUNT, OTHER_ACCOUNT};
use rolecall_wire::iam::{self as wire, Input, Output};

use crate::fixture::{ALLOW_ALL, ALLOW_S3, AWS_POLICY, Town, parts, policy};

fn add_version(arn: &str, set_as_default: bool) -> Input {
    Input::CreatePolicyVersion(wire::CreatePolicyVersionRequest {
        policy_arn: arn.into(),
        policy_document: ALLOW_ALL.into(),
        set_as_default: Some(set_as_default),
    })
}

fn delete_version(arn: &str, version: &str) -> Input {
    let (policy_arn, version_id) = (arn.to_owned(), version.to_owned());
    Input::DeletePolicyVersion(wire::DeletePolicyVersionRequest { policy_arn, version_id })
}

fn set_default(arn: &str, version: &str) -> Input {
    let (policy_arn, version_id) = (arn.to_owned(), version.to_owned());
    Input::SetDefaultPolicyVersion(wire::SetDefaultPolicyVersionRequest { policy_arn, version_id })
}

fn delete(arn: &str) -> Input {
    Input::DeletePolicy(wire::DeletePolicyRequest { policy_arn: arn.into() })
}

fn attach(arn: &str) -> Input {
    Input::AttachRolePolicy(wire::AttachRolePolicyRequest {
        role_name: "idle".into(),
        policy_arn: arn.into(),
    })
}

fn get(arn: &str) -> Input {
    Input::GetPolicy(wire::GetPolicyRequest { policy_arn: arn.into() })
}

fn refused(code: &str, message: impl Into<String>) -> (String, String) {
    (code.to_owned(), message.into())
}

#[tokio::test]
async fn a_policy_has_five_versions_and_never_the_same_number_twice() {
    let town = Town::full().await;
    let free = policy("free");
    for _ in 0..4 {
        town.root(add_version(&free, false)).await;
    }
    let message = "A managed policy can have up to 5 versions. Before you create a new version, you must delete an \
                   existing version.";
    assert_eq!(town.refusal(add_version(&free, false)).await, refused("LimitExceeded", message));
    town.root(delete_version(&free, "v5")).await;
    let Output::CreatePolicyVersion(made) = town.root(add_version(&free, true)).await else { panic!() };
    assert_eq!(made.policy_version.unwrap().version_id.as_deref(), Some("v6"));
    let list = wire::ListPolicyVersionsRequest { policy_arn: free.clone(), ..Default::default() };
    let Output::ListPolicyVersions(list) = town.root(Input::ListPolicyVersions(list)).await else { panic!() };
    let ids: Vec<_> = list.versions.unwrap().into_iter().filter_map(|version| version.version_id).collect();
    assert_eq!(ids, ["v6", "v4", "v3", "v2", "v1"]);
}

#[tokio::test]
async fn the_version_in_force_is_what_decides_from_then_on() {
    let town = Town::full().await;
    let free = policy("free");
    let ana = town.house.add_user(ACCOUNT, "ana", None).await;
    let give = wire::AttachUserPolicyRequest { user_name: "ana".into(), policy_arn: free.clone() };
    town.root(Input::AttachUserPolicy(give)).await;
    assert!(town.call(&ana, get(&free)).await.is_err());
    town.root(add_version(&free, true)).await;
    assert!(town.call(&ana, get(&free)).await.is_ok());
    town.root(set_default(&free, "v1")).await;
    assert!(town.call(&ana, get(&free)).await.is_err());
}

#[tokio::test]
async fn deleting_keeps_its_order() {
    let town = Town::full().await;
    let (used, free) = (policy("p/used"), policy("free"));
    let conflict = |message: &str| refused("DeleteConflict", message);
    assert_eq!(town.refusal(delete(&used)).await, conflict("Cannot delete a policy attached to entities."));
    assert_eq!(
        town.refusal(delete_version(&used, "v1")).await,
        conflict("Cannot delete the default version of a policy.")
    );
    town.root(add_version(&free, false)).await;
    assert_eq!(town.refusal(delete(&free)).await.0, "DeleteConflict");
    town.root(delete_version(&free, "v2")).await;
    town.root(delete(&free)).await;
    assert_eq!(
        town.refusal(get(&free)).await,
        refused("NoSuchEntity", format!("Policy {free} was not found."))
    );
}

#[tokio::test]
async fn what_is_not_there_is_named() {
    let town = Town::full().await;
    let (used, missing) = (policy("p/used"), policy("missing"));
    let not_attachable = format!("Policy {missing} does not exist or is not attachable.");
    assert_eq!(town.refusal(attach(&missing)).await, refused("NoSuchEntity", not_attachable));
    let no_version = format!("Policy {used} version v9 does not exist or is not attachable.");
    assert_eq!(town.refusal(set_default(&used, "v9")).await, refused("NoSuchEntity", no_version));
    let detach = wire::DetachRolePolicyRequest { role_name: "idle".into(), policy_arn: used.clone() };
    let not_found = format!("Policy {used} was not found.");
    assert_eq!(town.refusal(Input::DetachRolePolicy(detach)).await, refused("NoSuchEntity", not_found));
    let inline = wire::GetRolePolicyRequest { role_name: "job".into(), policy_name: "x".into() };
    let message = "The role policy with name x cannot be found.";
    assert_eq!(town.refusal(Input::GetRolePolicy(inline)).await, refused("NoSuchEntity", message));
    let not_an_arn = "not-an-arn-of-a-policy";
    let message = format!("ARN {not_an_arn} is not valid.");
    assert_eq!(town.refusal(attach(not_an_arn)).await, refused("InvalidInput", message));
}

#[tokio::test]
async fn nobody_changes_what_is_aws_own() {
    let town = Town::full().await;
    for (input, message) in [
        (add_version(AWS_POLICY, true), "Cannot update policies outside your own account."),
        (set_default(AWS_POLICY, "v1"), "Cannot update policies outside your own account."),
        (delete(AWS_POLICY), "Cannot delete policies outside your own account."),
        (
            delete_version(AWS_POLICY, "v1"),
            "Cannot delete policy versions for policies outside your own account.",
        ),
    ] {
        assert_eq!(town.refusal(input).await, refused("AccessDenied", message));
    }
    let Output::GetPolicy(shown) = town.root(get(AWS_POLICY)).await else { panic!() };
    let shown = shown.policy.unwrap();
    assert_eq!((shown.is_attachable, shown.policy_id.map(|id| id.len())), (Some(true), Some(20)));
    assert!(shown.create_date.is_some());
    let version = wire::GetPolicyVersionRequest {
        policy_arn: AWS_POLICY.into(),
        version_id: shown.default_version_id.unwrap(),
    };
    let Output::GetPolicyVersion(version) = town.root(Input::GetPolicyVersion(version)).await else {
        panic!()
    };
    assert!(version.policy_version.unwrap().document.unwrap().starts_with("%7B"));
}

#[tokio::test]
async fn another_accounts_policy_is_nobodys_to_read_or_attach() {
    let town = Town::full().await;
    let stranger = town.house.add_user(OTHER_ACCOUNT, "stranger", Some(ALLOW_ALL)).await;
    let error = town.call(&stranger, get(&policy("p/used"))).await.unwrap_err();
    assert_eq!(&*error.code, "AccessDenied");
    let give = wire::AttachUserPolicyRequest { user_name: "stranger".into(), policy_arn: policy("p/used") };
    let (code, _) = parts(town.call(&stranger, Input::AttachUserPolicy(give)).await.unwrap_err());
    assert_eq!(code, "NoSuchEntity");
}

#[tokio::test]
async fn policies_of_service_linked_roles_are_not_attached() {
    let town = Town::full().await;
    let Some(of_services) = rolecall_catalog::managed_policies()
        .iter()
        .find(|policy| policy.path.starts_with("/aws-service-role/"))
    else {
        return;
    };
    let message = "Cannot attach a Service Role Policy to a Customer Role.";
    assert_eq!(town.refusal(attach(&of_services.arn)).await, refused("PolicyNotAttachable", message));
}

#[tokio::test]
async fn a_name_is_taken_whatever_its_case_and_path() {
    let town = Town::full().await;
    let error = town.create_policy("/", "USED", ALLOW_S3).await.unwrap_err();
    let message = "A policy called USED already exists. Duplicate names are not allowed.";
    assert_eq!(parts(error), refused("EntityAlreadyExists", message));
}

#[tokio::test]
async fn documents_have_their_quotas_and_white_space_is_free() {
    let town = Town::full().await;
    let padded = |bytes: usize, filler: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Sid":"{}","Effect":"Allow","Action":"s3:*","Resource":"*"}}]{}}}"#,
            "a".repeat(bytes),
            filler
        )
    };
    town.create_policy("/", "long", &padded(6000, &" ".repeat(500))).await.unwrap();
    let error = town.create_policy("/", "longer", &padded(6200, "")).await.unwrap_err();
    assert_eq!(parts(error), refused("LimitExceeded", "Cannot exceed quota for PolicySize: 6144"));
    let put = |policy_name: &str, bytes: usize| {
        Input::PutUserPolicy(wire::PutUserPolicyRequest {
            user_name: "bare".into(),
            policy_name: policy_name.into(),
            policy_document: padded(bytes, ""),
        })
    };
    town.root(put("one", 1500)).await;
    town.root(put("ONE", 1500)).await;
    let message = "Maximum policy size of 2048 bytes exceeded for user bare";
    assert_eq!(town.refusal(put("two", 1500)).await, refused("LimitExceeded", message));
}

#[tokio::test]
async fn documents_are_refused_in_aws_words() {
    let town = Town::full().await;
    let error = town.create_policy("/", "x", "{").await.unwrap_err();
    assert_eq!(parts(error), refused("MalformedPolicyDocument", "Syntax errors in policy."));
    let put = wire::PutRolePolicyRequest {
        role_name: "job".into(),
        policy_name: "x".into(),
        policy_document: r#"{"Statement":[]}"#.into(),
    };
    assert_eq!(town.refusal(Input::PutRolePolicy(put)).await.0, "MalformedPolicyDocument");
}

#[tokio::test]
async fn an_inline_policy_keeps_its_first_spelling() {
    let town = Town::full().await;
    let (user_name, policy_name) = ("target".to_owned(), "INLINE".to_owned());
    let put = wire::PutUserPolicyRequest {
        user_name: user_name.clone(),
        policy_name: policy_name.clone(),
        policy_document: ALLOW_ALL.into(),
    };
    town.root(Input::PutUserPolicy(put)).await;
    let list = wire::ListUserPoliciesRequest { user_name: user_name.clone(), ..Default::default() };
    let Output::ListUserPolicies(names) = town.root(Input::ListUserPolicies(list)).await else { panic!() };
    assert_eq!(names.policy_names, Some(vec!["inline".to_owned()]));
    let get = Input::GetUserPolicy(wire::GetUserPolicyRequest { user_name, policy_name });
    let Output::GetUserPolicy(shown) = town.root(get).await else { panic!() };
    assert_eq!((shown.policy_name.as_deref(), shown.user_name.as_deref()), (Some("INLINE"), Some("target")));
    assert!(shown.policy_document.unwrap().contains("%22Action%22%3A%22%2A%22"));
}

#[tokio::test]
async fn a_user_has_ten_managed_policies_and_a_role_twenty() {
    let town = Town::full().await;
    for place in 0..21 {
        let name = format!("m{place}");
        town.create_policy("/", &name, ALLOW_S3).await.unwrap();
        let arn = policy(&name);
        let to_user = wire::AttachUserPolicyRequest { user_name: "bare".into(), policy_arn: arn.clone() };
        for (input, limit, quota) in
            [(Input::AttachUserPolicy(to_user), 10, "PoliciesPerUser"), (attach(&arn), 20, "PoliciesPerRole")]
        {
            if place < limit {
                town.root(input).await;
            } else {
                let message = format!("Cannot exceed quota for {quota}: {limit}");
                assert_eq!(town.refusal(input).await, refused("LimitExceeded", message));
            }
        }
    }
}

#[tokio::test]
async fn policies_are_listed_by_scope_use_and_path() {
    let town = Town::full().await;
    let boundary = wire::PutUserPermissionsBoundaryRequest {
        user_name: "bare".into(),
        permissions_boundary: AWS_POLICY.into(),
    };
    town.root(Input::PutUserPermissionsBoundary(boundary)).await;
    let list = |scope: &str, only_attached: bool, usage: Option<&str>, prefix: Option<&str>| {
        Input::ListPolicies(wire::ListPoliciesRequest {
            scope: Some(scope.into()),
            only_attached: Some(only_attached),
            policy_usage_filter: usage.map(str::to_owned),
            path_prefix: prefix.map(str::to_owned),
            max_items: Some(1000),
            ..Default::default()
        })
    };
    let cases: [(Input, &[&str]); 6] = [
        (list("Local", false, None, None), &["free", "used"]),
        (list("Local", false, Some("PermissionsBoundary"), None), &["free", "used"]),
        (list("All", true, None, None), &["AWSLambda_FullAccess", "used"]),
        (list("All", true, Some("PermissionsPolicy"), None), &["used"]),
        (list("All", true, Some("PermissionsBoundary"), None), &["AWSLambda_FullAccess"]),
        (list("Local", false, None, Some("/p/")), &["used"]),
    ];
    for (input, expected) in cases {
        let shown = format!("{input:?}");
        let Output::ListPolicies(page) = town.root(input).await else { panic!() };
        let names: Vec<_> =
            page.policies.unwrap().into_iter().filter_map(|policy| policy.policy_name).collect();
        assert_eq!(names, expected, "{shown}");
    }
    let Output::ListPolicies(aws) = town.root(list("AWS", false, None, None)).await else { panic!() };
    assert!(
        aws.policies.unwrap().iter().all(|policy| policy
            .arn
            .as_ref()
            .unwrap()
            .starts_with("arn:aws:iam::aws:"))
    );
}

#[tokio::test]
async fn the_holders_of_a_policy_are_found() {
    let town = Town::full().await;
    let boundary = wire::PutUserPermissionsBoundaryRequest {
        user_name: "bare".into(),
        permissions_boundary: policy("p/used"),
    };
    town.root(Input::PutUserPermissionsBoundary(boundary)).await;
    let list = |entity: Option<&str>, usage: Option<&str>| {
        Input::ListEntitiesForPolicy(wire::ListEntitiesForPolicyRequest {
            policy_arn: policy("p/used"),
            entity_filter: entity.map(str::to_owned),
            policy_usage_filter: usage.map(str::to_owned),
            ..Default::default()
        })
    };
    for (input, groups, users, roles) in [
        (list(None, None), 1, 2, 1),
        (list(Some("Role"), None), 0, 0, 1),
        (list(None, Some("PermissionsBoundary")), 0, 1, 0),
        (list(None, Some("PermissionsPolicy")), 1, 1, 1),
    ] {
        let Output::ListEntitiesForPolicy(found) = town.root(input).await else { panic!() };
        let (found_groups, found_users, found_roles) =
            (found.policy_groups.unwrap(), found.policy_users.unwrap(), found.policy_roles.unwrap());
        assert_eq!((found_groups.len(), found_users.len(), found_roles.len()), (groups, users, roles));
    }
}
