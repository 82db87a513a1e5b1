//! GetCallerIdentity.

use rolecall_authority::Caller;
use rolecall_testkit::ACCOUNT;
use rolecall_wire::sts::{GetCallerIdentityRequest, Input, Output};

use crate::fixture::{Town, policy, request, trust_account};

async fn ask(town: &Town, caller: &Caller) -> (String, String, String) {
    match town.call(caller, Input::GetCallerIdentity(GetCallerIdentityRequest)).await {
        Ok(Output::GetCallerIdentity(answer)) => {
            (answer.arn.unwrap(), answer.account.unwrap(), answer.user_id.unwrap())
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn everybody_learns_who_they_are_whatever_policies_say() {
    let town = Town::new().await;
    let deny = town.house.add_user(ACCOUNT, "ana", Some(&policy(&[("Deny", "*", "*")]))).await;
    let (arn, account, id) = ask(&town, &deny).await;
    assert_eq!((arn, account.as_str()), (format!("arn:aws:iam::{ACCOUNT}:user/ana"), ACCOUNT));
    assert!(id.starts_with("AIDA"));
    let root = (format!("arn:aws:iam::{ACCOUNT}:root"), ACCOUNT.to_owned(), ACCOUNT.to_owned());
    assert_eq!(ask(&town, &town.house.root()).await, root);
}

#[tokio::test]
async fn a_session_shows_its_role_without_the_path() {
    let town = Town::new().await;
    let ana = town.house.add_user(ACCOUNT, "ana", Some(&policy(&[("Allow", "*", "*")]))).await;
    town.house.add_role("r", &trust_account(ACCOUNT), None).await;
    let session = town.assumed(&ana, request("r")).await;
    let (arn, _, id) = ask(&town, &session).await;
    assert_eq!(arn, format!("arn:aws:sts::{ACCOUNT}:assumed-role/r/session"));
    assert!(id.starts_with("AROA") && id.ends_with(":session"), "{id}");
}

#[tokio::test]
async fn nobody_is_refused() {
    let town = Town::new().await;
    let error = town
        .call(&Caller::anonymous(), Input::GetCallerIdentity(GetCallerIdentityRequest))
        .await
        .unwrap_err();
    assert_eq!((error.status, &*error.code), (403, "MissingAuthenticationToken"));
}
