//! Asynchronous invocation (reference lambda.md 7.6): attempts, waits, ages and ends. Nobody waits for minutes: the time
//! is set forward.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use rolecall_authority::Call;
use rolecall_lambda::Lambda;
use rolecall_runner::{FunctionErrorKind, FunctionResult, InvokeFailure};
use rolecall_service::Service;
use rolecall_store::records::function_config::EventInvokeConfig;
use rolecall_store::records::iam::InlinePolicy;
use rolecall_store::records::lambda::AsyncInvocation;
use rolecall_testkit::ACCOUNT;
use rolecall_wire::AnyInput;
use rolecall_wire::lambda::{DeleteFunctionRequest, Input, InvocationRequest};
use serde_json::Value;

use crate::support::{ADMINISTRATOR, Bench, event};

const TARGET: &str = "arn:aws:lambda:us-east-1:111122223333:function:target";

async fn until(what: &str, mut reached: impl FnMut() -> bool) {
    for _ in 0..6_000 {
        if reached() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("never reached: {what}");
}

/// A bench whose function `f` tells the function `target` how its events end.
async fn told_bench(config: EventInvokeConfig) -> Bench {
    let bench = Bench::furnished().await;
    bench.admin(Input::CreateFunction(bench.function("target"))).await.unwrap();
    bench.settled("target").await;
    bench
        .house
        .write(move |state| {
            let document = Arc::from(ADMINISTRATOR);
            let everything = InlinePolicy { name: "own".to_owned(), document };
            state.roles.update(&(ACCOUNT.parse().unwrap(), "runs".to_owned()), |role| {
                role.policies.inline.insert("own".to_owned(), everything);
            });
            let function = (ACCOUNT.parse().unwrap(), "us-east-1".parse().unwrap(), "f".to_owned());
            let target = || Some(TARGET.to_owned());
            let config = EventInvokeConfig { on_success: target(), on_failure: target(), ..config };
            state.event_invoke_configs.put((function, "$LATEST".to_owned()), config);
        })
        .await;
    bench
}

async fn accept(bench: &Bench, payload: &str) {
    let input = InvocationRequest { invocation_type: Some("Event".to_owned()), ..event("f", payload) };
    assert_eq!(bench.invoke(input).await.unwrap().status_code, Some(202));
}

fn fails(bench: &Bench) {
    let payload = Bytes::from_static(br#"{"errorMessage":"no"}"#);
    bench.runner.answer(FunctionResult::Error { payload, kind: FunctionErrorKind::Unhandled }, &[]);
}

/// The event of `f` that waits.
fn waiting(bench: &Bench) -> Option<Arc<AsyncInvocation>> {
    let state = bench.house.platform.store.read();
    let mut events = state.async_invocations.iter().map(|(_, event)| Arc::clone(event));
    events.find(|event| event.function.2 == "f")
}

/// The ids of the requests with which `f` was run.
fn runs(bench: &Bench) -> Vec<String> {
    let seen = bench.runner.seen.lock().unwrap();
    let of_f = seen.iter().filter(|(spec, _)| spec.function_name == "f");
    of_f.map(|(_, invocation)| invocation.request_id.clone()).collect()
}

/// What `target` was told last: the condition, and how often the function was invoked.
fn told(bench: &Bench) -> Option<(String, u64)> {
    let seen = bench.runner.seen.lock().unwrap();
    let (_, invocation) = seen.iter().rfind(|(spec, _)| spec.function_name == "target")?;
    let record: Value = serde_json::from_slice(&invocation.payload).unwrap();
    let context = &record["requestContext"];
    let count = context["approximateInvokeCount"].as_u64().unwrap();
    Some((context["condition"].as_str().unwrap().to_owned(), count))
}

async fn until_told(bench: &Bench) -> (String, u64) {
    until("the record of the end", || told(bench).is_some()).await;
    told(bench).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_function_is_run_three_times_under_one_request_id() {
    let bench = told_bench(EventInvokeConfig::default()).await;
    bench.lambda.resume();
    (0..3).for_each(|_| fails(&bench));
    accept(&bench, "{}").await;
    for (attempt, wait_ms) in [(1, 60_000), (2, 120_000)] {
        until("the attempt", || waiting(&bench).is_some_and(|event| event.attempts == attempt)).await;
        let left_ms = waiting(&bench).unwrap().next_attempt_ms - bench.house.platform.now_ms();
        assert!((1..=wait_ms).contains(&left_ms), "attempt {attempt}: {left_ms} ms");
        assert_eq!(runs(&bench).len(), attempt as usize);
        bench.clock.advance(left_ms);
    }
    assert_eq!(until_told(&bench).await, ("RetriesExhausted".to_owned(), 3));
    let ids = runs(&bench);
    assert_eq!(ids, vec![ids[0].clone(); 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_that_goes_well_is_a_success_of_the_second_run() {
    let bench = told_bench(EventInvokeConfig::default()).await;
    bench.lambda.resume();
    fails(&bench);
    accept(&bench, "{}").await;
    until("the attempt", || waiting(&bench).is_some_and(|event| event.attempts == 1)).await;
    bench.clock.advance(60_000);
    assert_eq!(until_told(&bench).await, ("Success".to_owned(), 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_throttled_event_waits_longer_each_time_until_it_is_too_old() {
    let bench = told_bench(EventInvokeConfig { max_age_s: Some(60), ..Default::default() }).await;
    bench.lambda.resume();
    (0..6).for_each(|_| bench.runner.fail(InvokeFailure::Throttled(1)));
    accept(&bench, "{}").await;
    // 1 + 2 + 4 + 8 + 16 seconds are within the minute, and 32 more are not.
    for (throttles, wait_ms) in [(1, 1_000), (2, 2_000), (3, 4_000), (4, 8_000), (5, 16_000)] {
        until("the throttle", || waiting(&bench).is_some_and(|event| event.throttles == throttles)).await;
        let event = waiting(&bench).unwrap();
        let left_ms = event.next_attempt_ms - bench.house.platform.now_ms();
        assert!(left_ms <= wait_ms && event.attempts == 0, "throttle {throttles}: {left_ms} ms");
        bench.clock.advance(wait_ms);
    }
    assert_eq!(until_told(&bench).await, ("EventAgeExceeded".to_owned(), 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_grew_too_old_in_the_queue_is_not_run() {
    let bench = told_bench(EventInvokeConfig { max_age_s: Some(60), ..Default::default() }).await;
    accept(&bench, "{}").await;
    bench.clock.advance(60_001);
    bench.lambda.resume();
    assert_eq!(until_told(&bench).await, ("EventAgeExceeded".to_owned(), 0));
    assert!(runs(&bench).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_pass_of_a_loop_is_told_as_a_failure_and_not_run() {
    let bench = told_bench(EventInvokeConfig::default()).await;
    bench.lambda.resume();
    let mut trace = None;
    for pass in 1..=17 {
        bench.runner.seen.lock().unwrap().retain(|(spec, _)| spec.function_name != "target");
        let mut call = Arc::into_inner(bench.house.call(&bench.admin)).unwrap();
        call.trace.clone_from(&trace);
        invoke_later(&bench.lambda, call).await;
        let (condition, _) = until_told(&bench).await;
        assert_eq!(condition, if pass <= 16 { "Success" } else { "RetriesExhausted" }, "pass {pass}");
        let seen = bench.runner.seen.lock().unwrap();
        let last = seen.iter().rfind(|(spec, _)| spec.function_name == "f");
        trace = last.and_then(|(_, invocation)| invocation.trace_id.clone());
    }
    assert_eq!(runs(&bench).len(), 16);
}

async fn invoke_later(lambda: &Lambda, call: Call) {
    let input = InvocationRequest { invocation_type: Some("Event".to_owned()), ..event("f", "{}") };
    lambda.handle(&Arc::new(call), AnyInput::Lambda(Input::Invoke(input))).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_shutdown_cuts_short_counts_no_attempt() {
    let bench = told_bench(EventInvokeConfig::default()).await;
    bench.lambda.resume();
    let gate = bench.runner.gate.write().await;
    fails(&bench);
    accept(&bench, "{}").await;
    until("the run", || runs(&bench).len() == 1).await;
    bench.lambda.stop_deliveries();
    drop(gate);
    until("the run's end", || bench.runner.answers.lock().unwrap().is_empty()).await;
    // It runs again at once, and not after the minute that follows a failure.
    bench.again().resume();
    until("the second run", || runs(&bench).len() == 2).await;
    until("the end", || waiting(&bench).is_none()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn attempts_and_waits_are_kept_over_a_restart() {
    let bench = told_bench(EventInvokeConfig::default()).await;
    bench.lambda.resume();
    fails(&bench);
    accept(&bench, "{}").await;
    until("the attempt", || waiting(&bench).is_some_and(|event| event.attempts == 1)).await;
    bench.lambda.stop_deliveries();
    fails(&bench);
    bench.again().resume();
    bench.clock.advance(60_000);
    until("the second attempt", || waiting(&bench).is_some_and(|event| event.attempts == 2)).await;
    assert_eq!(runs(&bench), vec![waiting(&bench).unwrap().request_id.clone(); 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_whose_bytes_cannot_be_read_waits_for_them() {
    let bench = told_bench(EventInvokeConfig::default()).await;
    accept(&bench, r#"{"only":"here"}"#).await;
    let path = bench.house.platform.store.blobs().path(&waiting(&bench).unwrap().payload);
    let away = path.with_extension("away");
    std::fs::rename(&path, &away).unwrap();
    bench.lambda.resume();
    until("the failure", || waiting(&bench).is_some_and(|event| event.throttles == 1)).await;
    std::fs::rename(&away, &path).unwrap();
    bench.clock.advance(1_000);
    assert_eq!(until_told(&bench).await, ("Success".to_owned(), 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_comes_again_with_its_id_is_one_event() {
    let bench = Bench::furnished().await;
    for _ in 0..2 {
        let mut call = Arc::into_inner(bench.house.call(&bench.admin)).unwrap();
        call.request_id = "3f0a2b1c-0000-4000-8000-000000000000".to_owned();
        invoke_later(&bench.lambda, call).await;
    }
    assert_eq!(bench.house.platform.store.read().async_invocations.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_whose_function_is_gone_ends_and_runs_nothing() {
    let bench = Bench::furnished().await;
    accept(&bench, "{}").await;
    let gone = DeleteFunctionRequest { function_name: "f".to_owned(), ..Default::default() };
    bench.admin(Input::DeleteFunction(gone)).await.unwrap();
    bench.lambda.resume();
    until("the end", || waiting(&bench).is_none()).await;
    assert!(runs(&bench).is_empty());
}
