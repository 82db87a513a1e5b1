//! Every reason for which an invocation is throttled (reference lambda.md 7.7-3).

use std::sync::Arc;
use std::time::Duration;

use rolecall_wire::lambda::{Input, PutFunctionConcurrencyRequest, PutProvisionedConcurrencyConfigRequest};
use tokio::task::JoinSet;

use crate::support::{Bench, event};

async fn reserve(bench: &Bench, name: &str, reserved: i32) {
    let input = PutFunctionConcurrencyRequest {
        function_name: name.to_owned(),
        reserved_concurrent_executions: reserved,
    };
    bench.admin(Input::PutFunctionConcurrency(input)).await.unwrap();
}

/// The reason why one more invocation is throttled; none where it is not.
async fn reason(bench: &Bench, name: &str) -> Option<String> {
    let error = bench.invoke(event(name, "{}")).await.err()?;
    assert_eq!((error.status, error.code.as_ref()), (429, "TooManyRequestsException"));
    assert_eq!(error.message.as_deref(), Some("Rate Exceeded."));
    error.members.into_iter().find(|(name, _)| *name == "Reason").map(|(_, reason)| reason)
}

/// Starts so many invocations, which run until the gate is opened, and returns when they do.
async fn run_many(bench: &Arc<Bench>, name: &'static str, count: usize) -> JoinSet<()> {
    let before = bench.runner.seen.lock().unwrap().len();
    let mut running = JoinSet::new();
    for _ in 0..count {
        let bench = Arc::clone(bench);
        running.spawn(async move {
            bench.invoke(event(name, "{}")).await.unwrap();
        });
    }
    for _ in 0..6_000 {
        if bench.runner.seen.lock().unwrap().len() == before + count {
            return running;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the invocations do not run");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_accounts_concurrency_is_what_nobody_has_reserved() {
    let bench = Arc::new(Bench::furnished().await);
    bench.admin(Input::CreateFunction(bench.function("other"))).await.unwrap();
    bench.settled("other").await;
    reserve(&bench, "other", 899).await;
    let provisioned = PutProvisionedConcurrencyConfigRequest {
        function_name: "f".to_owned(),
        qualifier: "live".to_owned(),
        provisioned_concurrent_executions: 1,
    };
    bench.admin(Input::PutProvisionedConcurrencyConfig(provisioned)).await.unwrap();
    let gate = bench.runner.gate.write().await;
    // The one that is provisioned, and what is left of a thousand.
    let mut running = run_many(&bench, "f:live", 101).await;
    assert_eq!(reason(&bench, "f:live").await.as_deref(), Some("ConcurrentInvocationLimitExceeded"));
    assert_eq!(reason(&bench, "f").await.as_deref(), Some("ConcurrentInvocationLimitExceeded"));
    drop(gate);
    while running.join_next().await.is_some() {}
    assert_eq!(reason(&bench, "f").await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reservation_is_also_a_limit() {
    let bench = Arc::new(Bench::furnished().await);
    reserve(&bench, "f", 2).await;
    let gate = bench.runner.gate.write().await;
    let mut running = run_many(&bench, "f", 2).await;
    let exceeded = Some("ReservedFunctionConcurrentInvocationLimitExceeded");
    assert_eq!(reason(&bench, "f").await.as_deref(), exceeded);
    drop(gate);
    while running.join_next().await.is_some() {}
    assert_eq!(reason(&bench, "f").await, None);
    reserve(&bench, "f", 0).await;
    assert_eq!(reason(&bench, "f").await.as_deref(), exceeded);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_has_ten_invocations_for_each_execution() {
    let bench = Bench::furnished().await;
    bench.admin(Input::CreateFunction(bench.function("other"))).await.unwrap();
    bench.settled("other").await;
    bench.clock.stand();
    for (name, reserved, most, exceeded) in [
        ("f", 1, 10, "ReservedFunctionInvocationRateLimitExceeded"),
        ("other", 0, 1_000, "FunctionInvocationRateLimitExceeded"),
    ] {
        if reserved > 0 {
            reserve(&bench, name, reserved).await;
        } else {
            // Of the account's thousand executions a hundred are left.
            reserve(&bench, "f", 900).await;
        }
        for number in 0..most {
            assert_eq!(reason(&bench, name).await, None, "{name} {number}");
        }
        assert_eq!(reason(&bench, name).await.as_deref(), Some(exceeded));
        bench.clock.advance(1_000);
        assert_eq!(reason(&bench, name).await, None);
    }
}
