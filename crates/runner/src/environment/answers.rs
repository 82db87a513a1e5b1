//! Answers of the APIs inside an environment, which look alike.

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;

/// An answer, whole.
pub(super) type Answered = Response<Full<Bytes>>;

/// The longest body of a call that is no response, in bytes.
const SMALL: usize = 1 << 20;

pub(super) fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

pub(super) fn too_large(limit: usize) -> Answered {
    let message = format!("Exceeded maximum allowed payload size ({limit} bytes).");
    refusal(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge", &message)
}

pub(super) fn broken() -> Answered {
    refusal(StatusCode::BAD_REQUEST, "TruncatedHTTPRequest", "HTTP request detected as truncated")
}

pub(super) fn refusal(status: StatusCode, error_type: &str, message: &str) -> Answered {
    json(status, serde_json::json!({ "errorMessage": message, "errorType": error_type }).to_string())
}

pub(super) fn json(status: StatusCode, body: String) -> Answered {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
    response
}

pub(super) fn accepted() -> Answered {
    json(StatusCode::ACCEPTED, r#"{"status":"OK"}"#.to_owned())
}

pub(super) fn invalid_mode() -> Answered {
    refusal(StatusCode::BAD_REQUEST, "InvalidFunctionResponseMode", "Invalid function response mode")
}

pub(super) fn wrong_method() -> Answered {
    refusal(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", "This path does not take this method.")
}

pub(super) fn not_found() -> Answered {
    refusal(StatusCode::NOT_FOUND, "NotFound", "There is no such path.")
}

/// The body of a call; nothing when it is too long or breaks off.
pub(super) async fn small_body(request: Request<Incoming>) -> Option<Bytes> {
    Some(Limited::new(request.into_body(), SMALL).collect().await.ok()?.to_bytes())
}
