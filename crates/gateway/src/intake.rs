//! From a connection's bytes to a complete request.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::Request;
use hyper::body::{Body, Incoming};
use rolecall_sigv4::Head;
use rolecall_wire::{HttpRequest, ServiceId};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::body_memory::{BodyMemory, Held, NoRoom};
use crate::classify::Destination;
use crate::function_url::MAX_BODY_BYTES;

const MIB: usize = 1024 * 1024;

/// How long a client may take to send its body.
const BODY_TIMEOUT: Duration = Duration::from_secs(300);

/// Why a request was not read to its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IntakeError {
    /// The body is larger than the service takes.
    #[error("the request's body is larger than {limit} bytes")]
    TooLarge {
        /// The most that the service takes, in bytes.
        limit: usize,
    },
    /// The client was too slow.
    #[error("the request's body did not arrive within {} seconds", BODY_TIMEOUT.as_secs())]
    TooSlow,
    /// All bodies together are too large.
    #[error("the server holds too many large requests at this moment; try again")]
    NoRoom(#[from] NoRoom),
    /// The connection broke.
    #[error("the request's body broke off: {0}")]
    Broken(String),
}

/// The largest body that is read, in bytes. A body is held in memory while its signature is checked, so nobody gets to
/// send more than the service could use.
pub(crate) fn body_limit(destination: &Destination) -> usize {
    match destination {
        // AWS takes 5 GiB in one PutObject.
        Destination::Service(ServiceId::S3) => 256 * MIB,
        // A zip file of 50 MB in base64, and the rest of CreateFunction (reference lambda.md 7.4). Invocations have
        // limits of their own, which Lambda checks.
        Destination::Service(ServiceId::Lambda) => 70_167_210,
        // Reference iam.md 6.4.
        Destination::Service(
            ServiceId::Ec2
            | ServiceId::Iam
            | ServiceId::Sts
            | ServiceId::Logs
            | ServiceId::Organizations
            | ServiceId::Sns
            | ServiceId::Sqs
            | ServiceId::Xray,
        ) => 10 * MIB,
        Destination::FunctionUrl(_) => MAX_BODY_BYTES,
        Destination::Own | Destination::Unknown(_) => MIB / 16,
    }
}

/// The request without its body, and the body.
pub(crate) fn split(request: Request<Incoming>) -> (HttpRequest, Incoming) {
    let (parts, body) = request.into_parts();
    // A client may send the whole URI; only its path and query are signed.
    let path = parts.uri.path().to_owned();
    let query = parts.uri.query().unwrap_or_default().to_owned();
    (HttpRequest { method: parts.method, path, query, headers: parts.headers, body: Bytes::new() }, body)
}

/// Waits until there is room for a body of at most `limit` bytes; nothing where the peer's requests are not bounded.
///
/// All of it is asked for before any of it is read, so that bodies never wait for each other's rests.
pub(crate) async fn room_for<'a>(
    body: &Incoming,
    limit: usize,
    room: Option<&'a Semaphore>,
) -> Option<SemaphorePermit<'a>> {
    let announced = body.size_hint().exact().map_or(Some(limit), |length| usize::try_from(length).ok());
    // What is too large is refused without being read.
    let bytes = announced.filter(|length| *length <= limit).unwrap_or_default();
    room?.acquire_many(u32::try_from(bytes).ok()?).await.ok()
}

/// Reads a body of at most `limit` bytes. One that announces more is not read at all. `Expect: 100-continue` is
/// answered by the server when the body is asked for. What is held counts until the second of the pair is dropped.
pub(crate) async fn read_body(
    body: Incoming,
    limit: usize,
    memory: &BodyMemory,
) -> Result<(Bytes, Held), IntakeError> {
    if usize::try_from(body.size_hint().lower()).map_or(true, |announced| announced > limit) {
        return Err(IntakeError::TooLarge { limit });
    }
    if body.is_end_stream() {
        return Ok((Bytes::new(), Held::default()));
    }
    let read = read_frames(body, limit, memory);
    tokio::time::timeout(BODY_TIMEOUT, read).await.unwrap_or(Err(IntakeError::TooSlow))
}

async fn read_frames(
    mut body: Incoming,
    limit: usize,
    memory: &BodyMemory,
) -> Result<(Bytes, Held), IntakeError> {
    let mut held = Held::default();
    let mut first = Bytes::new();
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| IntakeError::Broken(error.to_string()))?;
        let Ok(data) = frame.into_data() else { continue };
        let length = first.len() + whole.len() + data.len();
        if length > limit {
            return Err(IntakeError::TooLarge { limit });
        }
        memory.grow(&mut held, length)?;
        if first.is_empty() && whole.is_empty() {
            // Most bodies are one piece, which is not copied.
            first = data;
            continue;
        }
        if whole.is_empty() {
            let rest = usize::try_from(body.size_hint().lower()).unwrap_or_default();
            whole.reserve(length.saturating_add(rest).min(limit));
            whole.extend_from_slice(&std::mem::take(&mut first));
        }
        whole.extend_from_slice(&data);
    }
    Ok((if whole.is_empty() { first } else { whole.freeze() }, held))
}

/// A request's headers in order of arrival, as the signature sees them.
pub(crate) fn header_list(request: &HttpRequest) -> Vec<(&str, &[u8])> {
    request.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect()
}

/// The head of a request, as the signature sees it.
pub(crate) fn head<'a>(request: &'a HttpRequest, headers: &'a [(&'a str, &'a [u8])]) -> Head<'a> {
    Head { method: request.method.as_str(), path: &request.path, query: &request.query, headers }
}

/// A header as text.
pub(crate) fn header<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    request.headers.get(name).and_then(|value| value.to_str().ok())
}
