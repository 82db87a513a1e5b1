//! Scene 3: the ways to a right, and what narrows it.

use anyhow::Result;
use serde_json::{Value, json};

use super::super::ACCOUNT;
use super::super::code::HELLO;
use super::super::stage::{Expected, Stage};

fn document(sid: &str, effect: &str, action: &str, resource: &str) -> Value {
    let statement = json!({"Sid": sid, "Effect": effect, "Action": action, "Resource": resource});
    json!({"Version": "2012-10-17", "Statement": [statement]})
}

pub(super) async fn play(stage: &mut Stage) -> Result<()> {
    stage.scene("3. Rights through a group, a role, a boundary, a session policy; a deny beats them all");
    let runs = stage.execution_role("shared-runs", &[]).await?;
    stage.active_function("shared", &runs, HELLO).await?;
    let invoke = |effect: &str, sid: &str| document(sid, effect, "lambda:InvokeFunction", "*").to_string();

    let mia = stage.user(&stage.admin.clone(), "mia", None).await?;
    let answer = mia.client.invoke("shared", json!({})).await;
    stage.step(&mia, "invokes shared, with no policy at all", Expected::Denied, answer).await?;
    stage.iam("CreateGroup", &[("GroupName", "callers")]).await?;
    let allow = invoke("Allow", "GroupMayInvoke");
    let parameters = [("GroupName", "callers"), ("PolicyName", "own"), ("PolicyDocument", &allow)];
    stage.iam("PutGroupPolicy", &parameters).await?;
    stage.iam("AddUserToGroup", &[("GroupName", "callers"), ("UserName", "mia")]).await?;
    let answer = mia.client.invoke("shared", json!({})).await;
    stage.step(&mia, "invokes shared as a member of the group callers", Expected::Allowed, answer).await?;

    let role = stage.role("caller", &json!({"AWS": format!("arn:aws:iam::{ACCOUNT}:user/mia")})).await?;
    let allow = invoke("Allow", "RoleMayInvoke");
    stage
        .iam("PutRolePolicy", &[("RoleName", "caller"), ("PolicyName", "own"), ("PolicyDocument", &allow)])
        .await?;
    let as_role = stage.assume(&mia, &role, None).await?;
    let answer = as_role.client.invoke("shared", json!({})).await;
    stage.step(&as_role, "invokes shared as a role", Expected::Allowed, answer).await?;
    let narrow = document("OnlyList", "Allow", "lambda:ListFunctions", "*");
    let narrowed = stage.assume(&mia, &role, Some(&narrow)).await?;
    let answer = narrowed.client.invoke("shared", json!({})).await;
    stage
        .step(&narrowed, "invokes shared in a session whose policy lacks it", Expected::Denied, answer)
        .await?;

    let boundary = document("NoInvoke", "Allow", "lambda:Get*", "*").to_string();
    stage.iam("CreatePolicy", &[("PolicyName", "only-read"), ("PolicyDocument", &boundary)]).await?;
    let boundary = format!("arn:aws:iam::{ACCOUNT}:policy/only-read");
    let parameters = [("RoleName", "caller"), ("PermissionsBoundary", boundary.as_str())];
    stage.iam("PutRolePermissionsBoundary", &parameters).await?;
    let answer = as_role.client.invoke("shared", json!({})).await;
    stage.step(&as_role, "invokes shared, now bounded to reading", Expected::Denied, answer).await?;
    stage.iam("DeleteRolePermissionsBoundary", &[("RoleName", "caller")]).await?;

    let deny = invoke("Deny", "NobodyInvokes");
    stage
        .iam("PutRolePolicy", &[("RoleName", "caller"), ("PolicyName", "deny"), ("PolicyDocument", &deny)])
        .await?;
    let answer = as_role.client.invoke("shared", json!({})).await;
    stage.step(&as_role, "invokes shared against an explicit deny", Expected::Denied, answer).await?;
    Ok(())
}
