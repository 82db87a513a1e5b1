//! Environments that are held ready before any event comes.

mod common;

use std::sync::Arc;
use std::time::Duration;

use common::{Bench, invocation, log, success};
use rolecall_runner::{HoldFailure, InvokeFailure};
use serde_json::json;

const KIND: &str = "import os\nbegun = os.environ['AWS_LAMBDA_INITIALIZATION_TYPE']\ncount = 0\n\
                    def handler(event, context):\n    global count\n    count += 1\n    return [begun, count]\n";

#[tokio::test]
async fn a_held_environment_has_begun_before_its_first_event() {
    let bench = Bench::new().await;
    let spec = bench.python("held", KIND);
    bench.runner.hold(Arc::new(spec.clone()), 2).await.unwrap();
    let outcome = bench.invoke(&spec, "{}").await;
    assert_eq!((success(&outcome), outcome.cold), (json!(["provisioned-concurrency", 1]), false));
    assert!(log(&outcome).contains("INIT_START"), "what was said at the start comes with the first event");
    let other = bench.python("other", KIND);
    assert_eq!(bench.ask(&other, "{}").await, json!(["on-demand", 1]));
}

#[tokio::test]
async fn held_environments_outlive_idleness_and_are_replaced_when_they_die() {
    let bench = Bench::with(|options| options.idle_timeout = Duration::from_millis(200)).await;
    let code = KIND.replace("    return", "    if event == 'die': os._exit(1)\n    return");
    let spec = bench.python("lasting", &code);
    bench.runner.hold(Arc::new(spec.clone()), 1).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(bench.ask(&spec, "1").await, json!(["provisioned-concurrency", 1]));
    bench.runner.invoke(Arc::new(spec.clone()), invocation("\"die\"")).await.unwrap();
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(bench.ask(&spec, "1").await, json!(["provisioned-concurrency", 1]));
    bench.runner.release(&spec.key);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(bench.ask(&spec, "1").await, json!(["on-demand", 1]));
}

#[tokio::test]
async fn held_environments_make_no_room_for_others() {
    let bench = Bench::with(|options| options.max_environments = 2).await;
    let held = Arc::new(bench.python("held", KIND));
    let other = bench.python("other", KIND);
    bench.runner.hold(Arc::clone(&held), 2).await.unwrap();
    let refused = bench.runner.invoke(Arc::new(other.clone()), invocation("{}")).await.unwrap_err();
    assert_eq!(refused, InvokeFailure::Throttled(2));
    let too_many = bench.runner.hold(Arc::clone(&held), 3).await.unwrap_err();
    assert_eq!(too_many, HoldFailure::NotStarted(InvokeFailure::Throttled(2)));
    // After the failure none are held, so that they make room.
    assert_eq!(bench.ask(&other, "{}").await, json!(["on-demand", 1]));
}

#[tokio::test]
async fn code_that_does_not_initialise_is_not_held() {
    let bench = Bench::with(|options| options.init_timeout = Duration::from_secs(1)).await;
    for (name, code) in [("broken", "import no_such_module\n"), ("hanging", "import time\ntime.sleep(60)\n")]
    {
        let spec = Arc::new(bench.python(name, code));
        let failure = bench.runner.hold(spec, 1).await.unwrap_err();
        assert!(matches!(failure, HoldFailure::Initialization(_)), "{name}: {failure:?}");
    }
}
