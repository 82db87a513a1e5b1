//! Messages that are not what they seem, are too large, or never end; and the end of the server itself.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::message::{Message, exchange, exchange_raw};
use crate::server::Server;

#[tokio::test]
async fn the_whole_uri_in_the_request_line_is_its_path_and_query() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let call = Message::new("GET", "/2015-03-31/functions?MaxItems=1", "").signed(&admin, "lambda");
    let mut absolute = call.clone();
    absolute.path = format!("http://localhost{}", call.path);
    assert_eq!(absolute.send(server.address).await.status, 200);
    // The host that is signed is the header's, whatever the line says; the line's opens nothing.
    let mut other = Message::new("GET", "/", "").signed(&admin, "s3");
    other.path = "http://bucket.s3.localhost/".to_owned();
    let reply = other.send(server.address).await;
    assert!(reply.status == 200 && reply.body.contains("ListAllMyBucketsResult"), "{reply:?}");
}

#[tokio::test]
async fn http_1_0_is_served_and_needs_its_host_signed_like_any_other() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let call = Message::new("GET", "/2015-03-31/functions", "").signed(&admin, "lambda");
    let old = |message: &Message| {
        String::from_utf8(message.to_bytes()).unwrap().replacen("HTTP/1.1", "HTTP/1.0", 1).into_bytes()
    };
    assert_eq!(exchange(server.address, &old(&call)).await.status, 200);
    assert_eq!(exchange(server.address, &old(&call.without("host"))).await.status, 403);
    let chunked = b"POST / HTTP/1.0\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n";
    assert_eq!(exchange(server.address, chunked).await.status, 400);
}

#[tokio::test]
async fn options_and_odd_targets_reach_nothing() {
    let server = Server::start().await;
    for (method, target) in [
        ("OPTIONS", "*"),
        ("OPTIONS", "/"),
        ("OPTIONS", "/bucket/key"),
        ("TRACE", "/"),
        ("CONNECT", "localhost:80"),
        ("GET", "/bucket/%zz"),
        ("PROPFIND", "/bucket/key"),
    ] {
        let reply = Message::new(method, target, "").send(server.address).await;
        assert!((400..500).contains(&reply.status), "{method} {target}: {reply:?}");
    }
    let admin = server.admin().await;
    let overridden = Message::new("GET", "/2015-03-31/functions/f", "")
        .with("x-http-method-override", "DELETE")
        .signed(&admin, "lambda")
        .send(server.address)
        .await;
    overridden.refuses(404, "ResourceNotFoundException");
}

#[tokio::test]
async fn two_lengths_of_one_body_hide_no_second_request() {
    let server = Server::start().await;
    let hidden = "GET /_rolecall/health HTTP/1.1\r\nhost: h\r\n\r\n";
    let both = format!(
        "GET /_rolecall/health HTTP/1.1\r\nhost: h\r\ncontent-length: {}\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n{hidden}",
        5 + hidden.len()
    );
    let answer = exchange_raw(server.address, both.as_bytes()).await;
    assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{answer}");
    for head in [
        "content-length: 1\r\ncontent-length: 2",
        "content-length: -1",
        "content-length: 1, 2",
        "content-length: 99999999999999999999999",
        "transfer-encoding: gzip",
        "transfer-encoding: chunked, identity",
    ] {
        let request = format!("POST /b/k HTTP/1.1\r\nhost: h\r\n{head}\r\n\r\nabc");
        assert_eq!(exchange(server.address, request.as_bytes()).await.status, 400, "{head}");
    }
}

#[tokio::test]
async fn too_many_headers_and_a_huge_head_are_refused() {
    let server = Server::start().await;
    let mut many = Message::new("GET", "/_rolecall/health", "");
    for index in 0..300 {
        many = many.with(&format!("x-{index}"), "1");
    }
    assert_eq!(many.send(server.address).await.status, 431);
    let huge = Message::new("GET", "/_rolecall/health", "").with("x-huge", &"a".repeat(2 << 20));
    assert_eq!(huge.send(server.address).await.status, 431);
}

#[tokio::test]
async fn a_body_larger_than_the_service_takes_is_refused_before_it_is_read() {
    let server = Server::start().await;
    let announced = |message: Message, length: u64| {
        let bytes = String::from_utf8(message.to_bytes()).unwrap();
        bytes.replacen("content-length: 0", &format!("content-length: {length}"), 1)
    };
    let too_large = async |message: Message, length: u64| {
        exchange(server.address, announced(message, length).as_bytes()).await
    };
    let form = || Message::new("POST", "/", "").with("content-type", "application/x-www-form-urlencoded");
    let reply = too_large(form(), 11 << 20).await;
    assert_eq!((reply.status, reply.body.as_str()), (413, ""));
    let reply = too_large(Message::new("PUT", "/bucket/key", ""), 257 << 20).await;
    reply.refuses(400, "EntityTooLarge");
    let reply = too_large(Message::new("POST", "/2015-03-31/functions", ""), 80 << 20).await;
    reply.refuses(413, "Request must be smaller than 70167211 bytes for the CreateFunction operation");
    let reply = too_large(Message::new("GET", "/_rolecall/health", ""), u64::MAX / 2).await;
    assert_eq!(reply.status, 400);
    // One that does not say how long it is is read as far as the limit.
    let chunk = format!("{:x}\r\n{}\r\n", 1 << 16, "a".repeat(1 << 16));
    let endless = format!(
        "POST /_rolecall/x HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n{}",
        chunk.repeat(4)
    );
    assert_eq!(exchange(server.address, endless.as_bytes()).await.status, 400);
}

#[tokio::test]
async fn a_body_that_breaks_off_changes_nothing() {
    let server = Server::start().await;
    let admin = server.admin().await;
    assert_eq!(
        Message::new("PUT", "/bucket", "").signed(&admin, "s3").send(server.address).await.status,
        200
    );
    let put = Message::new("PUT", "/bucket/key", "whole").signed(&admin, "s3");
    let bytes = put.to_bytes();
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(&bytes[..bytes.len() - 2]).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer).await;
    assert!(!answer.starts_with("HTTP/1.1 200"), "{answer}");
    let reply = Message::new("GET", "/bucket/key", "").signed(&admin, "s3").send(server.address).await;
    reply.refuses(404, "NoSuchKey");
}

#[tokio::test]
async fn a_head_that_never_ends_is_cut_off() {
    let server = Server::start().await;
    tokio::time::pause();
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(b"GET /_rolecall/health HTTP/1.1\r\nhost:").await.unwrap();
    let began = tokio::time::Instant::now();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer).await;
    assert!(began.elapsed() >= Duration::from_secs(29), "{:?}", began.elapsed());
    assert!(!answer.contains("200 OK"), "{answer}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_half_open_connections_do_not_keep_a_good_client_waiting() {
    let server = Server::start().await;
    let mut half_open = Vec::new();
    for _ in 0..300 {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(b"GET /_rolecall/health HTTP/1.1\r\n").await.unwrap();
        half_open.push(stream);
    }
    let began = Instant::now();
    let reply = Message::new("GET", "/_rolecall/health", "").send(server.address).await;
    assert_eq!(reply.status, 200);
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_shutdown_finishes_what_runs_and_takes_nothing_new() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let call = Message::form("iam", "ListUsers").signed(&admin, "iam").to_bytes();
    let mut idle = TcpStream::connect(server.address).await.unwrap();
    let mut busy = TcpStream::connect(server.address).await.unwrap();
    busy.write_all(&call[..call.len() - 1]).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;

    server.stop.send(true).unwrap();
    let mut nothing = Vec::new();
    idle.read_to_end(&mut nothing).await.unwrap();
    assert!(nothing.is_empty());
    busy.write_all(&call[call.len() - 1..]).await.unwrap();
    let mut answer = String::new();
    busy.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    server.serving.await.unwrap();
    assert!(TcpStream::connect(server.address).await.is_err());
}

#[tokio::test]
async fn a_shutdown_does_not_wait_for_ever_for_a_client_that_stalls() {
    let server = Server::start().await;
    let mut stalled = TcpStream::connect(server.address).await.unwrap();
    stalled.write_all(b"PUT /b/k HTTP/1.1\r\nhost: h\r\ncontent-length: 5\r\n\r\na").await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    tokio::time::pause();
    server.stop.send(true).unwrap();
    server.serving.await.unwrap();
}
