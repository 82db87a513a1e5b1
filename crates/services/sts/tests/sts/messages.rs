//! DecodeAuthorizationMessage: who may read what a denial carried, and what is no such message.

use rolecall_authority::{Caller, Check};
use rolecall_testkit::{ACCOUNT, OTHER_ACCOUNT};
use rolecall_wire::ServiceError;
use rolecall_wire::sts::{DecodeAuthorizationMessageRequest, Input, Output};
use serde_json::Value;

use crate::fixture::{Town, parts, policy};

const ACTION: &str = "sts:DecodeAuthorizationMessage";

async fn decode(town: &Town, caller: &Caller, encoded: &str) -> Result<Value, ServiceError> {
    let input = DecodeAuthorizationMessageRequest { encoded_message: encoded.to_owned() };
    match town.call(caller, Input::DecodeAuthorizationMessage(input)).await? {
        Output::DecodeAuthorizationMessage(answer) => {
            Ok(serde_json::from_str(&answer.decoded_message.unwrap()).unwrap())
        }
        other => panic!("{other:?}"),
    }
}

/// The encoded message of a denial that the caller gets.
fn denied(town: &Town, caller: &Caller) -> String {
    let check = Check::on_all("ec2:DescribeVpcs").key("ec2:Region", "us-east-1").encoding_denial();
    let denied = town.house.platform.authority.authorize(&town.house.call(caller), check).unwrap_err();
    denied.encoded_message.unwrap()
}

#[tokio::test]
async fn who_may_decode_reads_what_was_denied() {
    let town = Town::new().await;
    let deny = policy(&[("Allow", "*", "*"), ("Deny", "ec2:Describe*", "*")]);
    let ana = town.house.add_user(ACCOUNT, "ana", Some(&deny)).await;
    let encoded = denied(&town, &ana);
    let reader = town.house.add_user(ACCOUNT, "reader", Some(&policy(&[("Allow", ACTION, "*")]))).await;
    let message = decode(&town, &reader, &encoded).await.unwrap();
    assert_eq!((&message["allowed"], &message["explicitDeny"]), (&Value::Bool(false), &Value::Bool(true)));
    assert_eq!(message["context"]["principal"]["arn"], ana.arn());
    assert_eq!(message["context"]["action"], "ec2:DescribeVpcs");
    let statement = &message["matchedStatements"]["items"][0];
    assert_eq!(statement["effect"], "DENY");
    assert_eq!(statement["actions"]["items"][0]["value"], "ec2:Describe*");
    let conditions = message["context"]["conditions"]["items"].as_array().unwrap();
    assert!(conditions.iter().any(|condition| condition["key"] == "ec2:Region"));
}

#[tokio::test]
async fn who_may_not_decode_is_denied() {
    let town = Town::new().await;
    let silent = town.house.add_user(ACCOUNT, "silent", None).await;
    let forbidden = policy(&[("Allow", "*", "*"), ("Deny", ACTION, "*")]);
    let forbidden = town.house.add_user(ACCOUNT, "forbidden", Some(&forbidden)).await;
    let encoded = denied(&town, &silent);
    for (caller, reason) in [
        (&silent, format!("because no identity-based policy allows the {ACTION} action")),
        (&forbidden, "with an explicit deny in an identity-based policy".to_owned()),
    ] {
        let message =
            format!("User: {} is not authorized to perform: {ACTION} on resource: * {reason}", caller.arn());
        let error = decode(&town, caller, &encoded).await.unwrap_err();
        assert_eq!(parts(error), (403, "AccessDenied".into(), message));
    }
}

#[tokio::test]
async fn what_this_server_did_not_encode_for_the_account_is_no_message() {
    let town = Town::new().await;
    let ana = town.house.add_user(ACCOUNT, "ana", None).await;
    let encoded = denied(&town, &ana);
    let admin = policy(&[("Allow", "*", "*")]);
    let reader = town.house.add_user(ACCOUNT, "reader", Some(&admin)).await;
    let stranger = town.house.add_user(OTHER_ACCOUNT, "stranger", Some(&admin)).await;
    let token = town.session_token(&reader, None).await.unwrap().credentials.unwrap().session_token.unwrap();
    let altered = encoded.chars().rev().collect::<String>();
    for (caller, text) in
        [(&stranger, encoded.as_str()), (&reader, &altered), (&reader, "no message"), (&reader, &token)]
    {
        let error = decode(&town, caller, text).await.unwrap_err();
        let expected = (400, "InvalidAuthorizationMessageException".into(), "Message is not valid".into());
        assert_eq!(parts(error), expected);
    }
    decode(&town, &reader, &encoded).await.unwrap();
}
