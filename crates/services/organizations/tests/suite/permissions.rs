//! Every operation with its own permission: allowed, not allowed, and denied.

use std::collections::BTreeSet;

use rolecall_testkit::{ACCOUNT, House, OTHER_ACCOUNT};
use rolecall_wire::organizations::{self as wire, Input, Operation};

use crate::town::{
    ALLOW_ALL, DENY_ALL, RCP, SCP, Town, attach, create, create_policy, create_unit, describe, detach,
    move_account, parts, refused, status, tag,
};

/// What the rows are about.
struct Things {
    organization: String,
    root: String,
    unit: String,
    empty: String,
    account: String,
    policy: String,
    unattached: String,
    request: String,
}

impl Things {
    async fn of(town: &Town, organization: String, root: String) -> Self {
        town.enable(&root, SCP).await;
        let request = town.create("first@example.com").await;
        let account = town.status(&request).await.account_id.unwrap();
        let policy = town.policy(SCP, "attached", ALLOW_ALL).await;
        let unattached = town.policy(SCP, "unattached", DENY_ALL).await;
        let (unit, empty) = (town.unit(&root, "unit").await, town.unit(&root, "empty").await);
        town.root(attach(&policy, &account)).await.unwrap();
        Things { organization, root, unit, empty, account, policy, unattached, request }
    }

    fn arn(&self, kind: &str, id: &str) -> String {
        format!("arn:aws:organizations::{ACCOUNT}:{kind}/{}/{id}", self.organization)
    }
}

/// Each operation with an input that succeeds for a management account, and its resources in the order in which they
/// are asked for.
fn rows(things: &Things) -> Vec<(Input, Vec<String>)> {
    let Things { root, unit, account, policy, .. } = things;
    let (root_arn, unit_arn) = (things.arn("root", root), things.arn("ou", unit));
    let empty_arn = things.arn("ou", &things.empty);
    let account_arn = things.arn("account", account);
    let policy_arn = things.arn("policy/o", "").replace("policy/o/", "policy/") + "service_control_policy/";
    let unattached_arn = format!("{policy_arn}{}", things.unattached);
    let new_policy_arn = format!("{policy_arn}*");
    let policy_arn = format!("{policy_arn}{policy}");
    let all = || vec!["*".to_owned()];
    let on = |arn: &String| vec![arn.clone()];
    vec![
        (Input::CreateOrganization(wire::CreateOrganizationRequest::default()), all()),
        (Input::DescribeOrganization(wire::DescribeOrganizationRequest), all()),
        (Input::ListRoots(wire::ListRootsRequest::default()), all()),
        (create("row@example.com"), all()),
        (status(&things.request), all()),
        (Input::ListAccounts(wire::ListAccountsRequest::default()), all()),
        (describe(account), on(&account_arn)),
        (create_unit(unit, "new"), on(&unit_arn)),
        (
            Input::DescribeOrganizationalUnit(wire::DescribeOrganizationalUnitRequest {
                organizational_unit_id: unit.clone(),
            }),
            on(&unit_arn),
        ),
        (
            Input::UpdateOrganizationalUnit(wire::UpdateOrganizationalUnitRequest {
                organizational_unit_id: unit.clone(),
                name: Some("renamed".into()),
            }),
            on(&unit_arn),
        ),
        (
            Input::DeleteOrganizationalUnit(wire::DeleteOrganizationalUnitRequest {
                organizational_unit_id: things.empty.clone(),
            }),
            on(&empty_arn),
        ),
        (
            Input::ListOrganizationalUnitsForParent(wire::ListOrganizationalUnitsForParentRequest {
                parent_id: root.clone(),
                ..Default::default()
            }),
            on(&root_arn),
        ),
        (
            Input::ListAccountsForParent(wire::ListAccountsForParentRequest {
                parent_id: unit.clone(),
                ..Default::default()
            }),
            on(&unit_arn),
        ),
        (
            Input::ListChildren(wire::ListChildrenRequest {
                parent_id: root.clone(),
                child_type: "ACCOUNT".into(),
                ..Default::default()
            }),
            on(&root_arn),
        ),
        (
            Input::ListParents(wire::ListParentsRequest { child_id: account.clone(), ..Default::default() }),
            on(&account_arn),
        ),
        (move_account(account, root, unit), vec![account_arn.clone(), root_arn.clone(), unit_arn.clone()]),
        (create_policy(SCP, "new", ALLOW_ALL), vec![new_policy_arn]),
        (Input::DescribePolicy(wire::DescribePolicyRequest { policy_id: policy.clone() }), on(&policy_arn)),
        (
            Input::UpdatePolicy(wire::UpdatePolicyRequest {
                policy_id: policy.clone(),
                ..Default::default()
            }),
            on(&policy_arn),
        ),
        (attach(policy, unit), vec![policy_arn.clone(), unit_arn.clone()]),
        (detach(policy, unit), vec![policy_arn.clone(), unit_arn.clone()]),
        (
            Input::DeletePolicy(wire::DeletePolicyRequest { policy_id: things.unattached.clone() }),
            vec![unattached_arn],
        ),
        (Input::ListPolicies(wire::ListPoliciesRequest { filter: SCP.into(), ..Default::default() }), all()),
        (
            Input::ListPoliciesForTarget(wire::ListPoliciesForTargetRequest {
                target_id: account.clone(),
                filter: SCP.into(),
                ..Default::default()
            }),
            on(&account_arn),
        ),
        (
            Input::ListTargetsForPolicy(wire::ListTargetsForPolicyRequest {
                policy_id: policy.clone(),
                ..Default::default()
            }),
            on(&policy_arn),
        ),
        (
            Input::EnablePolicyType(wire::EnablePolicyTypeRequest {
                root_id: root.clone(),
                policy_type: RCP.into(),
            }),
            on(&root_arn),
        ),
        (
            Input::DisablePolicyType(wire::DisablePolicyTypeRequest {
                root_id: root.clone(),
                policy_type: RCP.into(),
            }),
            on(&root_arn),
        ),
        (
            Input::TagResource(wire::TagResourceRequest {
                resource_id: unit.clone(),
                tags: vec![tag("a", "b")],
            }),
            on(&unit_arn),
        ),
        (
            Input::UntagResource(wire::UntagResourceRequest {
                resource_id: root.clone(),
                tag_keys: vec!["a".into()],
            }),
            on(&root_arn),
        ),
        (
            Input::ListTagsForResource(wire::ListTagsForResourceRequest {
                resource_id: policy.clone(),
                next_token: None,
            }),
            on(&policy_arn),
        ),
        (Input::DeleteOrganization(wire::DeleteOrganizationRequest), all()),
    ]
}

#[tokio::test]
async fn every_operation_is_allowed_and_denied_by_its_own_permission() {
    let (town, organization, root) = Town::organized().await;
    let things = Things::of(&town, organization, root).await;
    let rows = rows(&things);
    let names: BTreeSet<_> = rows.iter().map(|(input, _)| input.operation().name()).collect();
    let built: BTreeSet<_> =
        Operation::ALL.into_iter().filter(|operation| operation.is_built()).map(Operation::name).collect();
    assert_eq!(names, built);
    let nobody = town.house.add_user(ACCOUNT, "nobody", None).await;
    for (place, (input, resources)) in rows.into_iter().enumerate() {
        let operation = input.operation().name();
        let action = format!("organizations:{operation}");
        let words = |who: &str, resource: &str, reason: &str| {
            refused(
                "AccessDeniedException",
                &format!(
                    "User: arn:aws:iam::{ACCOUNT}:user/{who} is not authorized to perform: {action} on resource: \
                     {resource} {reason}"
                ),
            )
        };
        let error = town.call(&nobody, input.clone()).await.expect_err(operation);
        let reason = format!("because no identity-based policy allows the {action} action");
        assert_eq!(parts(error), words("nobody", resources.first().unwrap(), &reason));
        for (number, resource) in resources.iter().enumerate() {
            let name = format!("denied-{place}-{number}");
            let denied = add_user(&town.house, &name, &action, "Deny", std::slice::from_ref(resource)).await;
            let error = town.call(&denied, input.clone()).await.expect_err(operation);
            let reason = "with an explicit deny in an identity-based policy";
            assert_eq!(parts(error), words(&name, resource, reason));
        }
        let name = format!("allowed-{place}");
        let allowed = add_user(&town.house, &name, &action, "Allow", &resources).await;
        let result = town.call(&allowed, input).await;
        match operation {
            // They were allowed, and only then found to be impossible.
            "CreateOrganization" => assert_eq!(&*result.unwrap_err().code, "AlreadyInOrganizationException"),
            "DeleteOrganization" => assert_eq!(&*result.unwrap_err().code, "OrganizationNotEmptyException"),
            _ => assert!(result.is_ok(), "{operation}: {result:?}"),
        }
    }
}

/// A user who may do only the action on the resources, or everything but that.
async fn add_user(
    house: &House,
    name: &str,
    action: &str,
    effect: &str,
    resources: &[String],
) -> rolecall_authority::Caller {
    let resources = resources.join(r#"",""#);
    let statement = format!(r#"{{"Effect":"{effect}","Action":"{action}","Resource":["{resources}"]}}"#);
    let others = if effect == "Deny" { r#"{"Effect":"Allow","Action":"*","Resource":"*"},"# } else { "" };
    let policy = format!(r#"{{"Version":"2012-10-17","Statement":[{others}{statement}]}}"#);
    house.add_user(ACCOUNT, name, Some(&policy)).await
}

#[tokio::test]
async fn only_the_management_account_asks() {
    let (town, organization, root) = Town::organized().await;
    let things = Things::of(&town, organization, root).await;
    let member = rolecall_authority::Caller::root(things.account.parse().unwrap());
    let stranger = town.house.add_user(OTHER_ACCOUNT, "stranger", Some(ALLOW_ALL)).await;
    for (input, _) in rows(&things) {
        let operation = input.operation().name();
        if ["CreateOrganization", "DescribeOrganization"].contains(&operation) {
            continue;
        }
        let error = town.call(&member, input.clone()).await.expect_err(operation);
        let expected =
            refused("AccessDeniedException", "You don't have permissions to access this resource.");
        assert_eq!(parts(error), expected, "{operation}");
        let error = town.call(&stranger, input).await.expect_err(operation);
        assert_eq!(&*error.code, "AWSOrganizationsNotInUseException", "{operation}");
    }
}

#[tokio::test]
async fn tags_and_the_type_of_a_policy_guard_what_is_done_with_it() {
    let (town, organization, root) = Town::organized().await;
    let things = Things::of(&town, organization, root).await;
    let rcp = town
        .policy(
            RCP,
            "rcp",
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}]}"#,
        )
        .await;
    for resource_id in [&things.policy, &things.unit, &things.root, &things.account] {
        let tags = vec![tag("team", "blue")];
        let input = wire::TagResourceRequest { resource_id: resource_id.clone(), tags };
        town.root(Input::TagResource(input)).await.unwrap();
    }
    let with = |key: &str, value: &str| {
        let condition = format!(r#""Resource":"*","Condition":{{"StringEquals":{{"{key}":"{value}"}}}}"#);
        ALLOW_ALL.replace(r#""Resource":"*""#, &condition)
    };
    let get = |id: &str| Input::DescribePolicy(wire::DescribePolicyRequest { policy_id: id.into() });
    let list = |id: &str| {
        Input::ListTagsForResource(wire::ListTagsForResourceRequest {
            resource_id: id.into(),
            next_token: None,
        })
    };
    let of_type = town.house.add_user(ACCOUNT, "typed", Some(&with("organizations:PolicyType", SCP))).await;
    assert!(town.call(&of_type, get(&things.policy)).await.is_ok());
    assert!(town.call(&of_type, attach(&things.unattached, &things.unit)).await.is_ok());
    assert!(town.call(&of_type, get(&rcp)).await.is_err());
    for (value, is_allowed) in [("blue", true), ("red", false)] {
        let document = with("aws:ResourceTag/team", value);
        let caller = town.house.add_user(ACCOUNT, value, Some(&document)).await;
        assert_eq!(town.call(&caller, get(&things.policy)).await.is_ok(), is_allowed, "{value}");
        for id in [&things.unit, &things.root, &things.account] {
            assert_eq!(town.call(&caller, list(id)).await.is_ok(), is_allowed, "{value} {id}");
        }
    }
}
