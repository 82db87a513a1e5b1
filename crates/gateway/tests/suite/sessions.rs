//! A session policy narrows what a session may do, whatever service it calls.

use rolecall_testkit::ACCOUNT;

use crate::message::Message;
use crate::server::{ALLOW_ALL, Server};
use crate::wire_shapes::{SHAPES, Shape};
use rolecall_sigv4::{Credentials, SecretKey, SessionToken};

fn element(text: &str, name: &str) -> String {
    let (_, rest) = text.split_once(&format!("<{name}>")).unwrap();
    rest.split_once('<').unwrap().0.to_owned()
}

/// A session of a role that may do everything, narrowed by a session policy where one is given.
pub async fn assume(server: &Server, admin: &Credentials, policy: Option<&str>) -> Credentials {
    let mut call = Message::form("sts", "AssumeRole");
    let encode = |text: &str| -> String { text.bytes().map(|byte| format!("%{byte:02X}")).collect() };
    let role = encode(&format!("arn:aws:iam::{ACCOUNT}:role/all"));
    call.body.extend(format!("&RoleSessionName=session&RoleArn={role}").into_bytes());
    if let Some(policy) = policy {
        call.body.extend(format!("&Policy={}", encode(policy)).into_bytes());
    }
    let reply = call.signed(admin, "sts").send(server.address).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    Credentials {
        access_key_id: element(&reply.body, "AccessKeyId"),
        secret: SecretKey::new(element(&reply.body, "SecretAccessKey")),
        session_token: Some(SessionToken::new(element(&reply.body, "SessionToken"))),
    }
}

/// The role that [`assume`] assumes.
pub async fn add_role(server: &Server) {
    let trust = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{{"AWS":"{ACCOUNT}"}}}}]}}"#
    );
    server.house.add_role("all", &trust, Some(ALLOW_ALL)).await;
}

#[tokio::test]
async fn a_session_policy_narrows_every_service_mistake_3() {
    let server = Server::start().await;
    let admin = server.admin().await;
    add_role(&server).await;
    let narrow = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"events:PutEvents","Resource":"*"}]}"#;
    // A policy that only denies is no allow either.
    let denying = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"events:PutEvents","Resource":"*"}]}"#;
    let whole = assume(&server, &admin, None).await;
    for policy in [narrow, denying] {
        let narrowed = assume(&server, &admin, Some(policy)).await;
        for Shape { service, call, denied, .. } in SHAPES.iter().filter(|shape| shape.service != "sts") {
            let reply = call().signed(&whole, service).send(server.address).await;
            assert!(!reply.body.contains("AccessDenied"), "{service}: {reply:?}");
            let reply = call().signed(&narrowed, service).send(server.address).await;
            reply.refuses(denied.0, denied.1);
            assert!(reply.header("x-rolecall-decision").is_some(), "{service}: {reply:?}");
        }
        // Nor does it make a wider session of another role.
        let mut wider = Message::form("sts", "AssumeRole");
        let role = format!("&RoleSessionName=wider&RoleArn=arn%3Aaws%3Aiam%3A%3A{ACCOUNT}%3Arole%2Fall");
        wider.body.extend(role.into_bytes());
        wider.signed(&narrowed, "sts").send(server.address).await.refuses(403, "AccessDenied");
    }
}
