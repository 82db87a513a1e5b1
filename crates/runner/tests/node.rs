//! Node.js functions through a whole runner. On a machine without Node they are left out, and say so.

mod common;

use common::{Bench, error, log, success};
use rolecall_runner::FunctionSpec;
use serde_json::json;

async fn bench() -> Option<(Bench, String)> {
    let bench = Bench::new().await;
    let Some(runtime) = common::node(&bench.runner) else {
        println!("there is no Node.js on this machine");
        return None;
    };
    Some((bench, runtime))
}

fn function(bench: &Bench, runtime: &str, name: &str, file: &str, code: &str) -> FunctionSpec {
    bench.function(name, runtime, "index.handler", &[(file, code)])
}

#[tokio::test]
async fn async_and_callback_handlers_of_both_module_kinds_work() {
    let Some((bench, runtime)) = bench().await else { return };
    let cases = [
        ("cjs", "index.js", "exports.handler = async (event) => ({ got: event });"),
        ("mjs", "index.mjs", "export const handler = async (event) => ({ got: event });"),
        ("default", "index.cjs", "module.exports = { handler: async (event) => ({ got: event }) };"),
        (
            "callback",
            "index.js",
            "exports.handler = (event, context, callback) => callback(null, { got: event });",
        ),
        (
            "later",
            "index.js",
            "exports.handler = (event, context, callback) => { setTimeout(() => callback(null, { got: event }), 20); };",
        ),
        (
            "impatient",
            "index.js",
            "exports.handler = (event, context, callback) => { context.callbackWaitsForEmptyEventLoop = false; \
             setInterval(() => {}, 1000); callback(null, { got: event }); };",
        ),
        (
            "done",
            "index.js",
            "exports.handler = (event, context) => { setImmediate(() => context.succeed({ got: event })); };",
        ),
    ];
    for (name, file, code) in cases {
        let spec = function(&bench, &runtime, name, file, code);
        for number in [1, 2] {
            assert_eq!(bench.ask(&spec, &number.to_string()).await, json!({ "got": number }), "{name}");
        }
    }
}

#[tokio::test]
async fn undefined_is_null_and_what_cannot_be_serialised_is_an_error() {
    let Some((bench, runtime)) = bench().await else { return };
    let spec = function(&bench, &runtime, "nothing", "index.js", "exports.handler = async () => undefined;");
    assert_eq!(bench.ask(&spec, "{}").await, json!(null));
    let never = function(&bench, &runtime, "never", "index.js", "exports.handler = () => {};");
    assert_eq!(bench.ask(&never, "{}").await, json!(null));
    let spec = function(&bench, &runtime, "big", "index.js", "exports.handler = async () => ({ n: 1n });");
    assert_eq!(error(&bench.invoke(&spec, "{}").await)["errorType"], "Runtime.MarshalError");
}

#[tokio::test]
async fn the_console_logs_with_time_and_request_id() {
    let Some((bench, runtime)) = bench().await else { return };
    let code = "exports.handler = async (event, context) => { console.log('two\\nlines', { a: 1 }); console.error('bad'); return context.awsRequestId; };";
    let spec = function(&bench, &runtime, "console", "index.js", code);
    let outcome = bench.invoke(&spec, "{}").await;
    let id = success(&outcome);
    let id = id.as_str().unwrap();
    let line = outcome.log.iter().find(|line| line.text.contains("INFO")).unwrap();
    assert!(line.text.ends_with(&format!("Z\t{id}\tINFO\ttwo\nlines {{ a: 1 }}")), "{}", line.text);
    assert!(log(&outcome).contains(&format!("Z\t{id}\tERROR\tbad\n")));
    assert!(log(&outcome).starts_with("INIT_START Runtime Version: nodejs:"));
}

#[tokio::test]
async fn errors_have_awss_shape() {
    let Some((bench, runtime)) = bench().await else { return };
    let cases = [
        (
            "thrown",
            "exports.handler = async () => { throw new TypeError('no good'); };",
            "TypeError",
            "no good",
        ),
        (
            "given",
            "exports.handler = (e, c, callback) => callback(new RangeError('no good'));",
            "RangeError",
            "no good",
        ),
        ("text", "exports.handler = async () => { throw 'just text'; };", "string", "just text"),
        (
            "uncaught",
            "exports.handler = () => { setTimeout(() => { throw new Error('late'); }, 5); return new Promise(() => {}); };",
            "Error",
            "late",
        ),
        (
            "import",
            "require('nothing-of-this-name');",
            "Runtime.ImportModuleError",
            "Error: Cannot find module 'nothing-of-this-name'",
        ),
        ("syntax", "exports.handler = async () => {", "Runtime.UserCodeSyntaxError", "SyntaxError: "),
        (
            "missing",
            "exports.other = 1;",
            "Runtime.HandlerNotFound",
            "index.handler is undefined or not exported",
        ),
    ];
    for (name, code, error_type, message) in cases {
        let spec = function(&bench, &runtime, name, "index.js", code);
        let outcome = bench.invoke(&spec, "{}").await;
        let document = error(&outcome);
        assert_eq!(document["errorType"], error_type, "{name} {document}");
        assert!(document["errorMessage"].as_str().unwrap().starts_with(message), "{name} {document}");
        assert!(document["trace"].is_array(), "{name} {document}");
        if name == "thrown" {
            let keys: Vec<&String> = document.as_object().unwrap().keys().collect();
            assert_eq!(keys, ["errorType", "errorMessage", "trace"]);
            assert!(
                log(&outcome).contains("\tERROR\tInvoke Error \t{\"errorType\":\"TypeError\""),
                "{}",
                log(&outcome)
            );
        }
    }
}

#[tokio::test]
async fn modules_of_layers_and_sdk_are_found_by_both_module_kinds() {
    let sdk = tempfile::tempdir().unwrap();
    let root = sdk.path().to_owned();
    let module = root.join("nodejs/node_modules/the-sdk");
    std::fs::create_dir_all(&module).unwrap();
    std::fs::write(module.join("package.json"), r#"{"name":"the-sdk","main":"index.js"}"#).unwrap();
    std::fs::write(module.join("index.js"), "exports.from = 'sdk';").unwrap();
    std::fs::create_dir_all(root.join("python")).unwrap();
    std::fs::write(root.join("python/the_sdk.py"), "FROM = 'sdk'").unwrap();
    // The temporary directory itself is private; the sandbox shows what is below it.
    let bench = Bench::with(|options| options.sdk_dir = Some(root)).await;
    let layer = bench.files(
        "layer",
        &[
            ("nodejs/node_modules/the-layer/index.js", "exports.from = 'layer';"),
            ("nodejs/node_modules/the-layer/package.json", r#"{"name":"the-layer"}"#),
        ],
    );
    let python =
        bench.python("uses-sdk", "import the_sdk\ndef handler(event, context):\n    return the_sdk.FROM\n");
    assert_eq!(bench.ask(&python, "{}").await, json!("sdk"));
    let Some(runtime) = common::node(&bench.runner) else { return };
    let cases = [
        (
            "index.js",
            "const a = require('the-layer'), b = require('the-sdk'); exports.handler = async () => [a.from, b.from];",
        ),
        (
            "index.mjs",
            "import a from 'the-layer'; import b from 'the-sdk'; export const handler = async () => [a.from, b.from];",
        ),
    ];
    for (file, code) in cases {
        let mut spec = function(&bench, &runtime, &format!("uses-{file}"), file, code);
        spec.layer_dirs = vec![layer.clone()];
        assert_eq!(bench.ask(&spec, "{}").await, json!(["layer", "sdk"]), "{file}");
    }
}
