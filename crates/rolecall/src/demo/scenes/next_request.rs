//! Scene 9: a right that is taken away is gone at once.

use anyhow::Result;
use serde_json::{Value, json};

use super::super::code::HELLO;
use super::super::stage::{Expected, Stage};

const ATTACHED: &str = "arn:aws:iam::aws:policy/service-role/AWSLambdaRole";

pub(super) async fn play(stage: &mut Stage) -> Result<()> {
    stage.scene("9. What is taken away is gone on the very next request");
    let role = stage.execution_role("gone-runs", &[]).await?;
    stage.active_function("gone", &role, HELLO).await?;
    let zoe = stage.user(&stage.admin.clone(), "zoe", None).await?;
    stage.iam("AttachUserPolicy", &[("UserName", "zoe"), ("PolicyArn", ATTACHED)]).await?;
    let answer = zoe.client.invoke("gone", json!({})).await;
    stage.step(&zoe, "invokes gone with AWSLambdaRole attached", Expected::Allowed, answer).await?;
    stage.iam("DetachUserPolicy", &[("UserName", "zoe"), ("PolicyArn", ATTACHED)]).await?;
    let answer = zoe.client.invoke("gone", json!({})).await;
    stage.step(&zoe, "invokes it just after the policy was detached", Expected::Denied, answer).await?;

    stage.iam("AttachUserPolicy", &[("UserName", "zoe"), ("PolicyArn", ATTACHED)]).await?;
    let answer = stage.iam("ListAccessKeys", &[("UserName", "zoe")]).await?;
    let key = answer.element("AccessKeyId").unwrap_or_default();
    let parameters = [("UserName", "zoe"), ("AccessKeyId", key.as_str()), ("Status", "Inactive")];
    stage.iam("UpdateAccessKey", &parameters).await?;
    let answer = zoe.client.lambda(http::Method::GET, "functions/gone", Value::Null).await;
    let expected = Expected::Refused("The security token included in the request is invalid.");
    stage.step(&zoe, "calls with a key that was just deactivated", expected, answer).await?;
    Ok(())
}
