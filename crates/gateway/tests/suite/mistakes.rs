//! Mistakes that comparable systems have shipped, each as a test that carries the number of its row in the project's
//! list of known mistakes. Rows about uploads, sessions and the log are in the files of those.

use rolecall_testkit::ACCOUNT;

use crate::message::{Message, exchange_raw};
use crate::server::Server;
use crate::wire_shapes::{SHAPES, Shape};

#[tokio::test]
async fn two_credential_carriers_are_refused_mistake_2() {
    let server = Server::start().await;
    let admin = server.admin().await;
    for Shape { service, call, .. } in &SHAPES {
        let by_query = call().presigned(&admin, service, 60);
        let mut both = call().signed(&admin, service);
        both.query = by_query.query.clone();
        assert!((400..404).contains(&both.send(server.address).await.status), "{service}");
        // Nor does a header without a use turn the check of the query off, or the other way round.
        for value in ["", "AWS4-HMAC-SHA256", "Basic YTpi", "Bearer x"] {
            let reply = by_query.clone().with("authorization", value).send(server.address).await;
            assert!((400..404).contains(&reply.status), "{service} {value:?}: {reply:?}");
        }
        for query in ["X-Amz-Signature=0", "X-Amz-Algorithm=AWS4-HMAC-SHA256", "x-amz-credential=a"] {
            let mut reply = call().signed(&admin, service);
            reply.query = query.to_owned();
            let reply = reply.send(server.address).await;
            assert!((400..404).contains(&reply.status), "{service} {query}: {reply:?}");
        }
    }
}

#[tokio::test]
async fn no_page_and_no_service_answers_the_unsigned_mistake_6() {
    let server = Server::start().await;
    for page in ["", "decisions/", "metrics", "debug/pprof", "code", "Health", "health/", "admin"] {
        let reply = Message::new("GET", &format!("/_rolecall/{page}"), "").send(server.address).await;
        reply.refuses(403, "MissingAuthenticationToken");
    }
    let reply = Message::new("GET", "/_rolecall/health", "").send(server.address).await;
    assert_eq!(reply.status, 200);
    assert!(!reply.body.contains("account") && !reply.body.contains("path"), "{reply:?}");
    for path in ["/2015-03-31/functions", "/2018-10-31/layers", "/2016-08-19/account-settings/"] {
        Message::new("GET", path, "").send(server.address).await.refuses(403, "MissingAuthenticationToken");
    }
    // A signed page wants a permission, too.
    let ana = server.user(ACCOUNT, "ana", None).await;
    let page = Message::new("GET", "/_rolecall/decisions/00000000-0000-4000-8000-000000000000", "");
    page.signed(&ana, "rolecall").send(server.address).await.refuses(403, "AccessDenied");
}

#[tokio::test]
async fn a_forwarded_address_is_nobodys_address_mistake_8() {
    let server = Server::start().await;
    let from = |address: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{{"IpAddress":{{"aws:SourceIp":"{address}"}}}}}}]}}"#
        )
    };
    let far = server.user(ACCOUNT, "far", Some(&from("203.0.113.9/32"))).await;
    let near = server.user(ACCOUNT, "near", Some(&from("127.0.0.1/32"))).await;
    let headers =
        ["x-forwarded-for", "x-real-ip", "forwarded", "cf-connecting-ip", "true-client-ip", "x-client-ip"];
    for name in headers {
        let value = if name == "forwarded" { "for=203.0.113.9" } else { "203.0.113.9" };
        let call = || Message::new("GET", "/2015-03-31/functions", "").with(name, value);
        let reply = call().signed(&far, "lambda").send(server.address).await;
        reply.refuses(403, "AccessDeniedException");
        assert_eq!(call().signed(&near, "lambda").send(server.address).await.status, 200, "{name}");
    }
}

#[tokio::test]
async fn the_path_that_is_signed_is_the_path_that_is_routed_mistake_9() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"lambda:GetFunction","Resource":"arn:aws:lambda:us-east-1:*:function:mine"}]}"#;
    let ana = server.user(ACCOUNT, "ana", Some(policy)).await;
    let get = async |path: &str| {
        let path = format!("/2015-03-31/functions{path}");
        Message::new("GET", &path, "").signed(&ana, "lambda").send(server.address).await
    };
    for path in ["/mine", "//mine", "/./mine", "/other/../mine", "/x/..//mine/"] {
        get(path).await.refuses(404, "Function not found");
    }
    for path in ["/other", "/mine/../other", "//mine/..//other", "/mine/x/../../other"] {
        get(path).await.refuses(403, "AccessDeniedException");
    }
    let above = Message::new("GET", "/2015-03-31/functions/mine", "").signed(&ana, "lambda");
    for path in ["/../2015-03-31/functions/mine", "/2015-03-31/../../2015-03-31/functions/mine"] {
        let mut above = above.clone();
        above.path = path.to_owned();
        assert_eq!(above.send(server.address).await.status, 400, "{path}");
    }
    // S3 leaves dots and slashes as they are: they belong to the key.
    let s3 = async |method: &str, path: &str, body: &str| {
        Message::new(method, path, body).signed(&admin, "s3").send(server.address).await
    };
    assert_eq!(s3("PUT", "/bucket", "").await.status, 200);
    assert_eq!(s3("PUT", "/bucket/a/../b", "dots").await.status, 200);
    assert_eq!(s3("PUT", "/bucket//b", "slashes").await.status, 200);
    s3("GET", "/bucket/b", "").await.refuses(404, "NoSuchKey");
    assert_eq!(s3("GET", "/bucket/a/../b", "").await.body, "dots");
    assert_eq!(s3("GET", "/bucket//b", "").await.body, "slashes");
    let mut moved = Message::new("GET", "/bucket/a/../b", "").signed(&admin, "s3");
    moved.path = "/bucket/b".to_owned();
    moved.send(server.address).await.refuses(403, "SignatureDoesNotMatch");
}

#[tokio::test]
async fn an_encoded_slash_is_decoded_once_mistake_10() {
    let server = Server::start().await;
    let policy = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/open/*"},
        {"Effect":"Allow","Action":"s3:ListBucket","Resource":"*"}]}"#;
    let (admin, ana) = (server.admin().await, server.user(ACCOUNT, "ana", Some(policy)).await);
    let as_admin = async |path: &str, body: &str| {
        Message::new("PUT", path, body).signed(&admin, "s3").send(server.address).await.status
    };
    assert_eq!(as_admin("/bucket", "").await, 200);
    assert_eq!(as_admin("/bucket/closed/key", "closed").await, 200);
    assert_eq!(as_admin("/bucket/open/key", "open").await, 200);
    assert_eq!(as_admin("/bucket/open%252Fkey", "escaped").await, 200);
    let get = async |path: &str| Message::new("GET", path, "").signed(&ana, "s3").send(server.address).await;
    assert_eq!(get("/bucket/open%2Fkey").await.body, "open");
    get("/bucket/open%252Fkey").await.refuses(403, "AccessDenied");
    get("/bucket/open/..%2fclosed%2fkey").await.refuses(404, "NoSuchKey");
    get("/bucket/open/../closed/key").await.refuses(404, "NoSuchKey");
    get("/bucket%2Fopen%2Fkey").await.refuses(400, "InvalidBucketName");
    get("/bucket/closed/key").await.refuses(403, "AccessDenied");
}

#[tokio::test]
async fn a_form_upload_with_a_policy_is_not_taken_mistake_12() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let bucket = Message::new("PUT", "/bucket", "").signed(&admin, "s3").send(server.address).await;
    assert_eq!(bucket.status, 200);
    let form = "--x\r\ncontent-disposition: form-data; name=\"key\"\r\n\r\nk\r\n--x\r\n\
                content-disposition: form-data; name=\"file\"\r\n\r\ndata\r\n--x--\r\n";
    let upload =
        Message::new("POST", "/bucket", form).with("content-type", "multipart/form-data; boundary=x");
    let reply = upload.clone().send(server.address).await;
    assert!((400..600).contains(&reply.status), "{reply:?}");
    let reply = upload.signed(&admin, "s3").send(server.address).await;
    assert!((400..600).contains(&reply.status), "{reply:?}");
    let reply = Message::new("GET", "/bucket/k", "").signed(&admin, "s3").send(server.address).await;
    reply.refuses(404, "NoSuchKey");
}

#[tokio::test]
async fn a_repeated_authentication_header_or_parameter_is_refused_mistake_14() {
    let server = Server::start().await;
    let admin = server.admin().await;
    for Shape { service, call, .. } in &SHAPES {
        let signed = call().signed(&admin, service);
        for name in ["authorization", "x-amz-date", "host"] {
            let value = signed.header(name).to_owned();
            let reply = signed.clone().with(name, &value).send(server.address).await;
            assert!((400..404).contains(&reply.status), "{service} {name}: {reply:?}");
            let mut first = signed.clone();
            first.headers.insert(0, (name.to_uppercase(), "another".to_owned()));
            let reply = first.send(server.address).await;
            assert!((400..404).contains(&reply.status), "{service} {name}: {reply:?}");
        }
    }
    let reply =
        Message::new("GET", "/bucket/key", "").with("host", "b.s3.localhost").send(server.address).await;
    reply.refuses(400, "AuthorizationHeaderMalformed");
    let presigned = Message::new("GET", "/", "").presigned(&admin, "s3", 60);
    assert_eq!(presigned.send(server.address).await.status, 200);
    for name in ["Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature"] {
        let name = format!("X-Amz-{name}");
        let value = presigned.query.split('&').find_map(|part| part.strip_prefix(&format!("{name}=")));
        let value = value.unwrap();
        for extra in [
            format!("{name}={value}"),
            format!("{}={value}", name.to_lowercase()),
            format!("{}={value}", name.replace('-', "%2D")),
        ] {
            for query in [format!("{}&{extra}", presigned.query), format!("{extra}&{}", presigned.query)] {
                let reply = Message { query, ..presigned.clone() }.send(server.address).await;
                assert!((400..404).contains(&reply.status), "{extra}: {reply:?}");
            }
        }
    }
}

#[tokio::test]
async fn odd_bytes_do_not_end_the_server_mistake_23() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let deep = "[".repeat(200_000);
    let odd: Vec<Vec<u8>> = vec![
        b"\0\0\0\0\r\n\r\n".to_vec(),
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n".to_vec(),
        b"GET /\xff\xfe HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n".to_vec(),
        b"GET /b HTTP/1.1\r\nhost: \xff\xfe\r\nauthorization: \xff\r\nconnection: close\r\n\r\n".to_vec(),
        b"GET /?X-Amz-Credential=%ff%fe HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n".to_vec(),
        b"GET / HTTP/1.1\r\nhost: \r\nauthorization: AWS4-HMAC-SHA256 Credential=////,Signature=,SignedHeaders=;\r\nconnection: close\r\n\r\n".to_vec(),
        b"POST / HTTP/1.1\r\nhost: h\r\nx-amz-target: .\r\nconnection: close\r\ncontent-length: 0\r\n\r\n".to_vec(),
        b"POST / HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\n".to_vec(),
    ];
    for bytes in odd {
        let answer = exchange_raw(server.address, &bytes).await;
        assert!(!answer.starts_with("HTTP/1.1 2"), "{answer}");
    }
    for (message, service) in [
        (Message::json("Logs_20140328.DescribeLogGroups", &deep), "logs"),
        (Message::new("POST", "/2015-03-31/functions", deep.clone()), "lambda"),
        (Message::json("Logs_20140328.DescribeLogGroups", "\u{0}"), "logs"),
        (Message::new("PUT", "/bucket?policy", deep), "s3"),
        (Message::new("PUT", "/bucket?notification", "<a>".repeat(100_000)), "s3"),
        (Message::form("iam", &format!("ListUsers&{}=1", "a.".repeat(50_000))), "iam"),
        (Message::form("iam", "CreateUser&UserName=a&Tags.member.4294967295.Key=k"), "iam"),
    ] {
        let reply = message.signed(&admin, service).send(server.address).await;
        assert!(
            reply.status >= 200 && reply.status < 600 && reply.status != 500,
            "{service}: {}",
            reply.head
        );
    }
    assert_eq!(Message::new("GET", "/_rolecall/health", "").send(server.address).await.status, 200);
}

#[tokio::test]
async fn a_signature_is_good_for_its_own_request_only_mistake_24() {
    let server = Server::start().await;
    let admin = server.admin().await;
    // Replayed to another service: the scope is changed and the signature kept.
    for from in &SHAPES {
        let signed = (from.call)().signed(&admin, from.service);
        for to in SHAPES.iter().filter(|to| to.service != from.service) {
            let moved = signed.header("authorization").replace(
                &format!("/{}/aws4_request", from.service),
                &format!("/{}/aws4_request", to.service),
            );
            let mut replayed = (to.call)();
            replayed.headers.retain(|(name, _)| name != "host");
            replayed.headers.extend(signed.headers.clone());
            let reply = replayed.instead("authorization", &moved).send(server.address).await;
            assert!((400..404).contains(&reply.status), "{} to {}: {reply:?}", from.service, to.service);
        }
    }
    let put = || {
        Message::new(
            "PUT",
            "/2017-10-31/functions/f/concurrency?a=1",
            r#"{"ReservedConcurrentExecutions":1}"#,
        )
        .with("content-type", "application/json")
        .with("x-amz-meta", "m")
        .signed(&admin, "lambda")
    };
    put().send(server.address).await.refuses(404, "Function not found");
    let mut altered: Vec<(&str, Message)> = Vec::new();
    altered.push(("method", Message { method: "DELETE".to_owned(), ..put() }));
    altered.push(("path", Message { path: "/2017-10-31/functions/g/concurrency".to_owned(), ..put() }));
    for query in ["", "a=2", "a=1&b=1", "A=1"] {
        altered.push(("query", Message { query: query.to_owned(), ..put() }));
    }
    for body in ["", r#"{"ReservedConcurrentExecutions":0}"#, r#"{"ReservedConcurrentExecutions":1} "#] {
        altered.push(("body", Message { body: body.as_bytes().to_vec(), ..put() }));
    }
    altered.push(("header", put().instead("x-amz-meta", "n")));
    altered.push(("header", put().with("x-amz-meta", "m")));
    altered.push(("header", put().without("x-amz-meta")));
    altered.push(("unsigned header", put().with("x-amz-other", "o")));
    altered.push(("content type", put().instead("content-type", "text/plain")));
    altered.push(("host", put().instead("host", "elsewhere")));
    for (what, message) in altered {
        let reply = message.send(server.address).await;
        assert!((400..404).contains(&reply.status), "{what}: {reply:?}");
    }
}
