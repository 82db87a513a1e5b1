//! Cross-origin resource sharing, as the URL is configured (reference lambda.md 3.6).
//!
//! A preflight request is answered here and never runs the function. To every other answer the configured values are
//! added, and win over the function's own.

use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, HeaderName, VARY,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use rolecall_store::records::function_url::UrlCors;
use rolecall_wire::{Body, HttpRequest, HttpResponse};

use crate::intake::header;

/// Matches everything.
const ANY: &str = "*";

/// Headers that a script may send without asking.
const ALWAYS_ALLOWED: [&str; 4] = ["accept", "accept-language", "content-language", "content-type"];

/// The answer to a preflight request; none where the request is another.
pub(crate) fn preflight(cors: &UrlCors, request: &HttpRequest) -> Option<HttpResponse> {
    if !is_preflight(request) {
        return None;
    }
    let mut headers = HeaderMap::new();
    if let Some(origin) = granted_origin(cors, request).filter(|_| allows_what_is_asked(cors, request)) {
        put_origin(cors, origin, &mut headers);
        put_list(&mut headers, ACCESS_CONTROL_ALLOW_METHODS, cors.allow_methods.as_deref());
        put_list(&mut headers, ACCESS_CONTROL_ALLOW_HEADERS, cors.allow_headers.as_deref());
        if let Some(seconds) = cors.max_age_s {
            headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from(seconds));
        }
    }
    Some(HttpResponse { status: StatusCode::OK, headers, body: Body::default() })
}

/// Whether a browser asks what it may send.
pub(crate) fn is_preflight(request: &HttpRequest) -> bool {
    request.method == Method::OPTIONS && request.headers.contains_key(http::header::ORIGIN)
}

/// Adds what the configuration says to an answer.
pub(crate) fn add(cors: &UrlCors, request: &HttpRequest, headers: &mut HeaderMap) {
    headers.remove(ACCESS_CONTROL_ALLOW_ORIGIN);
    headers.remove(ACCESS_CONTROL_ALLOW_CREDENTIALS);
    if let Some(origin) = granted_origin(cors, request) {
        put_origin(cors, origin, headers);
        put_list(headers, ACCESS_CONTROL_EXPOSE_HEADERS, cors.expose_headers.as_deref());
    }
}

/// The value that grants the request's origin; none where it has no origin, or one that is not allowed.
fn granted_origin(cors: &UrlCors, request: &HttpRequest) -> Option<HeaderValue> {
    let origin = request.headers.get(http::header::ORIGIN)?;
    let allowed = cors.allow_origins.as_deref().unwrap_or_default();
    // Browsers do not take the wildcard for requests with credentials.
    if allowed.iter().any(|allowed| allowed == ANY) && cors.allow_credentials != Some(true) {
        return Some(HeaderValue::from_static(ANY));
    }
    let is_allowed = allowed.iter().any(|allowed| allowed == ANY || allowed.as_bytes() == origin.as_bytes());
    is_allowed.then(|| origin.clone())
}

fn allows_what_is_asked(cors: &UrlCors, request: &HttpRequest) -> bool {
    let allows = |list: &Option<Vec<String>>, asked: &str| {
        list.iter().flatten().any(|allowed| allowed == ANY || allowed.eq_ignore_ascii_case(asked))
    };
    let method = header(request, "access-control-request-method");
    let headers = header(request, "access-control-request-headers").unwrap_or_default();
    let mut headers = headers.split(',').map(str::trim).filter(|name| !name.is_empty());
    let is_always_allowed =
        |name: &str| ALWAYS_ALLOWED.iter().any(|always| always.eq_ignore_ascii_case(name));
    method.is_none_or(|method| allows(&cors.allow_methods, method))
        && headers.all(|name| is_always_allowed(name) || allows(&cors.allow_headers, name))
}

fn put_origin(cors: &UrlCors, origin: HeaderValue, headers: &mut HeaderMap) {
    if origin != ANY {
        headers.append(VARY, HeaderValue::from_static("Origin"));
    }
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    if cors.allow_credentials == Some(true) {
        headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    }
}

fn put_list(headers: &mut HeaderMap, name: HeaderName, values: Option<&[String]>) {
    let joined = values.filter(|values| !values.is_empty()).map(|values| values.join(","));
    if let Some(value) = joined.and_then(|joined| HeaderValue::from_str(&joined).ok()) {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: Method, headers: &[(&'static str, &'static str)]) -> HttpRequest {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, HeaderValue::from_static(value));
        }
        let (path, query) = ("/".to_owned(), String::new());
        HttpRequest { method, path, query, headers: map, body: bytes::Bytes::new() }
    }

    fn list(values: &[&str]) -> Option<Vec<String>> {
        Some(values.iter().map(|value| (*value).to_owned()).collect())
    }

    fn cors() -> UrlCors {
        UrlCors {
            allow_credentials: Some(true),
            allow_headers: list(&["x-mine"]),
            allow_methods: list(&["GET", "PUT"]),
            allow_origins: list(&["https://good.example"]),
            expose_headers: list(&["x-theirs"]),
            max_age_s: Some(60),
        }
    }

    fn get<'h>(headers: &'h HeaderMap, name: &str) -> &'h str {
        headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    #[test]
    fn a_preflight_that_matches_is_granted_and_another_gets_an_empty_answer() {
        const ORIGIN: (&str, &str) = ("origin", "https://good.example");
        const METHOD: (&str, &str) = ("access-control-request-method", "PUT");
        let granted = preflight(
            &cors(),
            &request(
                Method::OPTIONS,
                &[ORIGIN, METHOD, ("access-control-request-headers", "X-Mine, accept")],
            ),
        )
        .unwrap();
        assert_eq!(granted.status, 200);
        assert_eq!(get(&granted.headers, "access-control-allow-origin"), "https://good.example");
        assert_eq!(get(&granted.headers, "access-control-allow-methods"), "GET,PUT");
        assert_eq!(get(&granted.headers, "access-control-allow-headers"), "x-mine");
        assert_eq!(get(&granted.headers, "access-control-max-age"), "60");
        assert_eq!(get(&granted.headers, "access-control-allow-credentials"), "true");
        for headers in [
            vec![("origin", "https://bad.example"), METHOD],
            vec![ORIGIN, ("access-control-request-method", "DELETE")],
            vec![ORIGIN, METHOD, ("access-control-request-headers", "x-other")],
        ] {
            let answer = preflight(&cors(), &request(Method::OPTIONS, &headers)).unwrap();
            assert!(answer.status == 200 && answer.headers.is_empty(), "{headers:?}");
        }
        assert!(preflight(&cors(), &request(Method::OPTIONS, &[METHOD])).is_none());
        assert!(preflight(&cors(), &request(Method::GET, &[ORIGIN])).is_none());
    }

    #[test]
    fn the_configuration_wins_over_the_functions_own_headers() {
        let mut headers = HeaderMap::new();
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("x-own"));
        let mut stranger = headers.clone();
        add(&cors(), &request(Method::GET, &[("origin", "https://good.example")]), &mut headers);
        assert_eq!(get(&headers, "access-control-allow-origin"), "https://good.example");
        assert_eq!(get(&headers, "access-control-expose-headers"), "x-theirs");
        assert_eq!(get(&headers, "vary"), "Origin");
        add(&cors(), &request(Method::GET, &[("origin", "https://bad.example")]), &mut stranger);
        assert!(!stranger.contains_key(ACCESS_CONTROL_ALLOW_ORIGIN));
        let everybody = UrlCors { allow_origins: list(&["*"]), allow_credentials: None, ..cors() };
        let mut headers = HeaderMap::new();
        add(&everybody, &request(Method::GET, &[("origin", "https://any.example")]), &mut headers);
        assert_eq!(get(&headers, "access-control-allow-origin"), "*");
    }
}
