//! InvokeWithResponseStream: what its events are, and what is an ordinary error.

use crate::support::{Bench, refusal};
use bytes::Bytes;
use data_encoding::BASE64;
use futures_util::StreamExt;
use rolecall_runner::{FunctionErrorKind, FunctionResult, InvokeFailure, ResponsePart};
use rolecall_wire::ServiceError;
use rolecall_wire::lambda::{
    Input, InvokeWithResponseStreamCompleteEvent as Complete, InvokeWithResponseStreamRequest,
    InvokeWithResponseStreamResponse, InvokeWithResponseStreamResponseEvent as Event, Output,
};

fn request(name: &str) -> InvokeWithResponseStreamRequest {
    InvokeWithResponseStreamRequest { function_name: name.to_owned(), ..Default::default() }
}

async fn begin(
    bench: &Bench,
    request: InvokeWithResponseStreamRequest,
) -> Result<InvokeWithResponseStreamResponse, ServiceError> {
    match bench.admin(Input::InvokeWithResponseStream(request)).await? {
        Output::InvokeWithResponseStream(answer) => Ok(answer),
        other => panic!("{other:?}"),
    }
}

/// The chunks and the last event of an answer.
async fn events(answer: &InvokeWithResponseStreamResponse) -> (Vec<String>, Complete) {
    let events: Vec<Event> = answer.event_stream.as_ref().unwrap().take().unwrap().collect().await;
    let mut chunks = Vec::new();
    let mut end = None;
    for event in events {
        assert!(end.is_none(), "something follows the end");
        match event {
            Event::PayloadChunk(update) => {
                let bytes = update.payload.unwrap().into_inner();
                chunks.push(String::from_utf8(bytes.to_vec()).unwrap());
            }
            Event::InvokeComplete(complete) => end = Some(complete),
        }
    }
    (chunks, end.unwrap())
}

fn error(document: &str) -> FunctionResult {
    FunctionResult::Error { payload: document.to_owned().into(), kind: FunctionErrorKind::Unhandled }
}

fn stream(bench: &Bench, content_type: Option<&str>, chunks: &[&'static str]) {
    let begun = ResponsePart::Begun { content_type: content_type.map(str::to_owned) };
    let chunks = chunks.iter().map(|text| ResponsePart::Chunk(Bytes::from_static(text.as_bytes())));
    bench.runner.parts.lock().unwrap().push_back([begun].into_iter().chain(chunks).collect());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_is_chunks_and_an_end() {
    let bench = Bench::furnished().await;
    stream(&bench, Some("text/plain"), &["one", "two", "three", "four", "five", "six"]);
    bench.runner.answer(FunctionResult::Success(Bytes::new()), &["START", "END"]);
    let tailed = InvokeWithResponseStreamRequest { log_type: Some("Tail".to_owned()), ..request("f:live") };
    let answer = begin(&bench, tailed).await.unwrap();
    assert_eq!((answer.status_code, answer.executed_version.as_deref()), (Some(200), Some("1")));
    assert_eq!(answer.response_stream_content_type.as_deref(), Some("text/plain"));
    let (chunks, end) = events(&answer).await;
    assert_eq!(chunks, ["one", "two", "three", "four", "five", "six"]);
    assert_eq!((end.error_code, end.error_details), (None, None));
    assert_eq!(end.log_result.as_deref(), Some(BASE64.encode(b"START\nEND").as_str()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_response_that_is_not_streamed_is_one_chunk() {
    let bench = Bench::furnished().await;
    bench.runner.answer(FunctionResult::Success("42".into()), &["START"]);
    let answer = begin(&bench, request("f")).await.unwrap();
    assert_eq!(answer.response_stream_content_type.as_deref(), Some("application/json"));
    let (chunks, end) = events(&answer).await;
    assert_eq!((chunks, end), (vec!["42".to_owned()], Complete::default()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_of_the_function_is_in_the_last_event() {
    let bench = Bench::furnished().await;
    let document = r#"{"errorMessage":"no","errorType":"TypeError"}"#;
    bench.runner.answer(error(document), &[]);
    let (chunks, end) = events(&begin(&bench, request("f")).await.unwrap()).await;
    assert!(chunks.is_empty());
    assert_eq!(
        (end.error_code.as_deref(), end.error_details.as_deref()),
        (Some("Unhandled"), Some(document))
    );

    stream(&bench, None, &["some"]);
    let timeout = r#"{"errorType":"Sandbox.Timedout","errorMessage":"late"}"#;
    bench.runner.answer(error(timeout), &[]);
    bench.runner.answers.lock().unwrap().iter_mut().for_each(|answer| {
        if let Ok(ran) = answer {
            ran.error_type = Some("Sandbox.Timedout".to_owned());
        }
    });
    let answer = begin(&bench, request("f")).await.unwrap();
    assert_eq!(answer.response_stream_content_type.as_deref(), Some("application/octet-stream"));
    let (chunks, end) = events(&answer).await;
    assert_eq!(chunks, ["some"]);
    let told = (end.error_code.as_deref(), end.error_details.as_deref());
    assert_eq!(told, (Some("Sandbox.Timedout"), Some(timeout)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_before_the_function_answers_is_an_ordinary_error() {
    let bench = Bench::furnished().await;
    let missing = refusal(begin(&bench, request("missing")).await);
    let arn = "arn:aws:lambda:us-east-1:111122223333:function:missing:$LATEST";
    assert_eq!(missing, ("ResourceNotFoundException".to_owned(), format!("Function not found: {arn}")));
    bench.runner.fail(InvokeFailure::Throttled(1));
    assert_eq!(refusal(begin(&bench, request("f")).await).0, "TooManyRequestsException");
    let no_json = InvokeWithResponseStreamRequest {
        payload: Some(rolecall_wire::Sensitive::new("no json".into())),
        ..request("f")
    };
    assert_eq!(refusal(begin(&bench, no_json).await).0, "InvalidRequestContentException");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_function_runs_whatever_the_invocation_type_is() {
    let bench = Bench::furnished().await;
    for kind in ["DryRun", "Event", "RequestResponse"] {
        stream(&bench, None, &["ran"]);
        bench.runner.answer(FunctionResult::Success(Bytes::new()), &[]);
        let input =
            InvokeWithResponseStreamRequest { invocation_type: Some(kind.to_owned()), ..request("f") };
        let answer = begin(&bench, input).await.unwrap();
        assert_eq!(
            (answer.status_code, events(&answer).await.0),
            (Some(200), vec!["ran".to_owned()]),
            "{kind}"
        );
    }
    assert_eq!(bench.runner.seen.lock().unwrap().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_function_runs_on_when_nobody_listens() {
    let bench = Bench::furnished().await;
    stream(&bench, None, &["1", "2", "3", "4", "5", "6", "7", "8"]);
    bench.runner.answer(FunctionResult::Success(Bytes::new()), &["the end"]);
    drop(begin(&bench, request("f")).await.unwrap());
    for _ in 0..500 {
        if bench.runner.answers.lock().unwrap().is_empty() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("the function was not run to its end");
}
