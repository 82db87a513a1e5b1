//! What the runner says of the machine, and how it does without parts of it.

mod common;

use std::sync::Arc;
use std::time::{Duration, Instant};

use common::{Bench, error, invocation, log, success};
use rolecall_runner::{Capabilities, HelperCommand, InvokeFailure, RunnerOptions, SandboxMode};
use serde_json::json;

#[tokio::test]
async fn the_machine_is_described_in_plain_words() {
    let bench = Bench::new().await;
    let text = bench.runner.capabilities().to_string();
    println!("{text}");
    for interpreter in bench.runner.runtimes().list() {
        println!("{interpreter}");
    }
    assert!(text.starts_with("functions run in a sandbox of their own\n"), "{text}");
    for part in ["network: only", "privileges: none", "system calls: filtered", "memory:", "CPU:", "cgroups:"]
    {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
}

#[tokio::test]
async fn without_a_sandbox_functions_are_refused_and_the_reason_is_said() {
    let directory = tempfile::tempdir().unwrap();
    let helper = HelperCommand { program: "/bin/false".into(), args: Vec::new() };
    let options = RunnerOptions::new(directory.path().to_owned(), helper);
    let capabilities = Capabilities::probe(&options).await.unwrap();
    let reason = capabilities.can_run().unwrap_err();
    assert!(reason.contains("/bin/false") && reason.contains("--sandbox=none"), "{reason}");
    assert_eq!(capabilities.to_string(), reason);
    assert!(!capabilities.isolated());
}

#[tokio::test]
async fn a_refused_invocation_is_unavailable() {
    struct Nobody;
    #[async_trait::async_trait]
    impl rolecall_runner::EndpointHandler for Nobody {
        async fn serve(&self, _: rolecall_runner::EndpointConnection) {}
    }
    #[async_trait::async_trait]
    impl rolecall_runner::EnvironmentHost for Nobody {
        async fn credentials(
            &self,
            _: &rolecall_runner::FunctionSpec,
            _: &rolecall_runner::EnvironmentId,
        ) -> Result<rolecall_runner::SessionCredentials, String> {
            Err("nobody".to_owned())
        }
        fn log_stream_name(
            &self,
            _: &rolecall_runner::FunctionSpec,
            _: &rolecall_runner::EnvironmentId,
        ) -> String {
            String::new()
        }
        fn log(&self, _: &rolecall_runner::FunctionSpec, _: &str, _: Vec<rolecall_runner::LogLine>) {}
    }
    let bench = Bench::new().await;
    let spec = bench.python("f", "def handler(event, context):\n    return 1\n");
    let directory = tempfile::tempdir().unwrap();
    let helper = HelperCommand { program: "/bin/false".into(), args: Vec::new() };
    let options = RunnerOptions::new(directory.path().to_owned(), helper);
    let runner = rolecall_runner::Runner::start(options, Arc::new(Nobody), Arc::new(Nobody)).await.unwrap();
    let failure = runner.invoke(Arc::new(spec), invocation("{}")).await.err();
    assert!(matches!(failure, Some(InvokeFailure::Unavailable(reason)) if reason.contains("no sandbox")));
}

#[tokio::test]
async fn by_choice_functions_run_without_a_sandbox() {
    let bench = Bench::with(|options| options.sandbox = SandboxMode::None).await;
    assert!(bench.runner.capabilities().to_string().starts_with("functions run WITHOUT a sandbox"));
    let mut spec = bench.python(
        "plain",
        "import os, urllib.request, in_layer\ncount = 0\n\
         def handler(event, context):\n    global count\n    count += 1\n    print('hello')\n    \
             return [count, in_layer.NAME, urllib.request.urlopen(os.environ['AWS_ENDPOINT_URL']).read().decode()[:6], 'HOME' in os.environ]\n",
    );
    spec.layer_dirs = vec![
        bench.files("one", &[("python/in_layer.py", "NAME = 'one'")]),
        bench.files("two", &[("python/in_layer.py", "NAME = 'two'")]),
    ];
    for count in [1, 2] {
        let outcome = bench.invoke(&spec, "{}").await;
        assert_eq!(success(&outcome), json!([count, "two", "hello ", false]));
        assert!(
            log(&outcome).contains("\nhello\n") || log(&outcome).starts_with("START"),
            "{}",
            log(&outcome)
        );
        assert!(outcome.max_memory_mb > 1, "{}", outcome.max_memory_mb);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let mut spec =
        bench.python("plain-sleep", "import time\ndef handler(event, context):\n    time.sleep(30)\n");
    spec.timeout = Duration::from_secs(1);
    assert_eq!(error(&bench.invoke(&spec, "{}").await)["errorType"], "Sandbox.Timedout");
    let spec = bench.python("plain-exit", "import os\ndef handler(event, context):\n    os._exit(4)\n");
    let document = error(&bench.invoke(&spec, "{}").await);
    assert!(document["errorMessage"].to_string().contains("exit status 4"), "{document}");
}

/// Not a promise, only to look at: `cargo test -p rolecall-runner --release --test machine -- --ignored --nocapture`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "measures"]
async fn how_long_things_take() {
    let bench = Bench::new().await;
    let spec = bench.python("fast", "def handler(event, context):\n    return 1\n");
    for revision in 0..5 {
        let mut spec = spec.clone();
        spec.key = format!("fast/{revision}");
        let started = Instant::now();
        let outcome = bench.invoke(&spec, "{}").await;
        println!("cold: {:?}, init {:?}", started.elapsed(), outcome.init_duration);
    }
    for (name, pause) in [("hot", Duration::ZERO), ("frozen before", Duration::from_millis(60))] {
        let mut times = Vec::new();
        for _ in 0..if pause.is_zero() { 2000 } else { 50 } {
            tokio::time::sleep(pause).await;
            let started = Instant::now();
            bench.invoke(&spec, "{}").await;
            times.push(started.elapsed());
        }
        times.sort();
        println!("{name}: median {:?}, p99 {:?}", times[times.len() / 2], times[times.len() * 99 / 100]);
    }
}
