//! Actions: that they exist, and that this kind of policy can be about them (reference iam.md 1.6).

use super::{Lint, is_similar};
use crate::PolicyKind;
use crate::lint::codes;
use crate::lint::document::{Text, has_wildcard};
use crate::lint::finding::Report;

pub(super) fn check(lint: &Lint<'_>, report: &mut Report) {
    for list in lint.statements().filter_map(|statement| statement.actions.as_ref()) {
        for action in &list.values {
            check_action(lint, action, report);
        }
    }
}

fn check_action(lint: &Lint<'_>, action: &Text, report: &mut Report) {
    let written = action.value.as_str();
    // A variable in an action is reported as such.
    if written == "*" || written.contains("${") {
        return;
    }
    let Some((service, name)) = written.split_once(':').filter(|(_, name)| !name.contains(':')) else {
        let message = format!("The action {written} does not exist. Write it as service:Name.");
        report.add(&codes::INVALID_ACTION, &action.place, message);
        return;
    };
    if has_wildcard(service) {
        let message = "Avoid using wildcards (*, ?) in the service name because it might grant unintended \
                       access to other AWS services with similar names.";
        report.add(&codes::WILDCARD_IN_SERVICE_NAME, &action.place, message);
        return;
    }
    let legal = |letter: char| letter.is_ascii_alphanumeric() || "-.".contains(letter);
    let similar = lint.similar_service(service);
    if service.is_empty()
        || !service.chars().all(legal)
        || (!lint.knows_service(service) && similar.is_some())
    {
        let hint = similar.map_or(String::new(), |similar| format!(" Did you mean {similar}?"));
        let message = format!("The service {service} specified in the action does not exist.{hint}");
        report.add(&codes::INVALID_SERVICE_IN_ACTION, &action.place, message);
    } else if lint.knows_service(service) && lint.covered(written).is_empty() {
        let hint = similar_action(lint, service, name)
            .map_or(String::new(), |similar| format!(" Did you mean {similar}?"));
        report.add(
            &codes::INVALID_ACTION,
            &action.place,
            format!("The action {written} does not exist.{hint}"),
        );
    } else {
        check_kind(lint, action, report);
    }
}

/// An action of the service that is spelled almost like this one, or that the API operation of this name asks for.
fn similar_action<'a>(lint: &Lint<'a>, service: &str, name: &str) -> Option<&'a str> {
    const OPERATIONS: &[(&str, &str)] = &[
        ("lambda:Invoke", "lambda:InvokeFunction"),
        ("lambda:InvokeWithResponseStream", "lambda:InvokeFunction"),
        ("lambda:GetLayerVersionByArn", "lambda:GetLayerVersion"),
        ("s3:HeadObject", "s3:GetObject"),
        ("s3:ListObjects", "s3:ListBucket"),
        ("s3:ListObjectsV2", "s3:ListBucket"),
        ("s3:HeadBucket", "s3:ListBucket"),
        ("s3:CopyObject", "s3:PutObject"),
        ("s3:DeleteObjects", "s3:DeleteObject"),
        ("s3:ListBuckets", "s3:ListAllMyBuckets"),
    ];
    let full = format!("{service}:{name}");
    let operation = OPERATIONS.iter().find(|(operation, _)| operation.eq_ignore_ascii_case(&full));
    if let Some((_, action)) = operation {
        return Some(action);
    }
    let folded = full.to_ascii_lowercase();
    let names = lint.catalog.actions().iter().map(|facts| facts.name.as_str());
    names.into_iter().find(|known| is_similar(&known.to_ascii_lowercase(), &folded))
}

/// A trust policy is about assuming the role and nothing else.
fn check_kind(lint: &Lint<'_>, action: &Text, report: &mut Report) {
    const ASSUME: &[&str] = &[
        "sts:assumerole",
        "sts:assumerolewithsaml",
        "sts:assumerolewithwebidentity",
        "sts:tagsession",
        "sts:setsourceidentity",
        "sts:setcontext",
    ];
    let folded = action.value.to_ascii_lowercase();
    let is_assume =
        ASSUME.contains(&folded.as_str()) || (folded.starts_with("sts:") && has_wildcard(&folded));
    if lint.kind == PolicyKind::Trust && !is_assume {
        let message = format!("The action {} is not supported for the trust policy of a role.", action.value);
        report.add(&codes::UNSUPPORTED_ACTION_IN_POLICY, &action.place, message);
    }
}
