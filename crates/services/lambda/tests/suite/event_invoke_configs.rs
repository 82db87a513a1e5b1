//! The configuration of asynchronous invocation, and what becomes of events by it (reference lambda.md 4.6 and 7.6).

use std::time::Duration;

use crate::support::{ADMINISTRATOR, Bench, TRUST, event, refusal};
use bytes::Bytes;
use rolecall_authority::Caller;
use rolecall_runner::{FunctionErrorKind, FunctionResult};
use rolecall_testkit::ACCOUNT;
use rolecall_wire::lambda::{
    DeadLetterConfig, DeleteAliasRequest, DeleteFunctionEventInvokeConfigRequest, DestinationConfig,
    FunctionEventInvokeConfig, GetFunctionEventInvokeConfigRequest, Input, InvocationRequest,
    ListFunctionEventInvokeConfigsRequest, OnFailure, OnSuccess, Output, PutFunctionConcurrencyRequest,
    PutFunctionEventInvokeConfigRequest, UpdateFunctionConfigurationRequest,
    UpdateFunctionEventInvokeConfigRequest,
};
use rolecall_wire::s3::{
    CreateBucketRequest, DeleteBucketRequest, Input as S3Input, ListObjectsV2Request, Output as S3Output,
    PutBucketPolicyRequest,
};
use rolecall_wire::{AnyOutput, ServiceError};
use serde_json::{Value, json};

const F: &str = "arn:aws:lambda:us-east-1:111122223333:function:f";
const TARGET: &str = "arn:aws:lambda:us-east-1:111122223333:function:target";
const INVALID: &str = "InvalidParameterValueException";
const NOT_FOUND: &str = "ResourceNotFoundException";

fn put(name: &str) -> PutFunctionEventInvokeConfigRequest {
    PutFunctionEventInvokeConfigRequest { function_name: name.to_owned(), ..Default::default() }
}

fn update(name: &str) -> UpdateFunctionEventInvokeConfigRequest {
    UpdateFunctionEventInvokeConfigRequest { function_name: name.to_owned(), ..Default::default() }
}

fn destinations(success: Option<&str>, failure: Option<&str>) -> Option<DestinationConfig> {
    Some(DestinationConfig {
        on_success: success.map(|arn| OnSuccess { destination: Some(arn.to_owned()) }),
        on_failure: failure.map(|arn| OnFailure { destination: Some(arn.to_owned()) }),
    })
}

async fn configure(
    bench: &Bench,
    input: PutFunctionEventInvokeConfigRequest,
) -> Result<FunctionEventInvokeConfig, ServiceError> {
    match bench.admin(Input::PutFunctionEventInvokeConfig(input)).await? {
        Output::PutFunctionEventInvokeConfig(answer) => Ok(answer),
        other => panic!("{other:?}"),
    }
}

async fn change(
    bench: &Bench,
    input: UpdateFunctionEventInvokeConfigRequest,
) -> Result<FunctionEventInvokeConfig, ServiceError> {
    match bench.admin(Input::UpdateFunctionEventInvokeConfig(input)).await? {
        Output::UpdateFunctionEventInvokeConfig(answer) => Ok(answer),
        other => panic!("{other:?}"),
    }
}

async fn get(bench: &Bench, name: &str) -> Result<FunctionEventInvokeConfig, ServiceError> {
    let input = GetFunctionEventInvokeConfigRequest { function_name: name.to_owned(), qualifier: None };
    match bench.admin(Input::GetFunctionEventInvokeConfig(input)).await? {
        Output::GetFunctionEventInvokeConfig(answer) => Ok(answer),
        other => panic!("{other:?}"),
    }
}

/// A house with the functions `f` and `target`, whose execution role may do these things besides writing logs.
async fn with_rights(actions: &[(&str, &str)]) -> Bench {
    let bench = Bench::furnished().await;
    bench.admin(Input::CreateFunction(bench.function("target"))).await.unwrap();
    bench.settled("target").await;
    let statements: Vec<Value> = actions
        .iter()
        .map(|(action, resource)| json!({ "Effect": "Allow", "Action": action, "Resource": resource }))
        .collect();
    let policy = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
    bench
        .house
        .write(move |state| {
            let key = (ACCOUNT.parse().unwrap(), "runs".to_owned());
            state.roles.update(&key, |role| {
                let inline = rolecall_store::records::iam::InlinePolicy {
                    name: "destinations".to_owned(),
                    document: policy.into(),
                };
                role.policies.inline.insert("destinations".to_owned(), inline);
            });
        })
        .await;
    bench
}

fn not_there(qualified: &str) -> (String, String) {
    let text = format!(
        "The function arn:aws:lambda:us-east-1:111122223333:function:{qualified} doesn't have an EventInvokeConfig"
    );
    (NOT_FOUND.to_owned(), text)
}

#[tokio::test(flavor = "multi_thread")]
async fn put_replaces_update_merges_and_delete_removes() {
    let bench = Bench::furnished().await;
    let first = configure(
        &bench,
        PutFunctionEventInvokeConfigRequest { maximum_retry_attempts: Some(0), ..put("f") },
    );
    let first = first.await.unwrap();
    assert_eq!(first.function_arn, Some(format!("{F}:$LATEST")));
    assert_eq!((first.maximum_retry_attempts, first.maximum_event_age_in_seconds), (Some(0), None));
    let empty = DestinationConfig {
        on_success: Some(OnSuccess { destination: None }),
        on_failure: Some(OnFailure { destination: None }),
    };
    assert_eq!(first.destination_config, Some(empty));
    assert!(first.last_modified.is_some());

    let age =
        PutFunctionEventInvokeConfigRequest { maximum_event_age_in_seconds: Some(60), ..put("f:$LATEST") };
    let replaced = configure(&bench, age).await.unwrap();
    assert_eq!((replaced.maximum_retry_attempts, replaced.maximum_event_age_in_seconds), (None, Some(60)));
    let merged = UpdateFunctionEventInvokeConfigRequest { maximum_retry_attempts: Some(1), ..update("f") };
    let merged = change(&bench, merged).await.unwrap();
    assert_eq!((merged.maximum_retry_attempts, merged.maximum_event_age_in_seconds), (Some(1), Some(60)));
    assert_eq!(get(&bench, "f").await.unwrap(), merged);

    // Nothing is inherited, and each target has its own.
    assert_eq!(refusal(get(&bench, "f:1").await), not_there("f:1"));
    for name in ["f:1", "f:live"] {
        let own = PutFunctionEventInvokeConfigRequest { maximum_retry_attempts: Some(2), ..put(name) };
        configure(&bench, own).await.unwrap();
    }
    let list = ListFunctionEventInvokeConfigsRequest { function_name: "f".to_owned(), ..Default::default() };
    let Output::ListFunctionEventInvokeConfigs(listed) =
        bench.admin(Input::ListFunctionEventInvokeConfigs(list)).await.unwrap()
    else {
        panic!()
    };
    let arns: Vec<_> = listed
        .function_event_invoke_configs
        .unwrap()
        .into_iter()
        .filter_map(|one| one.function_arn)
        .collect();
    assert_eq!(arns, [format!("{F}:$LATEST"), format!("{F}:1"), format!("{F}:live")]);

    let delete = || {
        Input::DeleteFunctionEventInvokeConfig(DeleteFunctionEventInvokeConfigRequest {
            function_name: "f".to_owned(),
            qualifier: None,
        })
    };
    bench.admin(delete()).await.unwrap();
    assert_eq!(refusal(bench.admin(delete()).await), not_there("f:$LATEST"));
    let alias = DeleteAliasRequest { function_name: "f".to_owned(), name: "live".to_owned() };
    bench.admin(Input::DeleteAlias(alias)).await.unwrap();
    assert_eq!(refusal(get(&bench, "f:live").await), not_there("f:live"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_recorded_refusals_come_out() {
    let bench = with_rights(&[("lambda:InvokeFunction", "*")]).await;
    let missing = (NOT_FOUND.to_owned(), "The function doesn't exist.".to_owned());
    let retries =
        |name: &str| PutFunctionEventInvokeConfigRequest { maximum_retry_attempts: Some(0), ..put(name) };
    for name in ["doesnotexist", "f:doesnotexist", "f:77", "f:$LATEST.PUBLISHED"] {
        assert_eq!(refusal(configure(&bench, retries(name)).await), missing, "{name}");
    }
    let list =
        ListFunctionEventInvokeConfigsRequest { function_name: "nope".to_owned(), ..Default::default() };
    assert_eq!(refusal(bench.admin(Input::ListFunctionEventInvokeConfigs(list)).await), missing);
    assert_eq!(refusal(get(&bench, "doesnotexist").await), not_there("doesnotexist:$LATEST"));
    assert_eq!(refusal(get(&bench, "f:doesnotexist").await), not_there("f:doesnotexist"));
    let unset =
        UpdateFunctionEventInvokeConfigRequest { maximum_retry_attempts: Some(0), ..update("f:live") };
    assert_eq!(refusal(change(&bench, unset).await), not_there("f:live"));

    let to = |success: Option<&str>, failure: Option<&str>| PutFunctionEventInvokeConfigRequest {
        destination_config: destinations(success, failure),
        ..put("f")
    };
    let iam = "arn:aws:iam:us-east-1:111122223333:function:f";
    for (input, message) in [
        (put("f"), "You must specify at least one of error handling or destination setting.".to_owned()),
        (to(Some(F), None), "You can't specify the function as a destination for itself.".to_owned()),
        (
            to(Some("arn:aws:lambda:us-east-1:111122223333:function:doesnotexist"), None),
            "The destination ARN arn:aws:lambda:us-east-1:111122223333:function:doesnotexist is invalid."
                .to_owned(),
        ),
        (
            to(Some(iam), None),
            format!(
                "The provided destination config DestinationConfig(onSuccess=OnSuccess(destination={iam}), onFailure=null) is invalid."
            ),
        ),
    ] {
        assert_eq!(refusal(configure(&bench, input).await), (INVALID.to_owned(), message));
    }
    let conflict =
        PutFunctionEventInvokeConfigRequest { qualifier: Some("1".to_owned()), ..retries("f:live") };
    let text = "The derived qualifier from the function name does not match the specified qualifier.";
    assert_eq!(refusal(configure(&bench, conflict).await).1, text);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_role_must_be_allowed_to_tell_a_destination_and_the_service_must_exist() {
    let queue = "arn:aws:sqs:us-east-1:111122223333:q";
    let topic = "arn:aws:sns:us-east-1:111122223333:t";
    let bus = "arn:aws:events:us-east-1:111122223333:event-bus/default";
    let to = |arn: &str| PutFunctionEventInvokeConfigRequest {
        destination_config: destinations(None, Some(arn)),
        ..put("f")
    };
    let bench = with_rights(&[]).await;
    let denied = |call: &str| format!("The function execution role does not have permissions to call {call}");
    for (arn, call) in [
        (queue, "SendMessage on SQS"),
        (topic, "Publish on SNS"),
        (bus, "PutEvents on EventBridge"),
        ("arn:aws:s3:::bucket", "ListBucket on S3"),
    ] {
        let (code, message) = refusal(configure(&bench, to(arn)).await);
        if call.ends_with("S3") {
            // The bucket does not exist yet.
            assert_eq!(message, "The destination ARN arn:aws:s3:::bucket is invalid.");
            make_bucket(&bench).await;
            assert_eq!(refusal(configure(&bench, to(arn)).await).1, denied(call));
        } else {
            assert_eq!((code.as_str(), message), (INVALID, denied(call)), "{arn}");
        }
    }
    let function = refusal(configure(&bench, to(TARGET)).await).1;
    assert_eq!(function, denied(&format!("InvokeFunction on {TARGET}")));

    let bench =
        with_rights(&[("sqs:*", "*"), ("sns:*", "*"), ("events:*", "*"), ("s3:ListBucket", "*")]).await;
    make_bucket(&bench).await;
    let (_, message) = refusal(configure(&bench, to(bus)).await);
    assert!(message.starts_with("Rolecall does not have the "), "{message}");
    configure(&bench, to(queue)).await.unwrap();
    configure(&bench, to(topic)).await.unwrap();
    let fifo = refusal(configure(&bench, to(&format!("{queue}.fifo"))).await).1;
    assert_eq!(fifo, format!("The destination ARN {queue}.fifo is invalid."));
    let put_object = refusal(configure(&bench, to("arn:aws:s3:::bucket")).await).1;
    assert_eq!(put_object, denied("PutObject on S3"));
    let success = PutFunctionEventInvokeConfigRequest {
        destination_config: destinations(Some("arn:aws:s3:::bucket"), None),
        ..put("f")
    };
    assert!(refusal(configure(&bench, success).await).1.ends_with("onFailure=null) is invalid."));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_queue_needs_the_roles_right() {
    let bench = with_rights(&[("sns:Publish", "*")]).await;
    let with = |target: &str| {
        Input::UpdateFunctionConfiguration(UpdateFunctionConfigurationRequest {
            function_name: "f".to_owned(),
            dead_letter_config: Some(DeadLetterConfig { target_arn: Some(target.to_owned()) }),
            ..Default::default()
        })
    };
    let queue = "arn:aws:sqs:us-east-1:111122223333:q";
    let topic = "arn:aws:sns:us-east-1:111122223333:t";
    for wrong in ["arn:aws:s3:::bucket", &format!("{topic}.fifo")] {
        assert_eq!(refusal(bench.admin(with(wrong)).await).0, INVALID);
    }
    bench.admin(with("")).await.unwrap();
    for (action, target, other, lacking) in [
        ("sqs:SendMessage", queue, topic, "Publish on SNS"),
        ("sns:Publish", topic, queue, "SendMessage on SQS"),
    ] {
        let bench = with_rights(&[(action, target)]).await;
        let refused = refusal(bench.admin(with(other)).await).1;
        let words = format!("The provided execution role does not have permissions to call {lacking}");
        assert_eq!(refused, words);
        let answer = bench.admin(with(target)).await.unwrap();
        let Output::UpdateFunctionConfiguration(answer) = answer else { panic!("another answer") };
        let shown = answer.dead_letter_config.and_then(|config| config.target_arn);
        assert_eq!(shown.as_deref(), Some(target));
    }
    let mut new = bench.function("new");
    new.dead_letter_config = Some(DeadLetterConfig { target_arn: Some(queue.to_owned()) });
    let refused = refusal(bench.admin(Input::CreateFunction(new)).await).1;
    assert_eq!(refused, "The provided execution role does not have permissions to call SendMessage on SQS");
}

fn queue_policy(effect: &str, principal: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"{effect}","Principal":{{"AWS":"{principal}"}},"Action":"sqs:SendMessage","Resource":"*"}}]}}"#
    )
}

/// The policy of a queue counts like the role's own, when the queue is configured as when it is sent to.
#[tokio::test(flavor = "multi_thread")]
async fn a_queues_policy_admits_and_refuses() {
    let dead_letter = |queue: &str| {
        Input::UpdateFunctionConfiguration(UpdateFunctionConfigurationRequest {
            function_name: "f".to_owned(),
            dead_letter_config: Some(DeadLetterConfig { target_arn: Some(queue.to_owned()) }),
            ..Default::default()
        })
    };
    let to = |queue: &str| PutFunctionEventInvokeConfigRequest {
        destination_config: destinations(None, Some(queue)),
        ..put("f")
    };
    let bench = with_rights(&[("ec2:DescribeVpcs", "*")]).await;
    let open = bench.queue(&bench.admin, "open", Some(&queue_policy("Allow", &bench.role))).await;
    configure(&bench, to(&open)).await.unwrap();
    bench.admin(dead_letter(&open)).await.unwrap();

    let bench = with_rights(&[("sqs:SendMessage", "*")]).await;
    let closed = bench.queue(&bench.admin, "closed", Some(&queue_policy("Deny", "*"))).await;
    let lacks = "execution role does not have permissions to call SendMessage on SQS";
    assert_eq!(refusal(configure(&bench, to(&closed)).await).1, format!("The function {lacks}"));
    assert_eq!(refusal(bench.admin(dead_letter(&closed)).await).1, format!("The provided {lacks}"));
    let stranger = bench.house.add_user("444455556666", "stranger", Some(ADMINISTRATOR)).await;
    let foreign = bench.queue(&stranger, "foreign", None).await;
    assert_eq!(refusal(configure(&bench, to(&foreign)).await).1, format!("The function {lacks}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_role_must_be_allowed_to_send_to_the_dead_letter_queue_that_stays() {
    let queue = "arn:aws:sqs:us-east-1:111122223333:q";
    let bench = with_rights(&[("sqs:SendMessage", queue)]).await;
    let change = |role: Option<&str>, target: Option<&str>| {
        Input::UpdateFunctionConfiguration(UpdateFunctionConfigurationRequest {
            function_name: "f".to_owned(),
            role: role.map(str::to_owned),
            dead_letter_config: target.map(|arn| DeadLetterConfig { target_arn: Some(arn.to_owned()) }),
            ..Default::default()
        })
    };
    bench.admin(change(None, Some(queue))).await.unwrap();
    bench.settled("f").await;
    let lacking = bench.house.add_role("lacking", TRUST, None).await;
    let lacks = "The provided execution role does not have permissions to call SendMessage on SQS";
    assert_eq!(refusal(bench.admin(change(Some(&lacking), None)).await).1, lacks);
    bench.admin(change(Some(&lacking), Some(""))).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_destination_is_admitted_for_the_role_that_the_function_keeps() {
    let queue = "arn:aws:sqs:us-east-1:111122223333:q";
    let bench = with_rights(&[("sqs:SendMessage", queue)]).await;
    bench.change_role_meanwhile("f");
    let to = PutFunctionEventInvokeConfigRequest {
        destination_config: destinations(None, Some(queue)),
        ..put("f")
    };
    let (code, text) = refusal(configure(&bench, to).await);
    assert_eq!(code, "ResourceConflictException", "{text}");
}

/// A bucket's policy counts too, for what is written there.
#[tokio::test(flavor = "multi_thread")]
async fn a_buckets_policy_admits_and_refuses() {
    let bench = with_rights(&[("ec2:DescribeVpcs", "*")]).await;
    make_bucket(&bench).await;
    let to_bucket = || PutFunctionEventInvokeConfigRequest {
        destination_config: destinations(None, Some("arn:aws:s3:::bucket")),
        ..put("f")
    };
    let set_policy = async |effect: &str, actions: &str| {
        let policy = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{role}"}},"Action":"s3:ListBucket","Resource":"arn:aws:s3:::bucket"}},{{"Effect":"{effect}","Principal":{{"AWS":"{role}"}},"Action":"{actions}","Resource":"arn:aws:s3:::bucket/*"}}]}}"#,
            role = bench.role
        );
        let put = PutBucketPolicyRequest { bucket: "bucket".to_owned(), policy, ..Default::default() };
        let call = bench.house.call(&bench.admin);
        bench.house.platform.call(&call, S3Input::PutBucketPolicy(put)).await.map(drop).unwrap();
    };
    set_policy("Deny", "s3:PutObject").await;
    let lacks = "The function execution role does not have permissions to call PutObject on S3";
    assert_eq!(refusal(configure(&bench, to_bucket()).await).1, lacks);
    set_policy("Allow", "s3:PutObject").await;
    configure(&bench, to_bucket()).await.unwrap();
}

async fn make_bucket(bench: &Bench) {
    let create = CreateBucketRequest { bucket: "bucket".to_owned(), ..Default::default() };
    let call = bench.house.call(&bench.admin);
    bench.house.platform.call(&call, S3Input::CreateBucket(create)).await.unwrap();
}

async fn objects(bench: &Bench, caller: &Caller) -> Vec<String> {
    let list = ListObjectsV2Request { bucket: "bucket".to_owned(), ..Default::default() };
    let call = bench.house.call(caller);
    let listed = bench.house.platform.call(&call, S3Input::ListObjectsV2(list)).await.unwrap();
    let AnyOutput::S3(S3Output::ListObjectsV2(listed)) = listed else {
        panic!("{}", listed.operation_name())
    };
    listed.contents.unwrap_or_default().into_iter().filter_map(|object| object.key).collect()
}

async fn until(what: &str, mut reached: impl FnMut() -> bool) {
    for _ in 0..1000 {
        if reached() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("{what} does not happen");
}

async fn accept(bench: &Bench, name: &str, payload: &str) {
    let input = InvocationRequest { invocation_type: Some("Event".to_owned()), ..event(name, payload) };
    assert_eq!(bench.invoke(input).await.unwrap().status_code, Some(202));
}

/// What `target` was invoked with.
fn told(bench: &Bench) -> Option<Value> {
    let seen = bench.runner.seen.lock().unwrap();
    let record = seen.iter().find(|(spec, _)| spec.function_name == "target");
    record.map(|(_, invocation)| serde_json::from_slice(&invocation.payload).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_is_told_of_success_and_of_failure() {
    let bench = with_rights(&[("lambda:InvokeFunction", TARGET)]).await;
    bench.lambda.resume();
    let both = PutFunctionEventInvokeConfigRequest {
        maximum_retry_attempts: Some(0),
        destination_config: destinations(Some(TARGET), Some(TARGET)),
        ..put("f:live")
    };
    configure(&bench, both).await.unwrap();
    accept(&bench, "f:live", r#"{"n":1.50}"#).await;
    until("the record", || told(&bench).is_some()).await;
    let record = told(&bench).unwrap();
    assert_eq!(record["version"], "1.0");
    assert_eq!(record["requestContext"]["functionArn"], format!("{F}:live"));
    assert_eq!(record["requestContext"]["condition"], "Success");
    assert_eq!(record["requestContext"]["approximateInvokeCount"], 1);
    assert_eq!(record["requestPayload"], json!({ "n": 1.5 }));
    assert_eq!(record["responseContext"], json!({ "statusCode": 200, "executedVersion": "1" }));
    assert_eq!(record["responsePayload"], json!({ "n": 1.5 }));

    bench.runner.seen.lock().unwrap().clear();
    let payload = Bytes::from_static(br#"{"errorMessage":"no"}"#);
    bench.runner.answer(FunctionResult::Error { payload, kind: FunctionErrorKind::Unhandled }, &[]);
    accept(&bench, "f:live", "{}").await;
    until("the failure's record", || told(&bench).is_some()).await;
    let record = told(&bench).unwrap();
    assert_eq!(record["requestContext"]["condition"], "RetriesExhausted");
    assert_eq!(record["responseContext"]["functionError"], "Unhandled");
    assert_eq!(record["responsePayload"], json!({ "errorMessage": "no" }));
    until("the queue's end", || bench.house.platform.store.read().async_invocations.is_empty()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_is_told_of_what_never_ran_and_only_while_the_role_may() {
    let bench =
        with_rights(&[("s3:ListBucket", "arn:aws:s3:::bucket"), ("s3:PutObject", "arn:aws:s3:::bucket/*")])
            .await;
    make_bucket(&bench).await;
    bench.lambda.resume();
    let failure = PutFunctionEventInvokeConfigRequest {
        destination_config: destinations(None, Some("arn:aws:s3:::bucket")),
        ..put("f")
    };
    configure(&bench, failure).await.unwrap();
    let none =
        PutFunctionConcurrencyRequest { function_name: "f".to_owned(), reserved_concurrent_executions: 0 };
    bench.admin(Input::PutFunctionConcurrency(none)).await.unwrap();
    accept(&bench, "f", "{}").await;
    until("the event's end", || bench.house.platform.store.read().async_invocations.is_empty()).await;
    let keys = objects(&bench, &bench.admin).await;
    assert_eq!(keys.len(), 1);
    assert!(keys[0].starts_with("aws/lambda/async/f/20"), "{keys:?}");

    // A role that lost its right tells nobody, and the event is gone all the same.
    bench
        .house
        .write(|state| {
            let key = (ACCOUNT.parse().unwrap(), "runs".to_owned());
            state.roles.update(&key, |role| role.policies.inline.clear());
        })
        .await;
    accept(&bench, "f", "{}").await;
    until("the event's end", || bench.house.platform.store.read().async_invocations.is_empty()).await;
    assert_eq!(objects(&bench, &bench.admin).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_takes_over_the_name_of_a_bucket_is_told_nothing() {
    let bench =
        with_rights(&[("s3:ListBucket", "arn:aws:s3:::bucket"), ("s3:PutObject", "arn:aws:s3:::bucket/*")])
            .await;
    make_bucket(&bench).await;
    let failure = PutFunctionEventInvokeConfigRequest {
        destination_config: destinations(None, Some("arn:aws:s3:::bucket")),
        ..put("f")
    };
    configure(&bench, failure).await.unwrap();
    let everything = crate::support::ADMINISTRATOR;
    let thief = bench.house.add_user("444455556666", "thief", Some(everything)).await;
    let open = json!({
        "Version": "2012-10-17",
        "Statement": [{ "Effect": "Allow", "Principal": "*", "Action": "s3:*",
                        "Resource": ["arn:aws:s3:::bucket", "arn:aws:s3:::bucket/*"] }],
    });
    let bucket = || "bucket".to_owned();
    let policy = open.to_string();
    for (caller, input) in [
        (&bench.admin, S3Input::DeleteBucket(DeleteBucketRequest { bucket: bucket(), ..Default::default() })),
        (&thief, S3Input::CreateBucket(CreateBucketRequest { bucket: bucket(), ..Default::default() })),
        (
            &thief,
            S3Input::PutBucketPolicy(PutBucketPolicyRequest {
                bucket: bucket(),
                policy,
                ..Default::default()
            }),
        ),
    ] {
        bench.house.platform.call(&bench.house.call(caller), input).await.unwrap();
    }
    bench.lambda.resume();
    let none =
        PutFunctionConcurrencyRequest { function_name: "f".to_owned(), reserved_concurrent_executions: 0 };
    bench.admin(Input::PutFunctionConcurrency(none)).await.unwrap();
    accept(&bench, "f", "{}").await;
    until("the event's end", || bench.house.platform.store.read().async_invocations.is_empty()).await;
    assert!(objects(&bench, &thief).await.is_empty());
}
