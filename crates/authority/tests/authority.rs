//! The authority on real records: what is revoked is gone at once, sessions are narrow, what cannot be read denies.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rolecall_arn::{AccountId, Arn};
use rolecall_authority::{Call, Caller, Check, Denied, ResourcePolicyRef, Session, SessionHolder};
use rolecall_store::Secret;
use rolecall_testkit::{ACCOUNT, House, OTHER_ACCOUNT};

const ALLOW_ALL: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
const FUNCTION: &str = "arn:aws:lambda:us-east-1:111122223333:function:f";

fn account() -> AccountId {
    ACCOUNT.parse().unwrap()
}

fn function() -> Arn {
    FUNCTION.parse().unwrap()
}

fn invoke(house: &House, call: &Call) -> Result<(), Denied> {
    let check = Check::on("lambda:InvokeFunction", &function(), account());
    house.platform.authority.authorize(call, check).map(|_| ())
}

async fn detach_everything(house: &House, name: &'static str) {
    house
        .write(move |state| {
            state.users.update(&(account(), name.to_owned()), |user| user.policies.inline.clear());
        })
        .await;
}

#[tokio::test]
async fn a_user_without_a_policy_is_denied_in_awss_words_and_the_denial_is_explained() {
    let house = House::new().await;
    let ana = house.add_user(ACCOUNT, "ana", None).await;
    let call = house.call(&ana);
    let denied = invoke(&house, &call).unwrap_err();
    assert_eq!(
        denied.message,
        "User: arn:aws:iam::111122223333:user/ana is not authorized to perform: lambda:InvokeFunction on resource: \
         arn:aws:lambda:us-east-1:111122223333:function:f because no identity-based policy allows the \
         lambda:InvokeFunction action"
    );
    assert_eq!(call.decisions(), std::slice::from_ref(&denied.decision));
    // The explanation is kept behind the answer's back; a write after it shows that it arrived.
    detach_everything(&house, "ana").await;
    let record = house.platform.authority.explanation(&denied.decision).await.unwrap().unwrap();
    assert_eq!(record.explanation.message, denied.message);
    assert_eq!(record.accounts, [account(), account()]);
}

#[tokio::test]
async fn a_revoked_policy_is_gone_for_every_decision_after_the_acknowledgement() {
    let house = Arc::new(House::new().await);
    let ana = house.add_user(ACCOUNT, "ana", Some(ALLOW_ALL)).await;
    let revoked = Arc::new(AtomicBool::new(false));
    let (decisions, stop) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let threads: Vec<_> = (0..2)
        .map(|_| {
            let (house, ana, revoked) = (Arc::clone(&house), ana.clone(), Arc::clone(&revoked));
            let (decisions, stop) = (Arc::clone(&decisions), Arc::clone(&stop));
            std::thread::spawn(move || {
                let mut stale = 0;
                while !stop.load(Ordering::SeqCst) {
                    let was_revoked_before = revoked.load(Ordering::SeqCst);
                    let is_allowed = invoke(&house, &house.call(&ana)).is_ok();
                    decisions.fetch_add(1, Ordering::SeqCst);
                    // Restored in between is no stale allow.
                    stale += u64::from(was_revoked_before && is_allowed && revoked.load(Ordering::SeqCst));
                }
                stale
            })
        })
        .collect();
    for _ in 0..100 {
        detach_everything(&house, "ana").await;
        revoked.store(true, Ordering::SeqCst);
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        // Cleared before the policy comes back, so that an allow from then on counts as fresh.
        revoked.store(false, Ordering::SeqCst);
        house
            .write(|state| {
                let policy = rolecall_store::records::iam::InlinePolicy {
                    name: "own".to_owned(),
                    document: Arc::from(ALLOW_ALL),
                };
                state.users.update(&(account(), "ana".to_owned()), |user| {
                    user.policies.inline.insert("own".to_owned(), policy);
                });
            })
            .await;
    }
    stop.store(true, Ordering::SeqCst);
    let stale: u64 = threads.into_iter().map(|thread| thread.join().unwrap()).sum();
    assert_eq!(stale, 0);
    assert!(decisions.load(Ordering::SeqCst) > 100);
}

#[tokio::test]
async fn a_policy_that_cannot_be_read_denies() {
    let house = House::new().await;
    let ana = house.add_user(ACCOUNT, "ana", Some(ALLOW_ALL)).await;
    assert!(invoke(&house, &house.call(&ana)).is_ok());
    house
        .write(|state| {
            let policy = rolecall_store::records::iam::InlinePolicy {
                name: "broken".to_owned(),
                document: Arc::from("{\"Statement\":"),
            };
            state.users.update(&(account(), "ana".to_owned()), |user| {
                user.policies.inline.insert("broken".to_owned(), policy);
            });
        })
        .await;
    assert!(invoke(&house, &house.call(&ana)).is_err());
}

fn role_session(house: &House, role: &str, policies: Vec<Arc<str>>) -> Caller {
    let state = house.platform.store.read();
    let role = state.roles.get(&(account(), role.to_owned())).unwrap();
    let holder = SessionHolder::Role {
        account: account(),
        role_id: role.id.clone(),
        role_name: role.name.clone(),
        session_name: "s".to_owned(),
        policies,
        policy_arns: Vec::new(),
        tags: Vec::new(),
        transitive_tag_keys: Vec::new(),
        source_identity: None,
        source_function_arn: Some(FUNCTION.to_owned()),
    };
    let session = Session {
        access_key_id: "ASIAAAAAAAAAAAAAAAAA".to_owned(),
        secret: Secret::new("s"),
        issued_ms: house.platform.now_ms(),
        expires_ms: house.platform.now_ms() + 60_000,
        holder,
    };
    let issued = house.platform.authority.issue(session).unwrap();
    house.platform.authority.session_caller(issued.token.expose()).unwrap()
}

#[tokio::test]
async fn a_session_has_its_roles_rights_narrowed_by_its_own_policies() {
    let house = House::new().await;
    house.add_role("worker", "{}", Some(ALLOW_ALL)).await;
    let whole = role_session(&house, "worker", Vec::new());
    assert!(invoke(&house, &house.call(&whole)).is_ok());
    let narrow =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#;
    let narrowed = role_session(&house, "worker", vec![Arc::from(narrow)]);
    let denied = invoke(&house, &house.call(&narrowed)).unwrap_err();
    assert!(denied.message.ends_with("because no session policy allows the lambda:InvokeFunction action"));
}

#[tokio::test]
async fn a_session_of_a_role_that_was_made_anew_is_nobodys() {
    let house = House::new().await;
    house.add_role("worker", "{}", None).await;
    let session = role_session(&house, "worker", Vec::new()).session.unwrap();
    house.add_role("worker", "{}", None).await;
    assert!(Caller::of_session(session, &house.platform.store.read()).is_none());
}

#[tokio::test]
async fn function_code_shows_its_function_to_conditions() {
    let house = House::new().await;
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*",
        "Condition":{"ArnEquals":{"lambda:SourceFunctionArn":"arn:aws:lambda:us-east-1:111122223333:function:f"}}}]}"#;
    house.add_role("worker", "{}", Some(policy)).await;
    let session = role_session(&house, "worker", Vec::new());
    assert!(invoke(&house, &house.call(&session)).is_ok());
    let ana = house.add_user(ACCOUNT, "ana", Some(policy)).await;
    assert!(invoke(&house, &house.call(&ana)).is_err());
}

#[tokio::test]
async fn a_neighbour_needs_both_sides() {
    let house = House::new().await;
    let with = house.add_user(OTHER_ACCOUNT, "cora", Some(ALLOW_ALL)).await;
    let without = house.add_user(OTHER_ACCOUNT, "cleo", None).await;
    let document: Arc<str> = Arc::from(format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::{OTHER_ACCOUNT}:root"}},
        "Action":"lambda:InvokeFunction","Resource":"{FUNCTION}"}}]}}"#
    ));
    let bound = Default::default();
    let open = ResourcePolicyRef::Policy { name: "policy of f", document: &document, bound: &bound };
    let ask = |caller: &Caller, policy| {
        let check = Check::on("lambda:InvokeFunction", &function(), account()).resource_policy(policy);
        house.platform.authority.authorize(&house.call(caller), check).map(|_| ())
    };
    assert!(ask(&with, open).is_ok());
    let denied = ask(&with, ResourcePolicyRef::Absent).unwrap_err();
    assert!(denied.message.contains("because no resource-based policy allows"), "{}", denied.message);
    let denied = ask(&without, open).unwrap_err();
    assert!(denied.message.contains("because no identity-based policy allows"), "{}", denied.message);
}

#[tokio::test]
async fn a_caller_who_was_deleted_meanwhile_may_do_nothing_even_where_the_name_came_back() {
    let house = House::new().await;
    let ana = house.add_user(ACCOUNT, "ana", Some(ALLOW_ALL)).await;
    house.add_role("r", r#"{"Version":"2012-10-17","Statement":[]}"#, Some(ALLOW_ALL)).await;
    let session = role_session(&house, "r", Vec::new());
    let (of_ana, of_session) = (house.call(&ana), house.call(&session));
    assert!(invoke(&house, &of_ana).is_ok() && invoke(&house, &of_session).is_ok());
    house
        .write(|state| {
            state.users.remove(&(account(), "ana".to_owned()));
            state.roles.remove(&(account(), "r".to_owned()));
        })
        .await;
    assert!(invoke(&house, &of_ana).is_err() && invoke(&house, &of_session).is_err());
    house.add_user(ACCOUNT, "ana", Some(ALLOW_ALL)).await;
    house.add_role("r", r#"{"Version":"2012-10-17","Statement":[]}"#, Some(ALLOW_ALL)).await;
    assert!(invoke(&house, &of_ana).is_err() && invoke(&house, &of_session).is_err());
    // A resource that lets in everybody of the account does not let in somebody who is gone.
    let document: Arc<str> = Arc::from(
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#,
    );
    let bound = Default::default();
    let open = ResourcePolicyRef::Policy { name: "open", document: &document, bound: &bound };
    let check = Check::on("lambda:InvokeFunction", &function(), account()).resource_policy(open);
    assert!(house.platform.authority.authorize(&of_ana, check).is_err());
}

#[tokio::test]
async fn a_kept_policy_reads_every_request_anew_mistake_16() {
    let house = House::new().await;
    let policy = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:RequestTag/team":"a"}}},
        {"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:RequestedRegion":"eu-west-1"}}}]}"#;
    let ana = house.add_user(ACCOUNT, "ana", Some(policy)).await;
    for _ in 0..3 {
        for (tag, region, is_allowed) in [
            (Some("a"), "us-east-1", true),
            (Some("b"), "us-east-1", false),
            (None, "us-east-1", false),
            (Some("a"), "eu-west-1", false),
            (Some("a"), "us-east-1", true),
        ] {
            let origin = rolecall_authority::Origin::Service { source_arn: None, source_account: None };
            let region = region.parse().unwrap();
            let call = house.platform.service_call(ana.clone(), region, origin);
            let check = Check::on("lambda:TagResource", &function(), account());
            let check = check.request_tags(tag.map(|value| ("team", value)));
            let decided = house.platform.authority.authorize(&call, check);
            assert_eq!(decided.is_ok(), is_allowed, "{tag:?} {:?}", call.region);
        }
    }
}
