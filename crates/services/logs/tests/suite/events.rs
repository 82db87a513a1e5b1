//! Events: which are taken in, and how they are read page by page, filtered, and forgotten.

use crate::world::World;
use rolecall_wire::logs::{self as wire, Input, Output};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

async fn put(world: &World, stream: &str, events: &[(i64, &str)]) -> wire::PutLogEventsResponse {
    let Output::PutLogEvents(answer) = world.ok(world.put("g", stream, events)).await else { panic!() };
    answer
}

async fn get(world: &World, request: wire::GetLogEventsRequest) -> (Vec<String>, String, String) {
    let request = wire::GetLogEventsRequest {
        log_group_name: Some("g".into()),
        log_stream_name: "s".into(),
        ..request
    };
    let Output::GetLogEvents(answer) = world.ok(Input::GetLogEvents(request)).await else { panic!() };
    let messages = answer.events.unwrap().into_iter().map(|event| event.message.unwrap()).collect();
    (messages, answer.next_forward_token.unwrap(), answer.next_backward_token.unwrap())
}

async fn filter(world: &World, request: wire::FilterLogEventsRequest) -> (Vec<String>, Option<String>) {
    let request = wire::FilterLogEventsRequest { log_group_name: Some("g".into()), ..request };
    let Output::FilterLogEvents(answer) = world.ok(Input::FilterLogEvents(request)).await else { panic!() };
    let messages = answer.events.unwrap().into_iter().map(|event| event.message.unwrap()).collect();
    (messages, answer.next_token)
}

#[tokio::test]
async fn a_batch_that_breaks_a_limit_is_refused_whole() {
    let world = World::new().await;
    world.prepare("g", "s").await;
    let now = world.now_ms();
    let disordered = world.put("g", "s", &[(now, "b"), (now - 1, "a")]);
    let words = "Log events in a single PutLogEvents request must be in chronological order.";
    assert_eq!(world.refusal(disordered).await, ("InvalidParameterException".to_owned(), words.to_owned()));
    let long = world.put("g", "s", &[(now - DAY_MS - 1, "a"), (now, "b")]);
    let words = "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.";
    assert_eq!(world.refusal(long).await.1, words);
    let large = "x".repeat(1_048_576 - 26 + 1);
    let words = "Upload too large: 1048577 bytes exceeds limit of 1048576";
    assert_eq!(world.refusal(world.put("g", "s", &[(now, &large)])).await.1, words);
    let many: Vec<(i64, &str)> = vec![(now, "x"); 10_001];
    assert_eq!(world.refusal(world.put("g", "s", &many)).await.0, "InvalidParameterException");
    assert_eq!(get(&world, Default::default()).await.0, Vec::<String>::new());
}

#[tokio::test]
async fn events_too_old_or_too_new_are_rejected_and_the_others_kept() {
    let world = World::new().await;
    world.prepare("g", "s").await;
    let now = world.now_ms();
    let hour = 60 * 60 * 1000;
    let events = [(now - 15 * DAY_MS, "old"), (now, "good"), (now + 3 * hour, "new")];
    let rejected = put(&world, "s", &events).await.rejected_log_events_info.unwrap();
    assert_eq!(rejected.too_old_log_event_end_index, Some(1));
    assert_eq!(rejected.too_new_log_event_start_index, Some(2));
    assert_eq!(rejected.expired_log_event_end_index, None);
    let retention = wire::PutRetentionPolicyRequest { log_group_name: "g".into(), retention_in_days: 1 };
    world.ok(Input::PutRetentionPolicy(retention)).await;
    let rejected = put(&world, "s", &[(now - 2 * DAY_MS, "expired"), (now, "good too")]).await;
    assert_eq!(rejected.rejected_log_events_info.unwrap().expired_log_event_end_index, Some(1));
    assert_eq!(get(&world, Default::default()).await.0, ["good", "good too"]);
}

#[tokio::test]
async fn a_stream_is_read_forward_until_the_token_stays_the_same() {
    let world = World::new().await;
    world.prepare("g", "s").await;
    let now = world.now_ms();
    put(&world, "s", &[(now, "1"), (now, "2"), (now + 1, "3")]).await;
    let base =
        wire::GetLogEventsRequest { limit: Some(2), start_from_head: Some(true), ..Default::default() };
    let next = |token: &str| wire::GetLogEventsRequest { next_token: Some(token.to_owned()), ..base.clone() };
    let (messages, forward, backward) = get(&world, base.clone()).await;
    assert_eq!(messages, ["1", "2"]);
    assert!(forward.starts_with("f/") && backward.starts_with("b/") && forward.len() == 58);
    let (messages, end, _) = get(&world, next(&forward)).await;
    assert_eq!(messages, ["3"]);
    let (messages, same, before_end) = get(&world, next(&end)).await;
    assert_eq!((messages, &same), (Vec::new(), &end));
    let (messages, _, _) = get(&world, next(&before_end)).await;
    assert_eq!(messages, ["2", "3"], "the event at the end is not lost when turning round");
    put(&world, "s", &[(now + 2, "4")]).await;
    assert_eq!(get(&world, next(&end)).await.0, ["4"]);
    let (messages, _, same) = get(&world, next(&backward)).await;
    assert_eq!((messages, same), (Vec::new(), backward));
}

#[tokio::test]
async fn without_a_start_the_latest_events_come_in_order() {
    let world = World::new().await;
    world.prepare("g", "s").await;
    let now = world.now_ms();
    put(&world, "s", &[(now - 2, "1"), (now - 1, "2"), (now, "3")]).await;
    let latest = wire::GetLogEventsRequest { limit: Some(2), ..Default::default() };
    let (messages, _, backward) = get(&world, latest.clone()).await;
    assert_eq!(messages, ["2", "3"]);
    let earlier = wire::GetLogEventsRequest { next_token: Some(backward), ..latest };
    assert_eq!(get(&world, earlier).await.0, ["1"]);
    let range = wire::GetLogEventsRequest {
        start_time: Some(now - 2),
        end_time: Some(now - 1),
        ..Default::default()
    };
    assert_eq!(get(&world, range).await.0, ["1"], "the end is not included");
    for token in ["f/1", "x/1", "nonsense"] {
        let request = wire::GetLogEventsRequest {
            log_group_name: Some("g".into()),
            log_stream_name: "s".into(),
            next_token: Some(token.into()),
            ..Default::default()
        };
        let words = "The specified nextToken is invalid.";
        assert_eq!(world.refusal(Input::GetLogEvents(request)).await.1, words, "{token}");
    }
}

#[tokio::test]
async fn filtering_finds_events_of_all_streams_in_order() {
    let world = World::new().await;
    world.prepare("g", "s/1").await;
    world.prepare("g", "s/2").await;
    world.prepare("g", "t").await;
    let now = world.now_ms();
    put(&world, "s/1", &[(now - 4, "ERROR one"), (now - 2, "INFO two")]).await;
    put(&world, "s/2", &[(now - 3, "ERROR three")]).await;
    put(&world, "t", &[(now - 1, r#"{"level":"ERROR"}"#)]).await;
    let all = wire::FilterLogEventsRequest::default();
    let every = ["ERROR one", "ERROR three", "INFO two", r#"{"level":"ERROR"}"#];
    assert_eq!(filter(&world, all.clone()).await.0, every);
    let errors = wire::FilterLogEventsRequest { filter_pattern: Some("ERROR -three".into()), ..all.clone() };
    assert_eq!(filter(&world, errors).await.0, ["ERROR one", r#"{"level":"ERROR"}"#]);
    let json = wire::FilterLogEventsRequest {
        filter_pattern: Some(r#"{ $.level = "ERROR" }"#.into()),
        ..all.clone()
    };
    assert_eq!(filter(&world, json).await.0, [r#"{"level":"ERROR"}"#]);
    let prefix = wire::FilterLogEventsRequest { log_stream_name_prefix: Some("s/".into()), ..all.clone() };
    assert_eq!(filter(&world, prefix.clone()).await.0, ["ERROR one", "ERROR three", "INFO two"]);
    let nothing = wire::FilterLogEventsRequest { log_stream_name_prefix: Some("x".into()), ..all.clone() };
    assert_eq!(filter(&world, nothing).await.0, Vec::<String>::new());
    let named = wire::FilterLogEventsRequest { log_stream_names: Some(vec!["t".into()]), ..all.clone() };
    assert_eq!(filter(&world, named.clone()).await.0, [r#"{"level":"ERROR"}"#]);
    let range =
        wire::FilterLogEventsRequest { start_time: Some(now - 3), end_time: Some(now - 2), ..all.clone() };
    assert_eq!(filter(&world, range).await.0, ["ERROR three", "INFO two"], "the end is included");
    let backwards = wire::FilterLogEventsRequest {
        start_from_head: Some(false),
        start_time: Some(now - 3),
        ..all.clone()
    };
    assert_eq!(filter(&world, backwards).await.0, [r#"{"level":"ERROR"}"#, "INFO two", "ERROR three"]);

    let group = Some("g".to_owned());
    let both = wire::FilterLogEventsRequest {
        log_group_name: group.clone(),
        log_stream_name_prefix: Some("s".into()),
        ..named
    };
    assert_eq!(world.refusal(Input::FilterLogEvents(both)).await.0, "InvalidParameterException");
    let missing = wire::FilterLogEventsRequest {
        log_group_name: group.clone(),
        log_stream_names: Some(vec!["x".into()]),
        ..all.clone()
    };
    assert_eq!(world.refusal(Input::FilterLogEvents(missing)).await.0, "ResourceNotFoundException");
    let backwards =
        wire::FilterLogEventsRequest { log_group_name: group, start_from_head: Some(false), ..all };
    assert_eq!(world.refusal(Input::FilterLogEvents(backwards)).await.0, "InvalidParameterException");
}

#[tokio::test]
async fn a_filtered_search_goes_on_where_the_page_ended() {
    let world = World::new().await;
    world.prepare("g", "s").await;
    let now = world.now_ms();
    let messages: Vec<String> =
        (0..7).map(|number| format!("{} {number}", if number % 2 == 0 { "even" } else { "odd" })).collect();
    let events: Vec<(i64, &str)> = messages.iter().map(|message| (now, message.as_str())).collect();
    put(&world, "s", &events).await;
    let mut request = wire::FilterLogEventsRequest {
        filter_pattern: Some("even".into()),
        limit: Some(2),
        ..Default::default()
    };
    let mut found = Vec::new();
    for _ in 0..10 {
        let (messages, token) = filter(&world, request.clone()).await;
        assert!(messages.len() <= 2);
        found.extend(messages);
        request.next_token = token;
        if request.next_token.is_none() {
            break;
        }
    }
    assert_eq!(found, ["even 0", "even 2", "even 4", "even 6"]);
}

#[tokio::test]
async fn expired_events_are_not_shown_and_are_removed_by_the_next_upload() {
    let world = World::new().await;
    world.prepare("g", "s").await;
    let now = world.now_ms();
    put(&world, "s", &[(now - 3 * DAY_MS, "old")]).await;
    let retention = wire::PutRetentionPolicyRequest { log_group_name: "g".into(), retention_in_days: 1 };
    world.ok(Input::PutRetentionPolicy(retention)).await;
    assert_eq!(get(&world, Default::default()).await.0, Vec::<String>::new());
    assert_eq!(filter(&world, Default::default()).await.0, Vec::<String>::new());
    put(&world, "s", &[(now, "new")]).await;
    world
        .ok(Input::DeleteRetentionPolicy(wire::DeleteRetentionPolicyRequest { log_group_name: "g".into() }))
        .await;
    assert_eq!(get(&world, Default::default()).await.0, ["new"]);
    let Output::DescribeLogGroups(answer) = world.ok(Input::DescribeLogGroups(Default::default())).await
    else {
        panic!()
    };
    assert_eq!(answer.log_groups.unwrap()[0].stored_bytes, Some(29));
}

#[tokio::test]
async fn the_sequence_token_is_accepted_and_ignored() {
    let world = World::new().await;
    world.prepare("g", "s").await;
    let Input::PutLogEvents(mut request) = world.put_one("g", "s", "x") else { panic!() };
    request.sequence_token = Some("wrong".into());
    let Output::PutLogEvents(answer) = world.ok(Input::PutLogEvents(request)).await else { panic!() };
    assert_eq!(answer.next_sequence_token.unwrap().len(), 56);
}
