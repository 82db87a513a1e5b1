//! Subscriptions: whose they are, what they have, and how they are listed.

use rolecall_testkit::{ACCOUNT, OTHER_ACCOUNT};
use rolecall_wire::sns::{self as wire, Input, Output};
use serde_json::json;

use crate::world::{World, function_arn, queue_arn, subscribe, topic_arn};

fn get(arn: &str) -> Input {
    Input::GetSubscriptionAttributes(wire::GetSubscriptionAttributesInput {
        subscription_arn: arn.to_owned(),
    })
}

fn set(arn: &str, name: &str, value: &str) -> Input {
    Input::SetSubscriptionAttributes(wire::SetSubscriptionAttributesInput {
        subscription_arn: arn.to_owned(),
        attribute_name: name.to_owned(),
        attribute_value: Some(value.to_owned()),
    })
}

fn unsubscribe(arn: &str) -> Input {
    Input::Unsubscribe(wire::UnsubscribeInput { subscription_arn: arn.to_owned() })
}

async fn listed(world: &World, next_token: Option<String>) -> wire::ListSubscriptionsResponse {
    match world.ok(Input::ListSubscriptions(wire::ListSubscriptionsInput { next_token })).await {
        Output::ListSubscriptions(answer) => answer,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn subscriptions_are_made_once_listed_and_go_with_their_topic() {
    let world = World::new().await;
    world.topic("news").await;
    let raw = [("RawMessageDelivery", "true")];
    let first = world.subscribe("news", "jobs", &raw).await;
    // What is not said is no difference.
    assert_eq!(world.subscribe("news", "jobs", &raw).await, first);
    assert_eq!(world.subscribe("news", "jobs", &[]).await, first);
    let other = subscribe("news", "sqs", &queue_arn("jobs"), &[("RawMessageDelivery", "false")]);
    let words = "Invalid parameter: Attributes Reason: Subscription already exists with different attributes";
    assert_eq!(world.refusal(other).await.1, words);
    let subscriptions = listed(&world, None).await.subscriptions.unwrap();
    assert_eq!(subscriptions[0].subscription_arn.as_ref(), Some(&first));
    world.ok(Input::DeleteTopic(wire::DeleteTopicInput { topic_arn: topic_arn("news") })).await;
    assert_eq!(listed(&world, None).await.subscriptions, Some(Vec::new()));
    let gone = ("NotFound".to_owned(), "Subscription does not exist".to_owned());
    assert_eq!(world.refusal(get(&first)).await, gone);
    // That it is gone already is no error.
    world.ok(unsubscribe(&first)).await;
}

#[tokio::test]
async fn a_subscription_shows_awss_attributes() {
    let world = World::new().await;
    world.topic("news").await;
    let arn = world.subscribe("news", "jobs", &[]).await;
    let redrive = json!({"deadLetterTargetArn": queue_arn("dead")}).to_string();
    let filter = r#"{"colour":["red"]}"#;
    world.ok(set(&arn, "RedrivePolicy", &redrive)).await;
    world.ok(set(&arn, "FilterPolicy", filter)).await;
    world.ok(set(&arn, "FilterPolicyScope", "MessageAttributes")).await;
    let shown = async || match world.ok(get(&arn)).await {
        Output::GetSubscriptionAttributes(answer) => answer.attributes.unwrap(),
        other => panic!("{other:?}"),
    };
    let expected = [
        ("SubscriptionArn", arn.as_str()),
        ("TopicArn", &topic_arn("news")),
        ("Owner", ACCOUNT),
        ("SubscriptionPrincipal", &format!("arn:aws:iam::{ACCOUNT}:root")),
        ("Protocol", "sqs"),
        ("Endpoint", &queue_arn("jobs")),
        ("RawMessageDelivery", "false"),
        ("PendingConfirmation", "false"),
        ("ConfirmationWasAuthenticated", "true"),
        ("FilterPolicy", filter),
        ("FilterPolicyScope", "MessageAttributes"),
        ("RedrivePolicy", &redrive),
    ];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(shown().await, expected.into());
    for name in ["FilterPolicy", "RedrivePolicy"] {
        world.ok(set(&arn, name, "")).await;
        assert_eq!(shown().await.get(name), None);
    }
}

#[tokio::test]
async fn wrong_attributes_are_refused_in_awss_words_which_subscribe_begins_otherwise() {
    let world = World::new().await;
    world.topic("news").await;
    let queue = world.subscribe("news", "jobs", &[]).await;
    let foreign = format!("arn:aws:sqs:us-east-1:{OTHER_ACCOUNT}:dead");
    for (name, value, words) in [
        ("RawMessageDelivery", "x", "RawMessageDelivery: Invalid value [x]. Must be true or false."),
        ("RawMessageDelivery", "", "RawMessageDelivery: Invalid value []. Must be true or false."),
        ("FilterPolicy", "{invalid}", "FilterPolicy: failed to parse JSON."),
        (
            "FilterPolicyScope",
            "x",
            "FilterPolicyScope: Invalid value [x]. Please use either MessageBody or MessageAttributes",
        ),
        ("RedrivePolicy", "{invalid}", "RedrivePolicy: failed to parse JSON."),
        (
            "RedrivePolicy",
            r#"{"deadLetterTargetArn":"x"}"#,
            "RedrivePolicy: deadLetterTargetArn is an invalid arn",
        ),
        (
            "RedrivePolicy",
            &json!({"deadLetterTargetArn": foreign}).to_string(),
            "RedrivePolicy: deadLetterTargetArn is not of the subscription's account",
        ),
    ] {
        let code = |words: String| ("InvalidParameter".to_owned(), words);
        let refused = world.refusal(set(&queue, name, value)).await;
        assert_eq!(refused, code(format!("Invalid parameter: {words}")));
        let refused = world.refusal(subscribe("news", "sqs", &queue_arn("new"), &[(name, value)])).await;
        assert_eq!(refused, code(format!("Invalid parameter: Attributes Reason: {words}")));
    }
    let raw = subscribe("news", "lambda", &function_arn("f"), &[("RawMessageDelivery", "true")]);
    let refused = world.refusal(raw).await.1;
    assert!(
        refused.ends_with("Delivery protocol [lambda] does not support raw message delivery."),
        "{refused}"
    );
    for name in ["DeliveryPolicy", "SubscriptionRoleArn", "ReplayPolicy"] {
        let words =
            format!("Invalid parameter: The subscription attribute {name} is not supported by this server.");
        assert_eq!(world.refusal(set(&queue, name, "{}")).await.1, words);
    }
    let body = world.refusal(set(&queue, "FilterPolicyScope", "MessageBody")).await.1;
    assert_eq!(
        body,
        "Invalid parameter: The filter policy scope MessageBody is not supported by this server."
    );
}

#[tokio::test]
async fn what_cannot_be_subscribed_is_refused_by_name() {
    let world = World::new().await;
    world.topic("news").await;
    let elsewhere = format!("arn:aws:lambda:us-east-1:{OTHER_ACCOUNT}:function:f");
    for (protocol, endpoint, words) in [
        ("email", "a@example.com", "The protocol email is not supported by this server."),
        ("pigeon", "roof", "Amazon SNS does not support this protocol string: pigeon"),
        ("sqs", "jobs", "SQS endpoint ARN"),
        ("sqs", &function_arn("f"), "SQS endpoint ARN"),
        ("lambda", &queue_arn("q"), "Lambda endpoint ARN"),
        (
            "sqs",
            &queue_arn("q.fifo"),
            "Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics",
        ),
        (
            "lambda",
            &elsewhere,
            "A subscription for another account, which has to confirm it, is not supported by this server.",
        ),
    ] {
        let refused = world.refusal(subscribe("news", protocol, endpoint, &[])).await;
        assert_eq!(refused, ("InvalidParameter".to_owned(), format!("Invalid parameter: {words}")));
    }
}

#[tokio::test]
async fn a_subscription_is_of_the_account_that_made_it() {
    let world = World::new().await;
    world.topic("news").await;
    world
        .ok(Input::AddPermission(wire::AddPermissionInput {
            topic_arn: topic_arn("news"),
            label: "l".to_owned(),
            aws_account_id: vec![OTHER_ACCOUNT.to_owned()],
            action_name: vec!["Subscribe".to_owned()],
        }))
        .await;
    let all = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sns:*","Resource":"*"}}"#;
    let subscriber = world.house.add_user(OTHER_ACCOUNT, "subscriber", Some(all)).await;
    let nobody = world.house.add_user(OTHER_ACCOUNT, "nobody", None).await;
    let queue = format!("arn:aws:sqs:us-east-1:{OTHER_ACCOUNT}:jobs");
    let made = world.call(&subscriber, subscribe("news", "sqs", &queue, &[])).await.unwrap();
    let Output::Subscribe(wire::SubscribeResponse { subscription_arn: Some(arn) }) = made else {
        panic!("{made:?}")
    };
    world.call(&subscriber, get(&arn)).await.unwrap();
    world.call(&subscriber, set(&arn, "RawMessageDelivery", "true")).await.unwrap();
    assert!(world.call(&nobody, get(&arn)).await.is_err());
    // The topic's owner sees that it is there, and can end it, but neither read nor change it.
    let foreign = ("AuthorizationError".to_owned(), "Not authorized to access this subscription".to_owned());
    assert_eq!(world.refusal(get(&arn)).await, foreign);
    assert_eq!(world.refusal(set(&arn, "RawMessageDelivery", "false")).await, foreign);
    assert!(world.call(&nobody, unsubscribe(&arn)).await.is_err());
    world.ok(unsubscribe(&arn)).await;
    let own = world.subscribe("news", "own", &[]).await;
    for input in [get(&own), set(&own, "RawMessageDelivery", "true"), unsubscribe(&own)] {
        assert!(world.call(&subscriber, input).await.is_err());
    }
}

#[tokio::test]
async fn lists_have_pages_which_outlive_what_they_end_with() {
    let world = World::new().await;
    // The ARNs of these two have another order than their names.
    for topic in ["a", "a-b"] {
        world.topic(topic).await;
        for number in 0..60 {
            world.subscribe(topic, &format!("q{number}"), &[]).await;
        }
    }
    let first = listed(&world, None).await;
    let first_arns: Vec<_> =
        first.subscriptions.unwrap().into_iter().filter_map(|shown| shown.subscription_arn).collect();
    assert_eq!(first_arns.len(), 100);
    let token = first.next_token;
    world.ok(unsubscribe(first_arns.last().unwrap())).await;
    let second = listed(&world, token).await;
    let mut arns: Vec<_> =
        second.subscriptions.unwrap().into_iter().filter_map(|shown| shown.subscription_arn).collect();
    assert_eq!((arns.len(), second.next_token), (20, None));
    arns.extend(first_arns);
    arns.sort();
    arns.dedup();
    assert_eq!(arns.len(), 120);
    let by_topic = Input::ListSubscriptionsByTopic(wire::ListSubscriptionsByTopicInput {
        topic_arn: topic_arn("a"),
        next_token: Some("?".to_owned()),
    });
    assert_eq!(world.refusal(by_topic).await.1, "Invalid parameter: NextToken");
}
