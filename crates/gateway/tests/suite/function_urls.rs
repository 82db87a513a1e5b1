//! Function URLs: what a request becomes, who is let through to Lambda, and what comes back.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream;
use rolecall_authority::Call;
use rolecall_service::{FoundUrl, FunctionUrls, UrlAnswer, UrlRefusal};
use rolecall_store::records::function_url::{FunctionUrl, FunctionUrlTarget, UrlCors};
use rolecall_testkit::ACCOUNT;
use rolecall_wire::{BrokenOff, ByteStream};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use crate::message::Message;
use crate::server::{Server, with_secret};

const SIGNED: &str = "signedsignedsignedsignedsigned00";
const OPEN: &str = "openopenopenopenopenopenopen0000";
const FORBIDDEN: &str = r#"{"Message":"Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"}"#;

/// A Lambda with two URLs, which lets everybody in and answers what it was told.
#[derive(Default)]
struct Urls {
    cors: Option<UrlCors>,
    answers: Mutex<VecDeque<Result<UrlAnswer, UrlRefusal>>>,
    events: Mutex<Vec<Value>>,
}

#[async_trait]
impl FunctionUrls for Urls {
    fn find_url(&self, id: &str) -> Option<FoundUrl> {
        let auth_type = match id {
            SIGNED => "AWS_IAM",
            OPEN => "NONE",
            _ => return None,
        };
        let function = (ACCOUNT.parse().unwrap(), "us-east-1".parse().unwrap(), "f".to_owned());
        let config = FunctionUrl {
            id: id.to_owned(),
            auth_type: auth_type.to_owned(),
            invoke_mode: "BUFFERED".to_owned(),
            cors: self.cors.clone(),
            created_ms: 0,
            modified_ms: 0,
        };
        let target = FunctionUrlTarget { function, qualifier: String::new() };
        Some(FoundUrl { target, config: Arc::new(config) })
    }

    async fn invoke_url(&self, _: &Arc<Call>, _: &FoundUrl, event: Bytes) -> Result<UrlAnswer, UrlRefusal> {
        self.events.lock().unwrap().push(serde_json::from_slice(&event).unwrap());
        let answer = self.answers.lock().unwrap().pop_front();
        answer.unwrap_or(Ok(UrlAnswer::Whole(Bytes::from_static(b"\"hello\""))))
    }
}

impl Urls {
    fn answer(&self, answer: Result<UrlAnswer, UrlRefusal>) {
        self.answers.lock().unwrap().push_back(answer);
    }

    fn last_event(&self) -> Value {
        self.events.lock().unwrap().last().unwrap().clone()
    }
}

async fn start() -> (Server, Arc<Urls>) {
    start_with(Urls::default()).await
}

async fn start_with(urls: Urls) -> (Server, Arc<Urls>) {
    let urls = Arc::new(urls);
    (Server::start_with_urls(Arc::clone(&urls) as _).await, urls)
}

fn host(id: &str) -> String {
    format!("{id}.lambda-url.us-east-1.localhost:4566")
}

/// A request by the host name.
fn visit(method: &str, id: &str, target: &str, body: &str) -> Message {
    Message::new(method, target, body).instead("host", &host(id))
}

#[tokio::test]
async fn a_signed_request_becomes_an_event() {
    let (server, urls) = start().await;
    let admin = server.admin().await;
    let request = visit("POST", SIGNED, "/a%20b//c?x=1&y=%20&x=2", "{\"a\":1}")
        .with("content-type", "application/json")
        .with("cookie", "a=1; b=2")
        .with("x-twice", "1")
        .with("x-twice", "2")
        .with("user-agent", "tests")
        .with("x-forwarded-for", "6.6.6.6")
        .signed(&admin, "lambda");
    let reply = request.send(server.address).await;
    assert_eq!((reply.status, reply.body.as_str()), (200, "hello"), "{reply:?}");
    assert_eq!(reply.header("content-type"), Some("application/json"));
    assert!(reply.header("x-amzn-requestid").is_some() && reply.header("x-amzn-trace-id").is_some());

    let event = urls.last_event();
    assert_eq!(
        [&event["version"], &event["routeKey"], &event["rawPath"], &event["rawQueryString"]],
        [&json!("2.0"), &json!("$default"), &json!("/a%20b//c"), &json!("x=1&y=%20&x=2")]
    );
    assert_eq!(event["cookies"], json!(["a=1", "b=2"]));
    assert_eq!(event["queryStringParameters"], json!({"x": "1,2", "y": " "}));
    assert_eq!((&event["body"], &event["isBase64Encoded"]), (&json!("{\"a\":1}"), &json!(false)));
    let headers = event["headers"].as_object().unwrap();
    assert_eq!(headers["x-twice"], "1,2");
    assert_eq!(headers["x-forwarded-for"], "127.0.0.1", "said by the server, not by the request");
    assert_eq!(
        (&headers["x-forwarded-proto"], &headers["x-forwarded-port"]),
        (&json!("http"), &json!("4566"))
    );
    assert!(headers.contains_key("x-amzn-trace-id") && headers.contains_key("x-amz-date"));
    for hidden in ["authorization", "cookie", "connection"] {
        assert!(!headers.contains_key(hidden), "{hidden}");
    }
    let context = &event["requestContext"];
    assert_eq!([&context["accountId"], &context["apiId"]], [&json!(ACCOUNT), &json!(SIGNED)]);
    assert_eq!(context["domainName"], format!("{SIGNED}.lambda-url.us-east-1.localhost"));
    assert_eq!(context["domainPrefix"], SIGNED);
    assert_eq!(
        context["http"],
        json!({"method": "POST", "path": "/a%20b//c", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "tests"})
    );
    assert_eq!((&context["stage"], &context["routeKey"]), (&json!("$default"), &json!("$default")));
    let iam = &context["authorizer"]["iam"];
    assert_eq!(iam["userArn"], format!("arn:aws:iam::{ACCOUNT}:user/admin"));
    assert_eq!((&iam["accountId"], &iam["accessKey"]), (&json!(ACCOUNT), &json!(admin.access_key_id)));
    assert!(iam["userId"].as_str().unwrap().starts_with("AIDA") && iam["userId"] == iam["callerId"]);
    assert_eq!(reply.header("x-amzn-requestid"), context["requestId"].as_str());
}

#[tokio::test]
async fn an_open_url_asks_nobody_who_they_are() {
    let (server, urls) = start().await;
    let request = visit("PUT", OPEN, "/", "\u{0}binary").with("authorization", "Bearer mine");
    assert_eq!(request.send(server.address).await.status, 200);
    let event = urls.last_event();
    assert_eq!(event["requestContext"]["accountId"], "anonymous");
    assert!(event["requestContext"].get("authorizer").is_none());
    assert_eq!(event["headers"]["authorization"], "Bearer mine", "it is the function's to look at");
    assert_eq!((&event["isBase64Encoded"], &event["body"]), (&json!(true), &json!("AGJpbmFyeQ==")));
    assert!(event.get("cookies").is_none() && event.get("queryStringParameters").is_none());
    let empty = visit("GET", OPEN, "/", "");
    assert_eq!(empty.send(server.address).await.status, 200);
    assert!(urls.last_event().get("body").is_none());
}

#[tokio::test]
async fn the_path_form_is_the_same_url() {
    let (server, urls) = start().await;
    let admin = server.admin().await;
    for (path, seen) in [("", "/"), ("/", "/"), ("/a/b", "/a/b")] {
        let target = format!("/_rolecall/lambda-url/{SIGNED}{path}?q=1");
        let reply = Message::new("GET", &target, "").signed(&admin, "lambda").send(server.address).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        let event = urls.last_event();
        assert_eq!((&event["rawPath"], &event["rawQueryString"]), (&json!(seen), &json!("q=1")));
    }
    let unsigned = Message::new("GET", &format!("/_rolecall/lambda-url/{SIGNED}/"), "");
    assert_eq!(unsigned.send(server.address).await.status, 403);
}

#[tokio::test]
async fn whoever_is_not_known_does_not_reach_the_function() {
    let (server, urls) = start().await;
    let admin = server.admin().await;
    let reply = visit("GET", SIGNED, "/", "").send(server.address).await;
    assert_eq!((reply.status, reply.body.as_str()), (403, FORBIDDEN));
    assert_eq!(reply.header("x-amzn-errortype"), Some("accessdeniedexception"));
    urls.answer(Err(UrlRefusal::Forbidden));
    let reply = visit("GET", SIGNED, "/", "").signed(&admin, "lambda").send(server.address).await;
    assert_eq!((reply.status, reply.body.as_str()), (403, FORBIDDEN), "a denial looks the same");
    urls.events.lock().unwrap().clear();

    let get = || visit("GET", SIGNED, "/", "");
    let wrong = with_secret(&admin, "not-the-secret");
    get().signed(&wrong, "lambda").send(server.address).await.refuses(403, "InvalidSignatureException");
    let other_service = get().signed(&admin, "s3").send(server.address).await;
    assert!((400..=403).contains(&other_service.status), "{other_service:?}");
    let altered = visit("GET", SIGNED, "/a", "").signed(&admin, "lambda");
    let altered = Message { path: "/b".to_owned(), ..altered };
    altered.send(server.address).await.refuses(403, "InvalidSignatureException");
    let for_another = visit("GET", SIGNED, "/", "").signed(&admin, "lambda").instead("host", &host(OPEN));
    assert_eq!(for_another.send(server.address).await.status, 200, "an open URL needs no signature");
    assert_eq!(urls.events.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_url_that_is_not_there_is_not_found() {
    let (server, urls) = start().await;
    let unknown = "unknownunknownunknownunknown0000";
    for host in [host(unknown), format!("{OPEN}.lambda-url.eu-west-1.localhost")] {
        let reply = Message::new("GET", "/", "").instead("host", &host).send(server.address).await;
        assert_eq!(
            (reply.status, reply.header("x-amzn-errortype")),
            (404, Some("resourcenotfoundexception"))
        );
    }
    assert!(urls.events.lock().unwrap().is_empty());
}

#[tokio::test]
async fn the_functions_answer_is_the_answer() {
    let (server, urls) = start().await;
    let described = r#"{"statusCode":201,"headers":{"Content-Type":"text/html","X-Own":"1"},"cookies":["a=1"],"body":"<p>"}"#;
    urls.answer(Ok(UrlAnswer::Whole(described.into())));
    let reply = visit("GET", OPEN, "/", "").send(server.address).await;
    assert_eq!((reply.status, reply.body.as_str()), (201, "<p>"));
    let headers = (reply.header("content-type"), reply.header("x-own"), reply.header("set-cookie"));
    assert_eq!(headers, (Some("text/html"), Some("1"), Some("a=1")));
    for failure in [UrlAnswer::Failed, UrlAnswer::Whole(r#"{"statusCode":"?"}"#.into())] {
        urls.answer(Ok(failure));
        let reply = visit("GET", OPEN, "/", "").send(server.address).await;
        assert_eq!((reply.status, reply.body.as_str()), (502, "Internal Server Error"));
    }
    let throttled = rolecall_wire::ServiceError::new(429, "TooManyRequestsException", "Rate Exceeded.");
    urls.answer(Err(UrlRefusal::Service(throttled)));
    visit("GET", OPEN, "/", "").send(server.address).await.refuses(429, "TooManyRequestsException");
    let huge = visit("POST", OPEN, "/", &"x".repeat(6_291_457)).send(server.address).await;
    huge.refuses(413, "Request must be smaller than 6291456 bytes for the InvokeFunction operation");
}

#[tokio::test]
async fn cross_origin_requests_are_answered_as_configured() {
    let list = |value: &str| Some(vec![value.to_owned()]);
    let cors = UrlCors {
        allow_origins: list("https://a.example"),
        allow_methods: list("PUT"),
        ..Default::default()
    };
    let (server, urls) = start_with(Urls { cors: Some(cors), ..Default::default() }).await;
    let preflight = visit("OPTIONS", SIGNED, "/", "")
        .with("origin", "https://a.example")
        .with("access-control-request-method", "PUT");
    let reply = preflight.send(server.address).await;
    assert_eq!((reply.status, reply.body.as_str()), (200, ""));
    assert_eq!(reply.header("access-control-allow-origin"), Some("https://a.example"));
    assert_eq!(reply.header("access-control-allow-methods"), Some("put"));
    let reply = preflight.instead("origin", "https://b.example").send(server.address).await;
    assert_eq!((reply.status, reply.header("access-control-allow-origin")), (200, None));
    assert!(urls.events.lock().unwrap().is_empty(), "a preflight request runs nothing");

    let own = r#"{"statusCode":200,"headers":{"access-control-allow-origin":"*"}}"#;
    for (origin, granted) in [("https://a.example", Some("https://a.example")), ("https://b.example", None)] {
        urls.answer(Ok(UrlAnswer::Whole(own.into())));
        let reply = visit("GET", OPEN, "/", "").with("origin", origin).send(server.address).await;
        assert_eq!(reply.header("access-control-allow-origin"), granted);
    }
    // A browser shall be able to read a refusal, too.
    let refused =
        visit("GET", SIGNED, "/", "").with("origin", "https://a.example").send(server.address).await;
    assert_eq!(
        (refused.status, refused.header("access-control-allow-origin")),
        (403, Some("https://a.example"))
    );
}

/// A stream that is fed by hand.
fn fed(content_type: &str) -> (mpsc::Sender<Result<Bytes, BrokenOff>>, UrlAnswer) {
    let (feed, parts) = mpsc::channel(1);
    let body = stream::unfold(parts, |mut parts| async move { parts.recv().await.map(|part| (part, parts)) });
    let body = ByteStream::new(body);
    (feed, UrlAnswer::Stream { content_type: Some(content_type.to_owned()), body })
}

async fn until(stream: &mut TcpStream, wanted: &str) -> String {
    let mut seen = Vec::new();
    let reading = async {
        while !String::from_utf8_lossy(&seen).contains(wanted) {
            let mut bytes = [0; 4096];
            let count = stream.read(&mut bytes).await.unwrap();
            assert!(count > 0, "it ended with {}", String::from_utf8_lossy(&seen));
            seen.extend_from_slice(&bytes[..count]);
        }
    };
    tokio::time::timeout(Duration::from_secs(10), reading).await.expect("it comes");
    String::from_utf8(seen).unwrap()
}

#[tokio::test]
async fn a_streamed_response_arrives_piece_by_piece_and_holds_nobody_up() {
    let (server, urls) = start().await;
    let (feed, answer) = fed("application/vnd.awslambda.http-integration-response");
    urls.answer(Ok(answer));
    let mut connection = TcpStream::connect(server.address).await.unwrap();
    connection.write_all(&visit("GET", OPEN, "/", "").to_bytes()).await.unwrap();
    let head = "{\"statusCode\":202,\"headers\":{\"x-own\":\"1\"}}\0\0\0\0\0\0\0\0";
    feed.send(Ok(head.into())).await.unwrap();
    feed.send(Ok("first".into())).await.unwrap();
    let seen = until(&mut connection, "first").await.to_lowercase();
    assert!(seen.starts_with("http/1.1 202") && seen.contains("x-own: 1\r\n"), "{seen}");
    assert!(seen.contains("transfer-encoding: chunked"), "{seen}");
    // While this one waits, others are answered.
    assert_eq!(visit("GET", OPEN, "/", "").send(server.address).await.body, "hello");
    feed.send(Ok("second".into())).await.unwrap();
    drop(feed);
    let rest = until(&mut connection, "0\r\n\r\n").await;
    assert!(rest.contains("second"), "{rest}");
}

#[tokio::test]
async fn a_response_that_breaks_off_does_not_look_complete() {
    let (server, urls) = start().await;
    let (feed, answer) = fed("text/plain");
    urls.answer(Ok(answer));
    feed.send(Ok("some".into())).await.unwrap();
    let feeding = tokio::spawn(async move { feed.send(Err(BrokenOff)).await });
    let answer = crate::message::exchange_raw(server.address, &visit("GET", OPEN, "/", "").to_bytes()).await;
    assert!(answer.contains("some") && !answer.ends_with("0\r\n\r\n"), "{answer}");
    feeding.await.unwrap().unwrap();
}
