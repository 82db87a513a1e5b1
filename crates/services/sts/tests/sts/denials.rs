//! Every operation, allowed, implicitly denied and explicitly denied; and who is trusted (reference iam.md 5.8).

use std::collections::BTreeSet;

use rolecall_authority::Caller;
use rolecall_testkit::{ACCOUNT, OTHER_ACCOUNT};
use rolecall_wire::sts::{AssumeRoleRequest, Operation};

use crate::fixture::{Town, parts, policy, request, role_arn, tags, trust, trust_account};

/// The operations whose permissions are tested here, in `messages` or `federation` or, where no policy counts, in
/// `identity` and `sessions`.
const TESTED: [&str; 5] = [
    "AssumeRole",
    "DecodeAuthorizationMessage",
    "GetCallerIdentity",
    "GetFederationToken",
    "GetSessionToken",
];

fn refused(caller: &Caller, action: &str, arn: &str) -> (u16, String, String) {
    let message = format!("User: {} is not authorized to perform: {action} on resource: {arn}", caller.arn());
    (403, "AccessDenied".into(), message)
}

#[test]
fn every_operation_that_is_built_is_tested() {
    let built: BTreeSet<_> =
        Operation::ALL.into_iter().filter(|operation| operation.is_built()).map(Operation::name).collect();
    assert_eq!(built, BTreeSet::from(TESTED));
}

#[tokio::test]
async fn trust_and_identity_decide_together() {
    let town = Town::new().await;
    let user = |account: &str, name: &str| format!(r#"{{"AWS":"arn:aws:iam::{account}:user/{name}"}}"#);
    let assume = r#""sts:AssumeRole""#;
    let arn = role_arn("r");
    let allow = policy(&[("Allow", "sts:AssumeRole", &arn)]);
    let deny = policy(&[("Allow", "*", "*"), ("Deny", "sts:AssumeRole", &arn)]);
    let elsewhere = policy(&[("Allow", "sts:AssumeRole", &role_arn("other"))]);
    // The caller's account, what the trust policy names, the caller's own policy, and whether that is enough.
    let cases = [
        (ACCOUNT, "user", None, true),
        (ACCOUNT, "user", Some(&deny), false),
        (ACCOUNT, "account", None, false),
        (ACCOUNT, "account", Some(&allow), true),
        (ACCOUNT, "account", Some(&elsewhere), false),
        (ACCOUNT, "account", Some(&deny), false),
        (ACCOUNT, "nobody", Some(&allow), false),
        (OTHER_ACCOUNT, "user", None, false),
        (OTHER_ACCOUNT, "user", Some(&allow), true),
        (OTHER_ACCOUNT, "account", Some(&allow), true),
        (OTHER_ACCOUNT, "account", None, false),
        (OTHER_ACCOUNT, "nobody", Some(&allow), false),
    ];
    for (place, (account, trusted, own, allowed)) in cases.into_iter().enumerate() {
        let name = format!("u{place}");
        let caller = town.house.add_user(account, &name, own.map(String::as_str)).await;
        let principal = match trusted {
            "user" => user(account, &name),
            "account" => format!(r#"{{"AWS":"{account}"}}"#),
            _ => r#"{"Service":"lambda.amazonaws.com"}"#.to_owned(),
        };
        town.house.add_role("r", &trust(&principal, assume, "{}"), None).await;
        let result = town.assume(&caller, request("r")).await;
        match result {
            Ok(_) => assert!(allowed, "case {place}"),
            Err(error) => {
                assert!(!allowed, "case {place}: {error}");
                assert_eq!(parts(error), refused(&caller, "sts:AssumeRole", &arn));
            }
        }
    }
}

#[tokio::test]
async fn an_unknown_role_is_refused_like_one_that_trusts_nobody_and_with_an_explanation() {
    use rolecall_service::Service;
    use rolecall_wire::{AnyInput, sts::Input};

    let town = Town::new().await;
    let caller = town.house.add_user(ACCOUNT, "ana", Some(&policy(&[("Allow", "*", "*")]))).await;
    let stranger = "arn:aws:iam::999988887777:role/in-an-account-that-is-not-here";
    for arn in [role_arn("missing"), stranger.to_owned()] {
        let input = AssumeRoleRequest { role_arn: arn.clone(), ..request("x") };
        let call = town.house.call(&caller);
        let error = town.sts.handle(&call, AnyInput::Sts(Input::AssumeRole(input))).await.unwrap_err();
        assert_eq!(parts(error), refused(&caller, "sts:AssumeRole", &arn));
        assert_eq!(call.decisions().len(), 1, "{arn}");
    }
}

#[tokio::test]
async fn the_path_of_a_role_belongs_to_its_arn() {
    let town = Town::new().await;
    let caller = town.house.add_user(ACCOUNT, "ana", Some(&policy(&[("Allow", "*", "*")]))).await;
    town.house.add_role("r", &trust_account(ACCOUNT), None).await;
    let wrong = AssumeRoleRequest { role_arn: role_arn("path/r"), ..request("r") };
    assert!(town.assume(&caller, wrong).await.is_err());
    let wrong = AssumeRoleRequest { role_arn: role_arn("R"), ..request("r") };
    assert!(town.assume(&caller, wrong).await.is_err());
    assert!(town.assume(&caller, request("r")).await.is_ok());
}

#[tokio::test]
async fn root_users_and_strangers_assume_no_roles() {
    let town = Town::new().await;
    town.house.add_role("r", &trust(r#"{"AWS":"*"}"#, r#""sts:AssumeRole""#, "{}"), None).await;
    let error = town.assume(&town.house.root(), request("r")).await.unwrap_err();
    assert_eq!(
        parts(error),
        (403, "AccessDenied".into(), "Roles may not be assumed by root accounts.".into())
    );
    let error = town.assume(&Caller::anonymous(), request("r")).await.unwrap_err();
    assert_eq!(&*error.code, "MissingAuthenticationToken");
}

#[tokio::test]
async fn a_service_assumes_what_trusts_it() {
    let town = Town::new().await;
    let lambda = Caller::service("lambda.amazonaws.com");
    let principal = r#"{"Service":"lambda.amazonaws.com"}"#;
    town.house.add_role("mine", &trust(principal, r#""sts:AssumeRole""#, "{}"), None).await;
    town.house.add_role("other", &trust_account(ACCOUNT), None).await;
    assert!(town.assume(&lambda, request("mine")).await.is_ok());
    let error = town.assume(&lambda, request("other")).await.unwrap_err();
    assert_eq!(parts(error), refused(&lambda, "sts:AssumeRole", &role_arn("other")));
}

#[tokio::test]
async fn tags_and_source_identity_need_their_own_permissions() {
    let town = Town::new().await;
    let caller = town.house.add_user(ACCOUNT, "ana", Some(&policy(&[("Allow", "*", "*")]))).await;
    let tagged = AssumeRoleRequest { tags: tags(&[("a", "b")]), ..request("r") };
    let named = AssumeRoleRequest { source_identity: Some("ana".into()), ..request("r") };
    let principal = format!(r#"{{"AWS":"{ACCOUNT}"}}"#);
    town.house.add_role("r", &trust(&principal, r#""sts:AssumeRole""#, "{}"), None).await;
    for (input, action) in [(&tagged, "sts:TagSession"), (&named, "sts:SetSourceIdentity")] {
        let error = town.assume(&caller, input.clone()).await.unwrap_err();
        assert_eq!(parts(error), refused(&caller, action, &role_arn("r")));
    }
    town.house.add_role("r", &trust_account(ACCOUNT), None).await;
    assert!(town.assume(&caller, tagged.clone()).await.is_ok());
    assert!(town.assume(&caller, named.clone()).await.is_ok());
    let only_assume = policy(&[("Allow", "sts:AssumeRole", "*")]);
    let caller = town.house.add_user(ACCOUNT, "ben", Some(&only_assume)).await;
    for (input, action) in [(tagged, "sts:TagSession"), (named, "sts:SetSourceIdentity")] {
        let error = town.assume(&caller, input).await.unwrap_err();
        assert_eq!(parts(error), refused(&caller, action, &role_arn("r")));
    }
}

#[tokio::test]
async fn the_condition_keys_of_the_request_reach_the_trust_policy() {
    let town = Town::new().await;
    let caller = town.house.add_user(ACCOUNT, "ana", Some(&policy(&[("Allow", "*", "*")]))).await;
    let input = AssumeRoleRequest {
        external_id: Some("secret-id".into()),
        source_identity: Some("ana".into()),
        tags: tags(&[("team", "blue")]),
        transitive_tag_keys: Some(vec!["team".into()]),
        ..request("r")
    };
    let principal = format!(r#"{{"AWS":"{ACCOUNT}"}}"#);
    let actions = r#"["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]"#;
    for (operator, key, value) in [
        ("StringEquals", "sts:ExternalId", "secret-id"),
        ("StringEquals", "sts:RoleSessionName", "session"),
        ("StringEquals", "sts:SourceIdentity", "ana"),
        ("StringEquals", "aws:RequestTag/team", "blue"),
        ("ForAnyValue:StringEquals", "aws:TagKeys", "team"),
        ("ForAnyValue:StringEquals", "sts:TransitiveTagKeys", "team"),
        ("StringEquals", "aws:ResourceTag/own", "tag"),
        ("StringEquals", "iam:ResourceTag/own", "tag"),
    ] {
        for (actual, allowed) in [("something-else", false), (value, true)] {
            let condition = format!(r#"{{"{operator}":{{"{key}":"{actual}"}}}}"#);
            town.house.add_role("r", &trust(&principal, actions, &condition), None).await;
            town.house
                .write(|state| {
                    state.roles.update(&(ACCOUNT.parse().unwrap(), "r".into()), |role| {
                        let (key, value) = ("own".to_owned(), "tag".to_owned());
                        role.tags = vec![rolecall_store::records::Tag { key, value }];
                    });
                })
                .await;
            let result = town.assume(&caller, input.clone()).await;
            assert_eq!(result.is_ok(), allowed, "{key}={actual}: {result:?}");
        }
    }
}
