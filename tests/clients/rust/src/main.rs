//! One story told through the AWS SDK for Rust: prints what it observes, as JSON. `story.mjs` tells the same.

use std::env::var;
use std::error::Error;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sdk_lambda::Client;
use aws_sdk_lambda::client::Waiters;
use aws_sdk_lambda::config::retry::RetryConfig;
use aws_sdk_lambda::config::{BehaviorVersion, Region};
use aws_sdk_lambda::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{FunctionCode, InvokeWithResponseStreamResponseEvent, LogType, Runtime};
use serde_json::{Map, Value, from_slice, from_str, json};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let lambda = client(var("AWS_ACCESS_KEY_ID")?, var("AWS_SECRET_ACCESS_KEY")?)?;
    let denied = client(var("DENIED_KEY_ID")?, var("DENIED_SECRET")?)?;
    let mut seen = Map::new();
    prepare(&lambda, &mut seen).await?;
    run(&lambda, &mut seen).await?;
    share(&lambda, &mut seen).await?;
    let name = var("NAME")?;
    seen.insert("denied".into(), refusal(denied.invoke().function_name(&name).send().await));
    lambda.delete_function().function_name(&name).send().await?;
    let gone = refusal(lambda.get_function().function_name(&name).send().await);
    seen.insert("deleted".into(), gone[0].clone());
    println!("{}", Value::Object(seen));
    Ok(())
}

fn client(key: String, secret: String) -> Result<Client> {
    let config = aws_sdk_lambda::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(var("ENDPOINT")?)
        .region(Region::new("us-east-1"))
        .retry_config(RetryConfig::disabled())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .credentials_provider(Credentials::from_keys(key, secret, None))
        .build();
    Ok(Client::from_conf(config))
}

/// The code, status and message of a refusal; null where there is none.
fn refusal<T, E: ProvideErrorMetadata>(answer: std::result::Result<T, SdkError<E>>) -> Value {
    let Err(error) = answer else { return Value::Null };
    let status = error.raw_response().map(|response| response.status().as_u16());
    json!([error.code(), status, error.message()])
}

async fn prepare(lambda: &Client, seen: &mut Map<String, Value>) -> Result<()> {
    let name = var("NAME")?;
    seen.insert("missing".into(), refusal(lambda.get_function().function_name(&name).send().await));
    let created = lambda
        .create_function()
        .function_name(&name)
        .role(var("ROLE")?)
        .runtime(Runtime::from(var("RUNTIME")?.as_str()))
        .handler("probe.handler")
        .code(FunctionCode::builder().zip_file(Blob::new(std::fs::read(var("ZIP")?)?)).build())
        .timeout(10)
        .tags("team", "red")
        .send()
        .await?;
    let state = created.state().map(|state| state.as_str());
    let runtime = created.runtime().map(|runtime| runtime.as_str());
    seen.insert("created".into(), json!([state, runtime, created.timeout(), created.code_size() > 0]));
    lambda.wait_until_function_active_v2().function_name(&name).wait(Duration::from_secs(30)).await?;
    let tags = lambda.list_tags().resource(created.function_arn().unwrap_or_default()).send().await?;
    seen.insert("tags".into(), json!(tags.tags()));
    let alias =
        |called, version| lambda.create_alias().function_name(&name).name(called).function_version(version);
    seen.insert("missingVersion".into(), refusal(alias("live", "7").send().await));
    seen.insert("invalid".into(), refusal(alias("2024", "$LATEST").send().await));
    let published = lambda.publish_version().function_name(&name).send().await?;
    seen.insert("published".into(), json!(published.version()));
    let version = lambda.wait_until_function_active_v2().function_name(&name).qualifier("1");
    version.wait(Duration::from_secs(30)).await?;
    alias("live", "1").send().await?;
    seen.insert("conflict".into(), refusal(alias("live", "1").send().await));
    Ok(())
}

async fn run(lambda: &Client, seen: &mut Map<String, Value>) -> Result<()> {
    let name = var("NAME")?;
    let invoke = || lambda.invoke().function_name(&name);
    let invoked =
        invoke().qualifier("live").payload(Blob::new(r#"{"a":1}"#)).log_type(LogType::Tail).send().await?;
    let payload: Value = from_slice(invoked.payload().map(Blob::as_ref).unwrap_or_default())?;
    let told =
        json!([invoked.status_code(), invoked.executed_version(), payload, invoked.log_result().is_some()]);
    seen.insert("invoked".into(), told);
    let failed = invoke().payload(Blob::new(r#"{"do":"nothing-known"}"#)).send().await?;
    seen.insert("failed".into(), json!(failed.function_error()));
    let stream = lambda.invoke_with_response_stream().function_name(&name);
    let mut stream = stream.payload(Blob::new(r#"{"b":2}"#)).send().await?;
    let (mut streamed, mut completed) = (Vec::new(), 0);
    while let Some(event) = stream.event_stream.recv().await? {
        match event {
            InvokeWithResponseStreamResponseEvent::PayloadChunk(chunk) => {
                streamed.extend_from_slice(chunk.payload().map(Blob::as_ref).unwrap_or_default());
            }
            InvokeWithResponseStreamResponseEvent::InvokeComplete(_) => completed += 1,
            _ => {}
        }
    }
    seen.insert("streamed".into(), json!([from_slice::<Value>(&streamed)?, completed]));
    Ok(())
}

async fn share(lambda: &Client, seen: &mut Map<String, Value>) -> Result<()> {
    let name = var("NAME")?;
    let permission = lambda
        .add_permission()
        .function_name(&name)
        .statement_id("s3")
        .action("lambda:InvokeFunction")
        .principal("s3.amazonaws.com")
        .source_account("111122223333")
        .source_arn("arn:aws:s3:::photos")
        .send()
        .await?;
    let statement: Value = from_str(permission.statement().unwrap_or_default())?;
    seen.insert("permission".into(), statement["Condition"].clone());
    let policy = lambda.get_policy().function_name(&name).send().await?;
    let policy: Value = from_str(policy.policy().unwrap_or_default())?;
    seen.insert("policy".into(), json!(policy["Statement"].as_array().map(Vec::len)));
    let reserved = lambda.put_function_concurrency().function_name(&name);
    let reserved = reserved.reserved_concurrent_executions(3).send().await?;
    seen.insert("reserved".into(), json!(reserved.reserved_concurrent_executions()));
    let mut pages = lambda.list_functions().into_paginator().page_size(1).send();
    let mut listed = false;
    while let Some(page) = pages.next().await {
        listed |= page?.functions().iter().any(|found| found.function_name() == Some(&name));
    }
    seen.insert("listed".into(), json!(listed));
    Ok(())
}
