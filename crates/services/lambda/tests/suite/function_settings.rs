//! Recursion, runtime management, scaling and InvokeAsync.

use std::sync::Arc;
use std::time::Duration;

use crate::support::{Bench, event, refusal};
use rolecall_service::Service;
use rolecall_wire::lambda::{
    GetFunctionConfigurationRequest, GetFunctionRecursionConfigRequest, GetFunctionScalingConfigRequest,
    GetRuntimeManagementConfigRequest, GetRuntimeManagementConfigResponse, Input, InvocationRequest,
    InvokeAsyncRequest, Output, PutFunctionEventInvokeConfigRequest, PutFunctionRecursionConfigRequest,
    PutFunctionScalingConfigRequest, PutRuntimeManagementConfigRequest, PutRuntimeManagementConfigResponse,
};
use rolecall_wire::{AnyInput, ServiceError};

const F: &str = "arn:aws:lambda:us-east-1:111122223333:function:f";
const INVALID: &str = "InvalidParameterValueException";

fn recursion(name: &str, recursive_loop: &str) -> Input {
    Input::PutFunctionRecursionConfig(PutFunctionRecursionConfigRequest {
        function_name: name.to_owned(),
        recursive_loop: recursive_loop.to_owned(),
    })
}

async fn recursive_loop(bench: &Bench) -> Option<String> {
    let input = GetFunctionRecursionConfigRequest { function_name: "f".to_owned() };
    let Output::GetFunctionRecursionConfig(answer) =
        bench.admin(Input::GetFunctionRecursionConfig(input)).await.unwrap()
    else {
        panic!()
    };
    answer.recursive_loop
}

/// Invokes with the trace of an earlier pass; returns the trace that the function got.
async fn pass(
    bench: &Bench,
    input: InvocationRequest,
    trace: Option<String>,
) -> Result<Option<String>, ServiceError> {
    let mut call = Arc::into_inner(bench.house.call(&bench.admin)).unwrap();
    call.trace = trace;
    bench.lambda.handle(&Arc::new(call), AnyInput::Lambda(Input::Invoke(input))).await?;
    let seen = bench.runner.seen.lock().unwrap();
    Ok(seen.last().and_then(|(_, invocation)| invocation.trace_id.clone()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_loop_ends_after_sixteen_passes_unless_it_is_allowed() {
    let bench = Bench::furnished().await;
    assert_eq!(recursive_loop(&bench).await.as_deref(), Some("Terminate"));
    let mut trace = None;
    for pass_number in 1..=16 {
        trace = pass(&bench, event(["f", "f:live"][pass_number % 2], "{}"), trace).await.unwrap();
        let lineage = trace.as_deref().unwrap().rsplit_once("Lineage=").unwrap().1;
        assert!(lineage.starts_with(&format!("{pass_number}:")), "{lineage}");
        assert!(lineage.ends_with(&format!(":{}", pass_number - 1)), "{lineage}");
    }
    let refused = refusal(pass(&bench, event("f", "{}"), trace.clone()).await);
    assert_eq!(refused.0, "RecursiveInvocationException");
    assert!(refused.1.starts_with("Lambda has detected your function being invoked in a recursive loop"));

    bench.admin(recursion("f", "Allow")).await.unwrap();
    assert_eq!(recursive_loop(&bench).await.as_deref(), Some("Allow"));
    assert!(pass(&bench, event("f", "{}"), trace).await.is_ok());
    let missing = refusal(bench.admin(recursion("missing", "Allow")).await);
    assert_eq!(
        missing.1,
        F.replace("arn:", "Function not found: arn:").replace(":function:f", ":function:missing")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_accepted_event_of_a_loop_is_not_run() {
    let bench = Bench::furnished().await;
    bench.lambda.resume();
    let mut trace = None;
    for _ in 0..16 {
        trace = pass(&bench, event("f", "{}"), trace).await.unwrap();
    }
    bench.runner.seen.lock().unwrap().clear();
    let one_more = InvocationRequest { invocation_type: Some("Event".to_owned()), ..event("f", "{}") };
    pass(&bench, one_more, trace).await.unwrap();
    until_empty(&bench).await;
    assert!(bench.runner.seen.lock().unwrap().is_empty());
}

async fn until_empty(bench: &Bench) {
    for _ in 0..1000 {
        if bench.house.platform.store.read().async_invocations.is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("the queue does not become empty");
}

#[tokio::test(flavor = "multi_thread")]
async fn invoke_async_accepts_what_it_must_and_needs_the_right_to_invoke() {
    let bench = Bench::furnished().await;
    bench.lambda.resume();
    let older = |name: &str, event: &str| {
        Input::InvokeAsync(InvokeAsyncRequest {
            function_name: name.to_owned(),
            invoke_args: event.to_owned().into(),
        })
    };
    let Output::InvokeAsync(answer) = bench.admin(older("f:live", r#"{"id":"q"}"#)).await.unwrap() else {
        panic!()
    };
    assert_eq!(answer.status, Some(202));
    until_empty(&bench).await;
    let seen = bench.runner.seen.lock().unwrap().last().cloned().unwrap();
    assert_eq!((seen.0.version.as_str(), &seen.1.payload[..]), ("1", &br#"{"id":"q"}"#[..]));

    let (code, message) = refusal(bench.admin(older("f", &format!("\"{}\"", "x".repeat(262_151)))).await);
    assert_eq!(code, "RequestEntityTooLargeException");
    assert_eq!(
        message,
        "262153 byte payload is too large for the Event invocation type (limit 262144 bytes)"
    );
    assert_eq!(refusal(bench.admin(older("f", "{")).await).0, "InvalidRequestContentException");
    assert_eq!(refusal(bench.admin(older("missing", "{}")).await).0, "ResourceNotFoundException");

    let only_older = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"lambda:InvokeAsync","Resource":"*"}]}"#;
    let user = bench.house.add_user(rolecall_testkit::ACCOUNT, "older", Some(only_older)).await;
    let (_, message) = refusal(bench.call(&user, older("f", "{}")).await);
    assert!(
        message.contains(&format!("perform: lambda:InvokeFunction on resource: {F} because")),
        "{message}"
    );
}

async fn manage(
    bench: &Bench,
    qualifier: Option<&str>,
    mode: &str,
    arn: Option<String>,
) -> Result<PutRuntimeManagementConfigResponse, ServiceError> {
    let input = PutRuntimeManagementConfigRequest {
        function_name: "f".to_owned(),
        qualifier: qualifier.map(str::to_owned),
        update_runtime_on: mode.to_owned(),
        runtime_version_arn: arn,
    };
    match bench.admin(Input::PutRuntimeManagementConfig(input)).await? {
        Output::PutRuntimeManagementConfig(answer) => Ok(answer),
        other => panic!("{other:?}"),
    }
}

async fn managed(bench: &Bench, qualifier: Option<&str>) -> GetRuntimeManagementConfigResponse {
    let input = GetRuntimeManagementConfigRequest {
        function_name: "f".to_owned(),
        qualifier: qualifier.map(str::to_owned),
    };
    match bench.admin(Input::GetRuntimeManagementConfig(input)).await.unwrap() {
        Output::GetRuntimeManagementConfig(answer) => answer,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_version_has_its_own_runtime_management() {
    let bench = Bench::furnished().await;
    assert_eq!(managed(&bench, None).await.update_runtime_on.as_deref(), Some("Auto"));
    let answer = manage(&bench, None, "FunctionUpdate", None).await.unwrap();
    assert_eq!(answer.function_arn.as_deref(), Some(F));
    assert_eq!(answer.update_runtime_on.as_deref(), Some("FunctionUpdate"));
    let (code, message) = refusal(manage(&bench, None, "Auto", None).await);
    assert_eq!(code, "ResourceConflictException");
    assert_eq!(
        message,
        format!("The operation cannot be performed at this time. An update is in progress for resource: {F}")
    );
    bench.settled("f").await;
    assert_eq!(managed(&bench, Some("1")).await.update_runtime_on.as_deref(), Some("Auto"));

    let configuration = GetFunctionConfigurationRequest { function_name: "f".to_owned(), qualifier: None };
    let Output::GetFunctionConfiguration(configuration) =
        bench.admin(Input::GetFunctionConfiguration(configuration)).await.unwrap()
    else {
        panic!()
    };
    let arn = configuration.runtime_version_config.unwrap().runtime_version_arn;
    manage(&bench, Some("1"), "Manual", arn.clone()).await.unwrap();
    let held = managed(&bench, Some("live")).await;
    assert_eq!((held.update_runtime_on.as_deref(), held.runtime_version_arn), (Some("Manual"), arn.clone()));
    bench.settled("f").await;

    let other = Some(format!("arn:aws:lambda:us-east-1::runtime:{}", "0".repeat(64)));
    for (qualifier, mode, arn) in
        [(None, "Manual", None), (None, "Auto", arn), (None, "Manual", other), (Some("live"), "Auto", None)]
    {
        assert_eq!(refusal(manage(&bench, qualifier, mode, arn).await).0, INVALID);
    }
    let (_, message) = refusal(manage(&bench, Some("7"), "Auto", None).await);
    assert_eq!(message, format!("Function not found: {F}:7"));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_function_here_has_a_scaling_configuration() {
    let bench = Bench::furnished().await;
    let get = |name: &str, qualifier: &str| {
        Input::GetFunctionScalingConfig(GetFunctionScalingConfigRequest {
            function_name: name.to_owned(),
            qualifier: qualifier.to_owned(),
        })
    };
    let put = Input::PutFunctionScalingConfig(PutFunctionScalingConfigRequest {
        function_name: "f".to_owned(),
        qualifier: "1".to_owned(),
        function_scaling_config: None,
    });
    for input in [put, get("f", "1")] {
        let (code, message) = refusal(bench.admin(input).await);
        assert_eq!(code, INVALID);
        assert!(message.contains("with a capacity provider only"), "{message}");
    }
    for (name, qualifier) in [("f", "7"), ("f", "$LATEST.PUBLISHED"), ("missing", "1")] {
        let (code, message) = refusal(bench.admin(get(name, qualifier)).await);
        assert_eq!(code, "ResourceNotFoundException");
        assert!(message.ends_with(&format!("function:{name}:{qualifier}")), "{message}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_version_takes_its_configurations_with_it() {
    let bench = Bench::furnished().await;
    let config = PutFunctionEventInvokeConfigRequest {
        function_name: "f:1".to_owned(),
        maximum_retry_attempts: Some(0),
        ..Default::default()
    };
    bench.admin(Input::PutFunctionEventInvokeConfig(config)).await.unwrap();
    manage(&bench, Some("1"), "FunctionUpdate", None).await.unwrap();
    bench.settled("f").await;
    let delete = |name: &str| {
        Input::DeleteFunction(rolecall_wire::lambda::DeleteFunctionRequest {
            function_name: name.to_owned(),
            qualifier: None,
        })
    };
    let alias =
        rolecall_wire::lambda::DeleteAliasRequest { function_name: "f".to_owned(), name: "live".to_owned() };
    bench.admin(Input::DeleteAlias(alias)).await.unwrap();
    bench.admin(delete("f:1")).await.unwrap();
    let state = bench.house.platform.store.read();
    assert!(state.event_invoke_configs.is_empty() && state.runtime_management.is_empty());
    drop(state);
    bench.admin(recursion("f", "Allow")).await.unwrap();
    bench.admin(delete("f")).await.unwrap();
    assert!(bench.house.platform.store.read().function_policies.is_empty());
}
