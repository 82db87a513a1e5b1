//! Scene 5: a function has its role's rights, and no others.

use anyhow::Result;
use http::Method;
use serde_json::json;
use std::time::Duration;

use super::super::code::{HELLO, READER};
use super::super::stage::{Expected, Stage, must};

pub(super) async fn play(stage: &mut Stage) -> Result<()> {
    stage.scene("5. A function has logs, and reads an object, only when its role may");
    let with = stage.execution_role("logging", &["service-role/AWSLambdaBasicExecutionRole"]).await?;
    let without = stage.execution_role("silent", &[]).await?;
    stage.active_function("with-logs", &with, HELLO).await?;
    stage.active_function("without-logs", &without, HELLO).await?;
    let admin = stage.administrator();
    for name in ["with-logs", "without-logs"] {
        let answer = admin.client.invoke(name, json!({"name": name})).await;
        stage.step(&admin, &format!("invokes {name}"), Expected::Allowed, answer).await?;
    }
    let lines = log_lines(stage, "with-logs", true).await?;
    let printed = lines.iter().any(|line| line.starts_with("greeting with-logs"));
    stage.found(&format!("/aws/lambda/with-logs has {} lines", lines.len()), printed);
    for line in &lines {
        stage.say(&format!("   {}", line.trim_end()));
    }
    let lines = log_lines(stage, "without-logs", false).await?;
    let text = format!("/aws/lambda/without-logs has {} lines: its role may not write any", lines.len());
    stage.found(&text, lines.is_empty());

    must("CreateBucket", admin.client.s3(Method::PUT, "/papers", "").await?)?;
    must("PutObject", admin.client.s3(Method::PUT, "/papers/plan.txt", "the plan").await?)?;
    stage.active_function("reader", &with, READER).await?;
    let event = json!({"path": "/papers/plan.txt"});
    let answer = admin.client.invoke("reader", event.clone()).await;
    let answer =
        stage.step(&admin, "invokes reader, whose role may not read S3", Expected::Allowed, answer).await?;
    stage.found(
        &format!("the function answers {}", answer.text()),
        answer.json().get("refused") == Some(&json!(403)),
    );
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "ReadPapers", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::papers/*"}]});
    let policy = policy.to_string();
    stage
        .iam("PutRolePolicy", &[("RoleName", "logging"), ("PolicyName", "s3"), ("PolicyDocument", &policy)])
        .await?;
    let answer = admin.client.invoke("reader", event).await;
    let answer =
        stage.step(&admin, "invokes it again, now that the role may", Expected::Allowed, answer).await?;
    stage.found(
        &format!("the function answers {}", answer.text()),
        answer.member("read").as_deref() == Some("the plan"),
    );
    Ok(())
}

/// The lines of a function's log. Logs arrive a moment after the answer, so lines that shall be there are waited for.
pub(super) async fn log_lines(stage: &Stage, function: &str, wait: bool) -> Result<Vec<String>> {
    let input = json!({"logGroupName": format!("/aws/lambda/{function}")});
    for _ in 0..100 {
        let answer = stage.admin.logs("FilterLogEvents", input.clone()).await?.json();
        let events = answer.get("events").and_then(|events| events.as_array()).cloned().unwrap_or_default();
        let lines: Vec<String> =
            events.iter().filter_map(|event| event.get("message")?.as_str().map(str::to_owned)).collect();
        if !wait || lines.iter().any(|line| line.starts_with("REPORT")) {
            return Ok(lines);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(Vec::new())
}
