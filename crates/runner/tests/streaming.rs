//! Responses that leave the function piece by piece.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod common;

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use common::{Bench, SHELL_BOOTSTRAP, error, invocation, log};
use rolecall_runner::{FunctionResult, FunctionSpec, Invocation, Outcome, ResponsePart, response_channel};
use tokio::sync::mpsc::Receiver;
use tokio::task::JoinHandle;

/// A response on its way.
struct Streaming {
    parts: Receiver<ResponsePart>,
    running: JoinHandle<Outcome>,
}

impl Streaming {
    fn start(bench: &Bench, spec: &FunctionSpec, payload: &str) -> Self {
        let (sink, parts) = response_channel();
        let invocation = Invocation { response_sink: Some(sink), ..invocation(payload) };
        let (runner, spec) = (bench.runner.clone(), Arc::new(spec.clone()));
        let running = tokio::spawn(async move { runner.invoke(spec, invocation).await.unwrap() });
        Streaming { parts, running }
    }

    /// The content type that the response begins with.
    async fn begun(&mut self) -> Option<String> {
        match self.parts.recv().await {
            Some(ResponsePart::Begun { content_type }) => content_type,
            other => panic!("no beginning but {other:?}"),
        }
    }

    async fn chunk(&mut self) -> Option<Bytes> {
        match self.parts.recv().await {
            Some(ResponsePart::Chunk(bytes)) => Some(bytes),
            None => None,
            other => panic!("no chunk but {other:?}"),
        }
    }

    /// All that is still to come, and the outcome.
    async fn rest(mut self) -> (Vec<u8>, Outcome) {
        let mut all = Vec::new();
        while let Some(bytes) = self.chunk().await {
            all.extend_from_slice(&bytes);
        }
        (all, self.running.await.unwrap())
    }
}

async fn bench() -> Option<(Bench, String)> {
    let bench = Bench::new().await;
    let Some(runtime) = common::node(&bench.runner) else {
        println!("there is no Node.js on this machine");
        return None;
    };
    Some((bench, runtime))
}

/// A Node.js function whose streaming handler has this body.
fn streaming(bench: &Bench, runtime: &str, name: &str, body: &str) -> FunctionSpec {
    let code = format!(
        "const sleep = (ms) => new Promise((done) => setTimeout(done, ms));\n\
         exports.handler = awslambda.streamifyResponse(async (event, stream, context) => {{ {body} }});"
    );
    bench.function(name, runtime, "index.handler", &[("index.js", &code)])
}

#[tokio::test]
async fn pieces_arrive_while_the_function_still_works() {
    let Some((bench, runtime)) = bench().await else { return };
    let spec = streaming(
        &bench,
        &runtime,
        "pieces",
        "stream.setContentType('text/plain'); stream.write('one'); await sleep(400); stream.write('two'); stream.end('three');",
    );
    for _ in 0..2 {
        let mut response = Streaming::start(&bench, &spec, "{}");
        assert_eq!(response.begun().await.as_deref(), Some("text/plain"));
        assert_eq!(response.chunk().await.as_deref(), Some(&b"one"[..]));
        assert!(!response.running.is_finished());
        let (rest, outcome) = response.rest().await;
        assert_eq!(rest, b"twothree", "{}", log(&outcome));
        assert_eq!((outcome.result, outcome.error_type), (FunctionResult::Success(Bytes::new()), None));
    }
}

#[tokio::test]
async fn a_response_may_begin_with_its_http_head() {
    let Some((bench, runtime)) = bench().await else { return };
    let spec = streaming(
        &bench,
        &runtime,
        "head",
        "const http = awslambda.HttpResponseStream.from(stream, { statusCode: 201, headers: { a: 'b' } }); \
         if (event.body) http.write(event.body); http.end();",
    );
    for (event, body) in [("{\"body\":\"hello\"}", "hello"), ("{}", "")] {
        let mut response = Streaming::start(&bench, &spec, event);
        let kind = response.begun().await;
        assert_eq!(kind.as_deref(), Some("application/vnd.awslambda.http-integration-response"));
        let (rest, _) = response.rest().await;
        let head = "{\"statusCode\":201,\"headers\":{\"a\":\"b\"}}\0\0\0\0\0\0\0\0";
        assert_eq!(String::from_utf8(rest).unwrap(), format!("{head}{body}"));
    }
}

#[tokio::test]
async fn an_error_before_the_first_byte_is_a_document_and_a_later_one_is_in_the_trailers() {
    let Some((bench, runtime)) = bench().await else { return };
    let early = streaming(&bench, &runtime, "early", "throw new TypeError('no');");
    let response = Streaming::start(&bench, &early, "{}");
    let (nothing, outcome) = response.rest().await;
    assert!(nothing.is_empty());
    assert_eq!(error(&outcome)["errorType"], "TypeError");
    assert_eq!(outcome.error_type, None);

    let late = streaming(&bench, &runtime, "late", "stream.write('some'); throw new TypeError('no more');");
    for _ in 0..2 {
        let mut response = Streaming::start(&bench, &late, "{}");
        response.begun().await;
        let (some, outcome) = response.rest().await;
        assert_eq!(some, b"some");
        assert_eq!(error(&outcome)["errorMessage"], "no more");
        assert_eq!(outcome.error_type.as_deref(), Some("TypeError"));
        assert!(log(&outcome).contains("Invoke Error"), "{}", log(&outcome));
    }
}

#[tokio::test]
async fn a_timeout_or_an_exit_ends_the_response_where_it_is() {
    let Some((bench, runtime)) = bench().await else { return };
    let cases = [
        ("await sleep(60000);", "Sandbox.Timedout"),
        ("await sleep(50); process.exit(3);", "Runtime.ExitError"),
    ];
    for (index, (end, error_type)) in cases.into_iter().enumerate() {
        let code = format!("stream.write('begun'); {end}");
        let mut spec = streaming(&bench, &runtime, &format!("ended{index}"), &code);
        spec.timeout = Duration::from_secs(2);
        let mut response = Streaming::start(&bench, &spec, "{}");
        response.begun().await;
        let (begun, outcome) = response.rest().await;
        assert_eq!(begun, b"begun");
        assert_eq!(outcome.error_type.as_deref(), Some(error_type), "{}", log(&outcome));
        assert_eq!(error(&outcome)["errorType"], error_type);
    }
}

#[tokio::test]
async fn a_function_writes_no_faster_than_its_caller_reads() {
    let Some((bench, runtime)) = bench().await else { return };
    let spec = streaming(
        &bench,
        &runtime,
        "fast",
        "const chunk = Buffer.alloc(1024 * 1024, 'x'); const began = Date.now(); \
         for (let n = 0; n < 48; n += 1) { if (!stream.write(chunk)) await new Promise((d) => stream.once('drain', d)); } \
         stream.end(`took ${Date.now() - began}`);",
    );
    let mut response = Streaming::start(&bench, &spec, "{}");
    response.begun().await;
    tokio::time::sleep(Duration::from_millis(800)).await;
    let (all, outcome) = response.rest().await;
    let (bytes, told) = all.split_at(48 * 1024 * 1024);
    assert!(bytes.iter().all(|byte| *byte == b'x'));
    let took: u64 = String::from_utf8_lossy(told).strip_prefix("took ").unwrap().parse().unwrap();
    assert!(took >= 600, "48 MiB went somewhere within {took} ms: {}", log(&outcome));
}

#[tokio::test]
async fn a_caller_that_goes_away_does_not_stop_the_function() {
    let Some((bench, runtime)) = bench().await else { return };
    let spec = streaming(
        &bench,
        &runtime,
        "alone",
        "stream.write('x'); await sleep(200); stream.end('y'.repeat(3000000)); console.log('to the end');",
    );
    let mut response = Streaming::start(&bench, &spec, "{}");
    response.begun().await;
    drop(response.parts);
    let outcome = response.running.await.unwrap();
    assert_eq!(outcome.result, FunctionResult::Success(Bytes::new()));
    assert!(log(&outcome).contains("to the end"), "{}", log(&outcome));
}

#[tokio::test]
async fn a_caller_who_wants_it_whole_gets_it_whole() {
    let Some((bench, runtime)) = bench().await else { return };
    let spec =
        streaming(&bench, &runtime, "whole", "stream.write('[1,'); await sleep(10); stream.end('2]');");
    assert_eq!(bench.ask(&spec, "{}").await, serde_json::json!([1, 2]));
    let late = streaming(&bench, &runtime, "whole-late", "stream.write('['); throw new Error('late');");
    assert_eq!(error(&bench.invoke(&late, "{}").await)["errorMessage"], "late");
}

#[tokio::test]
async fn a_response_that_nobody_ends_is_ended() {
    let Some((bench, runtime)) = bench().await else { return };
    let spec = streaming(&bench, &runtime, "forgetful", "stream.write('x');");
    let started = Instant::now();
    let mut response = Streaming::start(&bench, &spec, "{}");
    response.begun().await;
    let (all, outcome) = response.rest().await;
    assert_eq!((all.as_slice(), outcome.error_type), (&b"x"[..], None));
    assert!(started.elapsed() < Duration::from_secs(8));
}

#[tokio::test]
async fn a_streamed_response_has_a_limit() {
    let Some((bench, runtime)) = bench().await else { return };
    let mut spec = streaming(
        &bench,
        &runtime,
        "endless",
        "const chunk = Buffer.alloc(1024 * 1024); for (let n = 0; n < 201; n += 1) { \
         if (!stream.write(chunk)) await new Promise((d) => stream.once('drain', d)); } stream.end();",
    );
    spec.timeout = Duration::from_secs(60);
    let mut response = Streaming::start(&bench, &spec, "{}");
    response.begun().await;
    let mut size = 0;
    while let Some(chunk) = response.chunk().await {
        size += chunk.len();
    }
    let outcome = response.running.await.unwrap();
    assert!(size <= 200 * 1024 * 1024, "{size}");
    assert_eq!(outcome.error_type.as_deref(), Some("Function.ResponseSizeTooLarge"), "{}", log(&outcome));
}

#[tokio::test]
async fn a_function_that_does_not_stream_answers_as_ever() {
    let bench = Bench::new().await;
    let spec = bench.python("plain", "def handler(event, context):\n    return event\n");
    let (nothing, outcome) = Streaming::start(&bench, &spec, "[1]").rest().await;
    assert!(nothing.is_empty());
    assert_eq!(common::success(&outcome), serde_json::json!([1]));
}

/// A bootstrap that streams, and goes on living after it has broken the response off.
#[tokio::test]
async fn a_response_that_breaks_off_is_an_error() {
    let bench = Bench::new().await;
    let (before, _) = SHELL_BOOTSTRAP.split_once("  echo \"working").unwrap();
    let broken = format!(
        "{before}  exec 3<>\"/dev/tcp/${{api%:*}}/${{api#*:}}\"\n  \
         printf 'POST /2018-06-01/runtime/invocation/%s/response HTTP/1.1\\r\\nHost: x\\r\\n\
         Lambda-Runtime-Function-Response-Mode: streaming\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n4\\r\\nhalf\\r\\n' \"$id\" >&3\n  \
         exec 3<&-\n  sleep 30\ndone\n"
    );
    let spec = bench.function("broken", "provided.al2023", "", &[("bootstrap", &broken)]);
    let mut response = Streaming::start(&bench, &spec, "{}");
    assert_eq!(response.begun().await, None);
    let (half, outcome) = response.rest().await;
    assert_eq!(half, b"half");
    assert_eq!(outcome.error_type.as_deref(), Some("Runtime.TruncatedResponse"), "{}", log(&outcome));
}
