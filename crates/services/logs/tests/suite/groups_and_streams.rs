//! Groups, streams, retention and tags: what they answer, and in AWS's words what they refuse.

use crate::world::{World, group_resource};
use rolecall_wire::logs::{self as wire, Input, Output};

fn create_group(name: &str) -> Input {
    Input::CreateLogGroup(wire::CreateLogGroupRequest {
        log_group_name: name.to_owned(),
        ..Default::default()
    })
}

fn create_stream(group: &str, stream: &str) -> Input {
    let (log_group_name, log_stream_name) = (group.to_owned(), stream.to_owned());
    Input::CreateLogStream(wire::CreateLogStreamRequest { log_group_name, log_stream_name })
}

async fn groups(world: &World, request: wire::DescribeLogGroupsRequest) -> (Vec<String>, Option<String>) {
    let Output::DescribeLogGroups(answer) = world.ok(Input::DescribeLogGroups(request)).await else {
        panic!()
    };
    let names = answer.log_groups.unwrap().into_iter().map(|group| group.log_group_name.unwrap()).collect();
    (names, answer.next_token)
}

async fn streams(world: &World, request: wire::DescribeLogStreamsRequest) -> (Vec<String>, Option<String>) {
    let Output::DescribeLogStreams(answer) = world.ok(Input::DescribeLogStreams(request)).await else {
        panic!()
    };
    let names =
        answer.log_streams.unwrap().into_iter().map(|stream| stream.log_stream_name.unwrap()).collect();
    (names, answer.next_token)
}

#[tokio::test]
async fn what_exists_is_not_made_again_and_what_does_not_is_not_found() {
    let world = World::new().await;
    world.ok(create_group("g")).await;
    world.ok(create_stream("g", "s")).await;
    let exists = "ResourceAlreadyExistsException".to_owned();
    let missing = "ResourceNotFoundException".to_owned();
    let no_group = (missing.clone(), "The specified log group does not exist.".to_owned());
    let no_stream = (missing, "The specified log stream does not exist.".to_owned());
    assert_eq!(
        world.refusal(create_group("g")).await,
        (exists.clone(), "The specified log group already exists".to_owned())
    );
    assert_eq!(
        world.refusal(create_stream("g", "s")).await,
        (exists, "The specified log stream already exists".to_owned())
    );
    assert_eq!(world.refusal(create_stream("x", "s")).await, no_group);
    assert_eq!(world.refusal(world.put_one("x", "s", "m")).await, no_group);
    assert_eq!(world.refusal(world.put_one("g", "x", "m")).await, no_stream);
    let delete =
        wire::DeleteLogStreamRequest { log_group_name: "g".to_owned(), log_stream_name: "x".to_owned() };
    assert_eq!(world.refusal(Input::DeleteLogStream(delete)).await, no_stream);
    let delete = wire::DeleteLogGroupRequest { log_group_name: "x".to_owned() };
    assert_eq!(world.refusal(Input::DeleteLogGroup(delete)).await, no_group);
}

#[tokio::test]
async fn groups_are_listed_by_prefix_pattern_and_page() {
    let world = World::new().await;
    for name in ["/aws/lambda/a", "/aws/lambda/b", "/aws/x", "app"] {
        world.ok(create_group(name)).await;
    }
    let request = wire::DescribeLogGroupsRequest::default();
    assert_eq!(groups(&world, request.clone()).await.0, ["/aws/lambda/a", "/aws/lambda/b", "/aws/x", "app"]);
    let prefix = wire::DescribeLogGroupsRequest {
        log_group_name_prefix: Some("/aws/lambda/".into()),
        ..request.clone()
    };
    assert_eq!(groups(&world, prefix.clone()).await.0, ["/aws/lambda/a", "/aws/lambda/b"]);
    let pattern =
        wire::DescribeLogGroupsRequest { log_group_name_pattern: Some("a/".into()), ..request.clone() };
    assert_eq!(groups(&world, pattern).await.0, ["/aws/lambda/a", "/aws/lambda/b"]);
    let (names, token) =
        groups(&world, wire::DescribeLogGroupsRequest { limit: Some(1), ..prefix.clone() }).await;
    assert_eq!(names, ["/aws/lambda/a"]);
    let (names, token) = groups(
        &world,
        wire::DescribeLogGroupsRequest { limit: Some(1), next_token: token, ..prefix.clone() },
    )
    .await;
    assert_eq!((names, token), (vec!["/aws/lambda/b".to_owned()], None));
    let both = wire::DescribeLogGroupsRequest { log_group_name_pattern: Some("a".into()), ..prefix };
    assert_eq!(world.refusal(Input::DescribeLogGroups(both)).await.0, "InvalidParameterException");
    let token = wire::DescribeLogGroupsRequest { next_token: Some("%".into()), ..request };
    let invalid = ("InvalidParameterException".to_owned(), "The specified nextToken is invalid.".to_owned());
    assert_eq!(world.refusal(Input::DescribeLogGroups(token)).await, invalid);
}

#[tokio::test]
async fn a_group_shows_both_arns_its_bytes_and_its_retention() {
    let world = World::new().await;
    world.prepare("g", "s").await;
    let retention = |days| {
        Input::PutRetentionPolicy(wire::PutRetentionPolicyRequest {
            log_group_name: "g".into(),
            retention_in_days: days,
        })
    };
    world.ok(retention(14)).await;
    assert_eq!(world.refusal(retention(2)).await.0, "InvalidParameterException");
    world.ok(world.put_one("g", "s", "hello")).await;
    let show = || async {
        let Output::DescribeLogGroups(answer) = world.ok(Input::DescribeLogGroups(Default::default())).await
        else {
            panic!()
        };
        answer.log_groups.unwrap().remove(0)
    };
    let group = show().await;
    assert_eq!(group.arn, Some(format!("{}:*", group_resource("g"))));
    assert_eq!(group.log_group_arn, Some(group_resource("g")));
    assert_eq!((group.stored_bytes, group.retention_in_days), (Some(31), Some(14)));
    world
        .ok(Input::DeleteRetentionPolicy(wire::DeleteRetentionPolicyRequest { log_group_name: "g".into() }))
        .await;
    let delete = wire::DeleteLogStreamRequest { log_group_name: "g".into(), log_stream_name: "s".into() };
    world.ok(Input::DeleteLogStream(delete)).await;
    let group = show().await;
    assert_eq!((group.stored_bytes, group.retention_in_days), (Some(0), None));
}

#[tokio::test]
async fn streams_are_listed_by_name_or_by_their_last_event() {
    let world = World::new().await;
    world.ok(create_group("g")).await;
    let now = world.now_ms();
    for (name, age) in [("a", 10), ("b", 30), ("c", 20)] {
        world.ok(create_stream("g", name)).await;
        world.ok(world.put("g", name, &[(now - age, "x")])).await;
    }
    let request = wire::DescribeLogStreamsRequest { log_group_name: Some("g".into()), ..Default::default() };
    assert_eq!(streams(&world, request.clone()).await.0, ["a", "b", "c"]);
    let descending = wire::DescribeLogStreamsRequest { descending: Some(true), ..request.clone() };
    assert_eq!(streams(&world, descending.clone()).await.0, ["c", "b", "a"]);
    let mut by_time = wire::DescribeLogStreamsRequest {
        order_by: Some("LastEventTime".into()),
        limit: Some(2),
        ..descending
    };
    let (names, token) = streams(&world, by_time.clone()).await;
    assert_eq!(names, ["a", "c"]);
    by_time.next_token = token;
    assert_eq!(streams(&world, by_time.clone()).await, (vec!["b".to_owned()], None));
    by_time.log_stream_name_prefix = Some("a".into());
    let words = "Cannot order by LastEventTime with a logStreamNamePrefix.".to_owned();
    assert_eq!(world.refusal(Input::DescribeLogStreams(by_time)).await.1, words);
    let prefix = wire::DescribeLogStreamsRequest { log_stream_name_prefix: Some("b".into()), ..request };
    assert_eq!(streams(&world, prefix).await.0, ["b"]);
}

#[tokio::test]
async fn removing_a_group_removes_its_streams_and_events() {
    let world = World::new().await;
    world.prepare("g", "s").await;
    world.ok(world.put_one("g", "s", "old")).await;
    world.remove("g").await;
    world.prepare("g", "s").await;
    let filter = wire::FilterLogEventsRequest { log_group_name: Some("g".into()), ..Default::default() };
    let Output::FilterLogEvents(answer) = world.ok(Input::FilterLogEvents(filter)).await else { panic!() };
    assert_eq!(answer.events, Some(Vec::new()));
}

#[tokio::test]
async fn tags_are_set_replaced_listed_and_removed() {
    let world = World::new().await;
    world.ok(create_group("g")).await;
    let tag = |key: &str, value: &str| {
        let tags = [(key.to_owned(), value.to_owned())].into();
        Input::TagResource(wire::TagResourceRequest { resource_arn: group_resource("g"), tags })
    };
    world.ok(tag("team", "red")).await;
    world.ok(tag("team", "blue")).await;
    world.ok(tag("stage", "")).await;
    let untag =
        wire::UntagResourceRequest { resource_arn: group_resource("g"), tag_keys: vec!["stage".into()] };
    world.ok(Input::UntagResource(untag)).await;
    let list = wire::ListTagsForResourceRequest { resource_arn: group_resource("g") };
    let Output::ListTagsForResource(answer) = world.ok(Input::ListTagsForResource(list)).await else {
        panic!()
    };
    assert_eq!(answer.tags, Some([("team".to_owned(), "blue".to_owned())].into()));
    let list = wire::ListTagsLogGroupRequest { log_group_name: "g".into() };
    let Output::ListTagsLogGroup(older) = world.ok(Input::ListTagsLogGroup(list)).await else { panic!() };
    assert_eq!(older.tags, answer.tags);
    assert_eq!(world.refusal(tag("aws:x", "y")).await.0, "InvalidParameterException");
    let many = (0..50).map(|number| (format!("k{number}"), String::new())).collect();
    let many = wire::TagResourceRequest { resource_arn: group_resource("g"), tags: many };
    assert_eq!(world.refusal(Input::TagResource(many)).await.0, "TooManyTagsException");
    let missing = wire::ListTagsForResourceRequest { resource_arn: group_resource("x") };
    let words = ("ResourceNotFoundException".to_owned(), "The specified resource does not exist.".to_owned());
    assert_eq!(world.refusal(Input::ListTagsForResource(missing)).await, words);
}

#[tokio::test]
async fn what_is_not_built_is_refused_by_name() {
    let world = World::new().await;
    let base = wire::CreateLogGroupRequest { log_group_name: "g".into(), ..Default::default() };
    let cases = [
        (wire::CreateLogGroupRequest { kms_key_id: Some("arn".into()), ..base.clone() }, "kmsKeyId"),
        (
            wire::CreateLogGroupRequest { log_group_class: Some("DELIVERY".into()), ..base.clone() },
            "DELIVERY",
        ),
        (
            wire::CreateLogGroupRequest { deletion_protection_enabled: Some(true), ..base },
            "deletionProtectionEnabled",
        ),
    ];
    for (request, word) in cases {
        let (code, words) = world.refusal(Input::CreateLogGroup(request)).await;
        assert_eq!(code, "InvalidParameterException");
        assert!(words.contains(word), "{words}");
    }
}
