//! Scene 7: between accounts both sides must agree.

use anyhow::{Context, Result};
use http::Method;
use serde_json::json;
use std::time::Duration;

use super::super::ACCOUNT;
use super::super::code::HELLO;
use super::super::stage::{Actor, Expected, Stage, must};

/// Somebody in another account.
pub(super) struct Neighbour {
    /// The other account.
    pub account: String,
    /// A user there.
    pub user: Actor,
    /// The administrator there.
    pub admin: Actor,
}

pub(super) async fn play(stage: &mut Stage) -> Result<Neighbour> {
    stage.scene("7. Another account invokes an alias only when both accounts allow it");
    let role = stage.execution_role("job-runs", &[]).await?;
    stage.active_function("job", &role, HELLO).await?;
    let admin = stage.administrator();
    must("PublishVersion", admin.client.lambda(Method::POST, "functions/job/versions", json!({})).await?)?;
    let alias = json!({"Name": "prod", "FunctionVersion": "1"});
    must("CreateAlias", admin.client.lambda(Method::POST, "functions/job/aliases", alias).await?)?;

    let mut neighbour = make_account(stage).await?;
    stage.add_reader(&neighbour.admin);
    let prod = format!("arn:aws:lambda:us-east-1:{ACCOUNT}:function:job:prod");
    let bare = format!("arn:aws:lambda:us-east-1:{ACCOUNT}:function:job");
    neighbour.user = stage.user(&neighbour.admin.client.clone(), "cora", None).await?;
    let (cora, account) = (neighbour.user.clone(), neighbour.account.clone());

    let answer = cora.client.invoke(&prod, json!({})).await;
    stage.step(&cora, "invokes job:prod with no rights on either side", Expected::Denied, answer).await?;
    let permission =
        json!({"StatementId": "neighbour", "Action": "lambda:InvokeFunction", "Principal": account});
    let path = "functions/job/policy?Qualifier=prod";
    must("AddPermission", admin.client.lambda(Method::POST, path, permission).await?)?;
    let answer = cora.client.invoke(&prod, json!({})).await;
    stage.step(&cora, "invokes job:prod, allowed by the alias only", Expected::Denied, answer).await?;
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "UseJob", "Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": [bare, format!("{bare}:*")]}]});
    stage.put_user_policy(&neighbour.admin.client, "cora", &policy).await?;
    let answer = cora.client.invoke(&prod, json!({})).await;
    stage.step(&cora, "invokes job:prod, allowed on both sides", Expected::Allowed, answer).await?;
    let answer = cora.client.invoke(&bare, json!({})).await;
    stage.step(&cora, "invokes the unqualified job", Expected::Denied, answer).await?;
    let answer = cora.client.invoke(&format!("{bare}:1"), json!({})).await;
    stage.step(&cora, "invokes version 1, to which prod points", Expected::Denied, answer).await?;
    Ok(neighbour)
}

/// Makes a second account and enters it as AWS's own procedure has it.
async fn make_account(stage: &Stage) -> Result<Neighbour> {
    let admin = stage.administrator();
    must("CreateOrganization", admin.client.organizations("CreateOrganization", json!({})).await?)?;
    let input = json!({"AccountName": "neighbour", "Email": "neighbour@example.com"});
    let answer = must("CreateAccount", admin.client.organizations("CreateAccount", input).await?)?.json();
    let request = answer.pointer("/CreateAccountStatus/Id").cloned().context("a request id")?;
    let mut account = None;
    for _ in 0..50 {
        let input = json!({"CreateAccountRequestId": request});
        let answer = admin.client.organizations("DescribeCreateAccountStatus", input).await?.json();
        account =
            answer.pointer("/CreateAccountStatus/AccountId").and_then(|id| id.as_str()).map(str::to_owned);
        if account.is_some() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let account = account.context("the account was not made")?;
    let role = format!("arn:aws:iam::{account}:role/OrganizationAccountAccessRole");
    let there = stage.assume(&admin, &role, None).await?;
    stage.say(&format!("account {account} was made; admin entered it through OrganizationAccountAccessRole"));
    Ok(Neighbour { account, user: there.clone(), admin: there })
}
