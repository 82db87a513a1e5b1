//! Access keys.

use rolecall_testkit::ACCOUNT;
use rolecall_wire::iam::{self as wire, Input, Output};

use crate::fixture::{ALLOW_ALL, TARGET_KEY, Town, parts};

fn create(user: Option<&str>) -> Input {
    Input::CreateAccessKey(wire::CreateAccessKeyRequest { user_name: user.map(str::to_owned) })
}

#[tokio::test]
async fn the_secret_is_shown_once_and_works_at_once() {
    let town = Town::full().await;
    let Output::CreateAccessKey(made) = town.root(create(Some("bare"))).await else { panic!() };
    assert!(
        !format!("{made:?}")
            .contains(made.access_key.as_ref().unwrap().secret_access_key.as_ref().unwrap().as_str())
    );
    let key = made.access_key.unwrap();
    let (id, secret) = (key.access_key_id.unwrap(), key.secret_access_key.unwrap().into_inner());
    assert_eq!((id.len(), secret.len(), key.status.as_deref()), (20, 40, Some("Active")));
    let state = town.house.platform.store.read();
    let stored = state.access_keys.get(&id).unwrap();
    assert_eq!((stored.secret.expose(), stored.user.as_deref()), (secret.as_str(), Some("bare")));
    let list = wire::ListAccessKeysRequest { user_name: Some("bare".into()), ..Default::default() };
    let Output::ListAccessKeys(list) = town.root(Input::ListAccessKeys(list)).await else { panic!() };
    assert_eq!(list.access_key_metadata.unwrap().first().unwrap().access_key_id, Some(id));
}

#[tokio::test]
async fn nobody_has_more_than_two() {
    let town = Town::full().await;
    let message = "Cannot exceed quota for AccessKeysPerUser: 2".to_owned();
    for user in [Some("bare"), None] {
        town.root(create(user)).await;
        town.root(create(user)).await;
        assert_eq!(town.refusal(create(user)).await, ("LimitExceeded".into(), message.clone()));
    }
}

#[tokio::test]
async fn a_key_is_changed_only_through_its_own_user() {
    let town = Town::full().await;
    let message = format!("The Access Key with id {TARGET_KEY} cannot be found.");
    let ana = town.house.add_user(ACCOUNT, "ana", Some(ALLOW_ALL)).await;
    for user_name in [None, Some("bare".to_owned())] {
        let access_key_id = TARGET_KEY.to_owned();
        let status = "Inactive".to_owned();
        let inputs = [
            Input::UpdateAccessKey(wire::UpdateAccessKeyRequest {
                user_name: user_name.clone(),
                access_key_id: access_key_id.clone(),
                status,
            }),
            Input::DeleteAccessKey(wire::DeleteAccessKeyRequest { user_name, access_key_id }),
        ];
        for input in inputs {
            let error = town.call(&ana, input).await.unwrap_err();
            assert_eq!(parts(error), ("NoSuchEntity".into(), message.clone()));
        }
    }
}

#[tokio::test]
async fn an_inactive_key_is_inactive_in_the_next_snapshot() {
    let town = Town::full().await;
    let update = |status: &str| {
        Input::UpdateAccessKey(wire::UpdateAccessKeyRequest {
            user_name: Some("target".into()),
            access_key_id: TARGET_KEY.into(),
            status: status.into(),
        })
    };
    town.root(update("Inactive")).await;
    assert!(!town.house.platform.store.read().access_keys.get(&TARGET_KEY.to_owned()).unwrap().active);
    town.root(update("Active")).await;
    assert!(town.house.platform.store.read().access_keys.get(&TARGET_KEY.to_owned()).unwrap().active);
    assert_eq!(town.refusal(update("Expired")).await.0, "InvalidInput");
}

#[tokio::test]
async fn the_last_use_of_a_key_is_told() {
    let town = Town::full().await;
    let get = || {
        Input::GetAccessKeyLastUsed(wire::GetAccessKeyLastUsedRequest { access_key_id: TARGET_KEY.into() })
    };
    let Output::GetAccessKeyLastUsed(unused) = town.root(get()).await else { panic!() };
    let last = unused.access_key_last_used.unwrap();
    assert_eq!(
        (last.last_used_date, last.service_name.as_deref(), last.region.as_deref()),
        (None, Some("N/A"), Some("N/A"))
    );
    town.house.platform.authority.note_key_use(TARGET_KEY, "lambda", &town.house.region).await;
    let Output::GetAccessKeyLastUsed(used) = town.root(get()).await else { panic!() };
    assert_eq!(used.user_name.as_deref(), Some("target"));
    let last = used.access_key_last_used.unwrap();
    assert!(last.last_used_date.is_some());
    assert_eq!((last.service_name.as_deref(), last.region.as_deref()), (Some("lambda"), Some("us-east-1")));
}

#[tokio::test]
async fn a_key_that_does_not_exist_is_refused_like_one_that_may_not_be_asked_about() {
    let town = Town::full().await;
    let ana = town.house.add_user(ACCOUNT, "ana", None).await;
    for key in ["AKIAAAAAAAAAAAAAAAAA", TARGET_KEY] {
        let input =
            Input::GetAccessKeyLastUsed(wire::GetAccessKeyLastUsedRequest { access_key_id: key.into() });
        let message = format!(
            "User: arn:aws:iam::{ACCOUNT}:user/ana is not authorized to perform iam:GetAccessKeyLastUsed on resource: \
             access key {key}"
        );
        let error = town.call(&ana, input).await.unwrap_err();
        assert_eq!(parts(error), ("AccessDenied".into(), message));
    }
}
