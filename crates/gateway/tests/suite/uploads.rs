//! Uploads to S3 in chunks, signed here by hand: the signer of the project knows no chunks, and an independent one shows
//! more anyway.

use hmac::{Hmac, KeyInit, Mac};
use rolecall_sigv4::{Credentials, format_basic};
use sha2::{Digest, Sha256};

use crate::message::{HOST, Message, now_s};
use crate::server::{Server, with_secret};

const SIGNED: &str = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
const SIGNED_TRAILER: &str = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";
const UNSIGNED_TRAILER: &str = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
const MODES: [&str; 3] = [SIGNED, SIGNED_TRAILER, UNSIGNED_TRAILER];
const CONTENT: &str = "the first part and the second";

fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn crc32(content: &str) -> String {
    data_encoding::BASE64.encode(&crc32fast::hash(content.as_bytes()).to_be_bytes())
}

/// An upload of [`CONTENT`] in two chunks, in parts that can be altered before they are put together.
struct Upload {
    head: Message,
    /// Each with its signature; none in an unsigned mode.
    chunks: Vec<(String, Option<String>)>,
    trailers: String,
}

impl Upload {
    fn new(who: &Credentials, mode: &str) -> Self {
        let time = format_basic(now_s());
        let scope = format!("{}/us-east-1/s3/aws4_request", &time[..8]);
        let mut signing = format!("AWS4{}", who.secret.expose()).into_bytes();
        for part in scope.split('/') {
            signing = hmac(&signing, part);
        }
        let mut headers = vec![
            ("host", HOST.to_owned()),
            ("x-amz-content-sha256", mode.to_owned()),
            ("x-amz-date", time.clone()),
            ("x-amz-decoded-content-length", CONTENT.len().to_string()),
        ];
        if mode != SIGNED {
            headers.push(("x-amz-trailer", "x-amz-checksum-crc32".to_owned()));
        }
        let names: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
        let lines: String = headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        let canonical = format!("PUT\n/bucket/key\n\n{lines}\n{}\n{mode}", names.join(";"));
        let sign = |text: &str| hex(&hmac(&signing, text));
        let seed = sign(&format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{}", sha256(canonical.as_bytes())));
        let mut head = Message::new("PUT", "/bucket/key", "");
        head.headers = headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        head = head.with(
            "authorization",
            &format!(
                "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={}, Signature={seed}",
                who.access_key_id,
                names.join(";")
            ),
        );
        let mut previous = seed;
        let mut chunks = Vec::new();
        for data in [&CONTENT[..14], &CONTENT[14..], ""] {
            let empty = sha256(b"");
            previous = sign(&format!(
                "AWS4-HMAC-SHA256-PAYLOAD\n{time}\n{scope}\n{previous}\n{empty}\n{}",
                sha256(data.as_bytes())
            ));
            chunks.push((data.to_owned(), (mode != UNSIGNED_TRAILER).then(|| previous.clone())));
        }
        let checksum = format!("x-amz-checksum-crc32:{}", crc32(CONTENT));
        let trailers = match mode {
            SIGNED => String::new(),
            SIGNED_TRAILER => {
                let text = format!(
                    "AWS4-HMAC-SHA256-TRAILER\n{time}\n{scope}\n{previous}\n{}",
                    sha256(format!("{checksum}\n").as_bytes())
                );
                format!("{checksum}\r\nx-amz-trailer-signature:{}\r\n", sign(&text))
            }
            _ => format!("{checksum}\r\n"),
        };
        Upload { head, chunks, trailers }
    }

    fn message(self) -> Message {
        let mut body = String::new();
        let last = self.chunks.len() - 1;
        for (index, (data, signature)) in self.chunks.iter().enumerate() {
            let signature = signature.as_ref().map(|text| format!(";chunk-signature={text}"));
            body.push_str(&format!("{:x}{}\r\n{data}", data.len(), signature.unwrap_or_default()));
            if index != last {
                body.push_str("\r\n");
            }
        }
        body.push_str(&self.trailers);
        body.push_str("\r\n");
        Message { body: body.into_bytes(), ..self.head }
    }
}

async fn start() -> (Server, Credentials) {
    let server = Server::start().await;
    let admin = server.admin().await;
    let bucket = Message::new("PUT", "/bucket", "").signed(&admin, "s3").send(server.address).await;
    assert_eq!(bucket.status, 200, "{bucket:?}");
    (server, admin)
}

async fn stored(server: &Server, admin: &Credentials) -> Option<String> {
    let get = Message::new("GET", "/bucket/key", "").signed(admin, "s3").send(server.address).await;
    (get.status == 200).then_some(get.body)
}

#[tokio::test]
async fn every_chunked_mode_stores_the_content_without_its_framing() {
    let (server, admin) = start().await;
    for mode in MODES {
        let reply = Upload::new(&admin, mode).message().send(server.address).await;
        assert_eq!(reply.status, 200, "{mode}: {reply:?}");
        assert_eq!(stored(&server, &admin).await.as_deref(), Some(CONTENT), "{mode}");
        Message::new("DELETE", "/bucket/key", "").signed(&admin, "s3").send(server.address).await;
    }
}

#[tokio::test]
async fn a_chunked_upload_needs_a_right_signature_in_every_mode_mistake_1() {
    let (server, admin) = start().await;
    let wrong = with_secret(&admin, "any-secret-works");
    for mode in MODES {
        let reply = Upload::new(&wrong, mode).message().send(server.address).await;
        reply.refuses(403, "SignatureDoesNotMatch");
        let unsigned = Upload::new(&admin, mode).message().without("authorization");
        unsigned.send(server.address).await.refuses(403, "AccessDenied");
        // The mode is signed: one cannot be made into another.
        for other in MODES.into_iter().chain(["UNSIGNED-PAYLOAD"]).filter(|other| *other != mode) {
            let moved = Upload::new(&admin, mode).message().instead("x-amz-content-sha256", other);
            let status = moved.send(server.address).await.status;
            assert!((400..404).contains(&status), "{mode} as {other}: {status}");
        }
    }
    for mode in
        ["STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD", "unsigned-payload", ""]
    {
        let reply = Upload::new(&admin, mode).message().send(server.address).await;
        reply.refuses(400, "InvalidArgument");
    }
    assert_eq!(stored(&server, &admin).await, None);
}

#[tokio::test]
async fn nobody_sends_chunks_unsigned_even_where_everybody_may_write() {
    let (server, admin) = start().await;
    let policy = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::bucket/*"}]}"#;
    let put = Message::new("PUT", "/bucket?policy", policy).signed(&admin, "s3").send(server.address).await;
    assert!((200..300).contains(&put.status), "{put:?}");
    for mode in MODES {
        let unsigned = Upload::new(&admin, mode).message().without("authorization");
        unsigned.send(server.address).await.refuses(403, "AccessDenied");
        assert_eq!(stored(&server, &admin).await, None, "{mode}");
    }
    assert_eq!(Message::new("PUT", "/bucket/key", CONTENT).send(server.address).await.status, 200);
    assert_eq!(stored(&server, &admin).await.as_deref(), Some(CONTENT));
}

#[tokio::test]
async fn an_altered_chunk_or_trailer_is_refused() {
    let (server, admin) = start().await;
    type Alteration = fn(&mut Upload);
    let of_any_mode: [(&str, Alteration); 5] = [
        ("a chunk left out", |upload| drop(upload.chunks.remove(1))),
        ("the last chunk left out", |upload| drop(upload.chunks.pop())),
        ("something behind the end", |upload| upload.trailers.push_str("\r\nmore")),
        ("another length", |upload| {
            upload.head = upload.head.clone().instead("x-amz-decoded-content-length", "28");
        }),
        ("a chunk too many", |upload| {
            let chunk = upload.chunks[0].clone();
            upload.chunks.insert(0, chunk);
        }),
    ];
    let of_signed_modes: [(&str, Alteration); 4] = [
        ("other data", |upload| upload.chunks[1].0 = upload.chunks[1].0.to_uppercase()),
        ("chunks in another order", |upload| upload.chunks.swap(0, 1)),
        ("no signature", |upload| upload.chunks[1].1 = None),
        ("the signature of another chunk", |upload| upload.chunks[1].1 = upload.chunks[0].1.clone()),
    ];
    let of_trailer_modes: [(&str, Alteration); 4] = [
        ("another checksum", |upload| upload.trailers = upload.trailers.replace(&crc32(CONTENT), "AAAAAA==")),
        ("no checksum", |upload| upload.trailers = String::new()),
        ("another name", |upload| upload.trailers = upload.trailers.replace("crc32", "sha256")),
        ("an unreadable checksum", |upload| {
            upload.trailers = upload.trailers.replace(&crc32(CONTENT), "\u{1}");
        }),
    ];
    for mode in MODES {
        let signed = of_signed_modes.iter().filter(|_| mode != UNSIGNED_TRAILER);
        let trailers = of_trailer_modes.iter().filter(|_| mode != SIGNED);
        for (what, alter) in of_any_mode.iter().chain(signed).chain(trailers) {
            let mut upload = Upload::new(&admin, mode);
            alter(&mut upload);
            let reply = upload.message().send(server.address).await;
            assert!((400..404).contains(&reply.status), "{mode}, {what}: {reply:?}");
            assert_eq!(stored(&server, &admin).await, None, "{mode}, {what}");
        }
    }
}

#[tokio::test]
async fn only_s3_takes_a_body_that_is_not_signed_as_it_is() {
    let (server, admin) = start().await;
    for mode in MODES.into_iter().chain(["UNSIGNED-PAYLOAD"]) {
        let call = Message::form("iam", "ListUsers").with("x-amz-content-sha256", mode);
        let plain = Message::form("iam", "ListUsers").signed(&admin, "iam");
        let reply = Message { headers: [call.headers, plain.headers].concat(), ..plain }.without("host");
        let reply = reply.with("host", HOST).send(server.address).await;
        assert!((400..404).contains(&reply.status), "{mode}: {reply:?}");
    }
}
