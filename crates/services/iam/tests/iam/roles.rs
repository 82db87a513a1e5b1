//! Roles and their trust policies.

use rolecall_testkit::{ACCOUNT, OTHER_ACCOUNT};
use rolecall_wire::iam::{self as wire, Input, Output};

use crate::fixture::{AWS_POLICY, TRUST_LAMBDA, Town, policy};

fn trusting(principal: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{principal}"}},"Action":"sts:AssumeRole"}}]}}"#
    )
}

async fn get(town: &Town, name: &str) -> wire::Role {
    match town.root(Input::GetRole(wire::GetRoleRequest { role_name: name.into() })).await {
        Output::GetRole(wire::GetRoleResponse { role: Some(role) }) => role,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_role_shows_its_trust_policy_percent_encoded() {
    let town = Town::full().await;
    let role = get(&town, "JOB").await;
    assert_eq!(role.role_name.as_deref(), Some("job"));
    assert_eq!(role.max_session_duration, Some(3600));
    assert_eq!(role.role_last_used, Some(wire::RoleLastUsed::default()));
    let document = role.assume_role_policy_document.unwrap();
    assert!(
        document.starts_with("%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B"),
        "{document}"
    );
}

#[tokio::test]
async fn a_trust_policy_names_only_who_exists() {
    let town = Town::full().await;
    for account in [ACCOUNT, OTHER_ACCOUNT] {
        let nobody = format!("arn:aws:iam::{account}:user/nobody");
        let error = town.create_role("r", &trusting(&nobody)).await.unwrap_err();
        assert_eq!((error.status, &*error.code), (400, "MalformedPolicyDocument"));
        assert_eq!(error.message, Some(format!(r#"Invalid principal in policy: "AWS":"{nobody}""#)));
    }
}

#[tokio::test]
async fn whoever_comes_later_under_a_trusted_name_is_somebody_else() {
    let town = Town::full().await;
    let arn = format!("arn:aws:iam::{ACCOUNT}:user/bare");
    town.create_role("r", &trusting(&arn)).await.unwrap();
    assert!(get(&town, "r").await.assume_role_policy_document.unwrap().contains("user%2Fbare"));
    town.root(Input::DeleteUser(wire::DeleteUserRequest { user_name: "bare".into() })).await;
    town.create_user("bare").await;
    let shown = get(&town, "r").await.assume_role_policy_document.unwrap();
    assert!(shown.contains("%22AIDA") && !shown.contains("user%2Fbare"), "{shown}");
}

#[tokio::test]
async fn documents_are_refused_in_aws_words() {
    let town = Town::full().await;
    for document in ["{", r#"{"Version":"2012-10-17"}"#] {
        let error = town.create_role("r", document).await.unwrap_err();
        assert_eq!((error.status, &*error.code), (400, "MalformedPolicyDocument"), "{document}");
        let input =
            wire::UpdateAssumeRolePolicyRequest { role_name: "job".into(), policy_document: document.into() };
        assert_eq!(town.refusal(Input::UpdateAssumeRolePolicy(input)).await.0, "MalformedPolicyDocument");
    }
}

#[tokio::test]
async fn a_trust_policy_has_its_quota() {
    let town = Town::full().await;
    let many = vec![
        r#"{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}"#;
        30
    ];
    let document = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, many.join(","));
    let error = town.create_role("r", &document).await.unwrap_err();
    assert_eq!((error.status, &*error.code), (409, "LimitExceeded"));
    assert_eq!(error.message.as_deref(), Some("Cannot exceed quota for ACLSizePerRole: 2048"));
}

#[tokio::test]
async fn what_an_update_leaves_out_stays() {
    let town = Town::full().await;
    let update = |description: Option<&str>, max_session_duration| {
        let description = description.map(str::to_owned);
        Input::UpdateRole(wire::UpdateRoleRequest {
            role_name: "job".into(),
            description,
            max_session_duration,
        })
    };
    town.root(update(Some("d"), Some(7200))).await;
    town.root(update(None, None)).await;
    let role = get(&town, "job").await;
    assert_eq!((role.description.as_deref(), role.max_session_duration), (Some("d"), Some(7200)));
}

#[tokio::test]
async fn a_role_is_deleted_only_when_it_has_no_policies() {
    let town = Town::full().await;
    let delete = || Input::DeleteRole(wire::DeleteRoleRequest { role_name: "job".into() });
    let conflict = |message: &str| ("DeleteConflict".to_owned(), message.to_owned());
    assert_eq!(
        town.refusal(delete()).await,
        conflict("Cannot delete entity, must detach all policies first.")
    );
    let detach = wire::DetachRolePolicyRequest { role_name: "job".into(), policy_arn: policy("p/used") };
    town.root(Input::DetachRolePolicy(detach)).await;
    assert_eq!(town.refusal(delete()).await, conflict("Cannot delete entity, must delete policies first."));
    let remove = wire::DeleteRolePolicyRequest { role_name: "job".into(), policy_name: "inline".into() };
    town.root(Input::DeleteRolePolicy(remove)).await;
    town.root(delete()).await;
}

#[tokio::test]
async fn a_boundary_is_a_managed_policy_that_exists() {
    let town = Town::full().await;
    let put = |arn: &str| {
        Input::PutRolePermissionsBoundary(wire::PutRolePermissionsBoundaryRequest {
            role_name: "job".into(),
            permissions_boundary: arn.into(),
        })
    };
    let missing = policy("missing");
    let refused = town.refusal(put(&missing)).await;
    let message = format!("Scope ARN: {missing} does not exist or is not attachable.");
    assert_eq!(refused, ("NoSuchEntity".into(), message));
    let user = format!("arn:aws:iam::{ACCOUNT}:user/target");
    assert_eq!(town.refusal(put(&user)).await, ("InvalidInput".into(), format!("ARN {user} is not valid.")));
    town.root(put(AWS_POLICY)).await;
    let boundary = get(&town, "job").await.permissions_boundary.unwrap();
    assert_eq!(boundary.permissions_boundary_arn.as_deref(), Some(AWS_POLICY));
}

#[tokio::test]
async fn the_paths_of_aws_roles_are_not_for_customers() {
    let town = Town::empty().await;
    for path in ["/aws-service-role/lambda.amazonaws.com/", "/aws-reserved/"] {
        let input = wire::CreateRoleRequest {
            role_name: "r".into(),
            path: Some(path.into()),
            assume_role_policy_document: TRUST_LAMBDA.into(),
            ..Default::default()
        };
        assert_eq!(town.refusal(Input::CreateRole(input)).await.0, "InvalidInput", "{path}");
    }
}
