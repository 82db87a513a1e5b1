//! GetFederationToken: who may let whom in, and what the federated user may do (reference iam.md 5.7).

use rolecall_authority::{Caller, Check};
use rolecall_testkit::ACCOUNT;
use rolecall_wire::ServiceError;
use rolecall_wire::sts::{
    AssumeRoleRequest, GetCallerIdentityRequest, GetFederationTokenRequest, GetFederationTokenResponse,
    Input, Output,
};

use crate::fixture::{Town, parts, policy, request, tags, trust_account};

const GUEST: &str = "arn:aws:sts::111122223333:federated-user/guest";

fn guest(session_policy: Option<&str>) -> GetFederationTokenRequest {
    let policy = session_policy.map(str::to_owned);
    GetFederationTokenRequest { name: "guest".into(), policy, ..Default::default() }
}

async fn federate(
    town: &Town,
    caller: &Caller,
    input: GetFederationTokenRequest,
) -> Result<GetFederationTokenResponse, ServiceError> {
    match town.call(caller, Input::GetFederationToken(input)).await? {
        Output::GetFederationToken(answer) => Ok(answer),
        other => panic!("{other:?}"),
    }
}

async fn federated(town: &Town, caller: &Caller, input: GetFederationTokenRequest) -> Caller {
    let answer = federate(town, caller, input).await.unwrap();
    let token = answer.credentials.unwrap().session_token.unwrap();
    town.house.platform.authority.session_caller(&token).unwrap()
}

fn may(town: &Town, caller: &Caller, action: &str) -> bool {
    let check = Check::on_all(action);
    town.house.platform.authority.authorize(&town.house.call(caller), check).is_ok()
}

#[tokio::test]
async fn a_federated_user_may_what_the_user_and_the_session_policy_allow() {
    let town = Town::new().await;
    let own = policy(&[("Allow", "sts:GetFederationToken", GUEST), ("Allow", "lambda:List*", "*")]);
    let ana = town.house.add_user(ACCOUNT, "ana", Some(&own)).await;
    let session = policy(&[("Allow", "lambda:ListFunctions", "*"), ("Allow", "s3:*", "*")]);
    let answer = federate(&town, &ana, guest(Some(&session))).await.unwrap();
    let user = answer.federated_user.unwrap();
    let shown = (user.federated_user_id.as_deref(), user.arn.as_deref());
    assert_eq!(shown, (Some("111122223333:guest"), Some(GUEST)));
    assert!(answer.packed_policy_size.is_some());
    let caller = federated(&town, &ana, guest(Some(&session))).await;
    assert_eq!((caller.arn().as_str(), caller.user_id().as_str()), (GUEST, "111122223333:guest"));
    for (action, allowed) in
        [("lambda:ListFunctions", true), ("lambda:ListLayers", false), ("s3:ListAllMyBuckets", false)]
    {
        assert_eq!(may(&town, &caller, action), allowed, "{action}");
    }
    let without = federated(&town, &ana, guest(None)).await;
    assert!(!may(&town, &without, "lambda:ListFunctions"), "without session policy there is nothing");
    let named = GetFederationTokenRequest {
        policy_arns: Some(vec![rolecall_wire::sts::PolicyDescriptorType {
            arn: Some("arn:aws:iam::aws:policy/AWSLambda_ReadOnlyAccess".into()),
        }]),
        ..guest(None)
    };
    assert!(may(&town, &federated(&town, &ana, named).await, "lambda:ListFunctions"));
}

#[tokio::test]
async fn whoever_has_no_right_lets_nobody_in() {
    let town = Town::new().await;
    let elsewhere = GUEST.replace("guest", "other");
    for (name, own, reason) in [
        ("silent", None, "because no identity-based policy allows the sts:GetFederationToken action"),
        (
            "elsewhere",
            Some(policy(&[("Allow", "sts:GetFederationToken", &elsewhere)])),
            "because no identity-based policy allows the sts:GetFederationToken action",
        ),
        (
            "denied",
            Some(policy(&[("Allow", "*", "*"), ("Deny", "sts:GetFederationToken", GUEST)])),
            "with an explicit deny in an identity-based policy",
        ),
    ] {
        let caller = town.house.add_user(ACCOUNT, name, own.as_deref()).await;
        let error = federate(&town, &caller, guest(None)).await.unwrap_err();
        let message = format!(
            "User: {} is not authorized to perform: sts:GetFederationToken on resource: {GUEST} {reason}",
            caller.arn()
        );
        assert_eq!(parts(error), (403, "AccessDenied".into(), message));
    }
}

#[tokio::test]
async fn tags_need_their_own_right_and_show_in_the_place_of_the_users() {
    let town = Town::new().await;
    let tagged = || GetFederationTokenRequest { tags: tags(&[("team", "red")]), ..guest(None) };
    let only = policy(&[("Allow", "sts:GetFederationToken", "*")]);
    let only = town.house.add_user(ACCOUNT, "only", Some(&only)).await;
    let error = federate(&town, &only, tagged()).await.unwrap_err();
    assert!(parts(error).2.contains("is not authorized to perform: sts:TagSession on resource: "));
    let both = policy(&[("Allow", "sts:*", "*"), ("Allow", "lambda:*", "*")]);
    let both = town.house.add_user(ACCOUNT, "both", Some(&both)).await;
    let by_tag = |team: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"lambda:*","Resource":"*","Condition":{{"StringEquals":{{"aws:PrincipalTag/team":"{team}"}}}}}}]}}"#
        )
    };
    for (team, allowed) in [("red", true), ("blue", false)] {
        let input = GetFederationTokenRequest { policy: Some(by_tag(team)), ..tagged() };
        let caller = federated(&town, &both, input).await;
        assert_eq!(may(&town, &caller, "lambda:ListFunctions"), allowed, "{team}");
    }
}

#[tokio::test]
async fn whom_the_root_user_lets_in_is_limited_by_the_session_policy_alone() {
    let town = Town::new().await;
    let session = policy(&[("Allow", "lambda:ListFunctions", "*")]);
    let input = GetFederationTokenRequest { duration_seconds: Some(7200), ..guest(Some(&session)) };
    let answer = federate(&town, &town.house.root(), input).await.unwrap();
    let ends = answer.credentials.unwrap().expiration.unwrap().epoch_ms();
    assert!(ends - town.house.platform.now_ms() <= 3_600_000);
    let caller = federated(&town, &town.house.root(), guest(Some(&session))).await;
    assert!(may(&town, &caller, "lambda:ListFunctions"));
    assert!(!may(&town, &caller, "lambda:ListLayers"));
    assert!(!may(&town, &federated(&town, &town.house.root(), guest(None)).await, "lambda:ListFunctions"));
}

#[tokio::test]
async fn sessions_let_nobody_in_and_federated_users_learn_who_they_are_only() {
    let town = Town::new().await;
    let all = policy(&[("Allow", "*", "*")]);
    let ana = town.house.add_user(ACCOUNT, "ana", Some(&all)).await;
    town.house.add_role("r", &trust_account(ACCOUNT), Some(&all)).await;
    let of_role = town.assumed(&ana, request("r")).await;
    let caller = federated(&town, &ana, guest(Some(&all))).await;
    for session in [&of_role, &caller] {
        let error = federate(&town, session, guest(None)).await.unwrap_err();
        let message = "Cannot call GetFederationToken with session credentials";
        assert_eq!(parts(error), (403, "AccessDenied".into(), message.into()));
    }
    let assume = AssumeRoleRequest { ..request("r") };
    let error = town.call(&caller, Input::AssumeRole(assume)).await.unwrap_err();
    assert_eq!(parts(error).0, 403);
    assert!(town.call(&caller, Input::GetCallerIdentity(GetCallerIdentityRequest)).await.is_ok());
}

#[tokio::test]
async fn a_session_ends_with_its_user() {
    let town = Town::new().await;
    let all = policy(&[("Allow", "*", "*")]);
    let ana = town.house.add_user(ACCOUNT, "ana", Some(&all)).await;
    let answer = federate(&town, &ana, guest(Some(&all))).await.unwrap();
    let token = answer.credentials.unwrap().session_token.unwrap();
    let caller = town.house.platform.authority.session_caller(&token).unwrap();
    town.house
        .write(|state| {
            state.users.remove(&(ACCOUNT.parse().unwrap(), "ana".to_owned()));
        })
        .await;
    assert!(town.house.platform.authority.session_caller(&token).is_none());
    assert!(!may(&town, &caller, "lambda:ListFunctions"));
}
