//! Resource-based policies: the recorded answers of reference lambda.md 8.1 and 8.2, replayed.

use crate::support::{Bench, event, permission, refusal};
use rolecall_testkit::{ACCOUNT, OTHER_ACCOUNT};
use rolecall_wire::ServiceError;
use rolecall_wire::lambda::{
    AddLayerVersionPermissionRequest, AddPermissionRequest, GetAliasRequest, GetLayerVersionPolicyRequest,
    GetPolicyRequest, GetPolicyResponse, Input, Output, RemoveLayerVersionPermissionRequest,
    RemovePermissionRequest,
};

const INVALID: &str = "InvalidParameterValueException";
const NOT_FOUND: &str = "ResourceNotFoundException";
const STALE: &str = "The Revision Id provided does not match the latest Revision Id. Call the GetPolicy API to retrieve \
                     the latest Revision Id";

fn get(function: &str) -> Input {
    Input::GetPolicy(GetPolicyRequest { function_name: function.to_owned(), qualifier: None })
}

async fn policy_of(bench: &Bench, function: &str) -> Result<GetPolicyResponse, ServiceError> {
    match bench.admin(get(function)).await? {
        Output::GetPolicy(answer) => Ok(answer),
        other => panic!("{other:?}"),
    }
}

fn remove(function: &str, sid: &str) -> RemovePermissionRequest {
    RemovePermissionRequest {
        function_name: function.to_owned(),
        statement_id: sid.to_owned(),
        ..Default::default()
    }
}

fn arn(rest: &str) -> String {
    format!("arn:aws:lambda:us-east-1:111122223333:function:{rest}")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_recorded_refusals_of_add_and_remove_permission_come_out() {
    let bench = Bench::furnished().await;
    let add = |function: &str, qualifier: Option<&str>| {
        let request =
            AddPermissionRequest { qualifier: qualifier.map(str::to_owned), ..permission(function, "x") };
        Input::AddPermission(request)
    };
    let bad_principal =
        AddPermissionRequest { principal: "invalid.nonaws.com".to_owned(), ..permission("f", "x") };
    let nobody = format!("arn:aws:iam::{ACCOUNT}:user/nobody");
    let no_such_user = AddPermissionRequest { principal: nobody, ..permission("f", "x") };
    let wrong_principal = "The provided principal was invalid. Please check the principal and try again.";
    for (input, code, message) in [
        (
            add("f:alias-not-42", Some("42")),
            INVALID,
            "The derived qualifier from the function name does not match the specified qualifier.".to_owned(),
        ),
        (
            add("f:$LATEST", Some("$LATEST")),
            INVALID,
            "We currently do not support adding policies for $LATEST.".to_owned(),
        ),
        (Input::AddPermission(bad_principal), INVALID, wrong_principal.to_owned()),
        (Input::AddPermission(no_such_user), INVALID, wrong_principal.to_owned()),
        (get("missing"), NOT_FOUND, "The resource you requested does not exist.".to_owned()),
        (get("f:77"), NOT_FOUND, "The resource you requested does not exist.".to_owned()),
        (get("f:$LATEST"), NOT_FOUND, "The resource you requested does not exist.".to_owned()),
        (add("missing", None), NOT_FOUND, format!("Function not found: {}", arn("missing"))),
        (add("f:nope", None), NOT_FOUND, format!("Cannot find alias arn: {}", arn("f:nope"))),
        (add("f", Some("42")), NOT_FOUND, format!("Function not found: {}", arn("f:42"))),
        (
            add("f", Some("valid-with-$-but-doesnotexist")),
            NOT_FOUND,
            format!("Function not found: {}", arn("f:valid-with-$-but-doesnotexist")),
        ),
        (
            Input::AddPermission(permission("f", "s")),
            "ResourceConflictException",
            "The statement id (s) provided already exists. Please provide a new statement id, or remove the existing \
             statement."
                .to_owned(),
        ),
        (
            Input::RemovePermission(remove("f:live", "s")),
            NOT_FOUND,
            "No policy is associated with the given resource.".to_owned(),
        ),
        (
            Input::RemovePermission(remove("f:$LATEST", "s")),
            NOT_FOUND,
            "No policy is associated with the given resource.".to_owned(),
        ),
        (
            Input::RemovePermission(remove("missing", "s")),
            NOT_FOUND,
            format!("No policy found for: {}", arn("missing")),
        ),
        (
            Input::RemovePermission(remove("f:nope", "s")),
            NOT_FOUND,
            format!("Cannot find alias arn: {}", arn("f:nope")),
        ),
        (
            Input::RemovePermission(remove("f", "non-existent")),
            NOT_FOUND,
            "Statement non-existent is not found in resource policy.".to_owned(),
        ),
        (
            Input::RemovePermission(RemovePermissionRequest {
                revision_id: Some("wrong".to_owned()),
                ..remove("f", "s")
            }),
            "PreconditionFailedException",
            STALE.to_owned(),
        ),
        (
            Input::AddPermission(AddPermissionRequest {
                revision_id: Some("wrong".to_owned()),
                ..permission("f", "x")
            }),
            "PreconditionFailedException",
            STALE.to_owned(),
        ),
    ] {
        assert_eq!(refusal(bench.admin(input.clone()).await), (code.to_owned(), message), "{input:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_target_has_its_own_policy_and_revision() {
    let bench = Bench::furnished().await;
    let first = policy_of(&bench, "f").await.unwrap();
    let expected = format!(
        r#"{{"Version":"2012-10-17","Id":"default","Statement":[{{"Sid":"s","Effect":"Allow","Principal":{{"Service":"s3.amazonaws.com"}},"Action":"lambda:InvokeFunction","Resource":"{}"}}]}}"#,
        arn("f")
    );
    assert_eq!(first.policy, Some(expected));
    assert_eq!(refusal(policy_of(&bench, "f:1").await).0, NOT_FOUND);
    bench.admin(Input::AddPermission(permission("f:1", "s"))).await.unwrap();
    let of_version = policy_of(&bench, "f:1").await.unwrap();
    assert!(of_version.policy.unwrap().contains(&arn("f:1")));
    assert_ne!(of_version.revision_id, first.revision_id);

    // The alias's own revision is good for its first statement, and for no later one.
    let alias = GetAliasRequest { function_name: "f".to_owned(), name: "live".to_owned() };
    let Output::GetAlias(alias) = bench.admin(Input::GetAlias(alias)).await.unwrap() else { panic!() };
    let with_revision = |sid: &str| AddPermissionRequest {
        revision_id: alias.revision_id.clone(),
        ..permission("f:live", sid)
    };
    bench.admin(Input::AddPermission(with_revision("a"))).await.unwrap();
    assert_eq!(refusal(bench.admin(Input::AddPermission(with_revision("b"))).await).1, STALE);

    let second = AddPermissionRequest { revision_id: first.revision_id.clone(), ..permission("f", "t") };
    bench.admin(Input::AddPermission(second)).await.unwrap();
    assert_ne!(policy_of(&bench, "f").await.unwrap().revision_id, first.revision_id);
    bench.admin(Input::RemovePermission(remove("f", "s"))).await.unwrap();
    bench.admin(Input::RemovePermission(remove("f", "t"))).await.unwrap();
    assert_eq!(refusal(policy_of(&bench, "f").await).1, "The resource you requested does not exist.");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_to_another_account_counts_for_its_target_only() {
    let bench = Bench::furnished().await;
    let invoke = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"lambda:InvokeFunction","Resource":"*"}]}"#;
    let stranger = bench.house.add_user(OTHER_ACCOUNT, "stranger", Some(invoke)).await;
    let to_account =
        AddPermissionRequest { principal: OTHER_ACCOUNT.to_owned(), ..permission("f:live", "o") };
    bench.admin(Input::AddPermission(to_account)).await.unwrap();
    let call = |name: String| bench.call(&stranger, Input::Invoke(event(&name, "{}")));
    assert!(call(arn("f:live")).await.is_ok());
    let (_, message) = refusal(call(arn("f")).await);
    assert!(
        message.ends_with("because no resource-based policy allows the lambda:InvokeFunction action"),
        "{message}"
    );
    assert!(call(arn("f:1")).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_principal_that_is_gone_is_shown_by_its_id_and_never_comes_back() {
    let bench = Bench::furnished().await;
    bench.house.add_user(ACCOUNT, "ana", None).await;
    let ana = format!("arn:aws:iam::{ACCOUNT}:user/ana");
    let grant = AddPermissionRequest { principal: ana.clone(), ..permission("f", "ana") };
    bench.admin(Input::AddPermission(grant)).await.unwrap();
    assert!(policy_of(&bench, "f").await.unwrap().policy.unwrap().contains(&ana));
    let again = bench.house.add_user(ACCOUNT, "ana", None).await;
    let shown = policy_of(&bench, "f").await.unwrap().policy.unwrap();
    assert!(!shown.contains(&ana) && shown.contains(r#""AWS":"AIDA"#), "{shown}");
    assert!(bench.call(&again, Input::Invoke(event("f", "{}"))).await.is_err());
    let later = refusal(bench.admin(Input::AddPermission(permission("f", "later"))).await);
    assert_eq!(later.1, "The provided principal was invalid. Please check the principal and try again.");
    bench.admin(Input::RemovePermission(remove("f", "ana"))).await.unwrap();
    bench.admin(Input::AddPermission(permission("f", "later"))).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_can_be_limited_to_one_principal() {
    let bench = Bench::furnished().await;
    let only_sns = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["lambda:AddPermission","lambda:RemovePermission"],"Resource":"*","Condition":{"StringEquals":{"lambda:Principal":"sns.amazonaws.com"}}}]}"#;
    let user = bench.house.add_user(ACCOUNT, "opener", Some(only_sns)).await;
    let sns = AddPermissionRequest { principal: "sns.amazonaws.com".to_owned(), ..permission("f", "sns") };
    assert!(bench.call(&user, Input::AddPermission(sns)).await.is_ok());
    assert_eq!(
        refusal(bench.call(&user, Input::AddPermission(permission("f", "s3"))).await).0,
        "AccessDeniedException"
    );
    assert_eq!(
        refusal(bench.call(&user, Input::RemovePermission(remove("f", "s"))).await).0,
        "AccessDeniedException"
    );
    assert!(bench.call(&user, Input::RemovePermission(remove("f", "sns"))).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_recorded_answers_about_layer_policies_come_out() {
    let bench = Bench::furnished().await;
    let add = |version, sid: &str, revision: Option<&str>| {
        Input::AddLayerVersionPermission(AddLayerVersionPermissionRequest {
            layer_name: "l".to_owned(),
            version_number: version,
            statement_id: sid.to_owned(),
            action: "lambda:GetLayerVersion".to_owned(),
            principal: "*".to_owned(),
            revision_id: revision.map(str::to_owned),
            ..Default::default()
        })
    };
    let Output::AddLayerVersionPermission(answer) = bench.admin(add(1, "s1", None)).await.unwrap() else {
        panic!()
    };
    assert_eq!(
        answer.statement.as_deref(),
        Some(
            r#"{"Sid":"s1","Effect":"Allow","Principal":"*","Action":"lambda:GetLayerVersion","Resource":"arn:aws:lambda:us-east-1:111122223333:layer:l:1"}"#
        )
    );
    let read = |version| {
        Input::GetLayerVersionPolicy(GetLayerVersionPolicyRequest {
            layer_name: "l".to_owned(),
            version_number: version,
        })
    };
    let Output::GetLayerVersionPolicy(shown) = bench.admin(read(1)).await.unwrap() else { panic!() };
    assert_eq!(shown.revision_id, answer.revision_id);
    let gone = RemoveLayerVersionPermissionRequest {
        layer_name: "l".to_owned(),
        version_number: 1,
        statement_id: "doesnotexist".to_owned(),
        ..Default::default()
    };
    for (input, code, message) in [
        (
            add(1, "s1", None),
            "ResourceConflictException",
            "The statement id (s1) provided already exists. Please provide a new statement id, or remove the existing \
             statement.",
        ),
        (
            add(1, "s2", Some("wrong")),
            "PreconditionFailedException",
            "The Revision Id provided does not match the latest Revision Id. Call the GetLayerPolicy API to retrieve the \
             latest Revision Id",
        ),
        (
            add(2, "s", None),
            NOT_FOUND,
            "Layer version arn:aws:lambda:us-east-1:111122223333:layer:l:2 does not exist.",
        ),
        (read(0), INVALID, "Layer Version Cannot be less than 1"),
        (
            Input::RemoveLayerVersionPermission(gone),
            NOT_FOUND,
            "Statement doesnotexist is not found in resource policy.",
        ),
    ] {
        assert_eq!(refusal(bench.admin(input).await), (code.to_owned(), message.to_owned()));
    }
}
