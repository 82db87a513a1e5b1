//! What botocore sends for every built operation is read back as exactly the parameters it was given.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName};
use rolecall_wire::{AnyInput, HttpRequest, IntoValue, ServiceId, Value, decode, route};
use serde_json::{Value as Json, json};

const REQUESTS: &str = include_str!("botocore/requests.jsonl");

#[test]
fn every_request_that_botocore_writes_is_read_as_it_was_meant() {
    let mut operations = 0;
    for line in REQUESTS.lines() {
        let case: Json = serde_json::from_str(line).unwrap();
        let name = format!("{} {}", text(&case, "service"), text(&case, "operation"));
        let request = request(&case);
        let service = ServiceId::from_signing_name(text(&case, "service")).unwrap();
        let operation = route(service, &request).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(operation.operation_name(), text(&case, "operation"));
        let input = decode(operation, &request).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(parameters(input), case["parameters"], "{name}");
        operations += 1;
    }
    assert_eq!(operations, built_operations(), "requests.jsonl is out of date");
}

fn built_operations() -> usize {
    use rolecall_wire::{ec2, iam, lambda, logs, organizations, s3, sns, sqs, sts, xray};
    ec2::Operation::ALL.iter().filter(|operation| operation.is_built()).count()
        + iam::Operation::ALL.iter().filter(|operation| operation.is_built()).count()
        + lambda::Operation::ALL.iter().filter(|operation| operation.is_built()).count()
        + logs::Operation::ALL.iter().filter(|operation| operation.is_built()).count()
        + organizations::Operation::ALL.iter().filter(|operation| operation.is_built()).count()
        + s3::Operation::ALL.iter().filter(|operation| operation.is_built()).count()
        + sns::Operation::ALL.iter().filter(|operation| operation.is_built()).count()
        + sqs::Operation::ALL.iter().filter(|operation| operation.is_built()).count()
        + sts::Operation::ALL.iter().filter(|operation| operation.is_built()).count()
        + xray::Operation::ALL.iter().filter(|operation| operation.is_built()).count()
}

fn request(case: &Json) -> HttpRequest {
    let mut headers = HeaderMap::new();
    for (name, value) in case["headers"].as_object().unwrap() {
        headers.insert(HeaderName::try_from(name).unwrap(), value.as_str().unwrap().parse().unwrap());
    }
    HttpRequest {
        method: text(case, "method").parse().unwrap(),
        path: text(case, "path").to_owned(),
        query: text(case, "query").to_owned(),
        headers,
        body: STANDARD.decode(text(case, "body")).unwrap().into(),
    }
}

fn text<'a>(case: &'a Json, key: &str) -> &'a str {
    case[key].as_str().unwrap()
}

fn parameters(input: AnyInput) -> Json {
    show(&input.into_value())
}

fn show(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Events(_) => panic!("no request has an event stream"),
        Value::Bool(flag) => json!(flag),
        Value::Integer(number) => json!(number),
        Value::Double(number) => json!(number),
        Value::String(text) => json!(text),
        Value::Blob(bytes) => json!({"blob": STANDARD.encode(bytes)}),
        Value::Timestamp(time) => json!({"ms": time.0}),
        Value::List(items) => items.iter().map(show).collect(),
        Value::Map(entries) => entries.iter().map(|(key, value)| (key.to_string(), show(value))).collect(),
    }
}
