//! The Runtime API (reference lambda.md 7.1) of one environment. Its listener is inside that environment, so no other
//! one can speak to it, and it knows no events but its own.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use data_encoding::BASE64;
use http::{HeaderMap, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

use super::answers::{
    Answered, accepted, broken, invalid_mode, not_found, refusal, text, too_large, wrong_method,
};
use super::endpoint;
use super::exchange::{Answer, Exchange, Misuse};
use super::failure::{RESPONSE_MAX, STREAM_MAX};
use super::output::Output;
use super::telemetry::{self, Api};
use super::{Apis, extensions};
use crate::streaming::{ResponsePart, ResponseSink};

const PREFIX: &str = "/2018-06-01/runtime/";
const EXTENSION_PREFIX: &str = "/2020-01-01/extension/";
const TELEMETRY: &str = "/2022-07-01/telemetry";
const LOGS: &str = "/2020-08-15/logs";
const ERROR_TYPE: &str = "lambda-runtime-function-error-type";
const ERROR_BODY: &str = "lambda-runtime-function-error-body";
const INVOCATION_ID: &str = "lambda-runtime-invocation-id";
/// The type of an error document with a cause for tracing.
const WITH_CAUSE: &str = "application/vnd.aws.lambda.error.cause+json";
const RESPONSE_MODE: &str = "lambda-runtime-function-response-mode";

/// How many connections are served at once. A runtime and each extension need one, or a few; more wait in the listener's
/// queue, where they cost the server no descriptor.
const CONNECTIONS: usize = 64;

/// Serves connections until the task is aborted; then open connections end as well.
pub(super) async fn serve(listener: TcpListener, apis: Arc<Apis>, output: Arc<Output>) {
    let mut connections = tokio::task::JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept(), if connections.len() < CONNECTIONS => {
                let Ok((connection, _)) = accepted else {
                    tokio::time::sleep(endpoint::PAUSE).await;
                    continue;
                };
                // Small answers must not wait for more to come.
                drop(connection.set_nodelay(true));
                let (apis, output) = (Arc::clone(&apis), Arc::clone(&output));
                connections.spawn(async move {
                    let service = service_fn(move |request| respond(Arc::clone(&apis), Arc::clone(&output), request));
                    let http = hyper::server::conn::http1::Builder::new();
                    drop(http.serve_connection(TokioIo::new(connection), service).await);
                });
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn respond(
    apis: Arc<Apis>,
    output: Arc<Output>,
    request: Request<Incoming>,
) -> Result<Answered, Infallible> {
    let path = request.uri().path().to_owned();
    if let Some(path) = path.strip_prefix(PREFIX) {
        return Ok(runtime(&apis.exchange, path, request).await);
    }
    if let Some(path) = path.strip_prefix(EXTENSION_PREFIX) {
        return Ok(extensions::respond(&apis.extensions, &apis.about, path, request).await);
    }
    let api = match path.trim_end_matches('/') {
        TELEMETRY => Api::Telemetry,
        LOGS => Api::Logs,
        _ => return Ok(not_found()),
    };
    Ok(telemetry::respond(&apis.telemetry, &apis.extensions, &output, api, request).await)
}

async fn runtime(exchange: &Exchange, path: &str, request: Request<Incoming>) -> Answered {
    let parts: Vec<&str> = path.split('/').collect();
    let get = request.method() == Method::GET;
    let post = request.method() == Method::POST;
    match parts.as_slice() {
        ["invocation", "next"] if get => next(exchange).await,
        ["invocation", id, "response"] if post => response(exchange, id, request).await,
        ["invocation", id, "error"] if post => error(exchange, id, request).await,
        ["init", "error"] if post => init_error(exchange, request).await,
        ["invocation", "next"] | ["invocation", _, "response" | "error"] | ["init", "error"] => {
            wrong_method()
        }
        // AWS has the paths of SnapStart only in environments that are restored from a snapshot.
        _ => not_found(),
    }
}

async fn next(exchange: &Exchange) -> Answered {
    match exchange.next().await {
        Err(misuse) => misused(misuse),
        Ok((_, headers, payload)) => {
            let mut response = Response::new(Full::new(payload));
            *response.headers_mut() = headers;
            response
        }
    }
}

async fn response(exchange: &Exchange, id: &str, request: Request<Incoming>) -> Answered {
    if let Err(misuse) = check(exchange, id, request.headers(), false) {
        return misused(misuse);
    }
    let mode = text(request.headers(), RESPONSE_MODE).filter(|mode| !mode.is_empty());
    if let Some(mode) = mode {
        if !mode.eq_ignore_ascii_case("streaming") {
            return match exchange.answer(id, Answer::InvalidMode) {
                Err(misuse) => misused(misuse),
                Ok(()) => invalid_mode(),
            };
        }
        match exchange.begin_stream(id) {
            Err(misuse) => return misused(misuse),
            Ok(Some(sink)) => return streamed(exchange, id, &sink, request).await,
            // The caller wants the response whole.
            Ok(None) => {}
        }
    }
    let _turn = exchange.turn_to_read().await;
    let answer = match collect(request).await {
        Ok(body) => body,
        Err(CollectError::TooLarge) => {
            return match exchange.answer(id, Answer::TooLarge) {
                Err(misuse) => misused(misuse),
                Ok(()) => too_large(RESPONSE_MAX),
            };
        }
        Err(CollectError::Broken) => return broken(),
    };
    settled(exchange.answer(id, answer))
}

/// Passes a response on as it comes. The runtime is not read faster than the caller reads.
async fn streamed(
    exchange: &Exchange,
    id: &str,
    sink: &ResponseSink,
    request: Request<Incoming>,
) -> Answered {
    let content_type = text(request.headers(), header::CONTENT_TYPE.as_str());
    sink.send(ResponsePart::Begun { content_type }).await;
    let answer = pass_on(sink, request.into_body()).await;
    let is_too_large = answer == Answer::StreamTooLarge;
    let is_broken = answer == Answer::Truncated;
    match exchange.end_stream(id, answer) {
        Ok(()) if is_too_large => too_large(STREAM_MAX),
        Ok(()) if is_broken => broken(),
        result => settled(result),
    }
}

async fn pass_on(sink: &ResponseSink, mut body: Incoming) -> Answer {
    let mut size = 0_usize;
    let mut failed = None;
    loop {
        let frame = match body.frame().await {
            None => break,
            Some(Err(_)) => return Answer::Truncated,
            Some(Ok(frame)) => frame,
        };
        match frame.into_data() {
            Ok(chunk) => {
                size = size.saturating_add(chunk.len());
                if size > STREAM_MAX {
                    return Answer::StreamTooLarge;
                }
                sink.send(ResponsePart::Chunk(chunk)).await;
            }
            Err(frame) => failed = frame.trailers_ref().and_then(error_in),
        }
    }
    match failed {
        Some((error_type, document)) => Answer::StreamFailed { error_type, document },
        None => Answer::Streamed,
    }
}

/// The error that the trailers of a streamed response report: its type and its document.
fn error_in(trailers: &HeaderMap) -> Option<(String, Bytes)> {
    let error_type = text(trailers, ERROR_TYPE)?;
    let document = trailers.get(ERROR_BODY).and_then(|body| BASE64.decode(body.as_bytes()).ok());
    Some((error_type, document.map_or(Bytes::from_static(b"{}"), Bytes::from)))
}

async fn error(exchange: &Exchange, id: &str, request: Request<Incoming>) -> Answered {
    if let Err(misuse) = check(exchange, id, request.headers(), true) {
        return misused(misuse);
    }
    let has_cause = text(request.headers(), header::CONTENT_TYPE.as_str()).as_deref() == Some(WITH_CAUSE);
    let _turn = exchange.turn_to_read().await;
    let answer = match collect(request).await {
        Ok(Answer::Response(body)) if has_cause => Answer::Error(without_cause(&body)),
        Ok(Answer::Response(body)) => Answer::Error(body),
        Ok(answer) => answer,
        Err(CollectError::TooLarge) => Answer::TooLarge,
        Err(CollectError::Broken) => return broken(),
    };
    settled(exchange.answer(id, answer))
}

fn check(exchange: &Exchange, id: &str, headers: &HeaderMap, is_error: bool) -> Result<(), Misuse> {
    exchange.check(id, text(headers, INVOCATION_ID).as_deref(), is_error)
}

/// What the caller gets of an error document that also has a cause, which is for tracing alone.
fn without_cause(body: &[u8]) -> Bytes {
    #[derive(Deserialize, Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Document {
        #[serde(default)]
        error_message: String,
        #[serde(default)]
        error_type: String,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        stack_trace: Vec<String>,
    }
    match serde_json::from_slice::<Document>(body).and_then(|document| serde_json::to_vec(&document)) {
        Ok(document) => document.into(),
        Err(_) => Bytes::from_static(b"\"Invalid error body\""),
    }
}

async fn init_error(exchange: &Exchange, request: Request<Incoming>) -> Answered {
    let error_type = text(request.headers(), ERROR_TYPE);
    let _turn = exchange.turn_to_read().await;
    match collect(request).await {
        Ok(Answer::Response(body) | Answer::Error(body)) => settled(exchange.init_failed(body, error_type)),
        _ => broken(),
    }
}

enum CollectError {
    TooLarge,
    Broken,
}

/// Reads a body. A streamed response may turn out to be an error at its end, which its trailers say.
async fn collect(request: Request<Incoming>) -> Result<Answer, CollectError> {
    let body = Limited::new(request.into_body(), RESPONSE_MAX);
    let collected = body.collect().await.map_err(|error| {
        if error.is::<LengthLimitError>() { CollectError::TooLarge } else { CollectError::Broken }
    })?;
    Ok(match collected.trailers().and_then(error_in) {
        Some((_, document)) => Answer::Error(document),
        None => Answer::Response(collected.to_bytes()),
    })
}

fn settled(result: Result<(), Misuse>) -> Answered {
    match result {
        Ok(()) => accepted(),
        Err(misuse) => misused(misuse),
    }
}

fn misused(misuse: Misuse) -> Answered {
    match misuse {
        Misuse::UnknownRequest => refusal(StatusCode::BAD_REQUEST, "InvalidRequestID", "Invalid request ID"),
        Misuse::UnknownInvocation => {
            refusal(StatusCode::BAD_REQUEST, "InvalidInvocationId", "Invalid invocation ID")
        }
        Misuse::WrongState { from, to } => {
            let text = format!(
                "State transition from {from} to {to} failed for runtime. Error: State transition is not allowed"
            );
            refusal(StatusCode::FORBIDDEN, "InvalidStateTransition", &text)
        }
    }
}
