//! Queue policies: who else may use a queue, and under which condition.

use rolecall_testkit::OTHER_ACCOUNT;
use rolecall_wire::sqs::{self as wire, Input};
use serde_json::{Value, json};

use crate::world::{World, arn, send, set, url};

fn add(label: &str, account: &str, action: &str) -> Input {
    Input::AddPermission(wire::AddPermissionRequest {
        queue_url: url("jobs"),
        label: label.to_owned(),
        aws_account_ids: vec![account.to_owned()],
        actions: vec![action.to_owned()],
    })
}

fn remove(label: &str) -> Input {
    Input::RemovePermission(wire::RemovePermissionRequest { queue_url: url("jobs"), label: label.to_owned() })
}

#[tokio::test]
async fn a_service_is_let_in_by_its_source() {
    let world = World::new().await;
    let topic = "arn:aws:sns:us-east-1:111122223333:news";
    let policy = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage",
        "Resource": arn("jobs"),
        "Condition": {
            "ArnEquals": {"aws:SourceArn": topic}, "StringEquals": {"aws:SourceAccount": "111122223333"},
        },
    }]});
    world.queue("jobs", &[("Policy", &policy.to_string())]).await;
    for (service, source, account, allowed) in [
        ("sns.amazonaws.com", topic, "111122223333", true),
        ("sns.amazonaws.com", "arn:aws:sns:us-east-1:111122223333:other", "111122223333", false),
        ("sns.amazonaws.com", topic, "444455556666", false),
        ("events.amazonaws.com", topic, "111122223333", false),
    ] {
        let answer = world.call_as_service(service, source, account, send("jobs", "x")).await;
        assert_eq!(answer.is_ok(), allowed, "{service} {source} {account}: {answer:?}");
    }
    assert_eq!(world.bodies("jobs").await, ["x"]);
}

#[tokio::test]
async fn another_account_gets_what_the_policy_gives_and_never_the_owners_operations() {
    let world = World::new().await;
    world.queue("jobs", &[]).await;
    let all = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sqs:*","Resource":"*"}}"#;
    let stranger = world.house.add_user(OTHER_ACCOUNT, "stranger", Some(all)).await;
    assert!(world.call(&stranger, send("jobs", "x")).await.is_err());
    world.ok(add("send", OTHER_ACCOUNT, "SendMessage")).await;
    world.call(&stranger, send("jobs", "x")).await.unwrap();
    let policy = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": arn("jobs"),
    }]});
    world.ok(set("jobs", &[("Policy", &policy.to_string())])).await;
    let refused = world.call(&stranger, set("jobs", &[("DelaySeconds", "1")])).await.unwrap_err();
    assert_eq!((refused.status, refused.code.as_ref()), (403, "AccessDeniedException"));
    assert!(refused.message.unwrap().ends_with("because it belongs to another account"));
}

#[tokio::test]
async fn the_policy_of_a_queue_denies_its_own_account_too() {
    let world = World::new().await;
    let policy = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Deny", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn("jobs"),
    }]});
    world.queue("jobs", &[("Policy", &policy.to_string())]).await;
    let (code, words) = world.refusal(send("jobs", "x")).await;
    assert_eq!(code, "AccessDeniedException");
    assert!(words.ends_with("with an explicit deny in a resource-based policy"), "{words}");
}

/// The document is the one that AWS was seen to make.
#[tokio::test]
async fn permissions_are_statements_of_the_policy() {
    let world = World::new().await;
    world.queue("jobs", &[]).await;
    world.ok(add("first", "444455556666", "ReceiveMessage")).await;
    let shown: Value = serde_json::from_str(&world.attributes("jobs").await["Policy"]).unwrap();
    let statement = json!({
        "Sid": "first", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::444455556666:root"},
        "Action": "SQS:ReceiveMessage", "Resource": arn("jobs"),
    });
    assert_eq!(
        shown,
        json!({
            "Version": "2008-10-17", "Id": format!("{}/SQSDefaultPolicy", arn("jobs")), "Statement": [statement],
        })
    );
    let refusal = |words: &str| ("InvalidParameterValue".to_owned(), words.to_owned());
    assert_eq!(
        world.refusal(add("first", "444455556666", "SendMessage")).await,
        refusal("Value first for parameter Label is invalid. Reason: Already exists.")
    );
    assert_eq!(
        world.refusal(add("second", "444455556666", "CreateQueue")).await,
        refusal(
            "Value SQS:CreateQueue for parameter ActionName is invalid. Reason: Only the queue owner is allowed to \
             invoke this action."
        )
    );
    world.ok(remove("first")).await;
    assert!(!world.attributes("jobs").await.contains_key("Policy"));
    assert_eq!(
        world.refusal(remove("first")).await,
        refusal("Value first for parameter Label is invalid. Reason: can't find label.")
    );
}
