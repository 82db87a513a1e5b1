//! Scene 8: a layer version is shared with an account, or it is not.

use anyhow::{Context, Result};
use http::Method;
use serde_json::json;

use super::super::code::HELLO;
use super::super::stage::{Expected, Stage, must};
use super::other_account::Neighbour;
use super::required_layer::publish_layer;

pub(super) async fn play(stage: &mut Stage, neighbour: &Neighbour) -> Result<()> {
    stage.scene("8. Another account uses a layer version only after AddLayerVersionPermission");
    let layer = publish_layer(stage, "tools").await?;
    let trust = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]});
    let trust = trust.to_string();
    let parameters = [("RoleName", "runs"), ("AssumeRolePolicyDocument", trust.as_str())];
    let role = must("CreateRole", neighbour.admin.client.iam("CreateRole", &parameters).await?)?;
    let role = role.element("Arn").context("a role's ARN")?;

    let there = &neighbour.admin;
    let input = stage.function("with-tools", &role, HELLO, Some(&[&layer]))?;
    let answer = there.client.lambda(Method::POST, "functions", input.clone()).await;
    stage.step(there, "creates a function with the layer tools", Expected::Denied, answer).await?;
    let permission = json!({
        "StatementId": "neighbour", "Action": "lambda:GetLayerVersion", "Principal": neighbour.account,
    });
    let path = "/2018-10-31/layers/tools/versions/1/policy";
    must("AddLayerVersionPermission", stage.admin.lambda(Method::POST, path, permission).await?)?;
    let answer = there.client.lambda(Method::POST, "functions", input).await;
    stage.step(there, "creates it again, now that the layer is shared", Expected::Allowed, answer).await?;
    Ok(())
}
