//! Tags, and the condition keys that an entity and a request bring.

use rolecall_testkit::ACCOUNT;
use rolecall_wire::iam::{self as wire, Input, Output};

use crate::fixture::{ALLOW_S3, AWS_POLICY, TRUST_LAMBDA, Town, parts, tag};

fn create(name: &str) -> wire::CreateUserRequest {
    wire::CreateUserRequest { user_name: name.into(), ..Default::default() }
}

#[tokio::test]
async fn tag_keys_of_users_differ_by_more_than_case() {
    let town = Town::full().await;
    let twice = wire::TagUserRequest { user_name: "target".into(), tags: vec![tag("a", "1"), tag("A", "2")] };
    let message = "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
    assert_eq!(town.refusal(Input::TagUser(twice)).await, ("InvalidInput".into(), message.into()));
    let again = wire::TagUserRequest { user_name: "target".into(), tags: vec![tag("K", "new")] };
    town.root(Input::TagUser(again)).await;
    let list = wire::ListUserTagsRequest { user_name: "target".into(), ..Default::default() };
    let Output::ListUserTags(tags) = town.root(Input::ListUserTags(list)).await else { panic!() };
    assert_eq!(tags.tags, Some(vec![tag("K", "new")]));
    let many = (0..50).map(|place| tag(&format!("t{place}"), "")).collect();
    let many = wire::TagUserRequest { user_name: "target".into(), tags: many };
    let message = "The number of tags has reached the maximum limit.";
    assert_eq!(town.refusal(Input::TagUser(many)).await, ("LimitExceeded".into(), message.into()));
}

#[tokio::test]
async fn making_something_with_tags_needs_the_permission_to_tag() {
    let town = Town::empty().await;
    let create_only =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:Create*","Resource":"*"}]}"#;
    let ana = town.house.add_user(ACCOUNT, "ana", Some(create_only)).await;
    let tags = Some(vec![tag("a", "b")]);
    for (input, action) in [
        (Input::CreateUser(wire::CreateUserRequest { tags: tags.clone(), ..create("x") }), "iam:TagUser"),
        (
            Input::CreateRole(wire::CreateRoleRequest {
                role_name: "x".into(),
                assume_role_policy_document: TRUST_LAMBDA.into(),
                tags: tags.clone(),
                ..Default::default()
            }),
            "iam:TagRole",
        ),
        (
            Input::CreatePolicy(wire::CreatePolicyRequest {
                policy_name: "x".into(),
                policy_document: ALLOW_S3.into(),
                tags: tags.clone(),
                ..Default::default()
            }),
            "iam:TagPolicy",
        ),
    ] {
        let (_, message) = parts(town.call(&ana, input).await.unwrap_err());
        assert!(message.contains(action), "{message}");
    }
}

#[tokio::test]
async fn the_condition_keys_of_a_user_reach_the_policies() {
    let town = Town::full().await;
    let boundary = wire::PutUserPermissionsBoundaryRequest {
        user_name: "target".into(),
        permissions_boundary: AWS_POLICY.into(),
    };
    town.root(Input::PutUserPermissionsBoundary(boundary)).await;
    let attach = || {
        Input::AttachUserPolicy(wire::AttachUserPolicyRequest {
            user_name: "target".into(),
            policy_arn: AWS_POLICY.into(),
        })
    };
    let create_bounded = || {
        let permissions_boundary = Some(AWS_POLICY.into());
        Input::CreateUser(wire::CreateUserRequest { permissions_boundary, ..create("bounded") })
    };
    let create_tagged = || {
        Input::CreateUser(wire::CreateUserRequest { tags: Some(vec![tag("team", "a")]), ..create("tagged") })
    };
    let delete = || Input::DeleteUser(wire::DeleteUserRequest { user_name: "tagged".into() });
    let cases: [(&str, &str, &dyn Fn() -> Input); 7] = [
        ("iam:PolicyARN", AWS_POLICY, &attach),
        ("iam:PermissionsBoundary", AWS_POLICY, &attach),
        ("iam:ResourceTag/k", "v", &attach),
        ("aws:ResourceTag/k", "v", &attach),
        ("iam:PermissionsBoundary", AWS_POLICY, &create_bounded),
        ("aws:RequestTag/team", "a", &create_tagged),
        ("aws:ResourceTag/team", "a", &delete),
    ];
    for (place, (key, value, input)) in cases.into_iter().enumerate() {
        for (actual, allowed) in [("something else", false), (value, true)] {
            let document = format!(
                r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{{"StringEquals":{{"{key}":"{actual}"}}}}}}]}}"#
            );
            let caller =
                town.house.add_user(ACCOUNT, &format!("ana-{place}-{allowed}"), Some(&document)).await;
            let result = town.call(&caller, input()).await;
            assert_eq!(result.is_ok(), allowed, "{key}={actual}: {result:?}");
        }
    }
}
