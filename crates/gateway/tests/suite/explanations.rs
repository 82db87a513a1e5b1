//! Explanations of decisions: for the accounts that had a part in them, each its own side.

use rolecall_testkit::{ACCOUNT, OTHER_ACCOUNT};

use crate::message::{Message, Reply};
use crate::server::{ALLOW_ALL, Server};
use rolecall_sigv4::Credentials;

async fn explain(server: &Server, who: &Credentials, id: &str) -> Reply {
    let page = Message::new("GET", &format!("/_rolecall/decisions/{id}"), "");
    page.signed(who, "rolecall").send(server.address).await
}

async fn denied(server: &Server, who: &Credentials, call: Message, service: &str) -> String {
    let reply = call.signed(who, service).send(server.address).await;
    assert!((400..404).contains(&reply.status), "{reply:?}");
    reply.header("x-rolecall-decision").expect("a denial names its decision").to_owned()
}

#[tokio::test]
async fn a_denial_is_explained_at_once_to_its_own_account_only() {
    let server = Server::start().await;
    let (admin, ana) = (server.admin().await, server.user(ACCOUNT, "ana", None).await);
    let stranger = server.user(OTHER_ACCOUNT, "stranger", Some(ALLOW_ALL)).await;
    let id = denied(&server, &ana, Message::new("GET", "/2015-03-31/functions", ""), "lambda").await;

    let reply = explain(&server, &admin, &id).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    assert!(reply.body.contains("lambda:ListFunctions"), "{reply:?}");
    explain(&server, &ana, &id).await.refuses(403, "AccessDenied");
    explain(&server, &stranger, &id).await.refuses(404, "NoSuchDecision");
    explain(&server, &admin, "00000000-0000-4000-8000-000000000000").await.refuses(404, "NoSuchDecision");
    explain(&server, &admin, "x'--").await.refuses(400, "InvalidDecisionId");
    let page = format!("/_rolecall/decisions/{id}");
    Message::new("GET", &page, "").send(server.address).await.refuses(403, "MissingAuthenticationToken");
    // A signature for another service opens no page.
    let reply = Message::new("GET", &page, "").signed(&admin, "iam").send(server.address).await;
    assert_eq!(reply.status, 404, "{reply:?}");
    // What is signed is what is routed, here too.
    let dotted = format!("/_rolecall/decisions/x/../{id}");
    let reply = Message::new("GET", &dotted, "").signed(&admin, "rolecall").send(server.address).await;
    assert_eq!(reply.status, 200, "{reply:?}");
}

#[tokio::test]
async fn each_account_reads_its_own_side_of_a_decision_between_two() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let policy = r#"{"Version":"2012-10-17","Statement":[
        {"Sid":"SecretOfTheCaller","Effect":"Allow","Action":"s3:*","Resource":"*"},
        {"Sid":"Explain","Effect":"Allow","Action":"rolecall:*","Resource":"*"}]}"#;
    let neighbour = server.user(OTHER_ACCOUNT, "neighbour", Some(policy)).await;
    let bucket = Message::new("PUT", "/shared", "").signed(&admin, "s3").send(server.address).await;
    assert_eq!(bucket.status, 200, "{bucket:?}");
    let policy = r#"{"Version":"2012-10-17","Statement":[
        {"Sid":"SecretOfTheOwner","Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::shared/*"}]}"#;
    let put = Message::new("PUT", "/shared?policy", policy).signed(&admin, "s3").send(server.address).await;
    assert_eq!(put.status, 200, "{put:?}");

    let id = denied(&server, &neighbour, Message::new("GET", "/shared/key", ""), "s3").await;
    let owner = explain(&server, &admin, &id).await;
    assert!(owner.body.contains("SecretOfTheOwner"), "{owner:?}");
    assert!(!owner.body.contains("SecretOfTheCaller"), "{owner:?}");
    let caller = explain(&server, &neighbour, &id).await;
    assert!(caller.body.contains("SecretOfTheCaller") || caller.body.contains("\"identity\""), "{caller:?}");
    assert!(!caller.body.contains("SecretOfTheOwner"), "{caller:?}");
    assert!(!caller.body.contains("explicit deny"), "{caller:?}");
}

#[tokio::test]
async fn a_caller_does_not_read_how_near_the_resource_of_another_account_came_to_letting_it_in() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let policy =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"rolecall:*","Resource":"*"}]}"#;
    let neighbour = server.user(OTHER_ACCOUNT, "neighbour", Some(policy)).await;
    let bucket = Message::new("PUT", "/shared", "").signed(&admin, "s3").send(server.address).await;
    assert_eq!(bucket.status, 200, "{bucket:?}");
    let policy = r#"{"Version":"2012-10-17","Statement":[
        {"Sid":"SecretOfTheOwner","Effect":"Allow","Principal":"*","Action":"s3:GetObject",
         "Resource":"arn:aws:s3:::shared/*","Condition":{"StringEquals":{"aws:PrincipalTag/club":"secret"}}}]}"#;
    let put = Message::new("PUT", "/shared?policy", policy).signed(&admin, "s3").send(server.address).await;
    assert_eq!(put.status, 200, "{put:?}");

    let id = denied(&server, &neighbour, Message::new("GET", "/shared/key", ""), "s3").await;
    let owner = explain(&server, &admin, &id).await;
    assert_eq!(owner.status, 200, "{owner:?}");
    let caller = explain(&server, &neighbour, &id).await;
    assert_eq!(caller.status, 200, "{caller:?}");
    assert!(!caller.body.contains("SecretOfTheOwner"), "{caller:?}");
}

#[tokio::test]
async fn an_explanation_does_not_tell_which_roles_another_account_has() {
    let server = Server::start().await;
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"lambda.amazonaws.com"}}]}"#;
    server.house.add_role("made_", trust, None).await;
    let neighbour = server.user(OTHER_ACCOUNT, "neighbour", Some(ALLOW_ALL)).await;
    let mut told = Vec::new();
    for role in ["made_", "gone_"] {
        let mut call = Message::form("sts", "AssumeRole");
        let rest = format!("&RoleSessionName=session&RoleArn=arn%3Aaws%3Aiam%3A%3A{ACCOUNT}%3Arole%2F{role}");
        call.body.extend(rest.into_bytes());
        let id = denied(&server, &neighbour, call, "sts").await;
        let reply = explain(&server, &neighbour, &id).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        let explanation = reply.body.split_once("\"explanation\"").unwrap().1;
        let (before, context) = explanation.split_once("\"context\"").unwrap();
        let after = context.split_once("\"effect\"").unwrap().1;
        let same = format!("{before}{after}").replace(role, "ROLE").replace(&id, "ID");
        told.push(same);
    }
    assert_eq!(told[0], told[1]);
}
