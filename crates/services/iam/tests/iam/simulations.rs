//! SimulateCustomPolicy and SimulatePrincipalPolicy: whose policies are asked, and what is answered.

use rolecall_testkit::{ACCOUNT, OTHER_ACCOUNT};
use rolecall_wire::iam::{self as wire, Input, Output};

use crate::fixture::{ALLOW_ALL, ALLOW_S3, TRUST_LAMBDA, Town, policy};

const ANA: &str = "arn:aws:iam::111122223333:user/ana";

fn custom(documents: &[&str], actions: &[&str]) -> wire::SimulateCustomPolicyRequest {
    wire::SimulateCustomPolicyRequest {
        policy_input_list: documents.iter().map(|text| (*text).to_owned()).collect(),
        action_names: actions.iter().map(|action| (*action).to_owned()).collect(),
        ..Default::default()
    }
}

fn of_principal(kind_and_name: &str, actions: &[&str]) -> wire::SimulatePrincipalPolicyRequest {
    wire::SimulatePrincipalPolicyRequest {
        policy_source_arn: format!("arn:aws:iam::{ACCOUNT}:{kind_and_name}"),
        action_names: actions.iter().map(|action| (*action).to_owned()).collect(),
        ..Default::default()
    }
}

async fn answer(town: &Town, input: Input) -> wire::SimulatePolicyResponse {
    match town.root(input).await {
        Output::SimulateCustomPolicy(answer) | Output::SimulatePrincipalPolicy(answer) => answer,
        other => panic!("{other:?}"),
    }
}

async fn results(town: &Town, input: Input) -> Vec<wire::EvaluationResult> {
    answer(town, input).await.evaluation_results.unwrap()
}

/// The decision and the policies that decided.
fn told(result: &wire::EvaluationResult) -> (&str, Vec<&str>) {
    let sources = result.matched_statements.iter().flatten();
    let names = sources.map(|statement| statement.source_policy_id.as_deref().unwrap()).collect();
    (result.eval_decision.as_deref().unwrap(), names)
}

#[tokio::test]
async fn each_action_has_a_result_with_the_statements_that_decided() {
    let town = Town::empty().await;
    let deny =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:PutObject","Resource":"*"}]}"#;
    let input = custom(&[ALLOW_S3, deny], &["s3:GetObject", "s3:PutObject", "sqs:SendMessage"]);
    let all = results(&town, Input::SimulateCustomPolicy(input.clone())).await;
    let actions: Vec<_> = all.iter().map(|result| result.eval_action_name.as_deref().unwrap()).collect();
    assert_eq!(actions, ["s3:GetObject", "s3:PutObject", "sqs:SendMessage"]);
    assert_eq!(told(&all[0]), ("allowed", vec!["PolicyInputList.1"]));
    assert_eq!(told(&all[1]), ("explicitDeny", vec!["PolicyInputList.2"]));
    assert_eq!(told(&all[2]), ("implicitDeny", vec![]));
    assert_eq!(all[0].eval_resource_name.as_deref(), Some("*"));
    let statement = &all[0].matched_statements.as_ref().unwrap()[0];
    assert_eq!(statement.source_policy_type.as_deref(), Some("IAM Policy"));
    assert_eq!(statement.start_position, Some(wire::Position { line: Some(1), column: Some(38) }));

    let first = wire::SimulateCustomPolicyRequest { max_items: Some(2), ..input.clone() };
    let first = answer(&town, Input::SimulateCustomPolicy(first)).await;
    assert_eq!((first.evaluation_results.unwrap().len(), first.is_truncated), (2, Some(true)));
    let rest = wire::SimulateCustomPolicyRequest { marker: first.marker, ..input };
    let rest = answer(&town, Input::SimulateCustomPolicy(rest)).await;
    let rest_actions = rest.evaluation_results.unwrap();
    let shown = (rest_actions[0].eval_action_name.as_deref(), rest.is_truncated);
    assert_eq!(shown, (Some(actions[2]), Some(false)));
}

#[tokio::test]
async fn resources_context_boundary_and_organization_are_asked() {
    let town = Town::empty().await;
    let by_tag = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::mine/*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"red"}}}]}"#;
    let resources = ["arn:aws:s3:::mine/a", "arn:aws:s3:::theirs/a"].map(str::to_owned).to_vec();
    let plain = wire::SimulateCustomPolicyRequest {
        resource_arns: Some(resources),
        ..custom(&[by_tag], &["s3:GetObject"])
    };
    let missing = results(&town, Input::SimulateCustomPolicy(plain.clone())).await;
    let specific = missing[0].resource_specific_results.as_ref().unwrap();
    assert_eq!(specific[0].missing_context_values, Some(vec!["aws:PrincipalTag/team".to_owned()]));
    let red = wire::ContextEntry {
        context_key_name: Some("aws:PrincipalTag/team".into()),
        context_key_values: Some(vec!["red".into()]),
        context_key_type: Some("string".into()),
    };
    let red = wire::SimulateCustomPolicyRequest { context_entries: Some(vec![red]), ..plain };
    let tagged = results(&town, Input::SimulateCustomPolicy(red)).await;
    let specific = tagged[0].resource_specific_results.as_ref().unwrap();
    let decisions: Vec<_> =
        specific.iter().map(|one| one.eval_resource_decision.as_deref().unwrap()).collect();
    assert_eq!(decisions, ["allowed", "implicitDeny"]);

    let bounded = wire::SimulateCustomPolicyRequest {
        permissions_boundary_policy_input_list: Some(vec![ALLOW_S3.into()]),
        ..custom(&[ALLOW_ALL], &["s3:GetObject", "sqs:SendMessage"])
    };
    let bounded = results(&town, Input::SimulateCustomPolicy(bounded)).await;
    let detail = |result: &wire::EvaluationResult| {
        let detail = result.permissions_boundary_decision_detail.clone().unwrap();
        (result.eval_decision.clone().unwrap(), detail.allowed_by_permissions_boundary.unwrap())
    };
    assert_eq!(detail(&bounded[0]), ("allowed".to_owned(), true));
    assert_eq!(detail(&bounded[1]), ("implicitDeny".to_owned(), false));

    let level = wire::OrderedOrganizationPolicyType {
        service_control_policy_input_list: Some(vec![ALLOW_S3.into()]),
    };
    let organized = wire::SimulateCustomPolicyRequest {
        ordered_organization_policy_input_list: Some(vec![level]),
        ..custom(&[ALLOW_ALL], &["s3:GetObject", "sqs:SendMessage"])
    };
    let organized = results(&town, Input::SimulateCustomPolicy(organized)).await;
    let by_organization = |result: &wire::EvaluationResult| {
        result.organizations_decision_detail.clone().unwrap().allowed_by_organizations
    };
    assert_eq!(organized.iter().map(by_organization).collect::<Vec<_>>(), [Some(true), Some(false)]);
    assert_eq!(organized[1].eval_decision.as_deref(), Some("implicitDeny"));
}

#[tokio::test]
async fn a_resources_policy_names_the_simulated_caller() {
    let town = Town::empty().await;
    let resource_policy = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{ANA}"}},"Action":"s3:GetObject","Resource":"*"}}]}}"#
    );
    let none = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sqs:*","Resource":"*"}]}"#;
    let asked = |caller: Option<&str>, owner: Option<&str>| wire::SimulateCustomPolicyRequest {
        resource_arns: Some(vec!["arn:aws:s3:::bucket/key".into()]),
        resource_policy: Some(resource_policy.clone()),
        caller_arn: caller.map(str::to_owned),
        resource_owner: owner.map(str::to_owned),
        ..custom(&[none], &["s3:GetObject"])
    };
    let own = results(&town, Input::SimulateCustomPolicy(asked(Some(ANA), None))).await;
    assert_eq!(told(&own[0]), ("allowed", vec!["ResourcePolicy"]));
    let ben = ANA.replace("ana", "ben");
    let other = results(&town, Input::SimulateCustomPolicy(asked(Some(&ben), None))).await;
    assert_eq!(told(&other[0]).0, "implicitDeny");
    let owner = format!("arn:aws:iam::{OTHER_ACCOUNT}:root");
    let foreign = results(&town, Input::SimulateCustomPolicy(asked(Some(ANA), Some(&owner)))).await;
    assert_eq!(told(&foreign[0]).0, "implicitDeny");
    let details = foreign[0].eval_decision_details.clone().unwrap();
    assert_eq!(details["Resource Policy"], "allowed");
    assert_eq!(details["IAM Policy"], "implicitDeny");
    let (code, message) = town.refusal(Input::SimulateCustomPolicy(asked(None, None))).await;
    assert_eq!(code, "InvalidInput");
    assert!(message.starts_with("CallerArn must be"), "{message}");
}

#[tokio::test]
async fn a_principals_policies_are_those_that_bind_it() {
    let town = Town::full().await;
    let user = results(
        &town,
        Input::SimulatePrincipalPolicy(of_principal("user/target", &["s3:GetObject", "sqs:SendMessage"])),
    )
    .await;
    let names = vec!["user_target_inline", "used", "group_team_inline"];
    assert_eq!(told(&user[0]), ("allowed", names));
    assert_eq!(told(&user[1]), ("implicitDeny", vec![]));
    let group = Input::SimulatePrincipalPolicy(of_principal("group/team", &["s3:GetObject"]));
    assert_eq!(told(&results(&town, group).await[0]).1, ["group_team_inline", "used"]);
    let role = Input::SimulatePrincipalPolicy(of_principal("role/other/path/job", &["s3:GetObject"]));
    assert_eq!(told(&results(&town, role).await[0]).1, ["role_job_inline", "used"]);

    let excluding = |one: wire::PolicyIdentifier| wire::SimulatePrincipalPolicyRequest {
        policy_exclusion_list: Some(vec![one]),
        ..of_principal("role/job", &["s3:GetObject"])
    };
    for (exclusion, left) in [
        (wire::PolicyIdentifier { policy_type: Some("inline".into()), ..Default::default() }, vec!["used"]),
        (
            wire::PolicyIdentifier { policy_arn: Some(policy("p/used")), ..Default::default() },
            vec!["role_job_inline"],
        ),
    ] {
        let input = Input::SimulatePrincipalPolicy(excluding(exclusion));
        assert_eq!(told(&results(&town, input).await[0]).1, left);
    }
    let more = wire::SimulatePrincipalPolicyRequest {
        policy_input_list: Some(vec![ALLOW_ALL.into()]),
        ..of_principal("role/job", &["sqs:SendMessage"])
    };
    let more = results(&town, Input::SimulatePrincipalPolicy(more)).await;
    assert_eq!(told(&more[0]), ("allowed", vec!["PolicyInputList.1"]));
}

#[tokio::test]
async fn the_boundary_of_a_principal_binds_it() {
    let town = Town::full().await;
    town.create_role("bound", TRUST_LAMBDA).await.unwrap();
    town.root(Input::PutRolePolicy(wire::PutRolePolicyRequest {
        role_name: "bound".into(),
        policy_name: "all".into(),
        policy_document: ALLOW_ALL.into(),
    }))
    .await;
    town.root(Input::PutRolePermissionsBoundary(wire::PutRolePermissionsBoundaryRequest {
        role_name: "bound".into(),
        permissions_boundary: policy("p/used"),
    }))
    .await;
    let input = of_principal("role/bound", &["s3:GetObject", "sqs:SendMessage"]);
    let bounded = results(&town, Input::SimulatePrincipalPolicy(input)).await;
    assert_eq!((told(&bounded[0]).0, told(&bounded[1]).0), ("allowed", "implicitDeny"));
}

#[tokio::test]
async fn what_cannot_be_simulated_is_refused() {
    let town = Town::full().await;
    let of_source = |source: &str| {
        Input::SimulatePrincipalPolicy(wire::SimulatePrincipalPolicyRequest {
            policy_source_arn: source.into(),
            action_names: vec!["s3:GetObject".into()],
            ..Default::default()
        })
    };
    let root = format!("arn:aws:iam::{ACCOUNT}:root");
    for (input, code, message) in [
        (
            of_source(&root),
            "InvalidInput",
            format!("Invalid Entity Arn: {root} does not clearly define entity type and name."),
        ),
        (
            of_source(&format!("arn:aws:iam::{ACCOUNT}:user/missing")),
            "NoSuchEntity",
            "The user with name missing cannot be found.".to_owned(),
        ),
        (
            Input::SimulateCustomPolicy(custom(&[ALLOW_S3], &["s3:*"])),
            "InvalidInput",
            "Invalid Action Name: s3:*".to_owned(),
        ),
    ] {
        assert_eq!(town.refusal(input).await, (code.to_owned(), message));
    }
    let malformed = Input::SimulateCustomPolicy(custom(&["{}"], &["s3:GetObject"]));
    assert_eq!(town.refusal(malformed).await.0, "InvalidInput");
    let foreign = town.refusal(of_source(&format!("arn:aws:iam::{OTHER_ACCOUNT}:user/ana"))).await;
    assert_eq!(foreign.0, "AccessDenied");
}
