//! Services as principals: a service works for every customer, so a statement has to say for whom (reference lambda.md
//! 3.4, 3.5).

use super::Lint;
use crate::PolicyKind;
use crate::condition::operator::Family;
use crate::document::PrincipalType;
use crate::lint::codes;
use crate::lint::document::{Statement, Text, has_wildcard};
use crate::lint::finding::Report;

/// What a service tells of the resource that it calls for; Alexa has a token instead.
const SOURCES: &[&str] = &[
    "aws:SourceArn",
    "aws:SourceAccount",
    "aws:SourceOrgID",
    "aws:SourceOrgPaths",
    "lambda:EventSourceToken",
];

/// What says whose resource it is, where the ARN has no account.
const OWNERS: &[&str] = &["aws:SourceAccount", "aws:SourceOrgID", "aws:SourceOrgPaths"];

/// Keys that people limit services with although the caller writes them.
const WEAK: &[&str] = &["aws:referer", "aws:SourceOwner", "aws:UserAgent"];

/// Keys that calls of a service do not have.
const NOT_OF_SERVICES: &[&str] = &["aws:principalorgid", "aws:principalorgpaths", "aws:username"];

/// Services that a function reads from: Lambda polls them with the execution role.
const POLLED: &[&str] = &[
    "dynamodb.amazonaws.com",
    "kafka.amazonaws.com",
    "kinesis.amazonaws.com",
    "mq.amazonaws.com",
    "sqs.amazonaws.com",
];

/// Keys whose values are service principals.
const SERVICE_KEYS: &[&str] = &[
    "iam:passedtoservice",
    "iam:awsservicename",
    "aws:principalservicename",
    "aws:calledviafirst",
    "aws:calledvialast",
];

pub(super) fn check(lint: &Lint<'_>, report: &mut Report) {
    for statement in lint.statements() {
        let services: Vec<&Text> = statement.principals(PrincipalType::Service).collect();
        for service in &services {
            check_format(lint, service, report);
        }
        for value in named_in_conditions(statement) {
            check_format(lint, value, report);
        }
        let only_services =
            statement.principal.as_ref().is_some_and(|element| element.entries.len() == services.len());
        if !services.is_empty() && only_services {
            check_keys(statement, report);
        }
        if lint.kind == PolicyKind::Resource && statement.allows() {
            for service in services {
                check_grant(statement, service, report);
            }
        }
    }
}

fn named_in_conditions(statement: &Statement) -> impl Iterator<Item = &Text> {
    let conditions = statement.conditions.iter().filter(|condition| {
        let key = condition.key.value.to_ascii_lowercase();
        let is_text = condition.parsed.is_some_and(|operator| {
            matches!(operator.family, Family::Text | Family::TextIgnoringCase | Family::TextPattern)
        });
        is_text && SERVICE_KEYS.contains(&key.as_str())
    });
    let values = conditions.flat_map(|condition| &condition.values).map(|value| &value.text);
    values.filter(|text| !has_wildcard(&text.value) && !text.value.contains("${"))
}

fn check_format(lint: &Lint<'_>, service: &Text, report: &mut Report) {
    let value = service.value.as_str();
    let ends = [".amazonaws.com", ".amazonaws.com.cn", ".amazon.com", ".aws.internal"];
    let legal =
        |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || "-.".contains(letter);
    let well_formed = ends.iter().any(|end| value.ends_with(end)) && value.chars().all(legal);
    if !well_formed && !lint.catalog.is_service_principal(value) && !has_wildcard(value) {
        let message = "The service principal does not match the expected format. Use the format \
                       {service}.amazonaws.com.";
        report.add(&codes::INVALID_SERVICE_PRINCIPAL_FORMAT, &service.place, message);
    }
}

fn check_keys(statement: &Statement, report: &mut Report) {
    for condition in &statement.conditions {
        let key = condition.key.value.to_ascii_lowercase();
        let lacking = NOT_OF_SERVICES.contains(&key.as_str()) || key.starts_with("aws:principaltag/");
        let if_exists = condition.parsed.is_some_and(|operator| operator.if_exists);
        if lacking && !if_exists {
            let message = format!(
                "The following condition keys are not supported when used with the service principal: {}.",
                condition.key.value
            );
            report.add(
                &codes::UNSUPPORTED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL,
                &condition.key.place,
                message,
            );
        }
        if WEAK.iter().any(|weak| weak.eq_ignore_ascii_case(&key)) {
            let message = format!(
                "To restrict access to the service principal operating on your behalf, we recommend \
                 aws:SourceArn, aws:SourceAccount, aws:SourceOrgID, or aws:SourceOrgPaths instead of {}.",
                condition.key.value
            );
            report.add(
                &codes::RECOMMENDED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL,
                &condition.key.place,
                message,
            );
        }
    }
}

fn check_grant(statement: &Statement, service: &Text, report: &mut Report) {
    let names_lambda = |action: &Text| action.value.to_ascii_lowercase().starts_with("lambda:");
    let about_lambda = statement.listed_actions().iter().any(names_lambda)
        || statement.covers_action("lambda:InvokeFunction");
    if about_lambda && POLLED.contains(&service.value.as_str()) {
        let message = format!(
            "{} does not call functions: an event source mapping reads from it with the function's \
             execution role.",
            service.value
        );
        report.add(&codes::POLLED_SERVICE_NEEDS_NO_PERMISSION, &service.place, message);
        return;
    }
    if !statement.has_condition_on(SOURCES) {
        let message = "Granting access to a service principal without specifying a source is overly \
                       permissive. Use aws:SourceArn, aws:SourceAccount, aws:SourceOrgID, or \
                       aws:SourceOrgPaths condition key to grant fine-grained access.";
        report.add(&codes::RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL, &service.place, message);
    }
    if about_lambda && service.value == "s3.amazonaws.com" && !statement.is_limited_to(OWNERS) {
        let message = "Nothing says whose bucket may invoke the function: a bucket's ARN has no account.";
        report.add(&codes::S3_TRIGGER_WITHOUT_SOURCE_ACCOUNT, &service.place, message);
    }
}
