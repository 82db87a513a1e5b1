//! Extensions beside functions: what they hear, what waits for them, and what their failures do.

mod common;

use std::sync::Arc;
use std::time::Duration;

use common::{Bench, error, invocation, log, success};
use rolecall_runner::FunctionSpec;
use serde_json::{Value, json};

/// The beginning of an extension in Python: `call` speaks to the API, `register` and `next` use it.
const EXTENSION: &str = r#"#!/usr/bin/env python3
import json, os, sys, time, urllib.request
API = 'http://%s/2020-01-01/extension/' % os.environ['AWS_LAMBDA_RUNTIME_API']
NAME = os.path.basename(sys.argv[0])
def call(method, path, body=None, **headers):
    headers = {'Lambda-Extension-' + name.replace('_', '-'): value for name, value in headers.items()}
    request = urllib.request.Request(API + path, json.dumps(body).encode() if body else None, headers, method=method)
    with urllib.request.urlopen(request) as answer:
        return answer.headers, json.loads(answer.read())
def register(*events):
    headers, about = call('POST', 'register', {'events': events}, Name=NAME, Accept_Feature='accountId')
    print(NAME, 'knows', about['functionName'], about['accountId'], flush=True)
    return headers['Lambda-Extension-Identifier']
def next_event(me):
    return call('GET', 'event/next', Identifier=me)[1]
"#;

const ECHO: &str = "import time\ndef handler(event, context):\n    time.sleep(event)\n    return event\n";

/// A Python function with one external extension of this code.
fn beside(bench: &Bench, name: &str, extension: &str) -> FunctionSpec {
    let mut spec = bench.python(name, ECHO);
    let code = format!("{EXTENSION}{extension}");
    spec.layer_dirs = vec![bench.files(&format!("layer-{name}"), &[("extensions/watcher", &code)])];
    spec.timeout = Duration::from_secs(60);
    spec
}

const WATCHER: &str = "
me = register('INVOKE', 'SHUTDOWN')
while True:
    event = next_event(me)
    print(NAME, json.dumps(event), flush=True)
    if event['eventType'] == 'SHUTDOWN':
        break
";

/// What the watcher printed of its events.
fn heard(log: &str) -> Vec<Value> {
    log.lines().filter_map(|line| serde_json::from_str(line.strip_prefix("watcher ")?).ok()).collect()
}

#[tokio::test]
async fn an_extension_hears_of_every_event_and_of_the_end() {
    let bench = Bench::new().await;
    let spec = beside(&bench, "watched", WATCHER);
    let request = invocation("0");
    let id = request.request_id.clone();
    let first = bench.runner.invoke(Arc::new(spec.clone()), request).await.unwrap();
    assert_eq!(success(&first), json!(0));
    let lines = log(&first);
    assert!(lines.contains("watcher knows watched 123456789012\n"), "{lines}");
    assert!(
        lines.contains("EXTENSION\tName: watcher\tState: Ready\tEvents: [INVOKE, SHUTDOWN]\n"),
        "{lines}"
    );
    assert!(lines.find("EXTENSION").unwrap() < lines.find("START RequestId").unwrap(), "{lines}");
    let [event] = heard(&lines).try_into().unwrap();
    assert_eq!((&event["eventType"], &event["requestId"]), (&json!("INVOKE"), &json!(id)));
    assert_eq!(event["invokedFunctionArn"], "arn:aws:lambda:eu-central-1:123456789012:function:f:live");
    assert_eq!(event["tracing"]["type"], "X-Amzn-Trace-Id");
    assert!(event["deadlineMs"].is_i64());
    let second = bench.invoke(&spec, "0").await;
    assert_eq!((second.cold, heard(&log(&second)).len()), (false, 1));
    bench.runner.retire("watched").await;
    let lines = bench.later("SHUTDOWN").await;
    assert_eq!(heard(&lines)[0]["shutdownReason"], "spindown", "{lines}");
}

#[tokio::test]
async fn the_answer_does_not_wait_for_extensions_and_the_next_event_does() {
    let bench = Bench::new().await;
    let spec = beside(
        &bench,
        "quick",
        "
me = register('INVOKE')
while True:
    next_event(me)
    time.sleep(0.3)
    print('extension done', flush=True)
",
    );
    let mut request = invocation("0");
    request.wants_log = false;
    let first = bench.runner.invoke(Arc::new(spec.clone()), request).await.unwrap();
    assert_eq!(success(&first), json!(0));
    assert!(!log(&first).contains("REPORT"), "the figures are not known yet: {}", log(&first));
    let lines = bench.later("REPORT").await;
    assert!(lines.find("extension done").unwrap() < lines.find("END").unwrap(), "{lines}");
    let second = bench.invoke(&spec, "0").await;
    assert!(!second.cold, "the environment is used again");
    assert!(log(&second).contains("extension done\nEND"), "{}", log(&second));
}

#[tokio::test]
async fn a_timeout_is_the_reason_that_extensions_hear() {
    let bench = Bench::new().await;
    let mut spec = beside(&bench, "late", WATCHER);
    spec.timeout = Duration::from_secs(1);
    let outcome = bench.invoke(&spec, "60").await;
    assert_eq!(error(&outcome)["errorType"], "Sandbox.Timedout");
    let events = heard(&log(&outcome));
    assert_eq!(events.last().unwrap()["shutdownReason"], "timeout", "{}", log(&outcome));
}

#[tokio::test]
async fn an_extension_that_fails_fails_the_invocation() {
    let bench = Bench::new().await;
    let cases = [
        ("crash", "sys.exit(3)", "Extension.Crash", "exit status 3", "State: Exited"),
        ("leave", "register('INVOKE'); sys.exit(0)", "Extension.Crash", "exit code 0", "State: Exited"),
        (
            "init",
            "call('POST', 'init/error', Identifier=register('INVOKE'), Function_Error_Type='My.Error'); sys.exit(1)",
            "Extension.InitError",
            "exit status 1",
            "State: InitError\tEvents: [INVOKE]\tError Type: My.Error",
        ),
        (
            "exit",
            "me = register('INVOKE'); next_event(me)\n\
             call('POST', 'exit/error', Identifier=me, Function_Error_Type='My.Error'); sys.exit(2)",
            "Extension.ExitError",
            "exit status 2",
            "State: Ready",
        ),
    ];
    for (name, code, error_type, reason, line) in cases {
        // Only an extension that fails within the invocation meets a function, which waits for it.
        let outcome = bench.invoke(&beside(&bench, name, code), "50").await;
        let document = error(&outcome);
        assert_eq!(document["errorType"], error_type, "{name}: {document}\n{}", log(&outcome));
        let message = document["errorMessage"].as_str().unwrap();
        assert!(message.ends_with(&format!(" Error: {reason}")), "{name}: {message}");
        assert!(log(&outcome).contains(&format!("EXTENSION\tName: watcher\t{line}")), "{}", log(&outcome));
        assert!(log(&outcome).contains(&format!("Error Type: {error_type}")), "{}", log(&outcome));
    }
}

#[tokio::test]
async fn what_is_no_program_is_not_launched() {
    use std::os::unix::fs::PermissionsExt as _;
    let bench = Bench::new().await;
    let spec = beside(&bench, "unlaunched", "");
    let program = spec.layer_dirs[0].join("extensions/watcher");
    std::fs::set_permissions(program, std::fs::Permissions::from_mode(0o644)).unwrap();
    let outcome = bench.invoke(&spec, "0").await;
    let document = error(&outcome);
    assert_eq!(document["errorType"], "Extension.LaunchError", "{}", log(&outcome));
    let message = document["errorMessage"].as_str().unwrap();
    assert!(message.ends_with("fork/exec /opt/extensions/watcher: permission denied"), "{message}");
    assert!(log(&outcome).contains("State: LaunchError\tEvents: []\tError Type: PermissionDenied"));
}

#[tokio::test]
async fn a_runtime_registers_extensions_of_its_own_by_the_rules() {
    let bench = Bench::new().await;
    let spec = bench.python(
        "internal",
        r#"
import http.client, json, os, threading
def call(method, path, body=None, **headers):
    connection = http.client.HTTPConnection(os.environ['AWS_LAMBDA_RUNTIME_API'])
    headers = {'Lambda-Extension-' + name.replace('_', '-'): value for name, value in headers.items()}
    connection.request(method, '/2020-01-01/extension/' + path, body, headers)
    answer = connection.getresponse()
    document = json.loads(answer.read())
    return answer.headers.get('Lambda-Extension-Identifier'), [answer.status, document.get('errorType'), document.get('errorMessage')]
def register(name, events='["INVOKE"]'):
    return call('POST', 'register', '{"events": %s}' % events, Name=name)
me, registered = register('inner')
answers = [registered[0]] + [answer[1] for answer in (
    register(''), register('inner'), register('other', '["SHUTDOWN"]'), register('other', '["PAUSE"]'),
    call('POST', 'register', '{', Name='other'), call('GET', 'event/next'), call('GET', 'event/next', Identifier='me'),
    call('GET', 'event/next', Identifier='8e1a5e0c-0000-4000-8000-000000000000'),
    call('POST', 'init/error', Identifier=me), call('GET', 'register'), call('GET', 'nothing'),
)]
others = [register('inner%d' % number) for number in range(10)]
seen = []
def watch(identifier):
    while True:
        seen.append(call('GET', 'event/next', Identifier=identifier)[1][0])
for identifier in [me] + [other[0] for other in others if other[0]]:
    threading.Thread(target=watch, args=[identifier], daemon=True).start()
def handler(event, context):
    return {'answers': answers, 'others': [other[1][1] for other in others], 'late': register('late')[1]}
"#,
    );
    let answer = bench.ask(&spec, "{}").await;
    let unknown = "Unknown extension 8e1a5e0c-0000-4000-8000-000000000000";
    let expected = json!([
        200,
        [403, "Extension.InvalidExtensionName", "Empty extension name"],
        [403, "Extension.InvalidExtensionState", "Extension with this name already registered"],
        [403, "Extension.InvalidEventType", "SHUTDOWN: ShutdownEventNotSupportedForInternalExtension"],
        [403, "Extension.InvalidEventType", "PAUSE: ErrorInvalidEventType"],
        [403, "InvalidRequestFormat", answer["answers"][5][2]],
        [403, "Extension.MissingExtensionIdentifier", "Missing Lambda-Extension-Identifier header"],
        [403, "Extension.InvalidExtensionIdentifier", "Invalid Lambda-Extension-Identifier"],
        [403, "Extension.UnknownExtensionIdentifier", unknown],
        [403, "Extension.MissingHeader", "Lambda-Extension-Function-Error-Type not found"],
        [405, "MethodNotAllowed", "This path does not take this method."],
        [404, "NotFound", "There is no such path."],
    ]);
    assert_eq!(answer["answers"], expected);
    let mut others = vec![Value::Null; 9];
    others.push(json!("Extension.TooManyExtensions"));
    assert_eq!(answer["others"], json!(others));
    assert_eq!(
        answer["late"],
        json!([403, "Extension.RegistrationClosed", "Extension registration closed already"])
    );
    assert_eq!(bench.ask(&spec, "{}").await["late"][0], 403, "the environment lives on");
}
