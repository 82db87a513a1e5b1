//! Topics: their attributes, tags and pages.

use rolecall_testkit::ACCOUNT;
use rolecall_wire::sns::{self as wire, Input, Output};
use serde_json::Value;

use crate::world::{World, create, topic_arn};

fn set(name: &str, value: &str) -> Input {
    Input::SetTopicAttributes(wire::SetTopicAttributesInput {
        topic_arn: topic_arn("news"),
        attribute_name: name.to_owned(),
        attribute_value: Some(value.to_owned()),
    })
}

fn create_with(name: &str, attributes: &[(&str, &str)], tags: &[(&str, &str)]) -> Input {
    let attributes = attributes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Input::CreateTopic(wire::CreateTopicInput {
        name: name.to_owned(),
        attributes: Some(attributes.collect()),
        tags: Some(to_tags(tags)),
        data_protection_policy: None,
    })
}

fn to_tags(tags: &[(&str, &str)]) -> Vec<wire::Tag> {
    tags.iter().map(|(key, value)| wire::Tag { key: (*key).to_owned(), value: (*value).to_owned() }).collect()
}

#[tokio::test]
async fn a_topic_is_made_once_and_shows_awss_attributes() {
    let world = World::new().await;
    world.topic("news").await;
    world.topic("news").await;
    world.subscribe("news", "jobs", &[]).await;
    world.ok(set("DisplayName", "News")).await;
    let get = Input::GetTopicAttributes(wire::GetTopicAttributesInput { topic_arn: topic_arn("news") });
    let Output::GetTopicAttributes(answer) = world.ok(get).await else { panic!("another answer") };
    let mut attributes = answer.attributes.unwrap();
    let policy: Value = serde_json::from_str(&attributes.remove("Policy").unwrap()).unwrap();
    assert_eq!(policy["Statement"][0]["Condition"]["StringEquals"]["AWS:SourceOwner"], ACCOUNT);
    let deliveries: Value =
        serde_json::from_str(&attributes.remove("EffectiveDeliveryPolicy").unwrap()).unwrap();
    assert_eq!(deliveries["http"]["defaultHealthyRetryPolicy"]["numRetries"], 3);
    let expected = [
        ("TopicArn", topic_arn("news").as_str()),
        ("Owner", ACCOUNT),
        ("DisplayName", "News"),
        ("SubscriptionsConfirmed", "1"),
        ("SubscriptionsPending", "0"),
        ("SubscriptionsDeleted", "0"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(attributes, expected.into());
}

#[tokio::test]
async fn a_topic_that_is_there_is_made_again_only_as_it_is() {
    let world = World::new().await;
    world.ok(create_with("news", &[("DisplayName", "News")], &[("team", "red")])).await;
    // What is not said is no difference.
    world.ok(create("news")).await;
    world
        .ok(create_with("news", &[("DisplayName", "News"), ("FifoTopic", "false")], &[("team", "red")]))
        .await;
    for (input, words) in [
        (
            create_with("news", &[("DisplayName", "Olds")], &[]),
            "Attributes Reason: Topic already exists with different attributes",
        ),
        (
            create_with("news", &[], &[("team", "red"), ("more", "x")]),
            "Tags Reason: Topic already exists with different tags",
        ),
    ] {
        let refused = world.refusal(input).await;
        assert_eq!(refused, ("InvalidParameter".to_owned(), format!("Invalid parameter: {words}")));
    }
}

#[tokio::test]
async fn what_is_not_there_or_not_taken_is_refused_in_awss_words() {
    let world = World::new().await;
    world.topic("news").await;
    let arn =
        |arn: &str| Input::GetTopicAttributes(wire::GetTopicAttributesInput { topic_arn: arn.to_owned() });
    let long = "a".repeat(257);
    for (input, code, words) in [
        (create("a b"), "InvalidParameter", "Invalid parameter: Topic Name"),
        (create(""), "InvalidParameter", "Invalid parameter: Topic Name"),
        (create(&long), "InvalidParameter", "Invalid parameter: Topic Name"),
        (
            create("a.fifo"),
            "InvalidParameter",
            "Invalid parameter: A FIFO topic is not supported by this server.",
        ),
        (
            create_with("a", &[("FifoTopic", "true")], &[]),
            "InvalidParameter",
            "Invalid parameter: A FIFO topic is not supported by this server.",
        ),
        (arn(&topic_arn("missing")), "NotFound", "Topic does not exist"),
        (
            arn("news"),
            "InvalidParameter",
            "Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 1",
        ),
        (
            arn("arn:aws:sns:us-east-1:news"),
            "InvalidParameter",
            "Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 5",
        ),
        (arn(&format!("{}:1", topic_arn("news"))), "InvalidParameter", "Invalid parameter: TopicArn"),
        (
            arn(&topic_arn("news").replace("us-east-1", "eu-west-1")),
            "InvalidParameter",
            "Invalid parameter: TopicArn",
        ),
        (set("Colour", "red"), "InvalidParameter", "Invalid parameter: AttributeName"),
        (set("FifoTopic", "false"), "InvalidParameter", "Invalid parameter: AttributeName"),
        (set("DisplayName", &long), "InvalidParameter", "Invalid parameter: DisplayName"),
        (
            set("KmsMasterKeyId", "alias/aws/sns"),
            "InvalidParameter",
            "Invalid parameter: The topic attribute KmsMasterKeyId is not supported by this server.",
        ),
        (
            set("LambdaFailureFeedbackRoleArn", "arn:aws:iam::111122223333:role/r"),
            "InvalidParameter",
            "Invalid parameter: The topic attribute LambdaFailureFeedbackRoleArn is not supported by this server.",
        ),
    ] {
        assert_eq!(world.refusal(input).await, (code.to_owned(), words.to_owned()));
    }
}

#[tokio::test]
async fn tags_are_merged_removed_and_decide() {
    let world = World::new().await;
    world.ok(create_with("news", &[], &[("k1", "v1"), ("k2", "v2")])).await;
    let tag = |tags| {
        Input::TagResource(wire::TagResourceRequest { resource_arn: topic_arn("news"), tags: to_tags(tags) })
    };
    let twice = world.refusal(tag(&[("k", "1"), ("k", "2")])).await;
    assert_eq!(twice.1, "Invalid parameter: Duplicated keys are not allowed.");
    assert_eq!(world.refusal(tag(&[("aws:k", "1")])).await.0, "InvalidParameter");
    world.ok(tag(&[("k2", "v2b"), ("k3", "v3")])).await;
    world
        .ok(Input::UntagResource(wire::UntagResourceRequest {
            resource_arn: topic_arn("news"),
            tag_keys: vec!["k1".to_owned()],
        }))
        .await;
    let list =
        |name| Input::ListTagsForResource(wire::ListTagsForResourceRequest { resource_arn: topic_arn(name) });
    let Output::ListTagsForResource(answer) = world.ok(list("news")).await else { panic!("another answer") };
    assert_eq!(answer.tags, Some(to_tags(&[("k2", "v2b"), ("k3", "v3")])));
    let missing = ("ResourceNotFound".to_owned(), "Resource does not exist".to_owned());
    assert_eq!(world.refusal(list("missing")).await, missing);
    let many: Vec<String> = (0..49).map(|number| format!("n{number}")).collect();
    let many: Vec<_> = many.iter().map(|key| (key.as_str(), "")).collect();
    assert_eq!(world.refusal(tag(&many)).await.0, "TagLimitExceeded");

    let by_tag = |value: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"sns:DeleteTopic","Resource":"*",
                "Condition":{{"StringEquals":{{"aws:ResourceTag/k3":"{value}"}}}}}}}}"#
        )
    };
    let delete = || Input::DeleteTopic(wire::DeleteTopicInput { topic_arn: topic_arn("news") });
    let wrong = world.user("wrong", Some(&by_tag("v4"))).await;
    assert!(world.call(&wrong, delete()).await.is_err());
    let right = world.user("right", Some(&by_tag("v3"))).await;
    world.call(&right, delete()).await.unwrap();
}

#[tokio::test]
async fn topics_are_listed_in_pages() {
    let world = World::new().await;
    for number in 0..101 {
        world.topic(&format!("topic-{number:03}")).await;
    }
    let mut names = Vec::new();
    let mut next_token = None;
    for expected in [100, 1] {
        let list = Input::ListTopics(wire::ListTopicsInput { next_token: next_token.take() });
        let Output::ListTopics(answer) = world.ok(list).await else { panic!("another answer") };
        let page = answer.topics.unwrap();
        assert_eq!(page.len(), expected);
        names.extend(page.into_iter().filter_map(|topic| topic.topic_arn));
        next_token = answer.next_token;
    }
    assert_eq!(next_token, None);
    let expected: Vec<_> = (0..101).map(|number| topic_arn(&format!("topic-{number:03}"))).collect();
    assert_eq!(names, expected);
}
