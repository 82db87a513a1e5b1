//! Every operation: allowed with exactly its action on exactly its resource, denied without, denied with a Deny on it.

use rolecall_wire::ServiceError;
use rolecall_wire::sns::{self as wire, Input, Operation};

use crate::world::{World, create, publish, queue_arn, subscribe, topic_arn};

const TOPIC: &str = "news";

/// An operation's input and its resource; a batch needs the right of the single operation.
fn rows(subscription: &str) -> Vec<(Input, String)> {
    let topic_arn = || topic_arn(TOPIC);
    let subscription_arn = || subscription.to_owned();
    let on_topic = |input: Input| (input, topic_arn());
    let entry =
        wire::PublishBatchRequestEntry { id: "1".to_owned(), message: "m".to_owned(), ..Default::default() };
    let tag = wire::Tag { key: "team".to_owned(), value: "red".to_owned() };
    vec![
        (create("new"), crate::world::topic_arn("new")),
        (Input::ListTopics(Default::default()), "*".to_owned()),
        (Input::ListSubscriptions(Default::default()), "*".to_owned()),
        on_topic(Input::GetTopicAttributes(wire::GetTopicAttributesInput { topic_arn: topic_arn() })),
        on_topic(Input::SetTopicAttributes(wire::SetTopicAttributesInput {
            topic_arn: topic_arn(),
            attribute_name: "DisplayName".to_owned(),
            attribute_value: Some("News".to_owned()),
        })),
        on_topic(subscribe(TOPIC, "sqs", &queue_arn("other"), &[])),
        on_topic(Input::ListSubscriptionsByTopic(wire::ListSubscriptionsByTopicInput {
            topic_arn: topic_arn(),
            next_token: None,
        })),
        on_topic(Input::GetSubscriptionAttributes(wire::GetSubscriptionAttributesInput {
            subscription_arn: subscription_arn(),
        })),
        on_topic(Input::SetSubscriptionAttributes(wire::SetSubscriptionAttributesInput {
            subscription_arn: subscription_arn(),
            attribute_name: "RawMessageDelivery".to_owned(),
            attribute_value: Some("true".to_owned()),
        })),
        on_topic(Input::Publish(publish(TOPIC, "m"))),
        on_topic(Input::PublishBatch(wire::PublishBatchInput {
            topic_arn: topic_arn(),
            publish_batch_request_entries: vec![entry],
        })),
        on_topic(Input::AddPermission(wire::AddPermissionInput {
            topic_arn: topic_arn(),
            label: "l".to_owned(),
            aws_account_id: vec!["444455556666".to_owned()],
            action_name: vec!["Publish".to_owned()],
        })),
        on_topic(Input::RemovePermission(wire::RemovePermissionInput {
            topic_arn: topic_arn(),
            label: "l".to_owned(),
        })),
        on_topic(Input::TagResource(wire::TagResourceRequest { resource_arn: topic_arn(), tags: vec![tag] })),
        on_topic(Input::ListTagsForResource(wire::ListTagsForResourceRequest { resource_arn: topic_arn() })),
        on_topic(Input::UntagResource(wire::UntagResourceRequest {
            resource_arn: topic_arn(),
            tag_keys: vec!["team".to_owned()],
        })),
        on_topic(Input::Unsubscribe(wire::UnsubscribeInput { subscription_arn: subscription_arn() })),
        on_topic(Input::DeleteTopic(wire::DeleteTopicInput { topic_arn: topic_arn() })),
    ]
}

#[tokio::test]
async fn every_operation_is_allowed_by_its_own_permission_and_by_nothing_less() {
    let world = World::new().await;
    let nobody = world.user("nobody", None).await;
    world.topic(TOPIC).await;
    let subscription = world.subscribe(TOPIC, "jobs", &[]).await;
    for (index, (input, resource)) in rows(&subscription).into_iter().enumerate() {
        let action = match input.operation() {
            Operation::PublishBatch => "Publish",
            operation => operation.name(),
        };
        let refused = world.call(&nobody, input.clone()).await.unwrap_err();
        // SNS prints its own prefix in upper case.
        let message = format!(
            "User: {} is not authorized to perform: SNS:{action} on resource: {resource} because no identity-based \
             policy allows the SNS:{action} action",
            nobody.arn()
        );
        assert_eq!(refused, ServiceError::new(403, "AuthorizationError", message), "{action}");

        let denying = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"*","Resource":"*"}},
                {{"Effect":"Deny","Action":"sns:{action}","Resource":"{resource}"}}]}}"#
        );
        let denied_user = world.user(&format!("denied{index}"), Some(&denying)).await;
        let refused = world.call(&denied_user, input.clone()).await.unwrap_err();
        let words = refused.message.unwrap_or_default();
        assert!(words.ends_with("with an explicit deny in an identity-based policy"), "{words}");

        let allowing = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"sns:{action}","Resource":"{resource}"}}}}"#
        );
        let allowed_user = world.user(&format!("allowed{index}"), Some(&allowing)).await;
        let answer = world.call(&allowed_user, input).await;
        assert!(answer.is_ok(), "{action}: {answer:?}");
    }
}

#[test]
fn every_built_operation_has_a_row() {
    let covered: Vec<Operation> = rows("").iter().map(|(input, _)| input.operation()).collect();
    for operation in Operation::ALL.into_iter().filter(|operation| operation.is_built()) {
        assert!(covered.contains(&operation), "{} has no row", operation.name());
    }
}

#[tokio::test]
async fn who_may_subscribe_is_limited_by_protocol_and_endpoint() {
    let world = World::new().await;
    world.topic(TOPIC).await;
    let policy = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"sns:Subscribe","Resource":"*",
            "Condition":{{"StringEquals":{{"sns:Protocol":"sqs"}},"StringLike":{{"sns:Endpoint":"{}"}}}}}}}}"#,
        queue_arn("jobs*")
    );
    let user = world.user("user", Some(&policy)).await;
    world.call(&user, subscribe(TOPIC, "sqs", &queue_arn("jobs-1"), &[])).await.unwrap();
    assert!(world.call(&user, subscribe(TOPIC, "sqs", &queue_arn("other"), &[])).await.is_err());
}
