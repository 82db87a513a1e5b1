//! A request as the bytes that a client sends, signed by the project's own signer, and the answer to it.

use std::net::SocketAddr;
use std::time::Duration;

use rolecall_sigv4::{Credentials, Head, Rules, Signer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The host that requests name unless they say otherwise.
pub const HOST: &str = "localhost";

/// A request that can be altered at will after it was signed.
#[derive(Clone)]
pub struct Message {
    pub method: String,
    pub path: String,
    pub query: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// An answer.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub head: String,
    pub body: String,
}

pub fn now_s() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    i64::try_from(since.as_secs()).unwrap()
}

impl Message {
    /// A request; `target` is the path with its query.
    pub fn new(method: &str, target: &str, body: impl Into<Vec<u8>>) -> Self {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Message {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers: vec![("host".to_owned(), HOST.to_owned())],
            body: body.into(),
        }
    }

    /// A call of the query protocol.
    pub fn form(service: &str, action: &str) -> Self {
        let version = match service {
            "iam" => "2010-05-08",
            "sns" => "2010-03-31",
            _ => "2011-06-15",
        };
        Message::new("POST", "/", format!("Action={action}&Version={version}"))
            .with("content-type", "application/x-www-form-urlencoded; charset=utf-8")
    }

    /// A call of the JSON protocols.
    pub fn json(target: &str, body: &str) -> Self {
        Message::new("POST", "/", body)
            .with("content-type", "application/x-amz-json-1.1")
            .with("x-amz-target", target)
    }

    /// With another header.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With another value of a header that is there.
    pub fn instead(mut self, name: &str, value: &str) -> Self {
        let header = self.headers.iter_mut().find(|(present, _)| present == name);
        header.unwrap().1 = value.to_owned();
        self
    }

    /// Without a header.
    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(present, _)| present != name);
        self
    }

    pub fn header(&self, name: &str) -> &str {
        &self.headers.iter().find(|(present, _)| present == name).unwrap().1
    }

    /// Signed now.
    pub fn signed(self, credentials: &Credentials, service: &str) -> Self {
        self.signed_at(credentials, service, now_s())
    }

    /// Signed at a time in seconds since the epoch.
    pub fn signed_at(mut self, credentials: &Credentials, service: &str, time_s: i64) -> Self {
        let headers = self.header_bytes();
        let signer = Signer { credentials, region: "us-east-1", service, rules: rules(service) };
        let added = signer.sign_headers(&self.head(&headers), &self.body, time_s).unwrap();
        self.headers.extend(added);
        self
    }

    /// Signed now in its query.
    pub fn presigned(mut self, credentials: &Credentials, service: &str, expires_s: u64) -> Self {
        let headers = self.header_bytes();
        let signer = Signer { credentials, region: "us-east-1", service, rules: rules(service) };
        let query = signer.presign(&self.head(&headers), now_s(), expires_s).unwrap();
        self.query = query;
        self
    }

    fn header_bytes(&self) -> Vec<(String, Vec<u8>)> {
        self.headers.iter().map(|(name, value)| (name.clone(), value.clone().into_bytes())).collect()
    }

    fn head<'a>(&'a self, headers: &'a [(String, Vec<u8>)]) -> Head<'a> {
        let borrowed: Vec<(&str, &[u8])> =
            headers.iter().map(|(name, value)| (name.as_str(), value.as_slice())).collect();
        Head {
            method: &self.method,
            path: &self.path,
            query: &self.query,
            // The few headers of a test may live as long as the test.
            headers: borrowed.leak(),
        }
    }

    /// What follows the method in the request line.
    pub fn target(&self) -> String {
        if self.query.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, self.query) }
    }

    /// The bytes to send; the connection is closed after the answer.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut head = format!("{} {} HTTP/1.1\r\nconnection: close\r\n", self.method, self.target());
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str(&format!("content-length: {}\r\n\r\n", self.body.len()));
        [head.into_bytes(), self.body.clone()].concat()
    }

    pub async fn send(&self, to: SocketAddr) -> Reply {
        exchange(to, &self.to_bytes()).await
    }
}

fn rules(service: &str) -> Rules {
    if service == "s3" { Rules::S3 } else { Rules::General }
}

/// Sends the bytes and reads until the server closes the connection.
pub async fn exchange(to: SocketAddr, bytes: &[u8]) -> Reply {
    Reply::parse(&exchange_raw(to, bytes).await)
}

/// As [`exchange`], for answers that are no HTTP or more than one.
pub async fn exchange_raw(to: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(to).await.unwrap();
    // A server that refuses early closes while the client still writes.
    let _ = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    let read = stream.read_to_end(&mut answer);
    let _ = tokio::time::timeout(Duration::from_secs(20), read).await.expect("the server answers and closes");
    String::from_utf8_lossy(&answer).into_owned()
}

impl Reply {
    pub fn parse(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default();
        Reply { status, head: head.to_lowercase(), body: body.to_owned() }
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")))
    }

    /// Whether the answer says that it refuses for this reason.
    #[track_caller]
    pub fn refuses(&self, status: u16, code: &str) {
        let says = self.body.contains(code) || self.head.contains(&code.to_lowercase());
        assert!(self.status == status && says, "expected {status} {code}, got {self:?}");
    }
}
