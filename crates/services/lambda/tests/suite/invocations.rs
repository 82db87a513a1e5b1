//! Invocations: what comes back, what is throttled, what is delivered later, and what becomes of the logs.

use std::time::Duration;

use crate::support::{Bench, event, refusal};
use data_encoding::BASE64;
use rolecall_runner::{FunctionErrorKind, FunctionResult, InvokeFailure};
use rolecall_testkit::ACCOUNT;
use rolecall_wire::lambda::{
    AliasRoutingConfiguration, Input, InvocationRequest, PublishVersionRequest,
    PutFunctionConcurrencyRequest, UpdateAliasRequest, UpdateFunctionConfigurationRequest,
};

fn success(text: &str) -> FunctionResult {
    FunctionResult::Success(text.as_bytes().to_vec().into())
}

async fn until(what: &str, mut reached: impl FnMut() -> bool) {
    for _ in 0..500 {
        if reached() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("never reached: {what}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_comes_back_with_version_and_tail() {
    let bench = Bench::furnished().await;
    bench.runner.answer(success("42"), &["START RequestId: r Version: 1", "END RequestId: r"]);
    let request = InvocationRequest { log_type: Some("Tail".to_owned()), ..event("f:live", "{\"a\":1}") };
    let answer = bench.invoke(request).await.unwrap();
    assert_eq!(answer.status_code, Some(200));
    assert_eq!(answer.executed_version.as_deref(), Some("1"));
    assert_eq!(answer.function_error, None);
    assert_eq!(answer.payload.as_ref().map(|payload| payload.to_vec()), Some(b"42".to_vec()));
    let tail = BASE64.decode(answer.log_result.unwrap().as_bytes()).unwrap();
    assert_eq!(tail, b"START RequestId: r Version: 1\nEND RequestId: r");
    let seen = bench.runner.seen.lock().unwrap();
    let (spec, invocation) = seen.last().unwrap();
    assert_eq!(invocation.invoked_function_arn, "arn:aws:lambda:us-east-1:111122223333:function:f:live");
    assert_eq!((spec.version.as_str(), spec.log_group.as_str()), ("1", "/aws/lambda/f"));
    assert!(spec.code_dir.join("main.py").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_error_is_an_answer_and_a_refusal_is_none() {
    let bench = Bench::furnished().await;
    let payload = br#"{"errorMessage":"no"}"#.to_vec();
    let error = FunctionResult::Error { payload: payload.into(), kind: FunctionErrorKind::Unhandled };
    bench.runner.answer(error, &[]);
    let answer = bench.invoke(event("f", "{}")).await.unwrap();
    assert_eq!((answer.status_code, answer.function_error.as_deref()), (Some(200), Some("Unhandled")));
    bench.runner.answer(success(&"x".repeat(6_291_557)), &[]);
    let too_large = bench.invoke(event("f", "{}")).await.unwrap();
    assert_eq!(
        too_large.payload.as_ref().map(|payload| payload.to_vec()),
        Some(br#"{"errorMessage":"Response payload size exceeded maximum allowed payload size (6291556 bytes).","errorType":"Function.ResponseSizeTooLarge"}"#.to_vec())
    );
    bench.runner.fail(InvokeFailure::Role(
        "The role defined for the function cannot be assumed by Lambda.".to_owned(),
    ));
    assert_eq!(
        refusal(bench.invoke(event("f", "{}")).await).1,
        "The role defined for the function cannot be assumed by Lambda."
    );
    let missing = refusal(bench.invoke(event("missing", "{}")).await);
    let arn = "arn:aws:lambda:us-east-1:111122223333:function:missing:$LATEST";
    assert_eq!(missing, ("ResourceNotFoundException".to_owned(), format!("Function not found: {arn}")));
    assert_eq!(refusal(bench.invoke(event("f", "no json")).await).0, "InvalidRequestContentException");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_runs_nothing() {
    let bench = Bench::furnished().await;
    let request = InvocationRequest { invocation_type: Some("DryRun".to_owned()), ..event("f", "{}") };
    assert_eq!(bench.invoke(request).await.unwrap().status_code, Some(204));
    assert!(bench.runner.seen.lock().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_that_is_being_made_cannot_be_invoked() {
    let bench = Bench::furnished().await;
    bench
        .house
        .write(|state| {
            let key = state.function_versions.iter().next().map(|(key, _)| key.clone()).unwrap();
            state.function_versions.update(&key, |record| record.state = "Pending".to_owned());
        })
        .await;
    let pending = "The operation cannot be performed at this time. The function is currently in the following state: \
                   Pending";
    let refused = refusal(bench.invoke(event("f", "{}")).await);
    assert_eq!(refused, ("ResourceConflictException".to_owned(), pending.to_owned()));
    bench.lambda.resume();
    bench.settled("f").await;
    assert!(bench.invoke(event("f", "{}")).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn reserved_concurrency_of_zero_throttles_everybody_who_may_invoke() {
    let bench = Bench::furnished().await;
    let none =
        PutFunctionConcurrencyRequest { function_name: "f".to_owned(), reserved_concurrent_executions: 0 };
    bench.admin(Input::PutFunctionConcurrency(none)).await.unwrap();
    let throttled = bench.invoke(event("f", "{}")).await.unwrap_err();
    assert_eq!((throttled.status, throttled.message.as_deref()), (429, Some("Rate Exceeded.")));
    assert_eq!(
        throttled.members[0],
        ("Reason", "ReservedFunctionConcurrentInvocationLimitExceeded".to_owned())
    );
    let nobody = bench.house.add_user(ACCOUNT, "nobody", None).await;
    let refused = refusal(bench.call(&nobody, Input::Invoke(event("f", "{}"))).await);
    assert_eq!(refused.0, "AccessDeniedException");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alias_with_weights_runs_both_versions() {
    let bench = Bench::furnished().await;
    let change = UpdateFunctionConfigurationRequest {
        function_name: "f".to_owned(),
        timeout: Some(9),
        ..Default::default()
    };
    bench.admin(Input::UpdateFunctionConfiguration(change)).await.unwrap();
    bench.settled("f").await;
    let publish = PublishVersionRequest { function_name: "f".to_owned(), ..Default::default() };
    bench.admin(Input::PublishVersion(publish)).await.unwrap();
    bench.settled("f").await;
    let weights = AliasRoutingConfiguration {
        additional_version_weights: Some([("2".to_owned(), 0.5)].into_iter().collect()),
    };
    let alias = UpdateAliasRequest {
        function_name: "f".to_owned(),
        name: "live".to_owned(),
        routing_config: Some(weights),
        ..Default::default()
    };
    bench.admin(Input::UpdateAlias(alias)).await.unwrap();
    let mut versions = std::collections::BTreeSet::new();
    for _ in 0..64 {
        versions.extend(bench.invoke(event("f:live", "{}")).await.unwrap().executed_version);
    }
    assert_eq!(versions.into_iter().collect::<Vec<_>>(), ["1", "2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_accepted_event_is_durable_and_delivered_once_it_can_be() {
    let bench = Bench::furnished().await;
    let request =
        || InvocationRequest { invocation_type: Some("Event".to_owned()), ..event("f:live", "{\"n\":1}") };
    assert_eq!(bench.invoke(request()).await.unwrap().status_code, Some(202));
    let waiting = || bench.house.platform.store.read().async_invocations.len();
    assert_eq!(waiting(), 1);
    // The right of whoever sent it is not asked for again, and the worker begins with what is on the disk.
    bench.lambda.resume();
    until("the event is delivered", || waiting() == 0).await;
    let error = FunctionResult::Error { payload: "{}".into(), kind: FunctionErrorKind::Unhandled };
    bench.runner.answer(error, &[]);
    bench.invoke(request()).await.unwrap();
    let attempts = || {
        let state = bench.house.platform.store.read();
        state
            .async_invocations
            .iter()
            .map(|(_, record)| (record.attempts, record.next_attempt_ms - record.accepted_ms))
            .next()
    };
    until("the failed event waits", || attempts().is_some_and(|(attempts, _)| attempts == 1)).await;
    assert!(attempts().unwrap().1 >= 60_000);
    let seen = bench.runner.seen.lock().unwrap();
    assert_eq!(seen.len(), 2);
    assert_eq!(&seen[0].1.payload[..], b"{\"n\":1}");
    assert_eq!(seen[0].1.invoked_function_arn, "arn:aws:lambda:us-east-1:111122223333:function:f:live");
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_are_written_as_the_role_and_only_with_its_right() {
    let bench = Bench::furnished().await;
    bench.runner.answer(success("1"), &["START", "hello"]);
    bench.runner.answer(success("1"), &["again"]);
    for _ in 0..2 {
        bench.invoke(event("f", "{}")).await.unwrap();
    }
    bench.lambda.shutdown().await;
    let state = bench.house.platform.store.read();
    let groups: Vec<&str> = state.log_groups.iter().map(|((_, _, name), _)| name.as_str()).collect();
    assert_eq!(groups, ["/aws/lambda/f"]);
    let streams: Vec<&str> = state.log_streams.iter().map(|((_, name), _)| name.as_str()).collect();
    assert_eq!(streams, ["2026/11/23/[$LATEST]0123456789abcdef"]);

    let bench = Bench::furnished().await;
    bench
        .house
        .write(|state| {
            state.roles.iter().map(|(key, _)| key.clone()).collect::<Vec<_>>().into_iter().for_each(|key| {
                state.roles.update(&key, |role| role.policies.inline.clear());
            })
        })
        .await;
    bench.runner.answer(success("1"), &["START"]);
    assert_eq!(bench.invoke(event("f", "{}")).await.unwrap().status_code, Some(200));
    bench.lambda.shutdown().await;
    assert!(bench.house.platform.store.read().log_streams.is_empty());
}
