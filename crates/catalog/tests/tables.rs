//! The tables are data, so the tests are about the tables: complete, free of repetition, and of a piece.

use std::collections::HashSet;

use rolecall_arn::Arn;
use rolecall_catalog::{
    ResourceRule, action, actions, find_managed_policy, is_service_principal, lambda_operation,
    lambda_operations, managed_policies, service_principals,
};
use serde_json::Value;

/// The policies that are here because everybody uses them, not because of Lambda.
const WELL_KNOWN: [&str; 8] = [
    "AdministratorAccess",
    "AmazonS3FullAccess",
    "AmazonS3ReadOnlyAccess",
    "CloudWatchLogsFullAccess",
    "CloudWatchLogsReadOnlyAccess",
    "IAMFullAccess",
    "IAMReadOnlyAccess",
    "PowerUserAccess",
];

fn assert_unique<'a>(names: impl Iterator<Item = &'a str>) {
    let mut seen = HashSet::new();
    for name in names {
        assert!(seen.insert(name.to_ascii_lowercase()), "{name} is there twice");
    }
}

#[test]
fn all_31_policies_about_lambda_and_the_well_known_ones_are_there() {
    let well_known = managed_policies().iter().filter(|p| WELL_KNOWN.contains(&p.name.as_str())).count();
    assert_eq!(well_known, WELL_KNOWN.len());
    assert_eq!(managed_policies().len() - well_known, 31);
    assert_unique(managed_policies().iter().map(|p| p.arn.as_str()));
    assert_unique(managed_policies().iter().map(|p| p.name.as_str()));
}

#[test]
fn every_managed_policy_is_found_by_its_arn_which_is_made_of_its_path_and_name() {
    for policy in managed_policies() {
        let arn: Arn = policy.arn.parse().unwrap();
        assert_eq!((arn.service(), arn.account()), ("iam", "aws"));
        assert_eq!(arn.resource(), format!("policy{}{}", policy.path, policy.name));
        assert_eq!(find_managed_policy(&policy.arn).unwrap().name, policy.name);
    }
    assert!(
        find_managed_policy("arn:aws:iam::aws:policy/AWSLambdaBasicExecutionRole").is_none(),
        "the path counts"
    );
    assert!(find_managed_policy("arn:aws:iam::aws:policy/administratoraccess").is_none(), "the case counts");
}

#[test]
fn every_version_of_a_managed_policy_is_a_policy_document() {
    for policy in managed_policies() {
        assert!(policy.version(&policy.default_version).is_some(), "{}", policy.name);
        assert_unique(policy.versions.iter().map(|v| v.id.as_str()));
        for version in &policy.versions {
            let document: Value = serde_json::from_str(version.document()).unwrap();
            assert_eq!(document["Version"], "2012-10-17", "{} {}", policy.name, version.id);
            let statements = document["Statement"].as_array().map_or(1, Vec::len);
            assert!(statements > 0 && !document["Statement"].is_null(), "{} {}", policy.name, version.id);
            assert!(!version.document().contains('\n'));
        }
    }
}

#[test]
fn dates_are_written_the_way_aws_answers_them() {
    for policy in managed_policies() {
        let dates = [&policy.created, &policy.updated];
        for date in dates.into_iter().chain(policy.versions.iter().map(|v| &v.created)) {
            assert!(date.len() == 20 && date.ends_with('Z') && date.contains('T'), "{} {date}", policy.name);
        }
        assert!(policy.created <= policy.updated, "{}", policy.name);
    }
}

#[test]
fn deprecated_policies_and_those_of_service_linked_roles_are_not_attachable() {
    for policy in managed_policies() {
        let for_service_linked_role = policy.path == "/aws-service-role/";
        assert_eq!(policy.attachable, !policy.deprecated && !for_service_linked_role, "{}", policy.name);
    }
    let deprecated: Vec<&str> =
        managed_policies().iter().filter(|p| p.deprecated).map(|p| p.name.as_str()).collect();
    assert_eq!(deprecated, ["AWSLambdaFullAccess", "AWSLambdaReadOnlyAccess"]);
}

#[test]
fn the_administrator_may_do_everything() {
    let policy = find_managed_policy("arn:aws:iam::aws:policy/AdministratorAccess").unwrap();
    let document: Value = serde_json::from_str(policy.document()).unwrap();
    assert_eq!(
        document["Statement"],
        serde_json::json!([{"Action": "*", "Effect": "Allow", "Resource": "*"}])
    );
}

#[test]
fn all_91_operations_of_lambda_are_there() {
    assert_eq!(lambda_operations().len(), 91);
    assert_unique(lambda_operations().iter().map(|o| o.operation.as_str()));
    for operation in lambda_operations() {
        assert_eq!(lambda_operation(&operation.operation).unwrap().operation, operation.operation);
    }
    assert!(lambda_operation("invoke").is_none());
}

#[test]
fn an_operation_has_no_resource_exactly_if_its_rule_says_so() {
    for operation in lambda_operations() {
        let star = operation.resource_rule == ResourceRule::Star;
        assert_eq!(operation.resource_types.is_empty(), star, "{}", operation.operation);
    }
}

#[test]
fn the_actions_of_lambdas_operations_are_known_but_for_the_three_that_aws_has_not_documented() {
    let unknown: Vec<&str> = lambda_operations()
        .iter()
        .filter(|operation| action(&operation.action).is_none())
        .map(|operation| operation.operation.as_str())
        .collect();
    assert_eq!(unknown, ["DeleteDurableExecution", "PauseDurableExecution", "ResumeDurableExecution"]);
}

#[test]
fn invoke_asks_for_invoke_function_and_create_function_for_the_role_too() {
    let invoke = lambda_operation("Invoke").unwrap();
    assert_eq!(invoke.action, "lambda:InvokeFunction");
    assert_eq!(invoke.resource_rule, ResourceRule::FunctionAsRequested);
    let create = lambda_operation("CreateFunction").unwrap();
    assert_eq!(create.resource_rule, ResourceRule::FunctionNew);
    let pass_role = create.additional_actions.iter().find(|a| a.action == "iam:PassRole").unwrap();
    assert_eq!(pass_role.passed_to_service.as_deref(), Some("lambda.amazonaws.com"));
    assert!(pass_role.fatal);
}

#[test]
fn only_the_tags_of_get_function_may_be_left_out_instead_of_denied() {
    let lenient: Vec<(&str, &str)> = lambda_operations()
        .iter()
        .flat_map(|operation| operation.additional_actions.iter().map(move |a| (operation, a)))
        .filter(|(_, additional)| !additional.fatal)
        .map(|(operation, additional)| (operation.operation.as_str(), additional.action.as_str()))
        .collect();
    assert_eq!(lenient, [("GetFunction", "lambda:ListTags")]);
}

#[test]
fn every_service_has_its_actions_and_no_action_is_there_twice() {
    assert_unique(actions().iter().map(|a| a.action.as_str()));
    let services: HashSet<&str> = actions().iter().map(|a| a.service()).collect();
    assert_eq!(
        services,
        HashSet::from([
            "events",
            "iam",
            "lambda",
            "logs",
            "organizations",
            "s3",
            "sns",
            "sqs",
            "sts",
            "xray"
        ])
    );
    for (service, at_least) in
        [("iam", 180), ("lambda", 110), ("logs", 100), ("organizations", 60), ("s3", 170), ("xray", 40)]
    {
        let count = actions().iter().filter(|a| a.service() == service).count();
        assert!(count >= at_least, "{service} has {count} actions");
    }
}

#[test]
fn an_action_is_found_in_any_case() {
    for spelling in ["lambda:InvokeFunction", "LAMBDA:INVOKEFUNCTION", "lambda:invokefunction"] {
        assert_eq!(action(spelling).unwrap().action, "lambda:InvokeFunction");
    }
    for spelling in
        ["lambda:Invoke", "lambda:InvokeFunction ", "InvokeFunction", "", "lambda:*", "ec2:RunInstances"]
    {
        assert!(action(spelling).is_none(), "{spelling}");
    }
}

#[test]
fn every_resource_type_has_an_arn_of_six_parts() {
    for action in actions() {
        assert!(!action.access_level.is_empty(), "{}", action.action);
        for kind in &action.resource_types {
            let arn: Arn =
                kind.arn.parse().unwrap_or_else(|e| panic!("{} {}: {e}", action.action, kind.name));
            assert_eq!(arn.partition(), "${Partition}", "{} {}", action.action, kind.name);
        }
    }
}

#[test]
fn actions_without_resources_are_known_as_such() {
    for name in ["lambda:ListFunctions", "sts:GetCallerIdentity", "sqs:ListQueues", "iam:ListRoles"] {
        assert!(action(name).unwrap().wildcard_only(), "{name}");
    }
    for name in [
        "lambda:InvokeFunction",
        "iam:PassRole",
        "s3:GetObject",
        "logs:PutLogEvents",
        "sts:AssumeRole",
        "lambda:ListLayerVersions",
        "logs:DescribeLogGroups",
        "s3:ListAllMyBuckets",
    ] {
        assert!(!action(name).unwrap().wildcard_only(), "{name}");
    }
}

#[test]
fn the_services_that_call_lambda_are_known() {
    for name in [
        "s3.amazonaws.com",
        "sns.amazonaws.com",
        "events.amazonaws.com",
        "apigateway.amazonaws.com",
        "logs.amazonaws.com",
        "logs.eu-west-1.amazonaws.com",
        "alexa-appkit.amazon.com",
        "lambda.alarms.cloudwatch.amazonaws.com",
        "cloudfront.amazonaws.com",
        "sqs.amazonaws.com",
        "edgelambda.amazonaws.com",
        "states.amazonaws.com",
        "ec2.amazonaws.com",
    ] {
        assert!(is_service_principal(name), "{name}");
    }
}

#[test]
fn what_only_looks_like_a_service_principal_is_none() {
    for name in [
        "",
        "*",
        "amazonaws.com",
        "s3",
        "S3.amazonaws.com",
        "s3.amazonaws.com.evil.example",
        "evil.s3.amazonaws.com",
        "s3.somewhere.amazonaws.com",
        "no-such-service.amazonaws.com",
        "s3.eu-west-1.eu-west-1.amazonaws.com",
        "# Generated by regenerate.py: the service principals that are known. README.md says from where.",
    ] {
        assert!(!is_service_principal(name), "{name}");
    }
}

#[test]
fn service_principals_are_sorted_and_each_there_once() {
    assert!(service_principals().is_sorted_by(|a, b| a < b));
    assert!(service_principals().len() > 200);
}
