//! From a connection's bytes to a complete request.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::Request;
use hyper::body::Incoming;
use rolecall_sigv4::Head;
use rolecall_wire::HttpRequest;

/// The largest body that is read. AWS takes 5 GiB in one PutObject; here an object is held in memory while its
/// signature is checked.
pub(crate) const MAX_BODY: usize = 256 * 1024 * 1024;

/// How long a client may take to send its body.
const BODY_TIMEOUT: Duration = Duration::from_secs(300);

/// Why a request was not read to its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IntakeError {
    /// The body is larger than [`MAX_BODY`].
    #[error("the request's body is larger than {MAX_BODY} bytes")]
    TooLarge,
    /// The client was too slow.
    #[error("the request's body did not arrive within {} seconds", BODY_TIMEOUT.as_secs())]
    TooSlow,
    /// The connection broke.
    #[error("the request's body broke off: {0}")]
    Broken(String),
}

/// Reads the whole request. `Expect: 100-continue` is answered by the server when the body is asked for.
pub(crate) async fn read(request: Request<Incoming>) -> (HttpRequest, Result<(), IntakeError>) {
    let (parts, body) = request.into_parts();
    // A client may send the whole URI; only its path and query are signed.
    let path = parts.uri.path().to_owned();
    let query = parts.uri.query().unwrap_or_default().to_owned();
    let mut request =
        HttpRequest { method: parts.method, path, query, headers: parts.headers, body: Bytes::new() };
    let read = match tokio::time::timeout(BODY_TIMEOUT, Limited::new(body, MAX_BODY).collect()).await {
        Err(_) => Err(IntakeError::TooSlow),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(IntakeError::TooLarge),
        Ok(Err(error)) => Err(IntakeError::Broken(error.to_string())),
        Ok(Ok(body)) => {
            request.body = body.to_bytes();
            Ok(())
        }
    };
    (request, read)
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
