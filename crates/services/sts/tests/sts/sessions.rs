//! GetSessionToken and what its credentials may call.

use rolecall_authority::{Caller, SessionHolder};
use rolecall_testkit::ACCOUNT;
use rolecall_wire::sts::{GetCallerIdentityRequest, GetSessionTokenRequest, GetSessionTokenResponse, Input};

use crate::fixture::{Town, holder, parts, policy, request, trust_account};

fn caller_of(town: &Town, answer: &GetSessionTokenResponse) -> Caller {
    let token = answer.credentials.as_ref().unwrap().session_token.as_ref().unwrap();
    town.house.platform.authority.session_caller(token).unwrap()
}

fn lasts_s(town: &Town, answer: &GetSessionTokenResponse) -> i64 {
    let expiration = answer.credentials.as_ref().unwrap().expiration.unwrap();
    (expiration.epoch_ms() - town.house.platform.now_ms() + 999) / 1000
}

#[tokio::test]
async fn a_user_gets_credentials_of_its_own_whatever_policies_say() {
    let town = Town::new().await;
    let ana = town.house.add_user(ACCOUNT, "ana", Some(&policy(&[("Deny", "*", "*")]))).await;
    let answer = town.session_token(&ana, None).await.unwrap();
    assert!((43_190..=43_200).contains(&lasts_s(&town, &answer)));
    let session = caller_of(&town, &answer);
    assert_eq!(session.arn(), ana.arn());
    assert!(matches!(holder(&session), SessionHolder::User { user_name, .. } if user_name == "ana"));
}

#[tokio::test]
async fn a_root_user_gets_an_hour_at_most() {
    let town = Town::new().await;
    for duration in [None, Some(7200)] {
        let answer = town.session_token(&town.house.root(), duration).await.unwrap();
        assert!((3590..=3600).contains(&lasts_s(&town, &answer)));
        assert!(matches!(holder(&caller_of(&town, &answer)), SessionHolder::Root { .. }));
    }
    let short = town.session_token(&town.house.root(), Some(900)).await.unwrap();
    assert!((890..=900).contains(&lasts_s(&town, &short)));
}

#[tokio::test]
async fn session_credentials_get_no_session_token() {
    let town = Town::new().await;
    let ana = town.house.add_user(ACCOUNT, "ana", Some(&policy(&[("Allow", "*", "*")]))).await;
    town.house.add_role("r", &trust_account(ACCOUNT), None).await;
    let own = caller_of(&town, &town.session_token(&ana, None).await.unwrap());
    let of_role = town.assumed(&ana, request("r")).await;
    for caller in [own, of_role] {
        let error = town.session_token(&caller, None).await.unwrap_err();
        let message = "Cannot call GetSessionToken with session credentials";
        assert_eq!(parts(error), (403, "AccessDenied".into(), message.into()));
    }
}

#[tokio::test]
async fn its_credentials_assume_roles_and_learn_who_they_are() {
    let town = Town::new().await;
    let ana = town.house.add_user(ACCOUNT, "ana", Some(&policy(&[("Allow", "*", "*")]))).await;
    town.house.add_role("r", &trust_account(ACCOUNT), None).await;
    let session = caller_of(&town, &town.session_token(&ana, None).await.unwrap());
    assert!(town.assume(&session, request("r")).await.is_ok());
    assert!(town.call(&session, Input::GetCallerIdentity(GetCallerIdentityRequest)).await.is_ok());
    let root = caller_of(&town, &town.session_token(&town.house.root(), None).await.unwrap());
    let error = town.assume(&root, request("r")).await.unwrap_err();
    assert_eq!(parts(error).2, "Roles may not be assumed by root accounts.");
}

#[tokio::test]
async fn a_code_of_a_device_that_is_not_there_is_refused() {
    let town = Town::new().await;
    let ana = town.house.add_user(ACCOUNT, "ana", None).await;
    let input = GetSessionTokenRequest { token_code: Some("123456".to_owned().into()), ..Default::default() };
    let error = town.call(&ana, Input::GetSessionToken(input)).await.unwrap_err();
    assert_eq!((error.status, &*error.code), (403, "AccessDenied"));
}

#[tokio::test]
async fn services_and_strangers_get_none() {
    let town = Town::new().await;
    for caller in [Caller::anonymous(), Caller::service("lambda.amazonaws.com")] {
        assert!(town.session_token(&caller, None).await.is_err());
    }
}
