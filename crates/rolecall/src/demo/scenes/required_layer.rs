//! Scene 2: a layer that every function must have.

use anyhow::{Context, Result};
use http::Method;
use serde_json::json;

use super::super::code::{HELLO, zip};
use super::super::stage::{Expected, Stage, must};

pub(super) async fn play(stage: &mut Stage) -> Result<()> {
    stage.scene("2. Functions must use the company's layer");
    let role = stage.execution_role("layered", &[]).await?;
    let company = publish_layer(stage, "company").await?;
    let other = publish_layer(stage, "other").await?;
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "WithCompanyLayer", "Effect": "Allow", "Action": "lambda:CreateFunction", "Resource": "*",
         "Condition": {
            "ForAllValues:StringLike": {"lambda:Layer": "arn:aws:lambda:*:*:layer:company:*"},
            "Null": {"lambda:Layer": "false"}}},
        {"Sid": "ReadLayers", "Effect": "Allow", "Action": "lambda:GetLayerVersion", "Resource": "*"},
        {"Sid": "PassRoles", "Effect": "Allow", "Action": "iam:PassRole", "Resource": role},
    ]});
    let lea = stage.user(&stage.admin.clone(), "lea", Some(&policy)).await?;
    let tries: [(&str, &[&str], Expected); 3] = [
        ("creates a function with the company's layer", &[&company], Expected::Allowed),
        ("creates a function with another layer", &[&other], Expected::Denied),
        ("creates a function without a layer", &[], Expected::Denied),
    ];
    for (index, (what, layers, expected)) in tries.into_iter().enumerate() {
        let layers = (!layers.is_empty()).then_some(layers);
        let input = stage.function(&format!("layered-{index}"), &role, HELLO, layers)?;
        let answer = lea.client.lambda(Method::POST, "functions", input).await;
        stage.step(&lea, what, expected, answer).await?;
    }
    Ok(())
}

/// Publishes a layer behind the scenes; the layer version's ARN.
pub(super) async fn publish_layer(stage: &Stage, name: &str) -> Result<String> {
    let content = data_encoding::BASE64.encode(&zip("python/shared.py", "NAME = 'shared'\n")?);
    let path = format!("/2018-10-31/layers/{name}/versions");
    let answer = stage.admin.lambda(Method::POST, &path, json!({"Content": {"ZipFile": content}})).await?;
    must("PublishLayerVersion", answer)?.member("LayerVersionArn").context("a layer version's ARN")
}
