//! Answers that are streams of events.

use bytes::Bytes;
use futures_util::{FutureExt, StreamExt, stream};
use rolecall_wire::lambda::{
    InvokeResponseStreamUpdate, InvokeWithResponseStreamCompleteEvent, InvokeWithResponseStreamResponse,
    InvokeWithResponseStreamResponseEvent as Event, Output,
};
use rolecall_wire::{AnyOutput, Body, EventStream, HttpResponse, Sensitive, encode};

/// The headers and the payload of a message whose checksums are right.
fn parsed(message: &[u8]) -> (String, String) {
    let number = |at: usize| u32::from_be_bytes(message[at..at + 4].try_into().unwrap());
    let size = |at: usize| usize::try_from(number(at)).unwrap();
    assert_eq!(size(0), message.len());
    assert_eq!(number(8), crc32fast::hash(&message[..8]));
    let end = message.len() - 4;
    assert_eq!(number(end), crc32fast::hash(&message[..end]));
    let (headers, payload) = message[12..end].split_at(size(4));
    (String::from_utf8_lossy(headers).into_owned(), String::from_utf8_lossy(payload).into_owned())
}

fn answer(events: Vec<Event>, content_type: &str) -> HttpResponse {
    let output = InvokeWithResponseStreamResponse {
        status_code: Some(200),
        executed_version: Some("7".to_owned()),
        event_stream: Some(EventStream::new(stream::iter(events))),
        response_stream_content_type: Some(content_type.to_owned()),
    };
    encode(AnyOutput::Lambda(Output::InvokeWithResponseStream(output)), "id")
}

#[test]
fn each_event_is_a_message_and_the_content_s_own_type_has_another_header() {
    let payload = Some(Sensitive::new(Bytes::from_static(b"\0bytes")));
    let complete = InvokeWithResponseStreamCompleteEvent {
        error_code: Some("Unhandled".to_owned()),
        error_details: Some("a \"quote\"".to_owned()),
        log_result: None,
    };
    let events =
        vec![Event::PayloadChunk(InvokeResponseStreamUpdate { payload }), Event::InvokeComplete(complete)];
    let answer = answer(events, "text/plain");
    assert_eq!(answer.headers["content-type"], "application/vnd.amazon.eventstream");
    assert_eq!(answer.headers["x-amzn-remapped-content-type"], "text/plain");
    assert_eq!(answer.headers["x-amz-executed-version"], "7");
    let Body::Stream(body) = answer.body else { panic!("{answer:?}") };
    let messages: Vec<_> = body.collect::<Vec<_>>().now_or_never().unwrap();
    let [chunk, end] = &messages[..] else { panic!("{messages:?}") };
    let (headers, payload) = parsed(chunk.as_ref().unwrap());
    assert_eq!(payload, "\0bytes");
    assert_eq!(
        headers,
        "\u{b}:event-type\u{7}\0\u{c}PayloadChunk\r:content-type\u{7}\0\u{18}application/octet-stream\
         \r:message-type\u{7}\0\u{5}event"
    );
    let (headers, payload) = parsed(end.as_ref().unwrap());
    assert_eq!(payload, r#"{"ErrorCode":"Unhandled","ErrorDetails":"a \"quote\""}"#);
    assert!(headers.contains("InvokeComplete") && headers.contains("application/json"), "{headers}");
}

#[test]
fn an_answer_without_events_has_no_body() {
    let output = InvokeWithResponseStreamResponse { status_code: Some(204), ..Default::default() };
    let answer = encode(AnyOutput::Lambda(Output::InvokeWithResponseStream(output)), "id");
    assert_eq!((answer.status.as_u16(), answer.body.whole().map(Bytes::len)), (204, Some(0)));
}
