//! The Runtime API, call by call: what is answered to a runtime that keeps its rules and to one that breaks them.

mod common;

use common::{Bench, error, log, success};
use rolecall_runner::FunctionResult;
use serde_json::{Value, json};

/// A runtime that makes the calls that its event names and puts the answers into `/tmp`, until an event asks for them.
/// `ID` stands for the event's request id and `DELIVERY` for the name of its delivery.
const BOOTSTRAP: &str = r#"#!/usr/bin/python3
import http.client, json, os
def call(method, path, headers={}, body=''):
    connection = http.client.HTTPConnection(os.environ['AWS_LAMBDA_RUNTIME_API'])
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    return answer.status, answer.headers, answer.read()
seen = []
while True:
    _, headers, event = call('GET', '/2018-06-01/runtime/invocation/next')
    names = {'ID': headers['Lambda-Runtime-Aws-Request-Id'], 'DELIVERY': headers['Lambda-Runtime-Invocation-Id']}
    event = json.loads(event)
    if event == 'report':
        answer, seen = seen, []
        call('POST', '/2018-06-01/runtime/invocation/%s/response' % names['ID'], {}, json.dumps(answer))
        continue
    for method, path, given, body in event:
        path = '/2018-06-01/runtime/' + path.replace('ID', names['ID'])
        given = {name: names.get(value, value) for name, value in given.items()}
        status, _, answer = call(method, path, given, body * 7000000 if body == 'x' else body)
        answer = json.loads(answer)
        seen.append([status, answer.get('errorType', answer.get('status')), answer.get('errorMessage')])
"#;

const ID: &str = "Lambda-Runtime-Invocation-Id";

/// One event: the calls made for it, what they are answered, and what its caller gets.
type Case = (Value, Value, Result<Value, Value>);

fn transition(from: &str, to: &str) -> Value {
    let text = format!(
        "State transition from {from} to {to} failed for runtime. Error: State transition is not allowed"
    );
    json!([403, "InvalidStateTransition", text])
}

fn cases() -> Vec<Case> {
    let ok = json!([202, "OK", null]);
    let unknown = json!([400, "InvalidRequestID", "Invalid request ID"]);
    let respond = |body: &str| json!(["POST", "invocation/ID/response", {}, body]);
    let fail = |content_type: &str, body: &str| json!(["POST", "invocation/ID/error", { "Content-Type": content_type, "Lambda-Runtime-Function-Error-Type": "My.Type" }, body]);
    let document = r#"{"errorMessage":"m","errorType":"t","stackTrace":["s"],"errorCause":{}}"#;
    let with_cause = "application/vnd.aws.lambda.error.cause+json";
    vec![
        (
            json!([respond("1"), respond("2")]),
            json!([ok, transition("ResponseSent", "InvocationResponse")]),
            Ok(json!(1)),
        ),
        (
            json!([fail("application/json", "{\"errorMessage\":\"m\"}"), fail("application/json", "{}")]),
            json!([ok, transition("ResponseSent", "InvocationErrorResponse")]),
            Err(json!({ "errorMessage": "m" })),
        ),
        (
            json!([
                ["POST", "invocation/another/response", {}, "1"],
                ["POST", "invocation/another/error", {}, "1"],
                respond("2")
            ]),
            json!([unknown, unknown, ok]),
            Ok(json!(2)),
        ),
        (
            json!([["POST", "invocation/ID/response", { ID: "another" }, "1"], ["POST", "invocation/ID/response", { ID: "DELIVERY" }, "2"]]),
            json!([[400, "InvalidInvocationId", "Invalid invocation ID"], ok]),
            Ok(json!(2)),
        ),
        (
            json!([["GET", "invocation/next", {}, ""], ["POST", "init/error", {}, "{}"], respond("3")]),
            json!([transition("Running", "Ready"), transition("Running", "InitError"), ok]),
            Ok(json!(3)),
        ),
        (
            json!([respond("x")]),
            json!([[413, "RequestEntityTooLarge", "Exceeded maximum allowed payload size (6291556 bytes)."]]),
            Err(json!({
                "errorMessage": "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
                "errorType": "Function.ResponseSizeTooLarge",
            })),
        ),
        (
            json!([["POST", "invocation/ID/response", { "Lambda-Runtime-Function-Response-Mode": "pigeon" }, "1"]]),
            json!([[400, "InvalidFunctionResponseMode", "Invalid function response mode"]]),
            Err(Value::Null),
        ),
        (
            json!([fail(with_cause, document)]),
            json!([ok]),
            Err(json!({ "errorMessage": "m", "errorType": "t", "stackTrace": ["s"] })),
        ),
        (json!([fail(with_cause, "no JSON")]), json!([ok]), Err(json!("Invalid error body"))),
        (
            json!([
                ["POST", "invocation/next", {}, ""],
                ["GET", "restore/next", {}, ""],
                ["POST", "restore/error", {}, ""],
                respond("4")
            ]),
            json!([
                [405, "MethodNotAllowed", "This path does not take this method."],
                [404, "NotFound", "There is no such path."],
                [404, "NotFound", "There is no such path."],
                ok
            ]),
            Ok(json!(4)),
        ),
    ]
}

#[tokio::test]
async fn every_call_is_answered_as_by_aws() {
    let bench = Bench::new().await;
    let spec = bench.function("calls", "provided.al2023", "", &[("bootstrap", BOOTSTRAP)]);
    for (calls, answers, result) in cases() {
        let outcome = bench.invoke(&spec, &calls.to_string()).await;
        match result {
            Ok(expected) => assert_eq!(success(&outcome), expected, "{calls}"),
            Err(Value::Null) => {
                assert!(
                    matches!(&outcome.result, FunctionResult::Error { payload, .. } if payload.is_empty())
                );
                assert_eq!(
                    outcome.error_type.as_deref(),
                    Some("Runtime.InvalidResponseModeHeader"),
                    "{calls}"
                );
            }
            Err(expected) => assert_eq!(error(&outcome), expected, "{calls}"),
        }
        assert_eq!(bench.ask(&spec, "\"report\"").await, answers, "{calls}\n{}", log(&outcome));
    }
}
