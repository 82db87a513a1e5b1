//! Organizations and the accounts that they make.

use std::collections::BTreeSet;
use std::sync::Arc;

use rolecall_service::Service;
use rolecall_sts::Sts;
use rolecall_testkit::{ACCOUNT, OTHER_ACCOUNT};
use rolecall_wire::organizations::{self as wire, Input, Output};
use rolecall_wire::sts::AssumeRoleRequest;
use rolecall_wire::{AnyInput, AnyOutput, sts};

use crate::town::{ALLOW_ALL, Town, create, describe, parts, refused, status};

#[tokio::test]
async fn an_organization_has_ids_and_arns_of_their_form() {
    let town = Town::new().await;
    let made = town.found().await;
    let id = made.id.clone().unwrap();
    assert!(id.starts_with("o-") && id.len() == 12, "{id}");
    assert_eq!(made.arn, Some(format!("arn:aws:organizations::{ACCOUNT}:organization/{id}")));
    assert_eq!(
        made.master_account_arn,
        Some(format!("arn:aws:organizations::{ACCOUNT}:account/{id}/{ACCOUNT}"))
    );
    let Ok(Output::ListRoots(roots)) = town.root(Input::ListRoots(wire::ListRootsRequest::default())).await
    else {
        panic!()
    };
    let root = roots.roots.unwrap().pop().unwrap();
    let root_id = root.id.unwrap();
    assert_eq!(root.arn, Some(format!("arn:aws:organizations::{ACCOUNT}:root/{id}/{root_id}")));
}

#[tokio::test]
async fn what_cannot_be_is_refused_in_aws_words() {
    let town = Town::new().await;
    let not_in_use =
        refused("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.");
    for input in [
        Input::DescribeOrganization(wire::DescribeOrganizationRequest),
        create("a@example.com"),
        describe(ACCOUNT),
        status("car-12345678"),
    ] {
        assert_eq!(parts(town.root(input).await.unwrap_err()), not_in_use);
    }
    town.found().await;
    for (input, expected) in [
        (
            Input::CreateOrganization(wire::CreateOrganizationRequest::default()),
            refused(
                "AlreadyInOrganizationException",
                "The AWS account is already a member of an organization.",
            ),
        ),
        (
            describe(OTHER_ACCOUNT),
            refused("AccountNotFoundException", "You specified an account that doesn't exist."),
        ),
        (
            status("car-12345678"),
            refused(
                "CreateAccountStatusNotFoundException",
                "You specified a create account request that doesn't exist.",
            ),
        ),
        (
            Input::ListAccounts(wire::ListAccountsRequest {
                next_token: Some("?".into()),
                max_results: None,
            }),
            refused("InvalidInputException", "You provided an invalid value for the parameter NextToken."),
        ),
    ] {
        assert_eq!(parts(town.root(input).await.unwrap_err()), expected);
    }
}

#[tokio::test]
async fn a_new_account_is_in_progress_and_then_there() {
    let town = Town::new().await;
    let organization = town.found().await.id.unwrap();
    let status = {
        let id = town.create("new@example.com").await;
        assert!(id.starts_with("car-") && id.len() == 36, "{id}");
        town.status(&id).await
    };
    assert_eq!((status.state.as_deref(), status.failure_reason), (Some("SUCCEEDED"), None));
    let account = status.account_id.unwrap();
    let Ok(Output::DescribeAccount(shown)) = town.root(describe(&account)).await else { panic!() };
    let shown = shown.account.unwrap();
    assert_eq!(shown.arn, Some(format!("arn:aws:organizations::{ACCOUNT}:account/{organization}/{account}")));
    assert_eq!((shown.status.as_deref(), shown.joined_method.as_deref()), (Some("ACTIVE"), Some("CREATED")));
}

#[tokio::test]
async fn a_mail_address_has_one_account() {
    let town = Town::new().await;
    town.found().await;
    town.create("same@example.com").await;
    let status = town.status(&town.create("SAME@example.com").await).await;
    assert_eq!(
        (status.state.as_deref(), status.failure_reason.as_deref(), status.account_id),
        (Some("FAILED"), Some("EMAIL_ALREADY_EXISTS"), None)
    );
}

#[tokio::test]
async fn the_administrator_gets_into_a_new_account_and_nobody_else_does() {
    let town = Town::new().await;
    town.found().await;
    let account = town.status(&town.create("new@example.com").await).await.account_id.unwrap();
    let sts = Sts::new(Arc::clone(&town.house.platform));
    let input = AssumeRoleRequest {
        role_arn: format!("arn:aws:iam::{account}:role/OrganizationAccountAccessRole"),
        role_session_name: "admin".into(),
        ..Default::default()
    };
    let admin = town.house.add_user(ACCOUNT, "admin", Some(ALLOW_ALL)).await;
    let nobody = town.house.add_user(ACCOUNT, "nobody", None).await;
    let stranger = town.house.add_user(OTHER_ACCOUNT, "stranger", Some(ALLOW_ALL)).await;
    for caller in [nobody, stranger] {
        let call = town.house.call(&caller);
        assert!(sts.handle(&call, AnyInput::Sts(sts::Input::AssumeRole(input.clone()))).await.is_err());
    }
    let answer =
        sts.handle(&town.house.call(&admin), AnyInput::Sts(sts::Input::AssumeRole(input))).await.unwrap();
    let AnyOutput::Sts(sts::Output::AssumeRole(answer)) = answer else { panic!() };
    let token = answer.credentials.unwrap().session_token.unwrap();
    let inside = town.house.platform.authority.session_caller(&token).unwrap();
    assert_eq!(inside.account().map(|id| id.to_string()), Some(account));
    // The role administers its account, but is no management account's.
    let error = town.call(&inside, create("more@example.com")).await.unwrap_err();
    assert_eq!(
        parts(error),
        refused("AccessDeniedException", "You don't have permissions to access this resource.")
    );
    assert!(town.call(&inside, Input::DescribeOrganization(wire::DescribeOrganizationRequest)).await.is_ok());
}

#[tokio::test]
async fn accounts_come_in_pages() {
    let town = Town::new().await;
    town.found().await;
    for place in 0..4 {
        town.create(&format!("a{place}@example.com")).await;
    }
    let (mut seen, mut next_token) = (BTreeSet::new(), None);
    loop {
        let input = wire::ListAccountsRequest { next_token, max_results: Some(2) };
        let Ok(Output::ListAccounts(page)) = town.root(Input::ListAccounts(input)).await else { panic!() };
        seen.extend(page.accounts.unwrap().into_iter().filter_map(|account| account.id));
        next_token = page.next_token;
        if next_token.is_none() {
            break;
        }
    }
    assert_eq!(seen.len(), 5);
    assert!(!seen.contains(OTHER_ACCOUNT));
}

#[tokio::test]
async fn tags_of_a_new_account_need_their_permission_and_guard_it() {
    let town = Town::new().await;
    town.found().await;
    let tagged = |email: &str, keys: &[&str]| {
        let Input::CreateAccount(input) = create(email) else { panic!() };
        let tags = keys.iter().map(|key| wire::Tag { key: (*key).into(), value: "blue".into() }).collect();
        Input::CreateAccount(wire::CreateAccountRequest { tags: Some(tags), ..input })
    };
    let only_create = ALLOW_ALL.replace(r#""Action":"*""#, r#""Action":"organizations:CreateAccount""#);
    let ana = town.house.add_user(ACCOUNT, "ana", Some(&only_create)).await;
    let error = town.call(&ana, tagged("t@example.com", &["team"])).await.unwrap_err();
    assert!(parts(error).2.contains("organizations:TagResource"));
    let error = town.root(tagged("t@example.com", &["team", "team"])).await.unwrap_err();
    assert_eq!(&*error.code, "InvalidInputException");
    let Ok(Output::CreateAccount(made)) = town.root(tagged("t@example.com", &["team"])).await else {
        panic!()
    };
    let account = town.status(&made.create_account_status.unwrap().id.unwrap()).await.account_id.unwrap();
    for (value, allowed) in [("red", false), ("blue", true)] {
        let document = ALLOW_ALL.replace(
            r#""Resource":"*""#,
            &format!(r#""Resource":"*","Condition":{{"StringEquals":{{"aws:ResourceTag/team":"{value}"}}}}"#),
        );
        let caller = town.house.add_user(ACCOUNT, value, Some(&document)).await;
        assert_eq!(town.call(&caller, describe(&account)).await.is_ok(), allowed, "{value}");
    }
}
