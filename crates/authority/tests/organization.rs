//! Service and resource control policies in decisions: every level must allow, a denial names its policy, and a change
//! in the tree counts for the next decision.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rolecall_arn::{AccountId, Arn};
use rolecall_authority::{Authorized, Caller, Check, Denied, ResourcePolicyRef, Session, SessionHolder};
use rolecall_store::records::organizations::{Node, Organization, Policy, PolicyType};
use rolecall_store::{Secret, State};
use rolecall_testkit::{ACCOUNT, House, OTHER_ACCOUNT};

const ALLOW_ALL: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
const EVERYBODY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#;
const FULL: &str = "p-FullAWSAccess";
const FULL_RESOURCES: &str = "p-RCPFullAWSAccess";
const STRANGER: &str = "777788889999";

fn management() -> AccountId {
    ACCOUNT.parse().unwrap()
}

fn member() -> AccountId {
    OTHER_ACCOUNT.parse().unwrap()
}

/// An organization of two accounts: the manager, and a member two units deep. AWS's own policies are everywhere.
async fn organized() -> House {
    let house = House::new().await;
    house
        .write(|state| {
            let organization = Organization {
                id: "o-abcdefghij".to_owned(),
                root_id: "r-abcd".to_owned(),
                feature_set: "ALL".to_owned(),
                created_ms: 0,
                enabled_policy_types: PolicyType::ALL.into(),
            };
            state.organizations.put(management(), organization);
            for account in [management(), member()] {
                state.accounts.update(&account, |account| account.organization = Some(management()));
            }
            for (id, parent) in [
                ("r-abcd", None),
                ("ou-abcd-outer000", None),
                ("ou-abcd-inner000", Some("ou-abcd-outer000")),
                (ACCOUNT, None),
                (OTHER_ACCOUNT, Some("ou-abcd-inner000")),
            ] {
                let node = Node { parent: parent.map(str::to_owned), ..Node::default() };
                state.organization_nodes.put((management(), id.to_owned()), node);
                attach(state, PolicyType::ServiceControl, id, &[FULL]);
                attach(state, PolicyType::ResourceControl, id, &[FULL_RESOURCES]);
            }
        })
        .await;
    house
}

/// Attaches these policies and no others.
fn attach(state: &mut State, policy_type: PolicyType, target: &str, policies: &[&str]) {
    let policies: BTreeSet<String> = policies.iter().map(|policy| (*policy).to_owned()).collect();
    state.organization_nodes.update(&(management(), target.to_owned()), |node| {
        node.attached.insert(policy_type, policies);
    });
}

async fn write_policy(house: &House, id: &'static str, policy_type: PolicyType, statement: &str) {
    let content = Arc::from(format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#));
    let policy = Policy {
        id: id.to_owned(),
        policy_type,
        name: format!("name of {id}"),
        description: String::new(),
        content,
        tags: Vec::new(),
    };
    house.write(|state| state.organization_policies.put((management(), id.to_owned()), policy)).await;
}

fn ask(
    house: &House,
    caller: &Caller,
    (action, resource, owner): (&str, &str, AccountId),
    policy: Option<&str>,
) -> Result<Authorized, Denied> {
    let resource: Arn = resource.parse().unwrap();
    let document: Arc<str> = Arc::from(policy.unwrap_or_default());
    let bound = BTreeMap::new();
    let open = ResourcePolicyRef::Policy { name: "the policy", document: &document, bound: &bound };
    let check = Check::on(action, &resource, owner);
    let check = if policy.is_some() { check.resource_policy(open) } else { check };
    house.platform.authority.authorize(&house.call(caller), check)
}

fn invoke(house: &House, caller: &Caller) -> Result<(), String> {
    let function = format!("arn:aws:lambda:us-east-1:{OTHER_ACCOUNT}:function:f");
    let asked = ask(house, caller, ("lambda:InvokeFunction", &function, member()), None);
    asked.map(|_| ()).map_err(|denied| denied.reason)
}

const SILENT: &str = "because no service control policy allows the lambda:InvokeFunction action";

#[tokio::test]
async fn every_level_must_allow_and_a_change_counts_for_the_next_decision() {
    let house = organized().await;
    let nora = house.add_user(OTHER_ACCOUNT, "nora", Some(ALLOW_ALL)).await;
    write_policy(
        &house,
        "p-onlylogs00",
        PolicyType::ServiceControl,
        r#"{"Effect":"Allow","Action":"logs:*","Resource":"*"}"#,
    )
    .await;
    write_policy(
        &house,
        "p-denyinvoke",
        PolicyType::ServiceControl,
        r#"{"Effect":"Deny","Action":"lambda:Invoke*","Resource":"*"}"#,
    )
    .await;
    let denied = "with an explicit deny in a service control policy: \
                  arn:aws:organizations::111122223333:policy/o-abcdefghij/service_control_policy/p-denyinvoke";
    for target in ["r-abcd", "ou-abcd-outer000", "ou-abcd-inner000", OTHER_ACCOUNT] {
        for (policies, expected) in [
            (&[FULL] as &[&str], Ok(())),
            (&["p-onlylogs00"], Err(SILENT)),
            (&["p-onlylogs00", FULL], Ok(())),
            (&[], Err(SILENT)),
            (&["p-denyinvoke", FULL], Err(denied)),
            (&["p-isnotthere", FULL], Err("with an explicit deny in a service control policy")),
        ] {
            house.write(move |state| attach(state, PolicyType::ServiceControl, target, policies)).await;
            assert_eq!(invoke(&house, &nora), expected.map_err(str::to_owned), "{target} {policies:?}");
        }
        house.write(move |state| attach(state, PolicyType::ServiceControl, target, &[FULL])).await;
    }
    // The root user is bound as well; a service control policy alone gives nothing.
    house.write(|state| attach(state, PolicyType::ServiceControl, "r-abcd", &["p-onlylogs00"])).await;
    assert_eq!(invoke(&house, &Caller::root(member())), Err(SILENT.to_owned()));
    house.write(|state| attach(state, PolicyType::ServiceControl, "r-abcd", &[FULL])).await;
    let nobody = house.add_user(OTHER_ACCOUNT, "nobody", None).await;
    assert!(invoke(&house, &nobody).unwrap_err().contains("no identity-based policy"));
}

#[tokio::test]
async fn moving_an_account_and_disabling_the_type_count_at_once() {
    let house = organized().await;
    let nora = house.add_user(OTHER_ACCOUNT, "nora", Some(ALLOW_ALL)).await;
    house.write(|state| attach(state, PolicyType::ServiceControl, "ou-abcd-outer000", &[])).await;
    assert_eq!(invoke(&house, &nora), Err(SILENT.to_owned()));
    let move_to = |parent: Option<&'static str>| {
        house.write(move |state| {
            let key = (management(), OTHER_ACCOUNT.to_owned());
            state.organization_nodes.update(&key, |node| node.parent = parent.map(str::to_owned));
        })
    };
    move_to(None).await;
    assert_eq!(invoke(&house, &nora), Ok(()));
    // A way that leads nowhere lets nothing through.
    move_to(Some("ou-abcd-lost0000")).await;
    assert_eq!(invoke(&house, &nora), Err("with an explicit deny in a service control policy".to_owned()));
    move_to(Some("ou-abcd-inner000")).await;
    assert_eq!(invoke(&house, &nora), Err(SILENT.to_owned()));
    house
        .write(|state| {
            state.organizations.update(&management(), |organization| {
                organization.enabled_policy_types.remove(&PolicyType::ServiceControl);
            });
        })
        .await;
    assert_eq!(invoke(&house, &nora), Ok(()));
}

#[tokio::test]
async fn the_management_account_and_service_linked_roles_are_exempt() {
    let house = organized().await;
    house
        .write(|state| {
            for target in ["r-abcd", ACCOUNT, OTHER_ACCOUNT] {
                attach(state, PolicyType::ServiceControl, target, &[]);
            }
        })
        .await;
    let admin = house.add_user(ACCOUNT, "admin", Some(ALLOW_ALL)).await;
    let own = format!("arn:aws:lambda:us-east-1:{ACCOUNT}:function:f");
    assert!(ask(&house, &admin, ("lambda:InvokeFunction", &own, management()), None).is_ok());
    house.add_role("worker", "{}", Some(ALLOW_ALL)).await;
    for (path, expected) in [("/", Err(SILENT.to_owned())), ("/aws-service-role/x.amazonaws.com/", Ok(()))] {
        let session = member_session(&house, path).await;
        assert_eq!(invoke(&house, &session), expected, "{path}");
    }
}

/// A session of the member's copy of the role `worker`, at the path.
async fn member_session(house: &House, path: &'static str) -> Caller {
    house
        .write(move |state| {
            let mut role = (**state.roles.get(&(management(), "worker".to_owned())).unwrap()).clone();
            role.account = member();
            role.path = path.to_owned();
            state.roles.put((member(), "worker".to_owned()), role);
        })
        .await;
    let state = house.platform.store.read();
    let role = state.roles.get(&(member(), "worker".to_owned())).unwrap();
    let holder = SessionHolder::Role {
        account: member(),
        role_id: role.id.clone(),
        role_name: role.name.clone(),
        session_name: "s".to_owned(),
        policies: Vec::new(),
        policy_arns: Vec::new(),
        tags: Vec::new(),
        transitive_tag_keys: Vec::new(),
        source_identity: None,
        source_function_arn: None,
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
async fn resource_control_policies_bind_the_resources_of_members_whoever_asks() {
    let house = organized().await;
    let insider = house.add_user(OTHER_ACCOUNT, "insider", Some(ALLOW_ALL)).await;
    let manager = house.add_user(ACCOUNT, "manager", Some(ALLOW_ALL)).await;
    let stranger = house.add_user(STRANGER, "stranger", Some(ALLOW_ALL)).await;
    write_policy(
        &house,
        "p-perimeter0",
        PolicyType::ResourceControl,
        r#"{"Sid":"Perimeter","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*",
            "Condition":{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"${aws:ResourceOrgID}"}}}"#,
    )
    .await;
    let read = |caller: &Caller, owner| {
        let asked = ask(&house, caller, ("s3:GetObject", "arn:aws:s3:::b/k", owner), Some(EVERYBODY));
        asked.map(|_| ()).map_err(|denied| denied.reason)
    };
    let everybody = [&insider, &manager, &stranger, &Caller::anonymous()];
    assert!(everybody.iter().all(|caller| read(caller, member()).is_ok()));
    house
        .write(|state| {
            attach(state, PolicyType::ResourceControl, "r-abcd", &[FULL_RESOURCES, "p-perimeter0"])
        })
        .await;
    let denied = |caller: &Caller| {
        read(caller, member())
            .is_err_and(|reason| reason.starts_with("with an explicit deny in a resource control policy"))
    };
    assert!(read(&insider, member()).is_ok() && read(&manager, member()).is_ok());
    assert!(denied(&stranger) && denied(&Caller::anonymous()));
    // Resources of the management account are exempt, and so is what AWS's list of services does not have.
    assert!(read(&stranger, management()).is_ok());
    let function = format!("arn:aws:lambda:us-east-1:{OTHER_ACCOUNT}:function:f");
    let invoke = ("lambda:InvokeFunction", function.as_str(), member());
    assert!(ask(&house, &stranger, invoke, Some(EVERYBODY)).is_ok());
}

#[tokio::test]
async fn the_explanation_names_the_policy_that_denied() {
    let house = organized().await;
    let nora = house.add_user(OTHER_ACCOUNT, "nora", Some(ALLOW_ALL)).await;
    write_policy(
        &house,
        "p-denyinvoke",
        PolicyType::ServiceControl,
        r#"{"Sid":"NoInvoke","Effect":"Deny","Action":"lambda:Invoke*","Resource":"*"}"#,
    )
    .await;
    house
        .write(|state| {
            attach(state, PolicyType::ServiceControl, "ou-abcd-outer000", &[FULL, "p-denyinvoke"]);
        })
        .await;
    let function = format!("arn:aws:lambda:us-east-1:{OTHER_ACCOUNT}:function:f");
    let denied = ask(&house, &nora, ("lambda:InvokeFunction", &function, member()), None).unwrap_err();
    let record = house.platform.authority.explanation(&denied.decision).await.unwrap().unwrap();
    let seen = record.seen_by(member()).unwrap().explanation;
    let statement = seen.determining.first().unwrap();
    assert_eq!(statement.sid.as_deref(), Some("NoInvoke"));
    assert_eq!(
        statement.policy,
        "service control policy name of p-denyinvoke (p-denyinvoke) of o-abcdefghij"
    );
}

#[tokio::test]
async fn the_place_in_the_tree_is_shown_to_conditions() {
    let house = organized().await;
    let inner = "o-abcdefghij/r-abcd/ou-abcd-outer000/ou-abcd-inner000/";
    for (key, account, value, is_allowed) in [
        ("aws:PrincipalOrgPaths", OTHER_ACCOUNT, inner, true),
        ("aws:PrincipalOrgPaths", OTHER_ACCOUNT, "o-abcdefghij/r-abcd/ou-abcd-outer000/*", true),
        ("aws:PrincipalOrgPaths", OTHER_ACCOUNT, "o-abcdefghij/r-abcd/", false),
        ("aws:PrincipalOrgPaths", ACCOUNT, "o-abcdefghij/r-abcd/", true),
        ("aws:PrincipalOrgPaths", STRANGER, "*", false),
        ("aws:PrincipalOrgID", OTHER_ACCOUNT, "o-abcdefghij", true),
        ("aws:ResourceOrgPaths", ACCOUNT, inner, true),
        ("aws:ResourceOrgID", STRANGER, "o-abcdefghij", true),
    ] {
        let policy = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"*","Resource":"*",
                "Condition":{{"ForAnyValue:StringLike":{{"{key}":"{value}"}}}}}}]}}"#
        );
        let caller = house.add_user(account, "caller", Some(&policy)).await;
        let queue = format!("arn:aws:sqs:us-east-1:{OTHER_ACCOUNT}:q");
        // Inside the account the queue's policy would let everybody in.
        let policy = (account != OTHER_ACCOUNT).then_some(EVERYBODY);
        let asked = ask(&house, &caller, ("sqs:SendMessage", &queue, member()), policy);
        assert_eq!(asked.is_ok(), is_allowed, "{key} {account} {value}");
    }
}
