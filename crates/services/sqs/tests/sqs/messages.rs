//! Messages: sent, received, hidden, deleted, and sent away when they are received too often.

use std::sync::Arc;

use rolecall_store::records::sqs::MessageContent;
use rolecall_wire::sqs::{self as wire, Input, Output};

use crate::world::{World, arn, delete, send, set, url};

fn visibility(queue: &str, handle: &str, visibility_timeout: i32) -> Input {
    Input::ChangeMessageVisibility(wire::ChangeMessageVisibilityRequest {
        queue_url: url(queue),
        receipt_handle: handle.to_owned(),
        visibility_timeout,
    })
}

#[tokio::test]
async fn a_message_is_hidden_while_somebody_works_on_it() {
    let world = World::new().await;
    world.queue("jobs", &[("VisibilityTimeout", "600")]).await;
    let sent = world.send("jobs", "one").await;
    assert_eq!(sent.md5_of_message_body.as_deref(), Some("f97c5d29941bfb1b2fdab0874906ab82"));
    world.send("jobs", "two").await;
    let received = world.receive("jobs", None).await;
    let bodies: Vec<_> = received.iter().map(|message| message.body.as_deref().unwrap()).collect();
    assert_eq!(bodies, ["one", "two"]);
    assert_eq!(received[0].message_id, sent.message_id);
    assert!(world.receive("jobs", None).await.is_empty());
    let counts = world.attributes("jobs").await;
    assert_eq!(counts["ApproximateNumberOfMessagesNotVisible"], "2");

    let first = received[0].receipt_handle.clone().unwrap();
    world.ok(visibility("jobs", &first, 0)).await;
    let again = world.receive("jobs", None).await;
    assert_eq!(again[0].attributes.as_ref().unwrap()["ApproximateReceiveCount"], "2");
    // The first handle is void now: it deletes nothing and hides nothing.
    world.ok(delete("jobs", &first)).await;
    let (code, words) = world.refusal(visibility("jobs", &first, 30)).await;
    assert_eq!(code, "InvalidParameterValue");
    assert!(words.ends_with("Message does not exist or is not available for visibility timeout change."));
    world.ok(visibility("jobs", again[0].receipt_handle.as_ref().unwrap(), 0)).await;
    let last = world.receive("jobs", Some(600)).await;
    world.ok(delete("jobs", last[0].receipt_handle.as_ref().unwrap())).await;
    assert_eq!(world.attributes("jobs").await["ApproximateNumberOfMessagesNotVisible"], "1");
}

#[tokio::test]
async fn a_handle_is_good_for_its_own_queue_only() {
    let world = World::new().await;
    for queue in ["a", "b"] {
        world.queue(queue, &[]).await;
        world.send(queue, queue).await;
    }
    let handle = world.receive("a", None).await[0].receipt_handle.clone().unwrap();
    for handle in [handle.as_str(), "garbage", ""] {
        let words = format!("The input receipt handle \"{handle}\" is not a valid receipt handle.");
        let refused = world.refusal(delete("b", handle)).await;
        assert_eq!(refused, ("ReceiptHandleIsInvalid".to_owned(), words));
    }
    assert_eq!(world.bodies("b").await, ["b"]);
}

#[tokio::test]
async fn a_message_that_is_received_too_often_goes_to_the_dead_letter_queue() {
    let world = World::new().await;
    world.queue("dead", &[]).await;
    let redrive = format!(r#"{{"deadLetterTargetArn":"{}","maxReceiveCount":2}}"#, arn("dead"));
    world.queue("jobs", &[("RedrivePolicy", &redrive)]).await;
    let sent = world.send("jobs", "poison").await;
    for _ in 0..2 {
        assert_eq!(world.receive("jobs", Some(0)).await.len(), 1);
    }
    assert!(world.receive("jobs", Some(0)).await.is_empty());
    let dead = world.receive("dead", None).await;
    assert_eq!(dead[0].message_id, sent.message_id);
    let attributes = dead[0].attributes.as_ref().unwrap();
    assert_eq!(attributes["DeadLetterQueueSourceArn"], arn("jobs"));
    // Without its dead-letter queue a message stays where it is.
    world.remove("dead").await;
    world.send("jobs", "poison").await;
    for _ in 0..4 {
        assert_eq!(world.receive("jobs", Some(0)).await.len(), 1);
    }
}

#[tokio::test]
async fn who_waits_is_woken_by_a_message() {
    let world = Arc::new(World::new().await);
    world.queue("jobs", &[]).await;
    let wait = wire::ReceiveMessageRequest {
        queue_url: url("jobs"),
        wait_time_seconds: Some(20),
        ..Default::default()
    };
    let waiter = {
        let (world, wait) = (Arc::clone(&world), wait.clone());
        tokio::spawn(async move { world.ok(Input::ReceiveMessage(wait)).await })
    };
    tokio::task::yield_now().await;
    world.send("jobs", "at last").await;
    match waiter.await.unwrap() {
        Output::ReceiveMessage(received) => {
            assert_eq!(received.messages.unwrap()[0].body.as_deref(), Some("at last"));
        }
        other => panic!("{other:?}"),
    }
    // A server that stops keeps nobody waiting.
    world.sqs.stop_waiting();
    match world.ok(Input::ReceiveMessage(wait)).await {
        Output::ReceiveMessage(received) => assert_eq!(received.messages, None),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_message_that_is_too_old_is_gone() {
    let world = World::new().await;
    world.queue("jobs", &[("MessageRetentionPeriod", "60")]).await;
    world.send("jobs", "old").await;
    world
        .house
        .write(|state| {
            let key = state.queue_messages.iter().next().unwrap().0.clone();
            state.queue_messages.update(&key, |message| {
                let old = MessageContent {
                    sent_ms: message.content.sent_ms - 61_000,
                    ..(*message.content).clone()
                };
                message.content = Arc::new(old);
            });
        })
        .await;
    assert_eq!(world.attributes("jobs").await["ApproximateNumberOfMessages"], "0");
    assert!(world.receive("jobs", None).await.is_empty());
    world.send("jobs", "new").await;
    assert_eq!(world.house.platform.store.read().queue_messages.len(), 1);
    assert_eq!(world.bodies("jobs").await, ["new"]);
}

#[tokio::test]
async fn a_batch_is_checked_as_a_whole_and_answered_by_entry() {
    let world = World::new().await;
    world.queue("jobs", &[("MaximumMessageSize", "1024")]).await;
    let batch = |entries: &[(&str, &str)]| {
        let entry = |(id, body): &(&str, &str)| wire::SendMessageBatchRequestEntry {
            id: (*id).to_owned(),
            message_body: (*body).to_owned(),
            ..Default::default()
        };
        let entries = entries.iter().map(entry).collect();
        Input::SendMessageBatch(wire::SendMessageBatchRequest { queue_url: url("jobs"), entries })
    };
    let large = "x".repeat(1025);
    match world.ok(batch(&[("good", "a"), ("bad", &large)])).await {
        Output::SendMessageBatch(answer) => {
            assert_eq!(answer.successful.unwrap()[0].id.as_deref(), Some("good"));
            let failed = &answer.failed.unwrap()[0];
            assert_eq!((failed.id.as_deref(), failed.sender_fault), (Some("bad"), Some(true)));
            assert_eq!(failed.code.as_deref(), Some("InvalidParameterValue"));
        }
        other => panic!("{other:?}"),
    }
    let eleven: Vec<(String, &str)> = (0..11).map(|number| (number.to_string(), "a")).collect();
    let eleven: Vec<(&str, &str)> = eleven.iter().map(|(id, body)| (id.as_str(), *body)).collect();
    let huge = "x".repeat(600_000);
    for (entries, code) in [
        (&[][..], "EmptyBatchRequest"),
        (&eleven, "TooManyEntriesInBatchRequest"),
        (&[("a", "x"), ("a", "y")], "BatchEntryIdsNotDistinct"),
        (&[("invalid:id", "x")], "InvalidBatchEntryId"),
        (&[("a", huge.as_str()), ("b", huge.as_str())], "BatchRequestTooLong"),
    ] {
        let refused = world.refusal(batch(entries)).await.0;
        assert_eq!(refused, format!("AWS.SimpleQueueService.{code}"));
    }
    assert_eq!(world.bodies("jobs").await, ["a"]);
}

#[tokio::test]
async fn a_purge_empties_a_queue_and_has_to_wait_for_the_next() {
    let world = World::new().await;
    world.queue("jobs", &[]).await;
    world.send("jobs", "gone").await;
    let purge = || Input::PurgeQueue(wire::PurgeQueueRequest { queue_url: url("jobs") });
    world.ok(purge()).await;
    assert!(world.receive("jobs", None).await.is_empty());
    let words = "Only one PurgeQueue operation on jobs is allowed every 60 seconds.".to_owned();
    assert_eq!(
        world.refusal(purge()).await,
        ("AWS.SimpleQueueService.PurgeQueueInProgress".to_owned(), words)
    );
}

#[tokio::test]
async fn a_deleted_queue_takes_its_messages_with_it() {
    let world = World::new().await;
    world.queue("jobs", &[]).await;
    world.send("jobs", "gone").await;
    let handle = world.receive("jobs", Some(0)).await[0].receipt_handle.clone().unwrap();
    world.remove("jobs").await;
    assert_eq!(world.refusal(send("jobs", "x")).await.0, "AWS.SimpleQueueService.NonExistentQueue");
    world.queue("jobs", &[]).await;
    assert!(world.receive("jobs", None).await.is_empty());
    assert_eq!(world.refusal(delete("jobs", &handle)).await.0, "ReceiptHandleIsInvalid");
    world.ok(set("jobs", &[("DelaySeconds", "900")])).await;
    world.send("jobs", "later").await;
    assert!(world.receive("jobs", None).await.is_empty());
    assert_eq!(world.attributes("jobs").await["ApproximateNumberOfMessagesDelayed"], "1");
}
