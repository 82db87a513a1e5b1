//! Policies of an organization: written, attached, detached, and never the last one.

use rolecall_testkit::ACCOUNT;
use rolecall_wire::organizations::{self as wire, Input};

use crate::town::{ALLOW_ALL, DENY_ALL, RCP, SCP, Town, answer, attach, create_policy, detach, move_account};

const FULL: &str = "p-FullAWSAccess";
const FULL_RESOURCES: &str = "p-RCPFullAWSAccess";
const DENY_S3: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}]}"#;

fn get(id: &str) -> wire::DescribePolicyRequest {
    wire::DescribePolicyRequest { policy_id: id.into() }
}

fn update(id: &str, name: Option<&str>, content: Option<&str>) -> Input {
    Input::UpdatePolicy(wire::UpdatePolicyRequest {
        policy_id: id.into(),
        name: name.map(Into::into),
        description: None,
        content: content.map(Into::into),
    })
}

fn delete(id: &str) -> Input {
    Input::DeletePolicy(wire::DeletePolicyRequest { policy_id: id.into() })
}

fn pair(code: &str, message: &str) -> (String, String) {
    (code.to_owned(), message.to_owned())
}

#[tokio::test]
async fn a_policy_is_shown_as_it_was_written() {
    let (town, organization, _) = Town::organized().await;
    let id = town.policy(SCP, "deny", DENY_ALL).await;
    assert!(id.starts_with("p-") && id.len() == 12, "{id}");
    let shown = answer!(town, DescribePolicy, get(&id)).policy.unwrap();
    let summary = shown.policy_summary.unwrap();
    assert_eq!(shown.content.as_deref(), Some(DENY_ALL));
    let arn = format!("arn:aws:organizations::{ACCOUNT}:policy/{organization}/service_control_policy/{id}");
    assert_eq!((summary.arn, summary.aws_managed), (Some(arn), Some(false)));
    town.root(update(&id, Some("renamed"), None)).await.unwrap();
    let shown = answer!(town, DescribePolicy, get(&id)).policy.unwrap();
    let summary = shown.policy_summary.unwrap();
    assert_eq!((summary.name.as_deref(), shown.content.as_deref()), (Some("renamed"), Some(DENY_ALL)));
    let list = wire::ListPoliciesRequest { filter: SCP.into(), ..Default::default() };
    let listed = answer!(town, ListPolicies, list).policies.unwrap();
    // They are listed by id, and ids are random.
    let mut names: Vec<_> = listed.iter().filter_map(|policy| policy.name.as_deref()).collect();
    names.sort_unstable();
    assert_eq!(names, ["FullAWSAccess", "renamed"]);
    town.root(delete(&id)).await.unwrap();
    let gone = pair("PolicyNotFoundException", "You specified a policy that doesn't exist.");
    assert_eq!(town.refusal(Input::DescribePolicy(get(&id))).await, gone);
}

#[tokio::test]
async fn enabling_a_type_attaches_awss_policy_everywhere_and_disabling_detaches_all() {
    let (town, _, root) = Town::organized().await;
    let before = town.unit(&root, "before").await;
    assert!(town.attached(&root, SCP).await.is_empty());
    let shown = town.enable(&root, SCP).await.policy_types.unwrap();
    assert_eq!(shown.first().unwrap().status.as_deref(), Some("PENDING_ENABLE"));
    let shown = town.list_roots().await.policy_types.unwrap();
    let shown: Vec<_> = shown.iter().filter_map(|shown| shown.status.as_deref()).collect();
    assert_eq!(shown, ["ENABLED"]);
    let after = town.unit(&root, "after").await;
    let account = town.account("a@example.com").await;
    for target in [&root, &before, &after, &account, ACCOUNT] {
        assert_eq!(town.attached(target, SCP).await, [FULL], "{target}");
    }
    town.root(move_account(&account, &root, &after)).await.unwrap();
    assert_eq!(town.attached(&account, SCP).await, [FULL]);
    let targets = wire::ListTargetsForPolicyRequest { policy_id: FULL.into(), ..Default::default() };
    let targets = answer!(town, ListTargetsForPolicy, targets).targets.unwrap();
    assert_eq!(targets.len(), 5);
    let of_root = targets.iter().find(|target| target.target_id.as_ref() == Some(&root)).unwrap();
    assert_eq!((of_root.name.as_deref(), of_root.r#type.as_deref()), (Some("Root"), Some("ROOT")));
    let disable = || wire::DisablePolicyTypeRequest { root_id: root.clone(), policy_type: SCP.into() };
    assert_eq!(answer!(town, DisablePolicyType, disable()).root.unwrap().policy_types, Some(Vec::new()));
    assert!(town.attached(&account, SCP).await.is_empty());
    let not_enabled = pair(
        "PolicyTypeNotEnabledException",
        "This operation can be performed only for enabled policy types.",
    );
    assert_eq!(town.refusal(attach(FULL, &root)).await, not_enabled);
    assert_eq!(town.refusal(Input::DisablePolicyType(disable())).await, not_enabled);
}

#[tokio::test]
async fn the_last_service_control_policy_stays_and_awss_resource_control_policy_always() {
    let (town, _, root) = Town::organized().await;
    town.enable(&root, SCP).await;
    town.enable(&root, RCP).await;
    let id = town.policy(SCP, "allow", ALLOW_ALL).await;
    let last = pair(
        "ConstraintViolationException",
        "You cannot remove the last policy attached to the specified target. You must have at least one attached at \
         all times.",
    );
    assert_eq!(town.refusal(detach(FULL, &root)).await, last);
    town.root(attach(&id, &root)).await.unwrap();
    town.root(detach(FULL, &root)).await.unwrap();
    assert_eq!(town.attached(&root, SCP).await, std::slice::from_ref(&id));
    assert_eq!(town.refusal(detach(&id, &root)).await, last);
    assert_eq!(town.refusal(detach(FULL, &root)).await.0, "PolicyNotAttachedException");
    assert_eq!(town.refusal(delete(&id)).await.0, "PolicyInUseException");
    let again = pair(
        "DuplicatePolicyAttachmentException",
        "A policy with the specified name and type already exists.",
    );
    assert_eq!(town.refusal(attach(&id, &root)).await, again);
    let error = town.root(detach(FULL_RESOURCES, &root)).await.unwrap_err();
    assert_eq!(error.members, [("Reason", "NON_DETACHABLE_POLICY".to_owned())]);
}

#[tokio::test]
async fn there_are_as_many_attachments_as_quotas_allow() {
    let (town, _, root) = Town::organized().await;
    for (policy_type, limit, content) in [(SCP, 10, DENY_ALL), (RCP, 5, DENY_S3)] {
        town.enable(&root, policy_type).await;
        // AWS's own policy counts.
        for number in 1..=limit {
            let id = town.policy(policy_type, &format!("number {number}"), content).await;
            let attached = town.root(attach(&id, &root)).await;
            if number < limit {
                assert!(attached.is_ok(), "{policy_type} {number}: {attached:?}");
            } else {
                let reason = "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED".to_owned();
                assert_eq!(attached.unwrap_err().members, [("Reason", reason)]);
            }
        }
    }
}

#[tokio::test]
async fn documents_are_those_of_their_type_and_not_too_long() {
    let (town, _, root) = Town::organized().await;
    let own = town.policy(SCP, "own", DENY_ALL).await;
    let malformed = pair(
        "MalformedPolicyDocumentException",
        "The provided policy document does not meet the requirements of the specified policy type.",
    );
    for (policy_type, content) in [(SCP, "{"), (SCP, DENY_S3), (RCP, DENY_ALL), (RCP, ALLOW_ALL)] {
        assert_eq!(town.refusal(create_policy(policy_type, "new", content)).await, malformed, "{content}");
    }
    assert_eq!(town.refusal(update(&own, None, Some("[]"))).await, malformed);
    for (policy_type, limit, content) in [(SCP, 10_240, DENY_ALL), (RCP, 5_120, DENY_S3)] {
        let longest = format!("{content}{}", " ".repeat(limit - content.len()));
        assert!(town.root(create_policy(policy_type, "longest", &longest)).await.is_ok());
        let error =
            town.root(create_policy(policy_type, "longer", &format!("{longest} "))).await.unwrap_err();
        assert_eq!(error.members, [("Reason", "POLICY_CONTENT_LIMIT_EXCEEDED".to_owned())]);
    }
    let exists = "A policy with the specified name and type already exists.";
    assert_eq!(
        town.refusal(create_policy(SCP, "own", DENY_ALL)).await,
        pair("DuplicatePolicyException", exists)
    );
    assert_eq!(town.refusal(update(&own, Some("longest"), None)).await.0, "DuplicatePolicyException");
    for input in [update(FULL, Some("mine"), None), delete(FULL)] {
        let error = town.root(input).await.unwrap_err();
        assert_eq!(error.members, [("Reason", "IMMUTABLE_POLICY".to_owned())]);
    }
    let (code, message) = town.refusal(create_policy("TAG_POLICY", "tags", "{}")).await;
    assert_eq!(code, "InvalidInputException");
    assert!(message.contains("TAG_POLICY"), "{message}");
    let enable = wire::EnablePolicyTypeRequest { root_id: "r-gone".into(), policy_type: SCP.into() };
    assert_eq!(town.refusal(Input::EnablePolicyType(enable)).await.0, "RootNotFoundException");
    town.enable(&root, SCP).await;
    let enable = wire::EnablePolicyTypeRequest { root_id: root, policy_type: SCP.into() };
    assert_eq!(town.refusal(Input::EnablePolicyType(enable)).await.0, "PolicyTypeAlreadyEnabledException");
}

#[tokio::test]
async fn an_organization_for_bills_only_has_no_policies() {
    let town = Town::new().await;
    let input = wire::CreateOrganizationRequest { feature_set: Some("CONSOLIDATED_BILLING".into()) };
    town.root(Input::CreateOrganization(input)).await.unwrap();
    let root = town.list_roots().await.id.unwrap();
    let enable = wire::EnablePolicyTypeRequest { root_id: root, policy_type: SCP.into() };
    for input in [Input::EnablePolicyType(enable), create_policy(SCP, "p", DENY_ALL)] {
        assert_eq!(town.refusal(input).await.0, "PolicyTypeNotAvailableForOrganizationException");
    }
}
