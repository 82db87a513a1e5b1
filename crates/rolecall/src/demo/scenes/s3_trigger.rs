//! Scene 6: S3 calls a function only as far as the function's own policy lets it.

use anyhow::Result;
use http::Method;
use serde_json::{Value, json};

use super::super::ACCOUNT;
use super::super::code::HELLO;
use super::super::stage::{Expected, Stage, must};
use super::execution_role::log_lines;

pub(super) async fn play(stage: &mut Stage) -> Result<()> {
    stage.scene("6. An upload calls a function only while the function lets that very bucket in");
    let role = stage.execution_role("thumbs-runs", &["service-role/AWSLambdaBasicExecutionRole"]).await?;
    stage.active_function("thumbs", &role, HELLO).await?;
    let admin = stage.administrator();
    must("CreateBucket", admin.client.s3(Method::PUT, "/photos", "").await?)?;
    let function = format!("arn:aws:lambda:us-east-1:{ACCOUNT}:function:thumbs");
    let notification = format!(
        "<NotificationConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><CloudFunctionConfiguration>\
         <CloudFunction>{function}</CloudFunction><Event>s3:ObjectCreated:*</Event>\
         </CloudFunctionConfiguration></NotificationConfiguration>"
    );
    let answer = admin.client.s3(Method::PUT, "/photos?notification=", &notification).await;
    let expected = Expected::Refused("Unable to validate the following destination configurations");
    stage.step(&admin, "lets photos call thumbs before thumbs lets photos in", expected, answer).await?;

    add_permission(stage, "wrong", "arn:aws:s3:::other-bucket").await?;
    let answer = admin.client.s3(Method::PUT, "/photos?notification=", &notification).await;
    stage.step(&admin, "tries again with a permission for another bucket", expected, answer).await?;
    add_permission(stage, "s3", "arn:aws:s3:::photos").await?;
    let answer = admin.client.s3(Method::PUT, "/photos?notification=", &notification).await;
    stage.step(&admin, "tries again with the right permission", Expected::Allowed, answer).await?;

    let answer = admin.client.s3(Method::PUT, "/photos/cat.jpg", "meow").await;
    stage.step(&admin, "uploads cat.jpg", Expected::Allowed, answer).await?;
    let lines = log_lines(stage, "thumbs", true).await?;
    let seen = lines.iter().filter(|line| line.starts_with("S3 put")).count();
    stage.found(&format!("the function was called {seen} time(s)"), seen == 1);

    let path = "functions/thumbs/policy/s3";
    must("RemovePermission", admin.client.lambda(Method::DELETE, path, Value::Null).await?)?;
    let answer = admin.client.s3(Method::PUT, "/photos/dog.jpg", "woof").await;
    stage.step(&admin, "uploads dog.jpg after RemovePermission", Expected::Allowed, answer).await?;
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    let lines = log_lines(stage, "thumbs", false).await?;
    let seen = lines.iter().filter(|line| line.starts_with("S3 put")).count();
    stage.found(&format!("the function was called {seen} time(s) in all: S3 was denied"), seen == 1);
    Ok(())
}

async fn add_permission(stage: &Stage, id: &str, bucket: &str) -> Result<()> {
    let input = json!({
        "StatementId": id, "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com",
        "SourceArn": bucket, "SourceAccount": ACCOUNT,
    });
    must("AddPermission", stage.admin.lambda(Method::POST, "functions/thumbs/policy", input).await?)
        .map(|_| ())
}
