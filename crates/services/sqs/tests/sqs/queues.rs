//! Queues: their attributes, names and lists.

use rolecall_wire::sqs::{self as wire, Input, Output};

use crate::world::{World, arn, create, set, url};

#[tokio::test]
async fn a_queue_has_awss_attributes_and_is_made_once() {
    let world = World::new().await;
    world.queue("jobs", &[("VisibilityTimeout", "20")]).await;
    world.queue("jobs", &[("VisibilityTimeout", "20")]).await;
    world.queue("jobs", &[]).await;
    let attributes = world.attributes("jobs").await;
    for (name, value) in [
        ("VisibilityTimeout", "20"),
        ("MaximumMessageSize", "1048576"),
        ("MessageRetentionPeriod", "345600"),
        ("DelaySeconds", "0"),
        ("ReceiveMessageWaitTimeSeconds", "0"),
        ("ApproximateNumberOfMessages", "0"),
        ("QueueArn", &arn("jobs")),
        ("SqsManagedSseEnabled", "false"),
    ] {
        assert_eq!(attributes.get(name).map(String::as_str), Some(value), "{name}");
    }
    assert!(!attributes.contains_key("Policy") && !attributes.contains_key("RedrivePolicy"));
    let words = "A queue already exists with the same name and a different value for attribute DelaySeconds";
    assert_eq!(
        world.refusal(create("jobs", &[("DelaySeconds", "1")])).await,
        ("QueueAlreadyExists".to_owned(), words.to_owned())
    );
}

#[tokio::test]
async fn what_no_queue_has_is_refused_in_awss_words() {
    let world = World::new().await;
    world.queue("jobs", &[]).await;
    let name = "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length";
    let target = |policy: &str| format!("Value {policy} for parameter RedrivePolicy is invalid. Reason: ");
    let nowhere = format!(r#"{{"deadLetterTargetArn":"{}","maxReceiveCount":3}}"#, arn("missing"));
    let no_arn = r#"{"deadLetterTargetArn":"dummy","maxReceiveCount":42}"#;
    let too_often = format!(r#"{{"deadLetterTargetArn":"{}","maxReceiveCount":1001}}"#, arn("jobs"));
    for (input, code, words) in [
        (create("a.b", &[]), "InvalidParameterValue", name.to_owned()),
        (create(&"a".repeat(81), &[]), "InvalidParameterValue", name.to_owned()),
        (
            create("a.fifo", &[("FifoQueue", "true")]),
            "AWS.SimpleQueueService.UnsupportedOperation",
            "A FIFO queue is not supported by this server.".to_owned(),
        ),
        (
            create("a", &[("FifoQueue", "false")]),
            "InvalidAttributeName",
            "Unknown Attribute FifoQueue.".to_owned(),
        ),
        (set("jobs", &[("Colour", "red")]), "InvalidAttributeName", "Unknown Attribute Colour.".to_owned()),
        (
            set("jobs", &[("VisibilityTimeout", "43201")]),
            "InvalidAttributeValue",
            "Invalid value for the parameter VisibilityTimeout.".to_owned(),
        ),
        (
            set("jobs", &[("Policy", "{}")]),
            "InvalidAttributeValue",
            "Invalid value for the parameter Policy.".to_owned(),
        ),
        (
            set("jobs", &[("RedrivePolicy", no_arn)]),
            "InvalidParameterValue",
            target(no_arn) + "Invalid value for deadLetterTargetArn.",
        ),
        (
            set("jobs", &[("RedrivePolicy", &nowhere)]),
            "InvalidParameterValue",
            target(&nowhere) + "Dead letter target does not exist.",
        ),
        (
            set("jobs", &[("RedrivePolicy", &too_often)]),
            "InvalidParameterValue",
            target(&too_often)
                + "Invalid value for maxReceiveCount: 1001, valid values are from 1 to 1000 both inclusive.",
        ),
        (
            set("jobs", &[("KmsMasterKeyId", "alias/aws/sqs")]),
            "AWS.SimpleQueueService.UnsupportedOperation",
            "Server-side encryption (KmsMasterKeyId) is not supported by this server.".to_owned(),
        ),
    ] {
        assert_eq!(world.refusal(input).await, (code.to_owned(), words));
    }
}

#[tokio::test]
async fn queues_are_listed_by_prefix_and_in_pages() {
    let world = World::new().await;
    for name in ["a1", "a2", "a3", "b1"] {
        world.queue(name, &[]).await;
    }
    let list = async |max_results, next_token| {
        let queue_name_prefix = Some("a".to_owned());
        let input = wire::ListQueuesRequest { queue_name_prefix, max_results, next_token };
        match world.ok(Input::ListQueues(input)).await {
            Output::ListQueues(page) => (page.queue_urls.unwrap_or_default(), page.next_token),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(list(None, None).await, (vec![url("a1"), url("a2"), url("a3")], None));
    let (first, token) = list(Some(2), None).await;
    assert_eq!(first, [url("a1"), url("a2")]);
    assert_eq!(list(Some(2), token).await, (vec![url("a3")], None));
}

#[tokio::test]
async fn a_dead_letter_queue_knows_its_sources_and_may_refuse_them() {
    let world = World::new().await;
    let only = format!(r#"{{"redrivePermission":"byQueue","sourceQueueArns":["{}"]}}"#, arn("good"));
    world.queue("dead", &[("RedriveAllowPolicy", &only)]).await;
    let redrive = format!(r#"{{"deadLetterTargetArn":"{}","maxReceiveCount":"2"}}"#, arn("dead"));
    world.queue("good", &[("RedrivePolicy", &redrive)]).await;
    let (code, words) = world.refusal(create("bad", &[("RedrivePolicy", &redrive)])).await;
    assert_eq!(code, "InvalidParameterValue");
    assert!(words.ends_with("does not allow this source queue."), "{words}");
    let sources = wire::ListDeadLetterSourceQueuesRequest { queue_url: url("dead"), ..Default::default() };
    match world.ok(Input::ListDeadLetterSourceQueues(sources)).await {
        Output::ListDeadLetterSourceQueues(answer) => assert_eq!(answer.queue_urls, Some(vec![url("good")])),
        other => panic!("{other:?}"),
    }
    let shown = format!(r#"{{"deadLetterTargetArn":"{}","maxReceiveCount":2}}"#, arn("dead"));
    assert_eq!(world.attributes("good").await["RedrivePolicy"], shown);
}
