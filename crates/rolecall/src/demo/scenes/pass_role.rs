//! Scene 4: handing a role to a function is a right of its own.

use anyhow::Result;
use http::Method;
use serde_json::json;

use super::super::ACCOUNT;
use super::super::code::HELLO;
use super::super::stage::{Expected, Stage};

pub(super) async fn play(stage: &mut Stage) -> Result<()> {
    stage.scene(
        "4. A role can be given to a function only by who may pass it, and only if Lambda may assume it",
    );
    let role = stage.execution_role("passable", &[]).await?;
    let people_only =
        stage.role("people-only", &json!({"AWS": format!("arn:aws:iam::{ACCOUNT}:root")})).await?;
    let create =
        json!({"Sid": "Create", "Effect": "Allow", "Action": "lambda:CreateFunction", "Resource": "*"});
    let pass = json!({"Sid": "Pass", "Effect": "Allow", "Action": "iam:PassRole", "Resource": "*",
        "Condition": {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}});
    let only_create = json!({"Version": "2012-10-17", "Statement": [create]});
    let both = json!({"Version": "2012-10-17", "Statement": [create, pass]});

    let admin = stage.admin.clone();
    let ida = stage.user(&admin, "ida", Some(&only_create)).await?;
    let input = stage.function("passed", &role, HELLO, None)?;
    let answer = ida.client.lambda(Method::POST, "functions", input.clone()).await;
    stage.step(&ida, "creates a function without iam:PassRole", Expected::Denied, answer).await?;
    stage.put_user_policy(&admin, "ida", &both).await?;
    let answer = ida.client.lambda(Method::POST, "functions", input).await;
    stage.step(&ida, "creates it with iam:PassRole", Expected::Allowed, answer).await?;
    let input = stage.function("not-assumable", &people_only, HELLO, None)?;
    let answer = ida.client.lambda(Method::POST, "functions", input).await;
    let expected = Expected::Refused("The role defined for the function cannot be assumed by Lambda.");
    stage.step(&ida, "creates one with a role that Lambda may not assume", expected, answer).await?;
    Ok(())
}
