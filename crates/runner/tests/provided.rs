//! Functions that bring their own bootstrap, and layers.

mod common;

use common::{Bench, SHELL_BOOTSTRAP, error, log, success};
use serde_json::json;

#[tokio::test]
async fn a_shell_script_is_a_runtime() {
    let bench = Bench::new().await;
    let spec = bench.function("shell", "provided.al2023", "my.handler", &[("bootstrap", SHELL_BOOTSTRAP)]);
    for number in [1, 2] {
        let outcome = bench.invoke(&spec, &format!("{{\"n\":{number}}}")).await;
        let expected =
            json!({ "got": { "n": number }, "wrong": 400, "env": "none", "handler": "my.handler" });
        assert_eq!(success(&outcome), expected);
        assert!(log(&outcome).contains(&format!("working on {{\"n\":{number}}}\n")), "{}", log(&outcome));
    }
}

#[tokio::test]
async fn a_bootstrap_may_come_from_a_layer() {
    let bench = Bench::new().await;
    let mut spec = bench.function("layered", "provided.al2", "", &[("data", "x")]);
    spec.layer_dirs = vec![bench.files("layer", &[("bootstrap", SHELL_BOOTSTRAP)])];
    assert_eq!(bench.ask(&spec, "7").await["got"], json!(7));
}

#[tokio::test]
async fn bootstraps_that_cannot_be_executed_have_awss_errors() {
    let bench = Bench::new().await;
    let missing = bench.function("missing", "provided.al2023", "", &[("other", "")]);
    let outcome = bench.invoke(&missing, "{}").await;
    assert_eq!(error(&outcome)["errorType"], "Runtime.InvalidEntrypoint");
    let message = error(&outcome)["errorMessage"].to_string();
    assert!(
        message.contains("Error: Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]"),
        "{message}"
    );

    let interpreter =
        bench.function("interpreter", "provided.al2023", "", &[("bootstrap", "#!/no/such/program\n")]);
    let message = error(&bench.invoke(&interpreter, "{}").await)["errorMessage"].to_string();
    assert!(message.contains("fork/exec /var/task/bootstrap: no such file or directory"), "{message}");

    let garbage = bench.function("garbage", "provided.al2023", "", &[("bootstrap", "\u{1}\u{2}garbage")]);
    let message = error(&bench.invoke(&garbage, "{}").await)["errorMessage"].to_string();
    assert!(message.contains("fork/exec /var/task/bootstrap: exec format error"), "{message}");
}

#[tokio::test]
async fn a_bootstrap_that_ends_at_once_is_an_exit_error() {
    let bench = Bench::new().await;
    let spec =
        bench.function("short", "provided.al2023", "", &[("bootstrap", "#!/bin/sh\necho oh; exit 42\n")]);
    let outcome = bench.invoke(&spec, "{}").await;
    let document = error(&outcome);
    assert!(
        document["errorMessage"]
            .as_str()
            .unwrap()
            .ends_with("Error: Runtime exited with error: exit status 42"),
        "{document}"
    );
    assert!(log(&outcome).contains("oh\n"), "{}", log(&outcome));
}

#[tokio::test]
async fn layers_lie_over_each_other_in_order() {
    let bench = Bench::new().await;
    let mut spec = bench.python(
        "layers",
        "import os, subprocess, in_layer\n\
         def handler(event, context):\n    \
             return [open('/opt/which').read(), in_layer.NAME, subprocess.check_output(['tool']).decode(), sorted(os.listdir('/opt'))]\n",
    );
    spec.layer_dirs = vec![
        bench.files(
            "lower",
            &[("which", "lower"), ("only-lower", ""), ("python/in_layer.py", "NAME = 'lower'")],
        ),
        bench.files("upper", &[("which", "upper"), ("bin/tool", "#!/bin/sh\nprintf tool\n")]),
    ];
    let expected = json!(["upper", "lower", "tool", ["bin", "only-lower", "python", "which"]]);
    assert_eq!(bench.ask(&spec, "{}").await, expected);
}
