//! PutResourcePolicy, GetResourcePolicy and DeleteResourcePolicy: every captured document, and how they live together
//! with AddPermission and RemovePermission (reference lambda.md 2.7).

use std::path::Path;

use crate::support::{ADMINISTRATOR, Bench, TRUST, event, permission, refusal};
use rolecall_testkit::{ACCOUNT, OTHER_ACCOUNT};
use rolecall_wire::ServiceError;
use rolecall_wire::lambda::{
    AddPermissionRequest, DeleteResourcePolicyRequest, GetPolicyRequest, GetResourcePolicyRequest,
    GetResourcePolicyResponse, Input, Output, PutResourcePolicyRequest, PutResourcePolicyResponse,
    RemovePermissionRequest,
};
use serde_json::Value;

const F: &str = "arn:aws:lambda:us-east-1:111122223333:function:f";
const INVALID: &str = "InvalidParameterValueException";
const STALE: &str = "The value of RevisionId provided doesn't match the policy's latest revision ID. Use the \
                     GetResourcePolicy API action to retrieve the current revision ID and try again.";

fn put(target: &str, policy: &str) -> PutResourcePolicyRequest {
    PutResourcePolicyRequest { resource_arn: target.to_owned(), policy: policy.to_owned(), revision_id: None }
}

fn delete(target: &str) -> DeleteResourcePolicyRequest {
    DeleteResourcePolicyRequest { resource_arn: target.to_owned(), revision_id: None }
}

async fn putting(
    bench: &Bench,
    input: PutResourcePolicyRequest,
) -> Result<PutResourcePolicyResponse, ServiceError> {
    match bench.admin(Input::PutResourcePolicy(input)).await? {
        Output::PutResourcePolicy(answer) => Ok(answer),
        other => panic!("{other:?}"),
    }
}

async fn shown(bench: &Bench, target: &str) -> Result<GetResourcePolicyResponse, ServiceError> {
    let input = GetResourcePolicyRequest { resource_arn: target.to_owned() };
    match bench.admin(Input::GetResourcePolicy(input)).await? {
        Output::GetResourcePolicy(answer) => Ok(answer),
        other => panic!("{other:?}"),
    }
}

/// A document with one statement that lets the principal invoke `f`.
fn grant(sid: &str, principal: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Sid":"{sid}","Effect":"Allow","Principal":{principal},"Action":"lambda:InvokeFunction","Resource":"{F}"}}]}}"#
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn every_captured_document_is_taken_or_refused_through_the_operation() {
    let bench = Bench::furnished().await;
    bench.house.add_role("r", TRUST, None).await;
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policy/tests/documents/function-policies.json");
    let rows: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert!(rows.len() >= 63);
    for row in rows {
        let (id, target) = (&row["id"], row["target"].as_str().unwrap());
        let document = row["document"].as_str().map_or_else(|| row["document"].to_string(), str::to_owned);
        let answer = putting(&bench, put(target, &document)).await;
        if let Some(message) = row["message"].as_str() {
            assert_eq!(refusal(answer), (INVALID.to_owned(), message.to_owned()), "{id}");
            continue;
        }
        let answer = answer.unwrap_or_else(|error| panic!("{id}: {error:?}"));
        let seen = shown(&bench, target).await.unwrap();
        assert_eq!(seen.revision_id, answer.revision_id, "{id}");
        for (form, text) in [("stored", answer.policy), ("shown", seen.policy)] {
            if let Some(expected) = row[form].as_str() {
                assert_eq!(text.as_deref(), Some(expected), "{id}: {form}");
            }
        }
        // A policy that could not be evaluated would shut everybody out.
        let denies = document.contains("Deny");
        let read = Input::GetFunction(rolecall_wire::lambda::GetFunctionRequest {
            function_name: target.to_owned(),
            qualifier: None,
        });
        assert!(denies || bench.admin(read).await.is_ok(), "{id}");
        bench.admin(Input::DeleteResourcePolicy(delete(target))).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_replaces_statements_and_statements_are_added_to_it() {
    let bench = Bench::furnished().await;
    putting(&bench, put(F, &grant("replacement", r#"{"AWS":"444455556666"}"#))).await.unwrap();
    let get = || Input::GetPolicy(GetPolicyRequest { function_name: "f".to_owned(), qualifier: None });
    let Output::GetPolicy(policy) = bench.admin(get()).await.unwrap() else { panic!() };
    let whole = grant("replacement", r#"{"AWS":"arn:aws:iam::444455556666:root"}"#);
    assert_eq!(policy.policy.as_deref(), Some(whole.as_str()));

    bench.admin(Input::AddPermission(permission("f", "added"))).await.unwrap();
    let both = shown(&bench, F).await.unwrap().policy.unwrap();
    assert!(both.contains("replacement") && both.ends_with(&format!(r#""Resource":"{F}"}}]}}"#)), "{both}");
    assert!(!both.contains(r#""Id""#), "{both}");
    let remove = |sid: &str| {
        Input::RemovePermission(RemovePermissionRequest {
            function_name: "f".to_owned(),
            statement_id: sid.to_owned(),
            ..Default::default()
        })
    };
    bench.admin(remove("replacement")).await.unwrap();
    bench.admin(remove("added")).await.unwrap();
    let none =
        ("ResourceNotFoundException".to_owned(), "The resource you requested does not exist.".to_owned());
    assert_eq!(refusal(shown(&bench, F).await), none);

    // AWS fails at a statement for federated principals only.
    putting(&bench, put(F, &grant("web", r#"{"Federated":"accounts.google.com"}"#))).await.unwrap();
    let (code, message) = refusal(bench.admin(remove("web")).await);
    assert_eq!(code, "ServiceException");
    assert_eq!(message, "An error occurred and the request cannot be processed.");
    bench.admin(Input::DeleteResourcePolicy(delete(F))).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn revisions_are_checked_where_they_are_given() {
    let bench = Bench::furnished().await;
    let stale = ("PreconditionFailedException".to_owned(), STALE.to_owned());
    let with = |target: &str, revision: &str| PutResourcePolicyRequest {
        revision_id: Some(revision.to_owned()),
        ..put(target, &grant("s", "\"*\"").replace(F, target))
    };
    let live = format!("{F}:live");
    assert_eq!(refusal(putting(&bench, with(&live, "none-there")).await), stale);
    let first = putting(&bench, put(F, &grant("s", "\"*\""))).await.unwrap().revision_id.unwrap();
    assert_eq!(refusal(putting(&bench, with(F, "wrong")).await), stale);
    let second = putting(&bench, with(F, &first)).await.unwrap().revision_id.unwrap();
    assert_ne!(second, first);
    let deleting = |revision: &str| {
        Input::DeleteResourcePolicy(DeleteResourcePolicyRequest {
            revision_id: Some(revision.to_owned()),
            ..delete(F)
        })
    };
    assert_eq!(refusal(bench.admin(deleting(&first)).await), stale);
    bench.admin(deleting(&second)).await.unwrap();
    assert_eq!(refusal(bench.admin(deleting(&second)).await), stale);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_exist_can_be_deleted_but_not_written() {
    let bench = Bench::furnished().await;
    let missing = format!("{F}-missing");
    bench.admin(Input::DeleteResourcePolicy(delete(&missing))).await.unwrap();
    bench.admin(Input::DeleteResourcePolicy(delete(&format!("{F}:1")))).await.unwrap();
    for target in [missing, format!("{F}:nope"), format!("{F}:77")] {
        let policy = grant("s", "\"*\"").replace(F, &target);
        assert_eq!(refusal(putting(&bench, put(&target, &policy)).await).0, "ResourceNotFoundException");
    }
    let nobody = format!(r#"{{"AWS":"arn:aws:iam::{ACCOUNT}:user/nobody"}}"#);
    let (_, message) = refusal(putting(&bench, put(F, &grant("s", &nobody))).await);
    assert_eq!(message, "The provided principal was invalid. Please check the principal and try again.");
    let long = grant("s", "\"*\"").replace(
        "\"Sid\"",
        &format!(r#""Condition":{{"StringEquals":{{"aws:x":"{}"}}}},"Sid""#, "y".repeat(20_400)),
    );
    let (code, message) = refusal(putting(&bench, put(F, &long)).await);
    assert_eq!(code, "PolicyLengthExceededException");
    assert_eq!(message, format!("The final policy size ({}) is bigger than the limit (20480).", long.len()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_lets_in_and_keeps_out() {
    let bench = Bench::furnished().await;
    let stranger = bench.house.add_user(OTHER_ACCOUNT, "stranger", Some(ADMINISTRATOR)).await;
    let invoke = || Input::Invoke(event(F, "{}"));
    assert!(bench.call(&stranger, invoke()).await.is_err());
    putting(&bench, put(F, &grant("s", r#"{"AWS":"444455556666"}"#))).await.unwrap();
    assert!(bench.call(&stranger, invoke()).await.is_ok());
    let deny = grant("s", "\"*\"").replace("Allow", "Deny");
    putting(&bench, put(F, &deny)).await.unwrap();
    let (_, message) = refusal(bench.admin(invoke()).await);
    assert!(message.ends_with("with an explicit deny in a resource-based policy"), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_a_caller_may_let_in_holds_for_every_principal_of_a_document() {
    let bench = Bench::furnished().await;
    let limited = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":["lambda:PutResourcePolicy","lambda:AddPermission","lambda:RemovePermission"],"Resource":"{F}","Condition":{{"StringEquals":{{"lambda:Principal":"sns.amazonaws.com"}}}}}}]}}"#
    );
    let user = bench.house.add_user(ACCOUNT, "limited", Some(&limited)).await;
    bench.admin(Input::DeleteResourcePolicy(delete(F))).await.unwrap();
    let sns = r#"{"Service":"sns.amazonaws.com"}"#;
    let add = AddPermissionRequest { principal: "sns.amazonaws.com".to_owned(), ..permission("f", "a") };
    bench.call(&user, Input::AddPermission(add)).await.unwrap();
    bench.call(&user, Input::PutResourcePolicy(put(F, &grant("s", sns)))).await.unwrap();
    for wider in [
        r#""*""#,
        r#"{"Service":["sns.amazonaws.com","s3.amazonaws.com"]}"#,
        r#"{"AWS":"*","Service":"sns.amazonaws.com"}"#,
    ] {
        let refused = bench.call(&user, Input::PutResourcePolicy(put(F, &grant("s", wider)))).await;
        assert_eq!(refusal(refused).0, "AccessDeniedException", "{wider}");
    }
    // Nor may it remove whom it may not let in.
    putting(&bench, put(F, &grant("s", "\"*\""))).await.unwrap();
    let refused = bench.call(&user, Input::PutResourcePolicy(put(F, &grant("s", sns)))).await;
    assert!(refusal(refused).1.contains("lambda:RemovePermission"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_for_several_kinds_of_principals_has_a_principal_that_equals_nothing() {
    let bench = Bench::furnished().await;
    let principals = format!(r#"{{"AWS":"arn:aws:iam::{ACCOUNT}:root","Service":"s3.amazonaws.com"}}"#);
    for (number, (condition, removes)) in [
        (r#""Null":{"lambda:Principal":"false"}"#, true),
        (r#""ForAllValues:StringEquals":{"lambda:Principal":"x"},"Null":{"lambda:Principal":"false"}"#, true),
        (r#""Null":{"lambda:Principal":"true"}"#, false),
        (r#""StringLike":{"lambda:Principal":"*"}"#, false),
        (r#""ForAnyValue:StringLike":{"lambda:Principal":"*"}"#, false),
    ]
    .into_iter()
    .enumerate()
    {
        putting(&bench, put(F, &grant("both", &principals))).await.unwrap();
        let policy = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"lambda:RemovePermission","Resource":"*","Condition":{{{condition}}}}}]}}"#
        );
        let user = bench.house.add_user(ACCOUNT, &format!("u{number}"), Some(&policy)).await;
        let input = RemovePermissionRequest {
            function_name: "f".to_owned(),
            statement_id: "both".to_owned(),
            ..Default::default()
        };
        let removed = bench.call(&user, Input::RemovePermission(input)).await;
        assert_eq!(removed.is_ok(), removes, "{condition}: {removed:?}");
    }
}
