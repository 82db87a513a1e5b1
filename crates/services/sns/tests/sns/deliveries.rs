//! Deliveries: what comes, who brings it, and what becomes of what is refused.

use rolecall_testkit::ACCOUNT;
use rolecall_wire::ServiceError;
use rolecall_wire::sns::{self as wire, Input};
use serde_json::{Value, json};

use crate::world::{World, function_arn, open_to, publish, queue_arn, topic_arn};

fn text(data_type: &str, value: &str) -> wire::MessageAttributeValue {
    wire::MessageAttributeValue {
        data_type: data_type.to_owned(),
        string_value: Some(value.to_owned()),
        binary_value: None,
    }
}

fn binary(bytes: &[u8]) -> wire::MessageAttributeValue {
    wire::MessageAttributeValue {
        data_type: "Binary".to_owned(),
        string_value: None,
        binary_value: Some(bytes.to_vec().into()),
    }
}

#[tokio::test]
async fn a_queue_gets_the_message_wrapped_or_raw() {
    let world = World::new().await;
    world.sns.start();
    world.topic("news").await;
    for queue in ["wrapped", "raw"] {
        world.queue(queue, Some(&open_to(queue, "news"))).await;
    }
    let subscription = world.subscribe("news", "wrapped", &[]).await;
    world.subscribe("news", "raw", &[("RawMessageDelivery", "true")]).await;
    let attributes = [("colour".to_owned(), text("String", "red")), ("data".to_owned(), binary(&[2, 3, 4]))];
    let publish = wire::PublishInput {
        subject: Some("Today".to_owned()),
        message_attributes: Some(attributes.into()),
        ..publish("news", "hello")
    };
    world.ok(Input::Publish(publish)).await;
    let raw = world.message("raw").await;
    assert_eq!(raw.body.as_deref(), Some("hello"));
    let attributes = raw.message_attributes.unwrap();
    assert_eq!(attributes["colour"].string_value.as_deref(), Some("red"));
    assert_eq!(attributes["data"].binary_value.as_ref().map(|bytes| bytes.to_vec()), Some(vec![2, 3, 4]));
    let wrapped = world.message("wrapped").await;
    assert_eq!(wrapped.message_attributes, None);
    let mut body: Value = serde_json::from_str(&wrapped.body.unwrap()).unwrap();
    let body = body.as_object_mut().unwrap();
    // These two are another each time.
    assert_eq!(body.remove("MessageId").unwrap().as_str().unwrap().len(), 36);
    assert!(body.remove("Timestamp").unwrap().as_str().unwrap().ends_with('Z'));
    let expected = json!({
        "Type": "Notification",
        "TopicArn": topic_arn("news"),
        "Subject": "Today",
        "Message": "hello",
        "SignatureVersion": "1",
        "Signature": "",
        "SigningCertURL": "http://127.0.0.1:4566/SimpleNotificationService.pem",
        "UnsubscribeURL":
            format!("http://127.0.0.1:4566/?Action=Unsubscribe&SubscriptionArn={subscription}"),
        "MessageAttributes": {
            "colour": {"Type": "String", "Value": "red"},
            "data": {"Type": "Binary", "Value": "AgME"},
        },
    });
    assert_eq!(Value::Object(body.clone()), expected);
    world.delivered().await;
}

#[tokio::test]
async fn a_function_is_invoked_by_sns_on_behalf_of_the_topic() {
    let world = World::new().await;
    world.sns.start();
    world.topic("news").await;
    let subscription = world.subscribe_function("news", "listener:live", &[]).await;
    world.ok(Input::Publish(publish("news", "hello"))).await;
    world.delivered().await;
    let [told] = &world.functions.told()[..] else { panic!("{:?}", world.functions.told()) };
    assert_eq!(told.by, "sns.amazonaws.com");
    assert_eq!(told.source_arn, Some(topic_arn("news")));
    assert_eq!(told.source_account.as_deref(), Some(ACCOUNT));
    assert_eq!(told.region, "us-east-1");
    assert_eq!(told.request.function_name, function_arn("listener:live"));
    assert_eq!(told.request.invocation_type.as_deref(), Some("Event"));
    let event = told.event();
    let record = &event["Records"][0];
    assert_eq!((&record["EventSource"], &record["EventVersion"]), (&json!("aws:sns"), &json!("1.0")));
    assert_eq!(record["EventSubscriptionArn"], *subscription);
    let message = &record["Sns"];
    assert_eq!((&message["Message"], &message["Subject"]), (&json!("hello"), &Value::Null));
    assert_eq!(message["MessageAttributes"], json!({}));
    assert_eq!(message["TopicArn"], topic_arn("news"));
}

#[tokio::test]
async fn what_a_service_fails_at_is_tried_again_under_the_same_id() {
    let world = World::new().await;
    world.sns.start();
    world.topic("news").await;
    world.subscribe_function("news", "busy", &[]).await;
    let throttled = ServiceError::new(429, "TooManyRequestsException", "Rate Exceeded.");
    let failed = ServiceError::new(500, "ServiceException", "An error occurred.");
    world.functions.refuse([throttled, failed]);
    world.ok(Input::Publish(publish("news", "hello"))).await;
    world.delivered().await;
    let told = world.functions.told();
    assert_eq!(told.len(), 3);
    assert!(told.iter().all(|other| other.request_id == told[0].request_id), "{told:?}");
}

#[tokio::test]
async fn what_is_refused_goes_to_the_dead_letter_queue_and_is_not_tried_again() {
    let world = World::new().await;
    world.sns.start();
    world.topic("news").await;
    // Its policy lets in another topic only.
    world.queue("closed", Some(&open_to("closed", "other"))).await;
    world.queue("dead", Some(&open_to("dead", "news"))).await;
    let redrive = json!({"deadLetterTargetArn": queue_arn("dead")}).to_string();
    let closed = [("RawMessageDelivery", "true"), ("RedrivePolicy", redrive.as_str())];
    let subscription = world.subscribe("news", "closed", &closed).await;
    world.ok(Input::Publish(publish("news", "refused"))).await;
    assert_eq!(world.message("dead").await.body.as_deref(), Some("refused"));
    world.delivered().await;

    world.ok(Input::Unsubscribe(wire::UnsubscribeInput { subscription_arn: subscription })).await;
    world.subscribe_function("news", "gone", &[("RedrivePolicy", &redrive)]).await;
    world.functions.refuse([ServiceError::new(404, "ResourceNotFoundException", "Function not found")]);
    world.ok(Input::Publish(publish("news", "nobody"))).await;
    let body: Value = serde_json::from_str(&world.message("dead").await.body.unwrap()).unwrap();
    assert_eq!((&body["Type"], &body["Message"]), (&json!("Notification"), &json!("nobody")));
    world.delivered().await;
    assert_eq!(world.functions.told().len(), 1);
}

#[tokio::test]
async fn what_no_queue_takes_is_dropped_and_stops_nothing() {
    let world = World::new().await;
    world.sns.start();
    world.topic("news").await;
    world.queue("closed", None).await;
    world.queue("open", Some(&open_to("open", "news"))).await;
    let redrive = json!({"deadLetterTargetArn": queue_arn("closed")}).to_string();
    world.subscribe("news", "missing", &[("RedrivePolicy", &redrive)]).await;
    world.subscribe("news", "closed", &[]).await;
    world.subscribe("news", "open", &[("RawMessageDelivery", "true")]).await;
    world.ok(Input::Publish(publish("news", "hello"))).await;
    assert_eq!(world.message("open").await.body.as_deref(), Some("hello"));
    world.delivered().await;
    assert_eq!(world.house.platform.store.read().queue_messages.len(), 1);
}

#[tokio::test]
async fn a_filter_policy_and_the_protocol_choose_what_comes() {
    let world = World::new().await;
    world.topic("news").await;
    world.queue("red", Some(&open_to("red", "news"))).await;
    let filter = r#"{"colour":["red"]}"#;
    world.subscribe("news", "red", &[("RawMessageDelivery", "true"), ("FilterPolicy", filter)]).await;
    let coloured = |colour: &str, message: &str| wire::PublishInput {
        message_attributes: Some([("colour".to_owned(), text("String", colour))].into()),
        ..publish("news", message)
    };
    for (colour, message) in [("blue", "not for it"), ("red", "for it")] {
        world.ok(Input::Publish(coloured(colour, message))).await;
    }
    let by_protocol = wire::PublishInput {
        message_structure: Some("json".to_owned()),
        ..coloured("red", r#"{"default":"all","sqs":"queues"}"#)
    };
    world.ok(Input::Publish(by_protocol)).await;
    // They were published before anything is delivered, and are delivered by a later start as well.
    assert_eq!(world.house.platform.store.read().sns_deliveries.len(), 2);
    world.sns.start();
    let mut bodies = Vec::new();
    for _ in 0..2 {
        bodies.extend(world.message("red").await.body);
    }
    bodies.sort();
    assert_eq!(bodies, ["for it", "queues"]);
}

#[tokio::test]
async fn a_subscription_that_is_gone_is_told_nothing_any_more() {
    let world = World::new().await;
    world.topic("news").await;
    let subscription = world.subscribe_function("news", "listener", &[]).await;
    world.ok(Input::Publish(publish("news", "hello"))).await;
    world.ok(Input::Unsubscribe(wire::UnsubscribeInput { subscription_arn: subscription })).await;
    world.sns.start();
    world.delivered().await;
    assert!(world.functions.told().is_empty());
}
