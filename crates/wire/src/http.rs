//! A request and an answer as the protocols see them: complete, and free of any HTTP server's types.

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};

use crate::stream::ByteStream;

/// A request whose body has been read.
#[derive(Clone)]
pub struct HttpRequest {
    /// The method.
    pub method: Method,
    /// The path as sent, percent-encoded.
    pub path: String,
    /// The query string as sent, without the question mark.
    pub query: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

/// An answer to send.
pub struct HttpResponse {
    /// The status.
    pub status: StatusCode,
    /// The headers; the length of the body is not among them.
    pub headers: HeaderMap,
    /// The body.
    pub body: Body,
}

/// The body of an answer.
#[derive(Debug)]
pub enum Body {
    /// All of it.
    Whole(Bytes),
    /// What comes of it, as it comes.
    Stream(ByteStream),
}

impl Body {
    /// The bytes of a body that is whole.
    #[must_use]
    pub fn whole(&self) -> Option<&Bytes> {
        match self {
            Self::Whole(bytes) => Some(bytes),
            Self::Stream(_) => None,
        }
    }
}

impl Default for Body {
    fn default() -> Self {
        Self::Whole(Bytes::new())
    }
}

impl<B: Into<Bytes>> From<B> for Body {
    fn from(bytes: B) -> Self {
        Self::Whole(bytes.into())
    }
}

impl HttpRequest {
    /// A header's value, if it is there and readable.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        // Headers are UTF-8 in practice: S3 metadata are sent so.
        self.headers.get(name).and_then(|value| std::str::from_utf8(value.as_bytes()).ok())
    }
}

/// Prints neither query, headers nor body: they carry signatures and secrets.
impl fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HttpRequest({} {}, {} bytes)", self.method, self.path, self.body.len())
    }
}

/// Prints neither headers nor body: they carry secrets.
impl fmt::Debug for HttpResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.body {
            Body::Whole(bytes) => write!(f, "HttpResponse({}, {} bytes)", self.status, bytes.len()),
            Body::Stream(_) => write!(f, "HttpResponse({}, a stream)", self.status),
        }
    }
}
