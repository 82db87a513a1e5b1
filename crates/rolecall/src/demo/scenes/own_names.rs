//! Scene 1: a user works on functions that carry the own name, and on no other.

use anyhow::Result;
use http::Method;
use serde_json::{Value, json};

use super::super::code::HELLO;
use super::super::stage::{Expected, Stage};

pub(super) async fn play(stage: &mut Stage) -> Result<()> {
    stage.scene("1. Everybody works on functions that carry the own name");
    let role = stage.execution_role("ana-runs", &["service-role/AWSLambdaBasicExecutionRole"]).await?;
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "OwnFunctions", "Effect": "Allow", "Action": "lambda:*",
         "Resource": "arn:aws:lambda:*:*:function:${aws:username}-*"},
        {"Sid": "PassRoles", "Effect": "Allow", "Action": "iam:PassRole", "Resource": role},
    ]});
    stage.say("ana may do lambda:* on arn:aws:lambda:*:*:function:${aws:username}-*");
    let ana = stage.user(&stage.admin.clone(), "ana", Some(&policy)).await?;

    let input = stage.function("ana-hello", &role, HELLO, None)?;
    let answer = ana.client.lambda(Method::POST, "functions", input).await;
    stage.step(&ana, "creates ana-hello", Expected::Allowed, answer).await?;
    stage.wait_until_active("ana-hello").await?;
    let answer = ana.client.invoke("ana-hello", json!({"name": "ana"})).await;
    let answer = stage.step(&ana, "invokes ana-hello", Expected::Allowed, answer).await?;
    stage.found(&format!("it answers {}", answer.text()), answer.member("hello").as_deref() == Some("ana"));
    let answer = ana.client.invoke("ben-hello", json!({})).await;
    stage.step(&ana, "invokes ben-hello, which does not even exist", Expected::Denied, answer).await?;
    let input = stage.function("ben-hello", &role, HELLO, None)?;
    let answer = ana.client.lambda(Method::POST, "functions", input).await;
    stage.step(&ana, "creates ben-hello", Expected::Denied, answer).await?;
    let answer = ana.client.lambda(Method::DELETE, "functions/ana-hello", Value::Null).await;
    stage.step(&ana, "deletes ana-hello", Expected::Allowed, answer).await?;
    Ok(())
}
