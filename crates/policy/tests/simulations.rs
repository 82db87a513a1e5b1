//! The forms that AWS gives a decision: the output of SimulateCustomPolicy (reference iam.md 7.3) and the message that
//! DecodeAuthorizationMessage shows (5.14).

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up fails")]

use std::sync::Arc;

use rolecall_policy::{
    AuthorizationMessage, Context, Explanation, Layers, Level, Policy, PolicyKind, PolicySource, Principal,
    Request, ResourceLayer, SimulatedDecision, SimulationResult, explain, simulate,
};
use serde_json::json;

const USER: &str = "arn:aws:iam::111122223333:user/ana";
const FUNCTION: &str = "arn:aws:lambda:us-east-1:111122223333:function:f";
const ALLOW: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
const OTHER: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#;

fn policy(kind: PolicyKind, name: &str, text: &str) -> Arc<Policy> {
    Arc::new(Policy::compile(kind, PolicySource::inline(name), text).unwrap())
}

fn identity(text: &str) -> [Arc<Policy>; 1] {
    [policy(PolicyKind::Identity, "PolicyInputList.1", text)]
}

/// Asks for `lambda:InvokeFunction` on the resources.
fn ask<T>(caller: &str, resources: &[&str], ask: impl FnOnce(&[Request<'_>]) -> T) -> T {
    let principal = Principal::parse(caller, "AIDAEXAMPLE").unwrap();
    let mut context = Context::new();
    principal.add_context_keys(&mut context);
    context.set("aws:MultiFactorAuthPresent", "false");
    let requests: Vec<Request<'_>> = resources
        .iter()
        .map(|resource| Request {
            principal: &principal,
            action: "lambda:InvokeFunction",
            resource,
            resource_account: None,
            context: &context,
        })
        .collect();
    ask(&requests)
}

fn simulated(caller: &str, resources: &[&str], layers: &Layers<'_>) -> SimulationResult {
    ask(caller, resources, |requests| simulate(requests, layers))
}

#[test]
fn positions_are_those_that_aws_reports() {
    // The action is drawn out until the statement has the length: stars match like one star.
    let statement = |action: &str, pad: &str, length: usize| {
        let text = |pad: &str| format!(r#"{{"Effect":"Allow","Action":"{action}{pad}","Resource":"*"}}"#);
        text(&pad.repeat(length - text("").len()))
    };
    // Bare: its brace stands in column 40 and its end in 183.
    let bare = format!(r#"{{"Version": "2012-10-17", "Statement": {}}}"#, statement("*", "*", 144));
    // First of a list: its brace stands in column 38.
    let first = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statement("*", "*", 70));
    // Second of a list: the comma stands in column 95.
    let second = format!(
        r#"{{"Version":"2012-10-17","Statement":[{},{}]}}"#,
        statement("s3:", "x", 57),
        statement("*", "*", 70)
    );
    for (text, start, end) in [(bare, 41, 184), (first, 38, 108), (second, 95, 166)] {
        let policies = identity(&text);
        let result = simulated(USER, &[FUNCTION], &Layers { identity: &policies, ..Layers::default() });
        let [matched] = result.matched_statements.as_slice() else { unreachable!("{text} {result:?}") };
        assert_eq!((matched.start_position.line, matched.start_position.column), (1, start), "{text}");
        assert_eq!((matched.end_position.line, matched.end_position.column), (1, end), "{text}");
    }
}

#[test]
fn positions_count_lines() {
    let text = "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {\n      \"Effect\": \"Allow\", \"Action\": \"*\",\n      \"Resource\": \"*\"\n    }\n  ]\n}";
    let policies = identity(text);
    let result = simulated(USER, &[FUNCTION], &Layers { identity: &policies, ..Layers::default() });
    let matched = &result.matched_statements[0];
    assert_eq!((matched.start_position.line, matched.start_position.column), (3, 17));
    assert_eq!((matched.end_position.line, matched.end_position.column), (7, 6));
}

#[test]
fn the_output_has_the_members_of_aws() {
    let policies = identity(ALLOW);
    let layers = Layers { identity: &policies, ..Layers::default() };
    let result = serde_json::to_value(simulated(USER, &[FUNCTION], &layers)).unwrap();
    let matched = json!([{
        "SourcePolicyId": "PolicyInputList.1",
        "SourcePolicyType": "IAM Policy",
        "StartPosition": { "Line": 1, "Column": 38 },
        "EndPosition": { "Line": 1, "Column": 84 },
    }]);
    let expected = json!({
        "EvalActionName": "lambda:InvokeFunction",
        "EvalResourceName": FUNCTION,
        "EvalDecision": "allowed",
        "MatchedStatements": matched,
        "MissingContextValues": [],
        "EvalDecisionDetails": {},
        "ResourceSpecificResults": [{
            "EvalResourceName": FUNCTION,
            "EvalResourceDecision": "allowed",
            "MatchedStatements": matched,
            "MissingContextValues": [],
            "EvalDecisionDetails": {},
        }],
    });
    assert_eq!(result, expected);
}

#[test]
fn several_resources_give_the_hardest_decision_and_a_result_each() {
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"*","Resource":"{FUNCTION}"}},
            {{"Effect":"Deny","Action":"*","Resource":"{FUNCTION}:3"}}]}}"#
    );
    let policies = identity(&text);
    let (live, three) = (format!("{FUNCTION}:live"), format!("{FUNCTION}:3"));
    let layers = Layers { identity: &policies, ..Layers::default() };
    let result = simulated(USER, &[FUNCTION, &live, &three], &layers);
    let decisions: Vec<SimulatedDecision> =
        result.resource_specific_results.iter().map(|result| result.eval_resource_decision).collect();
    use SimulatedDecision::{Allowed, ExplicitDeny, ImplicitDeny};
    assert_eq!(decisions, [Allowed, ImplicitDeny, ExplicitDeny]);
    assert_eq!((result.eval_decision, result.eval_resource_name.as_str()), (ExplicitDeny, "*"));
    let denying = &result.matched_statements;
    assert_eq!(denying[0].start_position.line, 1, "the Deny begins after the brace of the first line");
    assert_eq!(denying.len(), 1, "only the Deny is told");
}

#[test]
fn missing_context_values_are_told_for_all_or_for_each_resource() {
    let text = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*",
        "Resource":["*","arn:aws:s3:::${aws:PrincipalTag/team}"],
        "Condition":{"Bool":{"AWS:multifactorauthpresent":"true"},"StringLike":{"s3:prefix":["${aws:userid}/*"]}}}]}"#;
    let policies = identity(text);
    let layers = Layers { identity: &policies, ..Layers::default() };
    let missing = ["aws:PrincipalTag/team", "s3:prefix"];
    assert_eq!(simulated(USER, &["*"], &layers).missing_context_values, missing);
    let result = simulated(USER, &[FUNCTION], &layers);
    assert!(result.missing_context_values.is_empty());
    assert_eq!(result.resource_specific_results[0].missing_context_values, missing);
    assert_eq!(simulated(USER, &["*"], &layers).eval_decision_details, None, "no resource, no details");
}

#[test]
fn an_empty_list_of_policies_denies_implicitly() {
    let result = simulated(USER, &["*"], &Layers::default());
    assert_eq!(result.eval_decision, SimulatedDecision::ImplicitDeny);
    assert!(result.matched_statements.is_empty() && result.resource_specific_results.is_empty());
}

#[test]
fn a_boundary_is_told_and_an_organization_that_denies_hides_it() {
    let (policies, silent) = (identity(ALLOW), identity(OTHER));
    let level =
        |text| [Level { id: "r".into(), policies: vec![policy(PolicyKind::ServiceControl, "scp", text)] }];
    let (full, none) = (level(ALLOW), level(OTHER));
    let with = |boundary, scps| Layers {
        identity: &policies,
        boundary: Some(boundary),
        service_control: Some(scps),
        ..Layers::default()
    };
    let told = |layers: &Layers<'_>| {
        let result = simulated(USER, &[FUNCTION], layers);
        (
            result.eval_decision,
            result.permissions_boundary_decision_detail.map(|detail| detail.allowed_by_permissions_boundary),
            result.organizations_decision_detail.map(|detail| detail.allowed_by_organizations),
            result.matched_statements.len(),
        )
    };
    use SimulatedDecision::{Allowed, ImplicitDeny};
    assert_eq!(told(&with(&policies, &full)), (Allowed, Some(true), Some(true), 1));
    assert_eq!(told(&with(&silent, &full)), (ImplicitDeny, Some(false), Some(true), 0));
    assert_eq!(told(&with(&policies, &none)), (ImplicitDeny, None, Some(false), 0));
}

#[test]
fn both_sides_of_a_request_between_accounts_are_told() {
    let policies = identity(ALLOW);
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"444455556666"}},"Action":"*","Resource":"{FUNCTION}"}}]}}"#
    );
    let resource = policy(PolicyKind::Resource, "resource", &text);
    let layers =
        Layers { identity: &policies, resource: ResourceLayer::Policy(&resource), ..Layers::default() };
    let caller = "arn:aws:iam::444455556666:user/ben";
    let result = simulated(caller, &[FUNCTION], &layers);
    let details = serde_json::to_value(&result.eval_decision_details).unwrap();
    assert_eq!(details, json!({ "IAM Policy": "allowed", "Resource Policy": "allowed" }));
    let types: Vec<&str> =
        result.matched_statements.iter().map(|statement| statement.source_policy_type).collect();
    assert_eq!(types, ["IAM Policy", "Resource Policy"]);
    let alone = simulated(caller, &[FUNCTION], &Layers { identity: &policies, ..Layers::default() });
    let details = serde_json::to_value(&alone.eval_decision_details).unwrap();
    assert_eq!(details, json!({ "IAM Policy": "allowed", "Resource Policy": "implicitDeny" }));
}

fn message(caller: &str, layers: &Layers<'_>) -> serde_json::Value {
    let explanation = ask(caller, &[FUNCTION], |requests| explain(&requests[0], layers));
    // What is encoded may be a decision of yesterday.
    let stored = serde_json::to_string(&explanation).unwrap();
    let explanation: Explanation = serde_json::from_str(&stored).unwrap();
    serde_json::from_str(&AuthorizationMessage::of(&explanation).to_json()).unwrap()
}

#[test]
fn the_decoded_message_of_an_explicit_denial_shows_the_statement() {
    let text = r#"{"Version":"2012-10-17","Statement":[{"Sid":"NoBigBoxes","Effect":"Deny",
        "Action":"lambda:InvokeFunction","Resource":"*",
        "Condition":{"Bool":{"aws:MultiFactorAuthPresent":"false"}}}]}"#;
    let policies = identity(text);
    let role = "arn:aws:sts::111122223333:assumed-role/R/session";
    let message = message(role, &Layers { identity: &policies, ..Layers::default() });
    let value = |text: &str| json!({ "items": [{ "value": text }] });
    let key = |key: &str, text: &str| json!({ "key": key, "values": value(text) });
    let expected = json!({
        "allowed": false,
        "explicitDeny": true,
        "matchedStatements": { "items": [{
            "statementId": "NoBigBoxes",
            "effect": "DENY",
            "principals": value("AIDAEXAMPLE"),
            "principalGroups": { "items": [] },
            "actions": value("lambda:InvokeFunction"),
            "resources": value("*"),
            "conditions": { "items": [key("aws:MultiFactorAuthPresent", "false")] },
        }] },
        "failures": { "items": [] },
        "context": {
            "principal": { "id": "AIDAEXAMPLE:session", "arn": role },
            "action": "lambda:InvokeFunction",
            "resource": FUNCTION,
            "conditions": { "items": [
                key("aws:Region", "us-east-1"),
                key("aws:Service", "lambda"),
                key("aws:Resource", "function:f"),
                key("aws:Type", "function"),
                key("aws:Account", "111122223333"),
                key("aws:ARN", FUNCTION),
                key("aws:MultiFactorAuthPresent", "false"),
                key("aws:PrincipalAccount", "111122223333"),
                key("aws:PrincipalArn", "arn:aws:iam::111122223333:role/R"),
                key("aws:PrincipalIsAWSService", "false"),
                key("aws:PrincipalType", "AssumedRole"),
                key("aws:userid", "AIDAEXAMPLE:session"),
            ] },
        },
    });
    assert_eq!(message, expected);
    let order: Vec<&String> = message.as_object().unwrap().keys().collect();
    assert_eq!(order, ["allowed", "explicitDeny", "matchedStatements", "failures", "context"]);
}

#[test]
fn the_decoded_message_of_an_implicit_denial_shows_no_statement() {
    let policies = identity(OTHER);
    let message = message(USER, &Layers { identity: &policies, ..Layers::default() });
    assert_eq!(message["explicitDeny"], false);
    assert_eq!(message["allowed"], false);
    assert_eq!(message["matchedStatements"], json!({ "items": [] }));
}

#[test]
fn the_decoded_message_names_the_principals_of_a_resource_policy() {
    let text = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":{"AWS":["111122223333"]},"NotAction":"s3:*","Resource":"*"}}"#;
    let resource = policy(PolicyKind::Resource, "resource", text);
    let message = message(USER, &Layers { resource: ResourceLayer::Policy(&resource), ..Layers::default() });
    let statement = &message["matchedStatements"]["items"][0];
    assert_eq!(statement["principals"], json!({ "items": [{ "value": "111122223333" }] }));
    assert_eq!(statement["actions"], json!({ "items": [] }), "NotAction lists what is not meant");
    assert_eq!(statement["statementId"], "");
}
