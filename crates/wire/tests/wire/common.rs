//! What the tests of every protocol need: requests from text, answers as text.

use http::{HeaderMap, HeaderName, Method};
use rolecall_wire::{AnyInput, HttpRequest, HttpResponse, ServiceError, ServiceId, decode, route};

/// A request from its method, its path with query string, its headers and its body.
pub fn request(method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> HttpRequest {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(HeaderName::try_from(*name).unwrap(), value.parse().unwrap());
    }
    HttpRequest {
        method: Method::from_bytes(method.as_bytes()).unwrap(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers: map,
        body: body.as_bytes().to_vec().into(),
    }
}

/// Routes and decodes a request.
pub fn read(service: ServiceId, request: &HttpRequest) -> Result<AnyInput, ServiceError> {
    decode(route(service, request)?, request)
}

/// The error of a request that must fail.
pub fn failure(service: ServiceId, request: &HttpRequest) -> ServiceError {
    read(service, request).expect_err("the request must be refused")
}

/// The status, the content type and the body of an answer.
pub fn parts(answer: &HttpResponse) -> (u16, &str, &str) {
    let content_type = answer.headers.get("content-type").map_or("", |value| value.to_str().unwrap());
    (answer.status.as_u16(), content_type, std::str::from_utf8(answer.body.whole().unwrap()).unwrap())
}
