//! A function on AWS's own runtime for Rust: answers what it was asked, fails, panics, or streams.

use std::time::Duration;

use lambda_runtime::streaming::{Body, Response, channel};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    if std::env::var_os("STREAMS").is_some() {
        return run(service_fn(stream)).await;
    }
    run(service_fn(answer)).await
}

async fn answer(event: LambdaEvent<Value>) -> Result<Value, Error> {
    let LambdaEvent { payload, context } = event;
    match payload["do"].as_str() {
        Some("fail") => Err("it was asked to fail".into()),
        Some("panic") => panic!("it was asked to panic"),
        _ => Ok(json!({
            "payload": payload,
            "requestId": context.request_id,
            "arn": context.invoked_function_arn,
            "memory": context.env_config.memory,
            "hasDeadline": context.deadline > 0,
        })),
    }
}

async fn stream(_: LambdaEvent<Value>) -> Result<Response<Body>, Error> {
    let (mut sender, body) = channel();
    tokio::spawn(async move {
        for part in ["one ", "two ", "three"] {
            if sender.send_data(part.into()).await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    Ok(Response::from(body))
}
