//! Users, groups and lists.

use rolecall_authority::{Authority, Call, Caller, Origin, Session, SessionHolder};
use rolecall_service::Service;
use rolecall_store::Secret;
use rolecall_testkit::{ACCOUNT, OTHER_ACCOUNT};
use rolecall_wire::AnyInput;
use rolecall_wire::iam::{self as wire, Input, Output};

use crate::fixture::{ALLOW_ALL, Town, parts, policy};

fn create(name: &str) -> wire::CreateUserRequest {
    wire::CreateUserRequest { user_name: name.into(), ..Default::default() }
}

fn get(name: &str) -> Input {
    Input::GetUser(wire::GetUserRequest { user_name: Some(name.into()) })
}

async fn user(town: &Town, caller: &Caller, input: Input) -> wire::User {
    match town.call(caller, input).await {
        Ok(Output::GetUser(wire::GetUserResponse { user: Some(user) })) => user,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_name_is_taken_whatever_its_case() {
    let town = Town::full().await;
    for (input, message) in [
        (Input::CreateUser(create("TARGET")), "User with name TARGET already exists."),
        (
            Input::CreateGroup(wire::CreateGroupRequest { group_name: "Team".into(), path: None }),
            "Group with name Team already exists.",
        ),
        (
            Input::UpdateUser(wire::UpdateUserRequest {
                user_name: "bare".into(),
                new_user_name: Some("Target".into()),
                ..Default::default()
            }),
            "User with name Target already exists.",
        ),
    ] {
        assert_eq!(town.refusal(input).await, ("EntityAlreadyExists".into(), message.into()));
    }
    assert_eq!(user(&town, &town.house.root(), get("TaRgEt")).await.user_name.as_deref(), Some("target"));
}

#[tokio::test]
async fn what_is_not_there_is_named() {
    let town = Town::empty().await;
    for (input, message) in [
        (get("x"), "The user with name x cannot be found."),
        (
            Input::GetGroup(wire::GetGroupRequest { group_name: "x".into(), ..Default::default() }),
            "The group with name x cannot be found.",
        ),
        (
            Input::GetRole(wire::GetRoleRequest { role_name: "x".into() }),
            "The role with name x cannot be found.",
        ),
    ] {
        assert_eq!(town.refusal(input).await, ("NoSuchEntity".into(), message.into()));
    }
}

#[tokio::test]
async fn a_path_must_begin_and_end_with_a_slash() {
    let town = Town::empty().await;
    let input = wire::CreateUserRequest { path: Some("//".into()), ..create("x") };
    let message = "The specified value for path is invalid. It must begin and end with / and contain only \
                   alphanumeric characters and/or / characters.";
    assert_eq!(town.refusal(Input::CreateUser(input)).await, ("ValidationError".into(), message.into()));
}

#[tokio::test]
async fn without_a_name_a_user_means_itself() {
    let town = Town::empty().await;
    let ana = town.house.add_user(ACCOUNT, "ana", Some(ALLOW_ALL)).await;
    let own = user(&town, &ana, Input::GetUser(wire::GetUserRequest { user_name: None })).await;
    assert_eq!(own.user_name.as_deref(), Some("ana"));
    let root =
        user(&town, &town.house.root(), Input::GetUser(wire::GetUserRequest { user_name: None })).await;
    assert_eq!(root.arn, Some(format!("arn:aws:iam::{ACCOUNT}:root")));
    assert_eq!((root.user_id.as_deref(), root.user_name), (Some(ACCOUNT), None));
}

/// A session of the role `job`, or one from GetSessionToken of the user `target`.
fn session(town: &Town, of_role: bool) -> Caller {
    let authority: &Authority = &town.house.platform.authority;
    let state = town.house.platform.store.read();
    let account = ACCOUNT.parse().unwrap();
    let holder = if of_role {
        SessionHolder::Role {
            account,
            role_id: state.roles.get(&(account, "job".into())).unwrap().id.clone(),
            role_name: "job".into(),
            session_name: "s".into(),
            policies: Vec::new(),
            policy_arns: Vec::new(),
            tags: Vec::new(),
            transitive_tag_keys: Vec::new(),
            source_identity: None,
            source_function_arn: None,
        }
    } else {
        let user_id = state.users.get(&(account, "target".into())).unwrap().id.clone();
        SessionHolder::User { account, user_id, user_name: "target".into() }
    };
    let session = Session {
        access_key_id: "ASIAAAAAAAAAAAAAAAAA".into(),
        secret: Secret::new("s"),
        issued_ms: 0,
        expires_ms: i64::MAX,
        holder,
    };
    let token = authority.issue(session).unwrap().token;
    authority.session_caller(token.expose()).unwrap()
}

#[tokio::test]
async fn without_a_name_a_role_session_means_nobody() {
    let town = Town::full().await;
    let error =
        town.call(&session(&town, true), Input::GetUser(wire::GetUserRequest { user_name: None })).await;
    let message = "Must specify userName when calling with non-User credentials";
    assert_eq!(parts(error.unwrap_err()), ("ValidationError".into(), message.into()));
}

#[tokio::test]
async fn credentials_from_get_session_token_call_nothing_of_iam() {
    let town = Town::full().await;
    let error = town.call(&session(&town, false), get("target")).await.unwrap_err();
    let message = "The security token included in the request is invalid";
    assert_eq!((error.status, parts(error)), (403, ("InvalidClientTokenId".into(), message.into())));
}

#[tokio::test]
async fn nobody_without_an_account_gets_in() {
    let town = Town::full().await;
    for caller in [Caller::anonymous(), Caller::service("lambda.amazonaws.com")] {
        let origin = Origin::Service { source_arn: None, source_account: None };
        let call = Call::new(caller, town.house.region.clone(), "id".into(), 0, origin);
        let error = town.iam.handle(&call.into(), AnyInput::Iam(get("target"))).await.unwrap_err();
        assert_eq!((error.status, &*error.code), (403, "MissingAuthenticationToken"));
    }
}

#[tokio::test]
async fn another_account_has_names_of_its_own() {
    let town = Town::full().await;
    let stranger = town.house.add_user(OTHER_ACCOUNT, "stranger", Some(ALLOW_ALL)).await;
    let error = town.call(&stranger, get("target")).await.unwrap_err();
    assert_eq!(&*error.code, "NoSuchEntity");
}

#[tokio::test]
async fn a_user_is_deleted_only_when_nothing_is_left_of_it() {
    let town = Town::full().await;
    let user_name = || "target".to_owned();
    let delete = || Input::DeleteUser(wire::DeleteUserRequest { user_name: user_name() });
    let steps = [
        (
            "Cannot delete entity, must detach all policies first.",
            Input::DetachUserPolicy(wire::DetachUserPolicyRequest {
                user_name: user_name(),
                policy_arn: policy("p/used"),
            }),
        ),
        (
            "Cannot delete entity, must delete policies first.",
            Input::DeleteUserPolicy(wire::DeleteUserPolicyRequest {
                user_name: user_name(),
                policy_name: "INLINE".into(),
            }),
        ),
        (
            "Cannot delete entity, must delete access keys first.",
            Input::DeleteAccessKey(wire::DeleteAccessKeyRequest {
                user_name: Some(user_name()),
                access_key_id: crate::fixture::TARGET_KEY.into(),
            }),
        ),
        (
            "Cannot delete entity, must remove users from group first.",
            Input::RemoveUserFromGroup(wire::RemoveUserFromGroupRequest {
                group_name: "team".into(),
                user_name: user_name(),
            }),
        ),
    ];
    for (message, remedy) in steps {
        assert_eq!(town.refusal(delete()).await, ("DeleteConflict".into(), message.into()));
        town.root(remedy).await;
    }
    town.root(delete()).await;
    assert_eq!(town.refusal(get("target")).await.0, "NoSuchEntity");
}

#[tokio::test]
async fn a_renamed_user_keeps_keys_and_a_renamed_group_its_members() {
    let town = Town::full().await;
    town.root(Input::UpdateUser(wire::UpdateUserRequest {
        user_name: "target".into(),
        new_path: Some("/moved/".into()),
        new_user_name: Some("Renamed".into()),
    }))
    .await;
    town.root(Input::UpdateGroup(wire::UpdateGroupRequest {
        group_name: "team".into(),
        new_group_name: Some("crew".into()),
        ..Default::default()
    }))
    .await;
    let renamed = user(&town, &town.house.root(), get("renamed")).await;
    assert_eq!(renamed.arn, Some(format!("arn:aws:iam::{ACCOUNT}:user/moved/Renamed")));
    let keys = wire::ListAccessKeysRequest { user_name: Some("renamed".into()), ..Default::default() };
    let Output::ListAccessKeys(keys) = town.root(Input::ListAccessKeys(keys)).await else { panic!() };
    assert_eq!(keys.access_key_metadata.unwrap().len(), 1);
    let group = wire::GetGroupRequest { group_name: "crew".into(), ..Default::default() };
    let Output::GetGroup(group) = town.root(Input::GetGroup(group)).await else { panic!() };
    assert_eq!(group.users.unwrap().first().unwrap().user_name.as_deref(), Some("Renamed"));
}

#[tokio::test]
async fn a_new_name_needs_the_permission_on_it() {
    let town = Town::full().await;
    let only_target = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"iam:UpdateUser","Resource":"arn:aws:iam::{ACCOUNT}:user/target"}}]}}"#
    );
    let ana = town.house.add_user(ACCOUNT, "ana", Some(&only_target)).await;
    let input = wire::UpdateUserRequest {
        user_name: "target".into(),
        new_user_name: Some("admin".into()),
        ..Default::default()
    };
    let (code, message) = parts(town.call(&ana, Input::UpdateUser(input)).await.unwrap_err());
    assert_eq!(code, "AccessDenied");
    assert!(message.contains(":user/admin because no identity-based policy"), "{message}");
}

#[tokio::test]
async fn lists_come_in_pages_and_by_path() {
    let town = Town::empty().await;
    for (path, name) in [("/", "c"), ("/x/", "B"), ("/x/y/", "a")] {
        let input = wire::CreateUserRequest { path: Some(path.into()), ..create(name) };
        town.root(Input::CreateUser(input)).await;
    }
    let list = |prefix: Option<&str>, marker: Option<String>, max_items: i32| {
        let path_prefix = prefix.map(str::to_owned);
        Input::ListUsers(wire::ListUsersRequest { path_prefix, marker, max_items: Some(max_items) })
    };
    let mut names = Vec::new();
    let mut marker = None;
    loop {
        let Output::ListUsers(page) = town.root(list(None, marker, 2)).await else { panic!() };
        assert_eq!(page.is_truncated, Some(page.marker.is_some()));
        names.extend(page.users.unwrap().into_iter().filter_map(|user| user.user_name));
        marker = page.marker;
        if marker.is_none() {
            break;
        }
    }
    assert_eq!(names, ["a", "B", "c"]);
    let Output::ListUsers(page) = town.root(list(Some("/x/"), None, 10)).await else { panic!() };
    assert_eq!(page.users.unwrap().len(), 2);
    let refused = town.refusal(list(None, Some("?".into()), 10)).await;
    assert_eq!(refused, ("ValidationError".into(), "Invalid Marker.".into()));
}

#[tokio::test]
async fn a_user_is_in_ten_groups_at_most() {
    let town = Town::full().await;
    for place in 0..11 {
        let group_name = format!("g{place}");
        let input = wire::CreateGroupRequest { group_name: group_name.clone(), path: None };
        town.root(Input::CreateGroup(input)).await;
        let join =
            Input::AddUserToGroup(wire::AddUserToGroupRequest { group_name, user_name: "bare".into() });
        match place {
            10 => {
                let message = "Cannot exceed quota for GroupsPerUser: 10";
                assert_eq!(town.refusal(join).await, ("LimitExceeded".into(), message.into()));
            }
            _ => drop(town.root(join).await),
        }
    }
}

#[tokio::test]
async fn an_account_has_one_alias_and_no_other_account_the_same() {
    let town = Town::empty().await;
    let create = |alias: &str| {
        Input::CreateAccountAlias(wire::CreateAccountAliasRequest { account_alias: alias.into() })
    };
    town.root(create("first")).await;
    town.root(create("second")).await;
    let list = Input::ListAccountAliases(wire::ListAccountAliasesRequest::default());
    let Output::ListAccountAliases(aliases) = town.root(list).await else { panic!() };
    assert_eq!(aliases.account_aliases, Some(vec!["second".to_owned()]));
    let other = town.house.add_user(OTHER_ACCOUNT, "other", Some(ALLOW_ALL)).await;
    let error = town.call(&other, create("second")).await.unwrap_err();
    assert_eq!(
        parts(error),
        ("EntityAlreadyExists".into(), "The account alias second already exists.".into())
    );
}

#[tokio::test]
async fn the_summary_counts_what_there_is() {
    let town = Town::full().await;
    let summary = town.root(Input::GetAccountSummary(wire::GetAccountSummaryRequest)).await;
    let Output::GetAccountSummary(summary) = summary else { panic!() };
    let map = summary.summary_map.unwrap();
    for (name, number) in [
        ("Users", 2),
        ("Groups", 2),
        ("Roles", 2),
        ("Policies", 2),
        ("PolicyVersionsInUse", 3),
        ("MFADevices", 0),
    ] {
        assert_eq!(map.get(name), Some(&number), "{name}");
    }
}
