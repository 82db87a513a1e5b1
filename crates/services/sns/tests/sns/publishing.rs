//! Publish and PublishBatch: what is taken for a message.

use rolecall_wire::sns::{self as wire, Input, Output};

use crate::world::{World, publish, topic_arn};

fn batch(entries: Vec<wire::PublishBatchRequestEntry>) -> Input {
    Input::PublishBatch(wire::PublishBatchInput {
        topic_arn: topic_arn("news"),
        publish_batch_request_entries: entries,
    })
}

fn entry(id: &str, message: &str) -> wire::PublishBatchRequestEntry {
    wire::PublishBatchRequestEntry { id: id.to_owned(), message: message.to_owned(), ..Default::default() }
}

#[tokio::test]
async fn what_is_no_message_is_refused_in_awss_words() {
    let world = World::new().await;
    world.topic("news").await;
    let long = "a".repeat(262_145);
    let structured = |message: &str| wire::PublishInput {
        message_structure: Some("json".to_owned()),
        ..publish("news", message)
    };
    for (input, code, words) in [
        (publish("missing", "m"), "NotFound", "Topic does not exist"),
        (publish("news", ""), "InvalidParameter", "Invalid parameter: Empty message"),
        (publish("news", &long), "InvalidParameter", "Invalid parameter: Message too long"),
        (
            structured("no json"),
            "InvalidParameter",
            "Invalid parameter: Message Structure - JSON message body failed to parse",
        ),
        (
            structured(r#"{"sqs":"m"}"#),
            "InvalidParameter",
            "Invalid parameter: Message Structure - No default entry in JSON message body",
        ),
        (
            structured(r#"{"default":{"not":"a text"}}"#),
            "InvalidParameter",
            "Invalid parameter: Message Structure - No default entry in JSON message body",
        ),
        (
            wire::PublishInput { subject: Some(String::new()), ..publish("news", "m") },
            "InvalidParameter",
            "Invalid parameter: Subject",
        ),
        (
            wire::PublishInput { subject: Some("two\nlines".to_owned()), ..publish("news", "m") },
            "InvalidParameter",
            "Invalid parameter: Subject",
        ),
        (
            wire::PublishInput { message_deduplication_id: Some("1".to_owned()), ..publish("news", "m") },
            "InvalidParameter",
            "Invalid parameter: MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter \
             that is not valid for this topic type",
        ),
        (
            wire::PublishInput { phone_number: Some("+4912345".to_owned().into()), ..publish("news", "m") },
            "InvalidParameter",
            "Invalid parameter: PhoneNumber is not supported by this server.",
        ),
        (
            wire::PublishInput { message: "m".to_owned(), ..Default::default() },
            "InvalidParameter",
            "Invalid parameter: TopicArn or TargetArn Reason: no value for required parameter",
        ),
    ] {
        assert_eq!(world.refusal(Input::Publish(input)).await, (code.to_owned(), words.to_owned()));
    }
    let by_target =
        wire::PublishInput { topic_arn: None, target_arn: Some(topic_arn("news")), ..publish("news", "m") };
    world.ok(Input::Publish(by_target)).await;
}

#[tokio::test]
async fn a_batch_is_taken_or_refused_as_a_whole() {
    let world = World::new().await;
    world.topic("news").await;
    world.subscribe_function("news", "listener", &[]).await;
    let Output::PublishBatch(answer) = world.ok(batch(vec![entry("a", "1"), entry("b", "2")])).await else {
        panic!("another answer")
    };
    let successful = answer.successful.unwrap();
    let ids: Vec<_> = successful.iter().map(|entry| entry.id.as_deref()).collect();
    assert_eq!((ids, answer.failed), (vec![Some("a"), Some("b")], Some(Vec::new())));
    assert_ne!(successful[0].message_id, successful[1].message_id);
    let half = "a".repeat(140_000);
    for (entries, code) in [
        (vec![], "EmptyBatchRequest"),
        ((0..11).map(|number| entry(&number.to_string(), "m")).collect(), "TooManyEntriesInBatchRequest"),
        (vec![entry("a", "1"), entry("a", "2")], "BatchEntryIdsNotDistinct"),
        (vec![entry("a b", "1")], "InvalidBatchEntryId"),
        (vec![entry("a", &half), entry("b", &half)], "BatchRequestTooLong"),
        (vec![entry("a", "1"), entry("b", "")], "InvalidParameter"),
    ] {
        assert_eq!(world.refusal(batch(entries)).await.0, code);
    }
    world.sns.start();
    world.delivered().await;
    assert_eq!(world.functions.told().len(), 2);
}
