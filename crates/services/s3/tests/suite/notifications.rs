//! Notifications: how they are set, and what functions receive.

use std::sync::Arc;
use std::time::Duration;

use crate::world::{World, allow, put};
use rolecall_store::records::s3::Notification;
use rolecall_wire::ServiceError;
use rolecall_wire::s3::{self as wire, Input, Output};

fn function(name: &str) -> String {
    format!("arn:aws:lambda:us-east-1:111122223333:function:{name}")
}

fn configuration(
    id: &str,
    name: &str,
    event: &str,
    rules: &[(&str, &str)],
) -> wire::LambdaFunctionConfiguration {
    let rules: Vec<wire::FilterRule> = rules
        .iter()
        .map(|(name, value)| wire::FilterRule {
            name: Some((*name).to_owned()),
            value: Some((*value).to_owned()),
        })
        .collect();
    wire::LambdaFunctionConfiguration {
        id: Some(id.to_owned()),
        lambda_function_arn: function(name),
        events: vec![event.to_owned()],
        filter: Some(wire::NotificationConfigurationFilter {
            key: Some(wire::S3KeyFilter { filter_rules: Some(rules) }),
        }),
    }
}

fn set(functions: Vec<wire::LambdaFunctionConfiguration>) -> Input {
    Input::PutBucketNotificationConfiguration(wire::PutBucketNotificationConfigurationRequest {
        bucket: "bkt".into(),
        notification_configuration: wire::NotificationConfiguration {
            lambda_function_configurations: Some(functions),
            ..Default::default()
        },
        ..Default::default()
    })
}

async fn shown(world: &World) -> wire::NotificationConfiguration {
    let read = wire::GetBucketNotificationConfigurationRequest { bucket: "bkt".into(), ..Default::default() };
    match world.ok(Input::GetBucketNotificationConfiguration(read)).await {
        Output::GetBucketNotificationConfiguration(answer) => answer,
        _ => panic!("another output"),
    }
}

#[tokio::test]
async fn a_configuration_is_shown_as_it_was_set() {
    let world = World::with_bucket().await;
    assert_eq!(shown(&world).await, wire::NotificationConfiguration::default());
    let mut unnamed = configuration("", "f", "s3:ObjectCreated:*", &[("prefix", "in/"), ("Suffix", ".txt")]);
    unnamed.id = None;
    world.ok(set(vec![unnamed])).await;
    let functions = shown(&world).await.lambda_function_configurations.unwrap();
    assert!(functions[0].id.as_ref().is_some_and(|id| !id.is_empty()));
    let expected = configuration("", "f", "s3:ObjectCreated:*", &[("Prefix", "in/"), ("Suffix", ".txt")]);
    assert_eq!((&functions[0].filter, &functions[0].events), (&expected.filter, &expected.events));
    world.ok(set(Vec::new())).await;
    assert_eq!(shown(&world).await, wire::NotificationConfiguration::default());
}

#[tokio::test]
async fn s3_asks_lambda_whether_it_may_call_the_function() {
    let world = World::with_bucket().await;
    let refused: ServiceError =
        world.refusal(set(vec![configuration("a", "refused", "s3:ObjectCreated:*", &[])])).await;
    assert_eq!((refused.status, refused.code.as_ref()), (400, "InvalidArgument"));
    assert_eq!(
        refused.message.as_deref(),
        Some("Unable to validate the following destination configurations")
    );
    let arn = function("refused");
    let members = [
        ("ArgumentName1", format!("{arn}, null")),
        ("ArgumentValue1", format!("Not authorized to invoke function [{arn}]")),
    ];
    assert_eq!(refused.members, members);
    assert_eq!(shown(&world).await, wire::NotificationConfiguration::default());
    let asked = world.lambda.take(1).await.remove(0);
    assert_eq!(
        (asked.caller.as_str(), asked.kind.as_str(), asked.function.as_str()),
        ("s3.amazonaws.com", "DryRun", arn.as_str())
    );
    assert_eq!(asked.source_arn.as_deref(), Some("arn:aws:s3:::bkt"));
    assert_eq!(asked.source_account.as_deref(), Some("111122223333"));

    let Input::PutBucketNotificationConfiguration(mut request) =
        set(vec![configuration("a", "refused", "s3:ObjectCreated:*", &[])])
    else {
        panic!()
    };
    request.skip_destination_validation = Some(true);
    world.ok(Input::PutBucketNotificationConfiguration(request)).await;
    assert!(world.lambda.take(0).await.is_empty());
    assert!(
        world.call(&world.root(), put("key", "x")).await.is_ok(),
        "the upload stands though the function is not called"
    );
}

#[tokio::test]
async fn a_function_receives_the_record_of_the_event() {
    let world = World::with_bucket().await;
    world.ok(set(vec![configuration("my-id", "f", "s3:ObjectCreated:*", &[("prefix", "in/")])])).await;
    world.lambda.take(1).await;
    let user = world.user("ana", Some(&allow(r#""s3:PutObject""#, "*"))).await;
    world.call(&user, put("in/a b+ü", "hello")).await.unwrap();
    world.put("out/key", "x").await;
    let calls = world.lambda.take(1).await;
    assert_eq!(calls.len(), 1);
    assert_eq!(
        (calls[0].kind.as_str(), calls[0].caller.as_str(), calls[0].region.as_str()),
        ("Event", "s3.amazonaws.com", "us-east-1")
    );
    assert_eq!(calls[0].source_account.as_deref(), Some("111122223333"));
    let message: serde_json::Value = serde_json::from_str(&calls[0].payload).unwrap();
    let record = &message["Records"][0];
    assert_eq!(record["eventSource"], "aws:s3");
    assert_eq!(record["eventName"], "ObjectCreated:Put");
    assert_eq!(record["awsRegion"], "us-east-1");
    assert_eq!(record["requestParameters"]["sourceIPAddress"], "127.0.0.1");
    assert_eq!(record["userIdentity"]["principalId"], format!("AWS:{}", user.user_id()));
    assert_eq!(record["s3"]["configurationId"], "my-id");
    assert_eq!(record["s3"]["bucket"]["name"], "bkt");
    assert_eq!(record["s3"]["bucket"]["arn"], "arn:aws:s3:::bkt");
    let object = &record["s3"]["object"];
    assert_eq!((&object["key"], &object["size"]), (&"in/a+b%2B%C3%BC".into(), &5.into()));
    assert_eq!(object["eTag"], "5d41402abc4b2a76b9719d911017c592");
    let keys: Vec<&String> = record.as_object().unwrap().keys().collect();
    let order = [
        "eventVersion",
        "eventSource",
        "awsRegion",
        "eventTime",
        "eventName",
        "userIdentity",
        "requestParameters",
        "responseElements",
        "s3",
    ];
    assert_eq!(keys, order);
}

#[tokio::test]
async fn every_change_of_a_key_has_a_later_sequencer() {
    let world = World::with_bucket().await;
    let events = vec![
        configuration("made", "f", "s3:ObjectCreated:*", &[]),
        configuration("gone", "g", "s3:ObjectRemoved:*", &[]),
    ];
    world.ok(set(events)).await;
    world.lambda.take(2).await;
    let remove = || {
        Input::DeleteObject(wire::DeleteObjectRequest {
            bucket: "bkt".into(),
            key: "key".into(),
            ..Default::default()
        })
    };
    let copy = Input::CopyObject(wire::CopyObjectRequest {
        bucket: "bkt".into(),
        key: "key".into(),
        copy_source: "bkt/source".into(),
        ..Default::default()
    });
    world.put("source", "x").await;
    world.lambda.take(1).await;
    let mut sequencers = Vec::new();
    let steps = [
        (put("key", "x"), "ObjectCreated:Put"),
        (remove(), "ObjectRemoved:Delete"),
        (copy, "ObjectCreated:Copy"),
        (remove(), "ObjectRemoved:Delete"),
    ];
    for (input, event) in steps {
        world.ok(input).await;
        let call = world.lambda.take(1).await.remove(0);
        let message: serde_json::Value = serde_json::from_str(&call.payload).unwrap();
        let record = &message["Records"][0];
        assert_eq!(record["eventName"], event);
        assert_eq!(record["s3"]["object"].get("size").is_some(), event.starts_with("ObjectCreated"));
        sequencers.push(record["s3"]["object"]["sequencer"].as_str().unwrap().to_owned());
    }
    assert!(sequencers.is_sorted_by(|a, b| a < b), "{sequencers:?}");
    world.ok(remove()).await;
    assert!(world.lambda.take(0).await.is_empty(), "nothing was removed");
}

#[tokio::test]
async fn what_cannot_be_configured_is_refused() {
    let world = World::with_bucket().await;
    let all = "s3:ObjectCreated:*";
    let overlap =
        "Configurations overlap. Configurations on the same bucket cannot share a common event type.";
    let ambiguous = "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes are overlapping for the same event type.";
    let mut elsewhere = configuration("a", "f", all, &[]);
    elsewhere.lambda_function_arn = "arn:aws:lambda:eu-west-1:111122223333:function:f".to_owned();
    let mut queue = configuration("a", "f", all, &[]);
    queue.lambda_function_arn = "arn:aws:sqs:us-east-1:111122223333:q".to_owned();
    let cases = [
        (
            vec![configuration("a", "f", all, &[]), configuration("b", "g", "s3:ObjectCreated:Put", &[])],
            overlap,
        ),
        (
            vec![
                configuration("a", "f", all, &[("prefix", "in/")]),
                configuration("b", "g", all, &[("prefix", "in/x")]),
            ],
            ambiguous,
        ),
        (
            vec![configuration("a", "f", "s3:ObjectTagging:*", &[])],
            "The event is not supported for notifications",
        ),
        (
            vec![configuration("a", "f", all, &[("infix", "x")])],
            "filter rule name must be either prefix or suffix",
        ),
        (
            vec![configuration("a", "f", all, &[("prefix", "x"), ("Prefix", "y")])],
            "Cannot specify more than one prefix rule in a filter.",
        ),
        (
            vec![elsewhere],
            "The notification destination service region is not valid for the bucket location constraint",
        ),
        (vec![queue], "The ARN could not be parsed"),
    ];
    for (functions, words) in cases {
        let error = world.refusal(set(functions)).await;
        assert_eq!((error.code.as_ref(), error.message.as_deref()), ("InvalidArgument", Some(words)));
    }
    let fine = vec![
        configuration("a", "f", all, &[("suffix", ".jpg")]),
        configuration("b", "g", all, &[("suffix", ".png")]),
    ];
    world.ok(set(fine)).await;
    let topic = wire::TopicConfiguration {
        id: None,
        topic_arn: "arn".into(),
        events: vec![all.into()],
        filter: None,
    };
    let request = wire::PutBucketNotificationConfigurationRequest {
        bucket: "bkt".into(),
        notification_configuration: wire::NotificationConfiguration {
            topic_configurations: Some(vec![topic]),
            ..Default::default()
        },
        ..Default::default()
    };
    let error = world.refusal(Input::PutBucketNotificationConfiguration(request)).await;
    assert_eq!(error.message.as_deref(), Some("This server sends notifications to Lambda functions only."));
}

/// The notification that waits to be told.
fn waiting(world: &World) -> Option<Arc<Notification>> {
    world.house.platform.store.read().notifications.iter().map(|(_, waiting)| Arc::clone(waiting)).next()
}

async fn until(what: &str, mut reached: impl FnMut() -> bool) {
    for _ in 0..6_000 {
        if reached() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("never reached: {what}");
}

#[tokio::test]
async fn a_function_that_cannot_be_invoked_yet_is_told_later_under_the_same_id() {
    let world = World::with_bucket().await;
    world.ok(set(vec![configuration("a", "f", "s3:ObjectCreated:*", &[])])).await;
    world.lambda.take(1).await;
    for (status, code) in [(409, "ResourceConflictException"), (500, "ServiceException"), (429, "TooMany")] {
        world.lambda.refusals.lock().unwrap().push_back(ServiceError::new(status, code, "not now"));
    }
    world.put("key", "x").await;
    let mut ids = std::collections::BTreeSet::new();
    for (failures, wait_ms) in [(1, 1_000), (2, 2_000), (3, 4_000)] {
        until("the failure", || waiting(&world).is_some_and(|waiting| waiting.failures == failures)).await;
        let left_ms = waiting(&world).unwrap().next_attempt_ms - world.house.platform.now_ms();
        assert!(left_ms <= wait_ms, "{left_ms}");
        ids.insert(world.lambda.request_id.lock().unwrap().clone());
        world.clock.advance(wait_ms);
    }
    until("the end", || waiting(&world).is_none()).await;
    ids.insert(world.lambda.request_id.lock().unwrap().clone());
    assert_eq!((world.lambda.take(4).await.len(), ids.len()), (4, 1));
}

#[tokio::test]
async fn what_a_denial_meets_is_dropped_and_what_is_tried_too_long_too() {
    let world = World::with_bucket().await;
    world.ok(set(vec![configuration("a", "f", "s3:ObjectCreated:*", &[])])).await;
    world.lambda.take(1).await;
    let refuse = |status, code: &'static str| {
        world.lambda.refusals.lock().unwrap().push_back(ServiceError::new(status, code, "no"));
    };
    for (status, code) in
        [(403, "AccessDeniedException"), (404, "ResourceNotFoundException"), (501, "NotImplemented")]
    {
        refuse(status, code);
        world.put("key", "x").await;
        assert_eq!(world.lambda.take(1).await.len(), 1, "{code}");
        until("the end", || waiting(&world).is_none()).await;
    }
    refuse(409, "ResourceConflictException");
    refuse(409, "ResourceConflictException");
    world.put("key", "x").await;
    until("the failure", || waiting(&world).is_some_and(|waiting| waiting.failures == 1)).await;
    world.clock.advance(6 * 3_600_000);
    until("the end", || waiting(&world).is_none()).await;
}

#[tokio::test]
async fn what_an_earlier_process_noted_is_told_after_a_restart() {
    let world = World::with_bucket().await;
    world.ok(set(vec![configuration("a", "f", "s3:ObjectRemoved:*", &[])])).await;
    world.put("key", "x").await;
    world.lambda.take(1).await;
    world.lambda.refusals.lock().unwrap().push_back(ServiceError::new(
        409,
        "ResourceConflictException",
        "no",
    ));
    let delete = wire::DeleteObjectRequest { bucket: "bkt".into(), key: "key".into(), ..Default::default() };
    world.ok(Input::DeleteObject(delete)).await;
    until("the failure", || waiting(&world).is_some_and(|waiting| waiting.failures == 1)).await;
    world.lambda.take(1).await;
    let after = world.again();
    after.resume();
    world.clock.advance(1_000);
    let told = world.lambda.take(1).await;
    assert!(told[0].payload.contains("ObjectRemoved:Delete"), "{told:?}");
    until("the end", || waiting(&world).is_none()).await;
}
