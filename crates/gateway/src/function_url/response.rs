//! What a function returned, as an HTTP answer (reference lambda.md 3.6).
//!
//! An object with `statusCode` is an answer in every part; anything else is the body of a good one. What cannot be an
//! answer is the function's mistake: the client is told no more than that something went wrong.

use bytes::Bytes;
use data_encoding::BASE64;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use rolecall_wire::{Body, HttpResponse};
use serde_json::Value;

/// The type of an answer that is given none.
const JSON_TYPE: &str = "application/json";

/// Headers that describe the connection, which is not the function's. They are sent under another name.
const NOT_THE_FUNCTIONS: [HeaderName; 10] = [
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::DATE,
    header::SERVER,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::WWW_AUTHENTICATE,
    HeaderName::from_static("keep-alive"),
];

/// The function's result is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NoAnswer;

/// The answer to the request whose function returned this.
pub(crate) fn of_result(result: Bytes) -> Result<HttpResponse, NoAnswer> {
    match serde_json::from_slice::<Value>(&result) {
        Ok(answer) if answer.get("statusCode").is_some() => {
            let mut head = head(&answer)?;
            head.body = body(&answer)?.into();
            Ok(head)
        }
        // A string arrives without its quotes (reference lambda.md 9-10).
        Ok(Value::String(text)) => Ok(plain(Bytes::from(text))),
        _ => Ok(plain(result)),
    }
}

/// Status, headers and cookies of an answer that the function described; its body is empty.
pub(crate) fn head(answer: &Value) -> Result<HttpResponse, NoAnswer> {
    let mut headers = HeaderMap::new();
    if let Some(given) = answer.get("headers").filter(|given| !given.is_null()) {
        for (name, value) in given.as_object().ok_or(NoAnswer)? {
            let name = name.parse::<HeaderName>().map_err(|_| NoAnswer)?;
            headers.append(mapped(name), header_value(&text(value).ok_or(NoAnswer)?)?);
        }
    }
    if let Some(cookies) = answer.get("cookies").filter(|cookies| !cookies.is_null()) {
        for cookie in cookies.as_array().ok_or(NoAnswer)? {
            headers.append(header::SET_COOKIE, header_value(cookie.as_str().ok_or(NoAnswer)?)?);
        }
    }
    if !headers.contains_key(header::CONTENT_TYPE) {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(JSON_TYPE));
    }
    Ok(HttpResponse { status: status(answer.get("statusCode"))?, headers, body: Body::default() })
}

fn plain(body: Bytes) -> HttpResponse {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(JSON_TYPE));
    HttpResponse { status: StatusCode::OK, headers, body: body.into() }
}

/// A status that ends an exchange; 200 where none is given.
fn status(given: Option<&Value>) -> Result<StatusCode, NoAnswer> {
    let number = match given {
        None => Some(200),
        Some(Value::Number(number)) => number.as_u64(),
        Some(Value::String(text)) => text.parse().ok(),
        Some(_) => None,
    };
    let number =
        number.and_then(|number| u16::try_from(number).ok()).filter(|number| (200..600).contains(number));
    number.and_then(|number| StatusCode::from_u16(number).ok()).ok_or(NoAnswer)
}

fn body(answer: &Value) -> Result<Bytes, NoAnswer> {
    let text = match answer.get("body") {
        None | Some(Value::Null) => return Ok(Bytes::new()),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    match answer.get("isBase64Encoded") {
        Some(Value::Bool(true)) => BASE64.decode(text.as_bytes()).map(Bytes::from).map_err(|_| NoAnswer),
        _ => Ok(Bytes::from(text)),
    }
}

/// A header's value as text; nothing for what is no single value.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn header_value(text: &str) -> Result<HeaderValue, NoAnswer> {
    HeaderValue::from_bytes(text.as_bytes()).map_err(|_| NoAnswer)
}

fn mapped(name: HeaderName) -> HeaderName {
    if !NOT_THE_FUNCTIONS.contains(&name) {
        return name;
    }
    HeaderName::try_from(format!("x-amzn-remapped-{name}")).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(result: &str) -> (u16, String, String) {
        let answer = of_result(Bytes::copy_from_slice(result.as_bytes())).unwrap();
        let kind = answer.headers.get("content-type").unwrap().to_str().unwrap().to_owned();
        let body = String::from_utf8(answer.body.whole().unwrap().to_vec()).unwrap();
        (answer.status.as_u16(), kind, body)
    }

    #[test]
    fn any_result_is_an_answer() {
        let json = "application/json".to_owned();
        let good = |body: &str| (200, json.clone(), body.to_owned());
        assert_eq!(answer("\"hello\""), good("hello"));
        assert_eq!(answer("3"), good("3"));
        assert_eq!(answer("null"), good("null"));
        assert_eq!(answer("[1, 2]"), good("[1, 2]"));
        assert_eq!(answer(r#"{"message":"hi"}"#), good(r#"{"message":"hi"}"#));
        assert_eq!(answer("no json"), good("no json"));
        assert_eq!(answer(r#"{"statusCode":201}"#), (201, json.clone(), String::new()));
        assert_eq!(
            answer(r#"{"statusCode":"404","body":{"a":1}}"#),
            (404, json.clone(), r#"{"a":1}"#.to_owned())
        );
        let encoded = r#"{"statusCode":200,"headers":{"Content-Type":"text/plain"},"body":"aGk=","isBase64Encoded":true}"#;
        assert_eq!(answer(encoded), (200, "text/plain".to_owned(), "hi".to_owned()));
    }

    #[test]
    fn cookies_and_headers_are_sent_and_the_connections_own_are_renamed() {
        let result = r#"{"statusCode":200,"headers":{"X-A":1,"Content-Length":"9","connection":"close"},"cookies":["a=1","b=2"]}"#;
        let headers = of_result(Bytes::from(result)).unwrap().headers;
        assert_eq!(headers.get_all("set-cookie").iter().collect::<Vec<_>>(), ["a=1", "b=2"]);
        assert_eq!(headers.get("x-a").unwrap(), "1");
        assert_eq!(headers.get("x-amzn-remapped-content-length").unwrap(), "9");
        assert_eq!(headers.get("x-amzn-remapped-connection").unwrap(), "close");
        assert!(!headers.contains_key("content-length") && !headers.contains_key("connection"));
    }

    #[test]
    fn what_cannot_be_sent_is_no_answer() {
        for result in [
            r#"{"statusCode":"x"}"#,
            r#"{"statusCode":100}"#,
            r#"{"statusCode":99999}"#,
            r#"{"statusCode":200,"headers":{"a b":"c"}}"#,
            r#"{"statusCode":200,"headers":{"a":"b\r\nc: d"}}"#,
            r#"{"statusCode":200,"headers":{"a":["b"]}}"#,
            r#"{"statusCode":200,"headers":[]}"#,
            r#"{"statusCode":200,"cookies":"a"}"#,
            r#"{"statusCode":200,"body":"?","isBase64Encoded":true}"#,
        ] {
            assert!(of_result(Bytes::copy_from_slice(result.as_bytes())).is_err(), "{result}");
        }
    }
}
