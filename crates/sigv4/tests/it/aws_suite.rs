//! AWS's own signing test suite: every request that it signs for a service that normalises paths is accepted. The
//! rest of the suite, and all its canonical requests, are a unit test of the canonical request.

use rolecall_sigv4::{Rules, SecretKey};
use serde_json::Value;

use crate::support::Request;

fn request(case: &Value) -> Request {
    let text = |key: &str| case[key].as_str().unwrap().to_owned();
    let headers = case["headers"].as_array().unwrap().iter();
    let headers: Vec<(String, Vec<u8>)> =
        headers.map(|h| (h[0].as_str().unwrap().to_owned(), h[1].as_str().unwrap().into())).collect();
    let other = text("name").starts_with("double-url-encode");
    Request {
        name: text("name"),
        rules: Rules::General,
        service: if other { "lambda" } else { "service" }.to_owned(),
        region: if other { "us-east-2" } else { "us-east-1" }.to_owned(),
        method: text("method"),
        path: text("path"),
        query: text("query"),
        headers,
        body: text("body").into_bytes(),
        now: if other { 1_620_747_645 } else { 1_440_938_160 },
        secret: SecretKey::new("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
    }
}

#[test]
fn every_signed_request_of_aws_suite_is_accepted() {
    let suite: Vec<Value> = serde_json::from_str(include_str!("../oracle/aws-suite.json")).unwrap();
    let normalized = suite.iter().filter(|case| case["normalize"] == true);
    let mut count = 0;
    for case in normalized {
        let request = request(case);
        request.authenticate().unwrap_or_else(|e| panic!("{}: {e}", request.name));
        count += 1;
    }
    assert_eq!(count, 61);
}
