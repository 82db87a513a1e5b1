//! How environments start, are used again, rest, fail and end.

mod common;

use std::sync::Arc;
use std::time::{Duration, Instant};

use common::{Bench, error, invocation, log, success};
use rolecall_runner::{FunctionSpec, InvokeFailure};
use serde_json::json;

const COUNTER: &str =
    "count = 0\ndef handler(event, context):\n    global count\n    count += 1\n    return count\n";

#[tokio::test]
async fn a_warm_environment_is_used_again() {
    let bench = Bench::new().await;
    let spec = bench.python("counter", COUNTER);
    for expected in 1..=5 {
        let outcome = bench.invoke(&spec, "{}").await;
        assert_eq!((success(&outcome), outcome.cold), (json!(expected), expected == 1));
        assert_eq!(log(&outcome).contains("INIT_START"), expected == 1);
        assert_eq!(log(&outcome).contains("Init Duration"), expected == 1);
    }
}

#[tokio::test]
async fn another_revision_never_meets_the_old_environment() {
    let bench = Bench::new().await;
    let mut spec = bench.python("revisions", COUNTER);
    assert_eq!(bench.ask(&spec, "{}").await, json!(1));
    spec.key = "revisions/2".into();
    assert_eq!(bench.ask(&spec, "{}").await, json!(1));
}

#[tokio::test]
async fn two_events_at_once_run_in_two_environments() {
    let bench = Bench::new().await;
    let spec = bench.python(
        "slow",
        "import os, time\ndef handler(event, context):\n    time.sleep(0.5)\n    return os.environ['AWS_ACCESS_KEY_ID']\n",
    );
    let (first, second) = tokio::join!(bench.invoke(&spec, "{}"), bench.invoke(&spec, "{}"));
    assert_ne!(success(&first), success(&second), "each environment has its own keys");
    assert_ne!(first.log_stream, second.log_stream);
}

#[tokio::test]
async fn a_function_stands_still_between_invocations() {
    let bench = Bench::new().await;
    let spec = bench.python(
        "ticking",
        "import threading, time\nticks = 0\n\
         def tick():\n    global ticks\n    while True:\n        ticks += 1\n        time.sleep(0.005)\n\
         threading.Thread(target=tick, daemon=True).start()\n\
         def handler(event, context):\n    before = ticks\n    time.sleep(0.05)\n    return [before, ticks]\n",
    );
    let first = bench.ask(&spec, "{}").await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let second = bench.ask(&spec, "{}").await;
    let slept = second[0].as_i64().unwrap() - first[1].as_i64().unwrap();
    assert!(slept < 40, "a second's sleep saw {slept} ticks of 5 ms");
    assert!(second[1].as_i64().unwrap() > second[0].as_i64().unwrap(), "it runs again: {second}");
}

#[tokio::test]
async fn a_timeout_has_awss_document_and_ends_the_environment() {
    let bench = Bench::new().await;
    let mut spec = bench.python(
        "sleepy",
        "import time\ncount = 0\ndef handler(event, context):\n    global count\n    count += 1\n    print('going to sleep')\n    time.sleep(event)\n    return count\n",
    );
    spec.timeout = Duration::from_secs(1);
    assert_eq!(bench.ask(&spec, "0").await, json!(1));
    let request = invocation("60");
    let id = request.request_id.clone();
    let started = Instant::now();
    let outcome = bench.runner.invoke(Arc::new(spec.clone()), request).await.unwrap();
    assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
    assert_eq!(
        serde_json::to_string(&error(&outcome)).unwrap(),
        format!(
            r#"{{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: {id} Error: Task timed out after 1.00 seconds"}}"#
        )
    );
    let log = log(&outcome);
    assert!(log.contains("going to sleep\n"), "{log}");
    assert!(log.contains(&format!("Z {id} Task timed out after 1.00 seconds\n")), "{log}");
    assert!(log.ends_with("Status: timeout\n"), "{log}");
    assert_eq!(bench.ask(&spec, "0").await, json!(1), "a fresh environment");
}

#[tokio::test]
async fn the_end_of_a_runtime_has_awss_documents() {
    let bench = Bench::new().await;
    let cases = [
        ("os._exit(0)", "Runtime exited without providing a reason"),
        ("os._exit(3)", "Runtime exited with error: exit status 3"),
        ("sys.exit(1)", "Runtime exited with error: exit status 1"),
        ("os.kill(os.getpid(), 9)", "Runtime exited with error: signal: killed"),
        ("os.abort()", "Runtime exited with error: signal: aborted"),
    ];
    for (index, (code, reason)) in cases.into_iter().enumerate() {
        let code =
            format!("import os, sys\ndef handler(event, context):\n    print('last words')\n    {code}\n");
        let spec = bench.python(&format!("ending{index}"), &code);
        let outcome = bench.invoke(&spec, "{}").await;
        let document = error(&outcome);
        assert_eq!(document["errorType"], "Runtime.ExitError", "{reason}");
        assert!(
            document["errorMessage"].as_str().unwrap().ends_with(&format!(" Error: {reason}")),
            "{document}"
        );
        let log = log(&outcome);
        assert!(
            log.contains("last words\n") && log.contains(&format!("Error: {reason}\nRuntime.ExitError\n")),
            "{log}"
        );
        assert!(log.ends_with("Status: error\tError Type: Runtime.ExitError\n"), "{log}");
    }
}

#[tokio::test]
async fn an_environment_that_died_in_its_sleep_is_replaced_unseen() {
    let bench = Bench::new().await;
    let once = common::SHELL_BOOTSTRAP.replace("while true", "for once in 1");
    let spec = bench.function("once", "provided.al2023", "", &[("bootstrap", &once)]);
    for pause_ms in [0, 0, 0, 1, 100] {
        assert_eq!(bench.ask(&spec, "1").await["got"], json!(1));
        tokio::time::sleep(Duration::from_millis(pause_ms)).await;
    }
}

#[tokio::test]
async fn too_much_memory_is_out_of_memory() {
    let bench = Bench::new().await;
    let spec = bench.python(
        "greedy",
        "import time\ndef handler(event, context):\n    held = []\n    for _ in range(60):\n        held.append(b'x' * 10_000_000)\n        time.sleep(0.01)\n    return len(held)\n",
    );
    let outcome = bench.invoke(&spec, "{}").await;
    let document = error(&outcome);
    assert_eq!(document["errorType"], "Runtime.OutOfMemory", "{}", log(&outcome));
    assert!(
        document["errorMessage"]
            .as_str()
            .unwrap()
            .ends_with("Error: Runtime exited with error: signal: killed")
    );
    assert!(outcome.max_memory_mb > 100, "{}", outcome.max_memory_mb);
}

#[tokio::test]
async fn a_runtime_that_does_not_start_in_time_begins_anew_and_times_out() {
    let bench = Bench::with(|options| options.init_timeout = Duration::from_millis(500)).await;
    let mut spec = bench.python("never", "import time\ntime.sleep(60)\n");
    spec.timeout = Duration::from_secs(1);
    let outcome = bench.invoke(&spec, "{}").await;
    let document = error(&outcome);
    assert_eq!(document["errorType"], "Sandbox.Timedout");
    let message = document["errorMessage"].as_str().unwrap();
    assert!(message.ends_with("Task timed out after 1.00 seconds"), "{document}");
    let lines = log(&outcome);
    let phases = ["Phase: init\tStatus: timeout\n", "INIT_START", "Phase: invoke\tStatus: timeout\n"];
    let places: Vec<usize> =
        phases.iter().map(|text| lines.rfind(text).unwrap_or_else(|| panic!("no {text}: {lines}"))).collect();
    assert!(places.is_sorted(), "it begins anew within the invocation: {lines}");
}

#[tokio::test]
async fn a_runtime_that_starts_too_slowly_has_the_functions_own_time() {
    let bench = Bench::with(|options| options.init_timeout = Duration::from_millis(500)).await;
    let mut spec =
        bench.python("slow", "import time\ntime.sleep(2)\ndef handler(event, context):\n    return context.get_remaining_time_in_millis()\n");
    spec.timeout = Duration::from_secs(60);
    let outcome = bench.invoke(&spec, "7").await;
    let left = success(&outcome).as_u64().unwrap();
    assert!((1..58_000).contains(&left), "the second start took of the function's time: {left}");
    assert!(log(&outcome).contains("Phase: init\tStatus: timeout\n"), "{}", log(&outcome));
    assert!(!bench.invoke(&spec, "8").await.cold, "the second environment stays");
}

#[tokio::test]
async fn an_oversized_response_is_refused_and_its_environment_lives_on() {
    let bench = Bench::new().await;
    let spec = bench.python(
        "large",
        "count = 0\ndef handler(event, context):\n    global count\n    count += 1\n    return 'x' * event if event else count\n",
    );
    let outcome = bench.invoke(&spec, "6291600").await;
    assert_eq!(
        serde_json::to_string(&error(&outcome)).unwrap(),
        r#"{"errorMessage":"Response payload size exceeded maximum allowed payload size (6291556 bytes).","errorType":"Function.ResponseSizeTooLarge"}"#
    );
    assert_eq!(bench.ask(&spec, "6291000").await.as_str().unwrap().len(), 6_291_000);
    assert_eq!(bench.ask(&spec, "0").await, json!(3));
}

#[tokio::test]
async fn output_between_invocations_goes_to_the_next_one() {
    let bench = Bench::new().await;
    let spec = bench.python(
        "chatty",
        "import threading, time\n\
         def handler(event, context):\n    \
             threading.Timer(0.1, lambda: print('after the', event)).start()\n    \
             time.sleep(0.3 if event == 'second' else 0)\n",
    );
    let first = bench.invoke(&spec, r#""first""#).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    let second = bench.invoke(&spec, r#""second""#).await;
    assert!(!log(&first).contains("after the first"));
    assert!(log(&second).contains("after the first"), "{}", log(&second));
}

#[tokio::test]
async fn retired_environments_are_not_used_again() {
    let bench = Bench::new().await;
    let spec = bench.python("retiring", COUNTER);
    let other = bench.python("staying", COUNTER);
    for spec in [&spec, &other] {
        assert_eq!(bench.ask(spec, "{}").await, json!(1));
    }
    bench.runner.retire("retiring/").await;
    assert_eq!(bench.ask(&spec, "{}").await, json!(1), "a fresh one");
    assert_eq!(bench.ask(&other, "{}").await, json!(2), "the same as before");
}

#[tokio::test]
async fn a_busy_environment_is_retired_after_its_invocation() {
    let bench = Bench::new().await;
    let spec = bench.python(
        "busy",
        "import time\ncount = 0\ndef handler(event, context):\n    global count\n    count += 1\n    time.sleep(event)\n    return count\n",
    );
    assert_eq!(bench.ask(&spec, "0").await, json!(1));
    let retiring = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        bench.runner.retire("busy/").await;
    };
    let (result, ()) = tokio::join!(bench.ask(&spec, "0.6"), retiring);
    assert_eq!(result, json!(2), "it finished");
    assert_eq!(bench.ask(&spec, "0").await, json!(1), "a fresh one");
}

#[tokio::test]
async fn idle_environments_are_reclaimed() {
    let bench = Bench::with(|options| options.idle_timeout = Duration::from_millis(200)).await;
    let spec = bench.python("idle", COUNTER);
    assert_eq!(bench.ask(&spec, "{}").await, json!(1));
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert_eq!(bench.ask(&spec, "{}").await, json!(1));
}

#[tokio::test]
async fn when_every_environment_is_busy_the_next_event_is_throttled() {
    let bench = Bench::with(|options| options.max_environments = 1).await;
    let spec =
        bench.python("one", "import time\ndef handler(event, context):\n    time.sleep(1)\n    return 1\n");
    let second = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        bench.runner.invoke(Arc::new(spec.clone()), invocation("{}")).await
    };
    let (first, second) = tokio::join!(bench.ask(&spec, "{}"), second);
    assert_eq!(first, json!(1));
    assert_eq!(second.err(), Some(InvokeFailure::Throttled(1)));
    let other = bench.python("two", COUNTER);
    assert_eq!(bench.ask(&other, "{}").await, json!(1), "an idle environment makes room");
}

#[tokio::test]
async fn a_shutdown_drains_and_leaves_nothing_behind() {
    let bench = Bench::new().await;
    let spec = bench.python(
        "last",
        "import time\ndef handler(event, context):\n    time.sleep(0.5)\n    return 'done'\n",
    );
    let shutdown = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        bench.runner.shutdown(Duration::from_secs(5)).await;
        bench.runner.invoke(Arc::new(spec.clone()), invocation("{}")).await
    };
    let (result, after) = tokio::join!(bench.ask(&spec, "{}"), shutdown);
    assert_eq!(result, json!("done"));
    assert_eq!(after.err(), Some(InvokeFailure::ShuttingDown));
}

#[tokio::test]
async fn a_shutdown_does_not_wait_longer_than_told() {
    let bench = Bench::new().await;
    let spec = bench.python("long", "import time\ndef handler(event, context):\n    time.sleep(9)\n");
    let shutdown = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let started = Instant::now();
        bench.runner.shutdown(Duration::from_millis(100)).await;
        started.elapsed()
    };
    let (outcome, took) = tokio::join!(bench.invoke(&spec, "{}"), shutdown);
    assert!(took < Duration::from_secs(3), "{took:?}");
    assert_eq!(error(&outcome)["errorType"], "Runtime.ExitError");
}

/// The other process of the next test: a server that has one frozen environment and then waits to be killed.
#[tokio::test]
#[ignore = "runs inside the_sudden_death_of_the_server_ends_frozen_environments"]
async fn a_server_to_be_killed() {
    let bench = Bench::new().await;
    let name = std::env::var("ROLECALL_TEST_FUNCTION").unwrap();
    bench.ask(&bench.python(&name, COUNTER), "{}").await;
    tokio::time::sleep(Duration::from_secs(60)).await;
}

#[tokio::test]
async fn the_sudden_death_of_the_server_ends_frozen_environments() {
    let name = format!("killed-with-its-server-{}", std::process::id());
    let directory = tempfile::tempdir().unwrap();
    let mut server = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "a_server_to_be_killed"])
        .env("ROLECALL_TEST_FUNCTION", &name)
        // Its own temporary directory is not removed by a process that is killed.
        .env("TMPDIR", directory.path())
        .spawn()
        .unwrap();
    let settle = async |expected: bool| {
        for _ in 0..500 {
            if common::processes_of(&name).is_empty() != expected {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        false
    };
    assert!(settle(true).await, "the environment runs");
    tokio::time::sleep(Duration::from_millis(500)).await;
    server.kill().unwrap();
    server.wait().unwrap();
    assert!(settle(false).await, "the environment is gone");
    // The next server with the same state directory removes what is left of its control groups.
    let left = std::fs::read_dir(directory.path()).unwrap().next().unwrap().unwrap().path();
    let next = Bench::with(|options| options.state_dir = left.join("state")).await;
    assert_eq!(next.ask(&next.python("next", COUNTER), "{}").await, json!(1));
}

#[tokio::test]
async fn a_missing_runtime_is_named() {
    let bench = Bench::new().await;
    let spec = FunctionSpec { runtime: "python3.99".into(), ..bench.python("future", COUNTER) };
    let document = error(&bench.invoke(&spec, "{}").await);
    assert_eq!(document["errorType"], "Runtime.NotInstalled");
    assert!(document["errorMessage"].as_str().unwrap().contains("install python3.99"), "{document}");
}

#[tokio::test]
async fn a_role_that_cannot_be_assumed_is_a_failure_of_its_own() {
    let bench = Bench::new().await;
    let spec = bench.python("no-role", COUNTER);
    let failure = bench.runner.invoke(Arc::new(spec), invocation("{}")).await.err();
    assert!(matches!(failure, Some(InvokeFailure::Role(text)) if text.contains("cannot be assumed")));
}
