//! Python functions through a whole runner.

mod common;

use std::os::unix::fs::PermissionsExt;

use common::{Bench, error, invocation, log, success};
use rolecall_runner::{ApplicationLogLevel, FunctionSpec, LogFormat, SystemLogLevel};
use serde_json::json;

#[tokio::test]
async fn a_function_returns_its_result_and_logs_what_it_printed() {
    let bench = Bench::new().await;
    let spec = bench.python(
        "hello",
        "import logging\n\
         logging.getLogger().setLevel('INFO')\n\
         def handler(event, context):\n    \
             print('printed'); logging.info('logged\\nin two lines')\n    \
             return {'got': event, 'id': context.aws_request_id, 'left': context.get_remaining_time_in_millis(),\n        \
                 'arn': context.invoked_function_arn, 'memory': context.memory_limit_in_mb, 'ident': context.identity.cognito_identity_id}\n",
    );
    let outcome = bench.invoke(&spec, r#"{"a":1}"#).await;
    let result = success(&outcome);
    assert_eq!(result["got"], json!({"a": 1}));
    assert_eq!(result["arn"], "arn:aws:lambda:eu-central-1:123456789012:function:f:live");
    assert_eq!((&result["memory"], &result["ident"]), (&json!("128"), &json!(null)));
    assert!((9_000..=10_000).contains(&result["left"].as_i64().unwrap()), "{result}");
    let lines: Vec<&str> = outcome.log.iter().map(|line| line.text.as_str()).collect();
    let id = result["id"].as_str().unwrap();
    assert!(lines[0].starts_with("INIT_START Runtime Version: python:3.1"), "{lines:?}");
    assert_eq!(lines[1], format!("START RequestId: {id} Version: $LATEST"));
    assert_eq!(lines[2], "printed");
    assert!(
        lines[3].starts_with("[INFO]\t20") && lines[3].ends_with(&format!("Z\t{id}\tlogged\nin two lines")),
        "{lines:?}"
    );
    assert_eq!(lines[4], format!("END RequestId: {id}"));
    assert!(lines[5].starts_with(&format!("REPORT RequestId: {id}\tDuration: ")), "{lines:?}");
    assert!(
        lines[5].contains("Memory Size: 128 MB\tMax Memory Used: ") && lines[5].ends_with(" ms\t"),
        "{lines:?}"
    );
    assert!(outcome.cold && outcome.init_duration.is_some());
    assert!((1..=128).contains(&outcome.max_memory_mb), "{}", outcome.max_memory_mb);
    assert!(outcome.log.windows(2).all(|pair| pair[0].time_ms <= pair[1].time_ms));
}

#[tokio::test]
async fn an_exception_has_awss_document_and_log_event() {
    let bench = Bench::new().await;
    let spec = bench.python("boom", "def handler(event, context):\n    raise ValueError('no good')\n");
    let request = invocation("{}");
    let id = request.request_id.clone();
    let outcome = bench.runner.invoke(std::sync::Arc::new(spec), request).await.unwrap();
    let text = serde_json::to_string(&error(&outcome)).unwrap();
    assert_eq!(
        text,
        format!(
            r#"{{"errorMessage":"no good","errorType":"ValueError","requestId":"{id}","stackTrace":["  File \"/var/task/main.py\", line 2, in handler\n    raise ValueError('no good')\n"]}}"#
        )
    );
    let log = log(&outcome);
    assert!(
        log.contains("[ERROR] ValueError: no good\nTraceback (most recent call last):\n\u{a0}\u{a0}File \"/var/task/main.py\", line 2, in handler\n"),
        "{log}"
    );
}

#[tokio::test]
async fn modules_that_cannot_be_loaded_have_awss_errors() {
    let bench = Bench::new().await;
    let cases = [
        (
            "main.handler",
            "import nothing_of_this_name",
            "Runtime.ImportModuleError",
            "Unable to import module 'main': No module named 'nothing_of_this_name'",
        ),
        ("main.missing", "x = 1", "Runtime.HandlerNotFound", "Handler 'missing' missing on module 'main'"),
        (
            "other.handler",
            "x = 1",
            "Runtime.ImportModuleError",
            "Unable to import module 'other': No module named 'other'",
        ),
        ("main.handler", "def handler(:", "Runtime.UserCodeSyntaxError", "Syntax error in module 'main': "),
        (
            "main",
            "x = 1",
            "Runtime.MalformedHandlerName",
            "Bad handler 'main': not enough values to unpack (expected 2, got 1)",
        ),
        ("main.handler", "raise KeyError('at load')", "KeyError", "'at load'"),
    ];
    for (index, (handler, code, error_type, message)) in cases.into_iter().enumerate() {
        let name = format!("broken{index}");
        let runtime = common::python(&bench.runner);
        let spec = bench.function(&name, &runtime, handler, &[("main.py", code)]);
        let outcome = bench.invoke(&spec, "{}").await;
        let document = error(&outcome);
        assert_eq!(document["errorType"], error_type, "{document}");
        assert!(document["errorMessage"].as_str().unwrap().starts_with(message), "{document}");
        assert_eq!(document["requestId"], "", "{document}");
        let log = log(&outcome);
        assert!(log.contains(&format!("[ERROR] {error_type}: ")) && log.contains("INIT_REPORT"), "{log}");
        if error_type == "KeyError" {
            let trace = document["stackTrace"][0].as_str().unwrap();
            assert!(trace.starts_with("  File \"/var/task/main.py\", line 1, in <module>"), "{trace}");
        }
    }
}

#[tokio::test]
async fn results_are_marshalled_as_aws_does() {
    let bench = Bench::new().await;
    let spec = bench.python(
        "marshal",
        "import decimal\n\
         RESULTS = {'none': None, 'set': {1}, 'decimal': [decimal.Decimal('3'), decimal.Decimal('0.5')]}\n\
         def handler(event, context):\n    return RESULTS[event]\n",
    );
    assert_eq!(bench.ask(&spec, "\"none\"").await, json!(null));
    assert_eq!(bench.ask(&spec, "\"decimal\"").await, json!([3, 0.5]));
    let document = error(&bench.invoke(&spec, "\"set\"").await);
    assert_eq!(document["errorType"], "Runtime.MarshalError");
    assert_eq!(
        document["errorMessage"],
        "Unable to marshal response: Object of type set is not JSON serializable"
    );
}

#[tokio::test]
async fn the_environment_is_awss() {
    let bench = Bench::new().await;
    let mut spec = bench.python(
        "variables",
        "import os, sys\ndef handler(event, context):\n    return {'env': dict(os.environ), 'path': sys.path, 'cwd': os.getcwd()}\n",
    );
    spec.env = vec![("STAGE".into(), "test".into()), ("AWS_REGION".into(), "mine".into())];
    let result = bench.ask(&spec, "{}").await;
    let env = &result["env"];
    let expected = [
        ("STAGE", "test"),
        ("AWS_REGION", "eu-central-1"),
        ("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:4566"),
        ("LAMBDA_TASK_ROOT", "/var/task"),
        ("LAMBDA_RUNTIME_DIR", "/var/runtime"),
        ("TZ", ":UTC"),
        ("PWD", "/var/task"),
        ("_HANDLER", "main.handler"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
        ("_X_AMZN_TRACE_ID", "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0"),
    ];
    for (name, value) in expected {
        assert_eq!(env[name], value, "{name}");
    }
    let runtime = common::python(&bench.runner);
    assert_eq!(env["AWS_EXECUTION_ENV"], format!("AWS_Lambda_{runtime}"));
    assert_eq!(env.get("_ROLECALL_OPT"), None);
    assert_eq!(result["path"][0], "/var/task");
    assert_eq!(result["cwd"], "/var/task");
    assert!(!result["path"].to_string().contains("dist-packages"), "{}", result["path"]);
}

#[tokio::test]
async fn a_client_context_and_an_identity_reach_the_handler() {
    let bench = Bench::new().await;
    let spec = bench.python(
        "mobile",
        "def handler(event, context):\n    return [context.client_context.custom, context.identity.cognito_identity_id]\n",
    );
    let mut request = invocation("{}");
    request.client_context = Some("{\n\"custom\": {\"k\": \"v\"}}".into());
    request.cognito_identity = Some(r#"{"cognitoIdentityId":"i","cognitoIdentityPoolId":"p"}"#.into());
    let outcome = bench.runner.invoke(std::sync::Arc::new(spec), request).await.unwrap();
    assert_eq!(success(&outcome), json!([{"k": "v"}, "i"]));
}

#[tokio::test]
async fn json_logs_hold_records_and_what_is_not_below_the_level() {
    let bench = Bench::new().await;
    let mut spec = bench.python(
        "json",
        "import logging\ndef handler(event, context):\n    print('printed')\n    \
         print('{\"level\": \"error\", \"message\": \"by hand\"}')\n    logging.error('logged')\n    raise ValueError('v')\n",
    );
    let (system, application) = (SystemLogLevel::Debug, ApplicationLogLevel::Error);
    spec.log_format = LogFormat::Json { system, application };
    let outcome = bench.invoke(&spec, "{}").await;
    let lines: Vec<serde_json::Value> =
        outcome.log.iter().map(|line| serde_json::from_str(&line.text).unwrap()).collect();
    let told: Vec<&str> =
        lines.iter().filter_map(|line| line["type"].as_str().or(line["message"].as_str())).collect();
    let expected = [
        "platform.initStart",
        "platform.initRuntimeDone",
        "platform.initReport",
        "platform.start",
        "by hand",
        "logged",
        "platform.runtimeDone",
        "platform.report",
    ];
    assert_eq!(told, expected, "{lines:#?}");
    assert_eq!(lines[6]["errorType"], "ValueError", "the handler's error comes before the figures");
}

#[tokio::test]
async fn a_wrapper_script_of_a_layer_starts_the_runtime() {
    let bench = Bench::new().await;
    let mut spec = bench.python(
        "wrapped",
        "import os, sys\ndef handler(event, context):\n    return [os.environ.get('SET_BY_WRAPPER'), sys.flags.verbose]\n",
    );
    let script = "#!/bin/sh\nruntime=\"$1\"\nshift\nSET_BY_WRAPPER=yes exec \"$runtime\" -v \"$@\"\n";
    let layer = bench.files("wrapper-layer", &[("wrapper", script), ("flat", "#!/bin/sh\n")]);
    for (name, mode) in [("wrapper", 0o755), ("flat", 0o644)] {
        std::fs::set_permissions(layer.join(name), std::fs::Permissions::from_mode(mode)).unwrap();
    }
    spec.layer_dirs = vec![layer];
    let wrap = |spec: &mut FunctionSpec, path: &str| {
        spec.env.retain(|(name, _)| name != "AWS_LAMBDA_EXEC_WRAPPER");
        spec.env.push(("AWS_LAMBDA_EXEC_WRAPPER".to_owned(), path.to_owned()));
        spec.key = path.into();
    };
    wrap(&mut spec, "/opt/wrapper");
    assert_eq!(success(&bench.invoke(&spec, "{}").await), json!(["yes", 1]));

    for (path, code, words) in [
        ("/opt/gone", 127, "/opt/gone: does not exist"),
        ("/opt/flat", 126, "/opt/flat: is not an executable"),
    ] {
        wrap(&mut spec, path);
        let outcome = bench.invoke(&spec, "{}").await;
        assert_eq!(error(&outcome)["errorType"], "Runtime.ExitError", "{}", log(&outcome));
        let message = error(&outcome)["errorMessage"].to_string();
        assert!(message.contains(&format!("exit status {code}")), "{message}");
        assert!(log(&outcome).contains(words), "{}", log(&outcome));
    }
}
