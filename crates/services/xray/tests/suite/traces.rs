//! Segments in, traces out.

use rolecall_authority::Caller;
use rolecall_testkit::OTHER_ACCOUNT;
use rolecall_wire::Timestamp;
use rolecall_wire::xray::{self as wire, Input, Output};
use serde_json::{Value, json};

use crate::world::{World, put, segment};

const A: &str = "aaaaaaaaaaaaaaaa";
const B: &str = "bbbbbbbbbbbbbbbb";

fn get(ids: &[&str]) -> Input {
    let trace_ids = ids.iter().map(|id| (*id).to_owned()).collect();
    Input::BatchGetTraces(wire::BatchGetTracesRequest { trace_ids, next_token: None })
}

fn traces(output: Output) -> wire::BatchGetTracesResult {
    match output {
        Output::BatchGetTraces(answer) => answer,
        other => panic!("{other:?}"),
    }
}

/// The documents of the only trace.
fn documents(output: Output) -> Vec<Value> {
    let [trace] = traces(output).traces.unwrap().try_into().unwrap();
    let segments = trace.segments.unwrap();
    segments.iter().map(|segment| serde_json::from_str(segment.document.as_ref().unwrap()).unwrap()).collect()
}

fn search(world: &World) -> wire::GetTraceSummariesRequest {
    wire::GetTraceSummariesRequest {
        start_time: Timestamp(world.now_ms() - 60_000),
        end_time: Timestamp(world.now_ms() + 60_000),
        ..Default::default()
    }
}

async fn found(world: &World, request: wire::GetTraceSummariesRequest) -> wire::GetTraceSummariesResult {
    match world.ok(Input::GetTraceSummaries(request)).await {
        Output::GetTraceSummaries(answer) => answer,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_was_put_is_read_back_as_one_trace() {
    let world = World::new().await;
    let id = world.trace_id();
    let sub = json!({"trace_id": id, "id": B, "parent_id": A, "type": "subsegment", "name": "part",
                     "start_time": 1.2, "end_time": 1.5});
    assert_eq!(world.put(&[sub]).await, []);
    assert_eq!(world.put(&[segment(&id, A, 1.0)]).await, []);
    let expected = json!({"trace_id": id, "id": A, "name": "work", "start_time": 1.0, "end_time": 2.0,
        "subsegments": [{"id": B, "name": "part", "start_time": 1.2, "end_time": 1.5}]});
    assert_eq!(documents(world.ok(get(&[&id])).await), [expected]);
    let [trace] = traces(world.ok(get(&[&id])).await).traces.unwrap().try_into().unwrap();
    assert_eq!((trace.duration, trace.limit_exceeded), (Some(1.0), Some(false)));
}

#[tokio::test]
async fn a_later_document_takes_the_place_of_an_earlier_one() {
    let world = World::new().await;
    let id = world.trace_id();
    let begun = json!({"trace_id": id, "id": A, "name": "work", "start_time": 1.0, "in_progress": true});
    world.put(&[begun]).await;
    let [summary] = found(&world, search(&world)).await.trace_summaries.unwrap().try_into().unwrap();
    assert_eq!(summary.is_partial, Some(true));
    world.put(&[segment(&id, A, 1.0)]).await;
    assert_eq!(documents(world.ok(get(&[&id])).await), [segment(&id, A, 1.0)]);
}

#[tokio::test]
async fn what_is_refused_is_named_and_the_others_are_kept() {
    let world = World::new().await;
    let id = world.trace_id();
    let old = segment("1-58406520-a006649127e371903a2de979", B, 1.0);
    let refused = world.put(&[old, segment(&id, A, 1.0), json!("no segment")]).await;
    let told: Vec<_> = refused
        .iter()
        .map(|one| (one.id.as_deref(), one.error_code.as_deref().unwrap(), one.message.as_deref().unwrap()))
        .collect();
    assert_eq!(
        told,
        [
            (Some(B), "InvalidTraceId", "Invalid segment. ErrorCode: InvalidTraceId"),
            (None, "ParseError", "Invalid segment. ErrorCode: ParseError"),
        ]
    );
    assert_eq!(documents(world.ok(get(&[&id])).await).len(), 1);
}

#[tokio::test]
async fn traces_of_another_account_are_not_there() {
    let world = World::new().await;
    let id = world.trace_id();
    world.put(&[segment(&id, A, 1.0)]).await;
    let other = Caller::root(OTHER_ACCOUNT.parse().unwrap());
    let answer = traces(world.call(&other, get(&[&id])).await.unwrap());
    assert_eq!((answer.traces, answer.unprocessed_trace_ids), (Some(Vec::new()), Some(vec![id.clone()])));
    // The same ids in the other account are another trace.
    world.call(&other, put(&[segment(&id, B, 2.0)])).await.unwrap();
    assert_eq!(documents(world.ok(get(&[&id])).await), [segment(&id, A, 1.0)]);
}

#[tokio::test]
async fn ids_that_are_none_are_refused() {
    let world = World::new().await;
    let root = world.house.root();
    for ids in [&["x"] as &[&str], &[], &["1-58406520-a006649127e371903a2de979"; 6]] {
        let refused = world.call(&root, get(ids)).await.unwrap_err();
        assert_eq!((refused.status, refused.code.as_ref()), (400, "InvalidRequestException"), "{ids:?}");
    }
}

#[tokio::test]
async fn a_summary_tells_what_the_segments_say() {
    let world = World::new().await;
    let id = world.trace_id();
    let front = json!({
        "trace_id": id, "id": A, "name": "front", "origin": "AWS::Lambda", "start_time": 1.0, "end_time": 3.5,
        "fault": true, "user": "ana", "resource_arn": "arn:aws:lambda:us-east-1:111122223333:function:f",
        "http": {"request": {"url": "http://f/", "method": "GET"}, "response": {"status": 200}},
    });
    let back = json!({
        "trace_id": id, "id": B, "parent_id": A, "name": "back", "start_time": 2.0, "end_time": 4.0,
        "subsegments": [{"id": "c", "name": "c", "start_time": 2.0, "annotations": {"size": 3, "list": []}}],
    });
    world.put(&[back, front]).await;
    let [summary] = found(&world, search(&world)).await.trace_summaries.unwrap().try_into().unwrap();
    assert_eq!(summary.id, Some(id));
    assert_eq!((summary.duration, summary.response_time), (Some(3.0), Some(2.5)));
    assert_eq!(
        (summary.has_fault, summary.has_error, summary.is_partial),
        (Some(true), Some(false), Some(false))
    );
    assert_eq!(summary.http.unwrap().http_method.as_deref(), Some("GET"));
    let entry = summary.entry_point.unwrap();
    assert_eq!((entry.name.as_deref(), entry.r#type.as_deref()), (Some("front"), Some("AWS::Lambda")));
    assert_eq!(summary.service_ids.unwrap().len(), 2);
    assert_eq!(summary.users.unwrap()[0].user_name.as_deref(), Some("ana"));
    let annotations = summary.annotations.unwrap();
    assert_eq!(annotations.keys().collect::<Vec<_>>(), ["size"]);
    assert_eq!(annotations["size"][0].annotation_value.as_ref().unwrap().number_value, Some(3.0));
}

#[tokio::test]
async fn a_filter_and_the_time_choose_what_is_found() {
    let world = World::new().await;
    let (red, blue) = (world.trace_id(), world.trace_id());
    let colored = |id: &str, color: &str| {
        let mut document = segment(id, A, 1.0);
        document["annotations"] = json!({"color": color});
        document
    };
    world.put(&[colored(&red, "red"), colored(&blue, "blue")]).await;
    let filter_expression = Some(r#"annotation.color = "red""#.to_owned());
    let answer = found(&world, wire::GetTraceSummariesRequest { filter_expression, ..search(&world) }).await;
    assert_eq!(answer.traces_processed_count, Some(2));
    let [summary] = answer.trace_summaries.unwrap().try_into().unwrap();
    assert_eq!(summary.id, Some(red));
    let earlier = wire::GetTraceSummariesRequest {
        start_time: Timestamp(world.now_ms() - 120_000),
        end_time: Timestamp(world.now_ms() - 60_000),
        ..Default::default()
    };
    assert_eq!(found(&world, earlier).await.trace_summaries, Some(Vec::new()));
    let by_event =
        wire::GetTraceSummariesRequest { time_range_type: Some("Event".to_owned()), ..search(&world) };
    assert_eq!(found(&world, by_event).await.trace_summaries.unwrap().len(), 2);
}

#[tokio::test]
async fn what_cannot_be_searched_for_is_refused_by_name() {
    let world = World::new().await;
    let root = world.house.root();
    let (good, service) = (search(&world), Some("Service".to_owned()));
    let backwards = wire::GetTraceSummariesRequest { end_time: good.start_time, ..good.clone() };
    let long = wire::GetTraceSummariesRequest { start_time: Timestamp(0), ..good.clone() };
    let edge = Some("edge".to_owned());
    for (request, words) in [
        (backwards, "StartTime must be before EndTime"),
        (long, "Time range cannot be longer than 24 hours"),
        (
            wire::GetTraceSummariesRequest { time_range_type: service, ..good.clone() },
            "The TimeRangeType Service is not supported by this server.",
        ),
        (
            wire::GetTraceSummariesRequest { filter_expression: edge, ..good.clone() },
            "The filter keyword edge is not supported by this server.",
        ),
        (
            wire::GetTraceSummariesRequest { next_token: Some("x".to_owned()), ..good.clone() },
            "Invalid NextToken",
        ),
    ] {
        let refused = world.call(&root, Input::GetTraceSummaries(request)).await.unwrap_err();
        assert_eq!(refused.code, "InvalidRequestException");
        assert_eq!(refused.message.as_deref(), Some(words));
    }
}

#[tokio::test]
async fn many_traces_come_page_by_page_each_once() {
    let world = World::new().await;
    let mut expected: Vec<String> = (0..230).map(|_| world.trace_id()).collect();
    for ids in expected.chunks(50) {
        let documents: Vec<Value> = ids.iter().map(|id| segment(id, A, 1.0)).collect();
        world.put(&documents).await;
    }
    let (mut seen, mut next_token) = (Vec::new(), None);
    loop {
        let page = found(&world, wire::GetTraceSummariesRequest { next_token, ..search(&world) }).await;
        seen.extend(page.trace_summaries.unwrap().into_iter().filter_map(|summary| summary.id));
        next_token = page.next_token;
        if next_token.is_none() {
            break;
        }
    }
    expected.sort();
    seen.sort();
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn a_trace_beyond_its_limit_is_cut_and_says_so() {
    let world = World::new().await;
    let id = world.trace_id();
    for index in 0..10 {
        let mut document = segment(&id, &format!("{index:016x}"), 1.0);
        document["metadata"] = json!({"filler": "x".repeat(60_000)});
        world.put(&[document]).await;
    }
    let [trace] = traces(world.ok(get(&[&id])).await).traces.unwrap().try_into().unwrap();
    assert_eq!((trace.segments.unwrap().len(), trace.limit_exceeded), (8, Some(true)));
}
