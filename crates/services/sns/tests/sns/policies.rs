//! Topic policies: what they let in, and what is taken for one.

use rolecall_authority::{Caller, Origin};
use rolecall_testkit::{ACCOUNT, OTHER_ACCOUNT};
use rolecall_wire::sns::{self as wire, Input, Output};
use serde_json::{Value, json};

use crate::world::{World, publish, topic_arn};

fn set(policy: &Value) -> Input {
    Input::SetTopicAttributes(wire::SetTopicAttributesInput {
        topic_arn: topic_arn("news"),
        attribute_name: "Policy".to_owned(),
        attribute_value: Some(policy.to_string()),
    })
}

fn add(label: &str, action: &str) -> Input {
    Input::AddPermission(wire::AddPermissionInput {
        topic_arn: topic_arn("news"),
        label: label.to_owned(),
        aws_account_id: vec![OTHER_ACCOUNT.to_owned()],
        action_name: vec![action.to_owned()],
    })
}

fn remove(label: &str) -> Input {
    let label = label.to_owned();
    Input::RemovePermission(wire::RemovePermissionInput { topic_arn: topic_arn("news"), label })
}

async fn shown(world: &World) -> Value {
    let get = Input::GetTopicAttributes(wire::GetTopicAttributesInput { topic_arn: topic_arn("news") });
    match world.ok(get).await {
        Output::GetTopicAttributes(answer) => {
            serde_json::from_str(&answer.attributes.unwrap()["Policy"]).unwrap()
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_service_publishes_only_for_the_source_that_the_policy_names() {
    let world = World::new().await;
    world.topic("news").await;
    let bucket = "arn:aws:s3:::photos";
    let policy = json!({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sns:Publish",
        "Resource": topic_arn("news"),
        "Condition": {"ArnLike": {"aws:SourceArn": bucket}, "StringEquals": {"aws:SourceAccount": ACCOUNT}},
    }});
    world.ok(set(&policy)).await;
    for (service, source_arn, account, is_allowed) in [
        ("s3.amazonaws.com", bucket, ACCOUNT, true),
        ("s3.amazonaws.com", "arn:aws:s3:::other", ACCOUNT, false),
        ("s3.amazonaws.com", bucket, OTHER_ACCOUNT, false),
        ("events.amazonaws.com", bucket, ACCOUNT, false),
    ] {
        let platform = &world.house.platform;
        let origin = Origin::Service {
            source_arn: Some(source_arn.to_owned()),
            source_account: Some(account.parse().unwrap()),
        };
        let call = platform.service_call(Caller::service(service), world.house.region.clone(), origin);
        let published = platform.call(&call.into(), Input::Publish(publish("news", "m"))).await;
        assert_eq!(published.is_ok(), is_allowed, "{service} {source_arn} {account}: {published:?}");
    }
}

#[tokio::test]
async fn a_deny_in_the_topic_policy_wins_over_the_callers_own_allow() {
    let world = World::new().await;
    world.topic("news").await;
    let all = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sns:*","Resource":"*"}}"#;
    let user = world.user("user", Some(all)).await;
    world.call(&user, Input::Publish(publish("news", "m"))).await.unwrap();
    let policy = json!({"Version": "2012-10-17", "Statement": {
        "Effect": "Deny", "Principal": {"AWS": user.arn()}, "Action": "sns:Publish", "Resource": topic_arn("news"),
    }});
    world.ok(set(&policy)).await;
    let refused = world.call(&user, Input::Publish(publish("news", "m"))).await.unwrap_err();
    assert_eq!((refused.status, refused.code.as_ref()), (403, "AuthorizationError"));
    let words = refused.message.unwrap_or_default();
    assert!(words.ends_with("with an explicit deny in a resource-based policy"), "{words}");
}

#[tokio::test]
async fn another_account_does_what_the_topic_policy_lets_it_and_nothing_else() {
    let world = World::new().await;
    world.topic("news").await;
    let all = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sns:*","Resource":"*"}}"#;
    let stranger = world.house.add_user(OTHER_ACCOUNT, "stranger", Some(all)).await;
    let publish = || Input::Publish(publish("news", "m"));
    let delete = || Input::DeleteTopic(wire::DeleteTopicInput { topic_arn: topic_arn("news") });
    assert!(world.call(&stranger, publish()).await.is_err());
    world.ok(add("l", "Publish")).await;
    world.call(&stranger, publish()).await.unwrap();
    assert!(world.call(&stranger, delete()).await.is_err());
    world.ok(remove("l")).await;
    assert!(world.call(&stranger, publish()).await.is_err());
    // The owner can give away to remove the topic, too.
    world.ok(add("l", "DeleteTopic")).await;
    world.call(&stranger, delete()).await.unwrap();
}

#[tokio::test]
async fn a_permission_is_a_statement_under_its_label() {
    let world = World::new().await;
    world.topic("news").await;
    world.ok(add("one", "Publish")).await;
    let statement = json!({
        "Sid": "one",
        "Effect": "Allow",
        "Principal": {"AWS": format!("arn:aws:iam::{OTHER_ACCOUNT}:root")},
        "Action": "SNS:Publish",
        "Resource": topic_arn("news"),
    });
    assert_eq!(shown(&world).await["Statement"][1], statement);
    let code = |words: &str| ("InvalidParameter".to_owned(), format!("Invalid parameter: {words}"));
    assert_eq!(world.refusal(add("one", "Publish")).await, code("Statement already exists"));
    let out_of_scope = code("Policy statement action out of service scope!");
    assert_eq!(world.refusal(add("two", "TagResource")).await, out_of_scope);
    world.ok(remove("no such label")).await;
    world.ok(remove("one")).await;
    assert_eq!(shown(&world).await["Statement"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_no_topic_policy_is_refused_and_an_empty_one_brings_back_the_first() {
    let world = World::new().await;
    world.topic("news").await;
    let first = shown(&world).await;
    let statement = |principal: &str| {
        json!({"Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sns:Publish",
            "Resource": topic_arn("news"),
        }})
    };
    let missing = format!("arn:aws:iam::{ACCOUNT}:user/missing");
    for (policy, words) in [
        (json!({}), "Policy Error: null"),
        (json!({"Version": "2012-10-17", "Statement": []}), "Policy Error: null"),
        (statement(&missing), "Policy Error: PrincipalNotFound"),
    ] {
        let refused = world.refusal(set(&policy)).await;
        assert_eq!(
            refused,
            ("InvalidParameter".to_owned(), format!("Invalid parameter: {words}")),
            "{policy}"
        );
    }
    world.ok(set(&statement(OTHER_ACCOUNT))).await;
    assert_ne!(shown(&world).await, first);
    let empty = Input::SetTopicAttributes(wire::SetTopicAttributesInput {
        topic_arn: topic_arn("news"),
        attribute_name: "Policy".to_owned(),
        attribute_value: None,
    });
    world.ok(empty).await;
    assert_eq!(shown(&world).await, first);
}
