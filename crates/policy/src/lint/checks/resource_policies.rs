//! Policies of functions and layer versions: each is about its own resource, and about few actions (reference lambda.md
//! 1.5, 2.1).

use super::Lint;
use crate::PolicyKind;
use crate::condition::operator::Family;
use crate::lint::ActionFacts;
use crate::lint::codes;
use crate::lint::document::{Statement, Text, has_wildcard};
use crate::lint::finding::Report;

/// What a policy is attached to, as far as its resources say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Host {
    Function,
    LayerVersion,
}

pub(super) fn check(lint: &Lint<'_>, report: &mut Report) {
    for statement in lint.statements() {
        check_prefix(statement, report);
    }
    if lint.kind != PolicyKind::Resource {
        return;
    }
    let target =
        lint.statements().flat_map(Statement::listed_resources).find(|text| host(&text.value).is_some());
    for statement in lint.statements() {
        check_irrelevant_key(statement, report);
        for resource in statement.listed_resources() {
            check_target(target, resource, report);
        }
        let host = statement.listed_resources().iter().find_map(|text| host(&text.value));
        if let Some(host) = host {
            check_actions(lint, host, statement, report);
        }
    }
}

fn host(resource: &str) -> Option<Host> {
    let mut components = resource.splitn(6, ':').skip(2);
    if components.next() != Some("lambda") {
        return None;
    }
    let path = components.nth(2)?;
    if path.starts_with("function:") {
        Some(Host::Function)
    } else {
        path.starts_with("layer:").then_some(Host::LayerVersion)
    }
}

/// Every alias and version has a policy of its own, so one document speaks of one ARN.
fn check_target(target: Option<&Text>, resource: &Text, report: &mut Report) {
    let Some(target) = target else { return };
    if has_wildcard(&target.value) || has_wildcard(&resource.value) || resource.value == target.value {
        return;
    }
    let message = format!(
        "The resource ARN is not supported for this policy, whose first resource is {}.",
        target.value
    );
    report.add(&codes::UNSUPPORTED_RESOURCE_ARN_IN_POLICY, &resource.place, message);
}

fn check_actions(lint: &Lint<'_>, host: Host, statement: &Statement, report: &mut Report) {
    let supports = |facts: &&ActionFacts| match host {
        Host::Function => facts.in_function_policy,
        Host::LayerVersion => facts.in_layer_policy,
    };
    let name = match host {
        Host::Function => "function",
        Host::LayerVersion => "layer version",
    };
    for action in statement.listed_actions() {
        let covered = lint.covered(&action.value);
        if !covered.is_empty() && !covered.iter().any(supports) {
            let message = format!(
                "The action {} is not supported for the resource-based policy attached to the resource type \
                 {name}.",
                action.value
            );
            report.add(&codes::UNSUPPORTED_ACTION_IN_POLICY, &action.place, message);
        }
    }
}

fn check_irrelevant_key(statement: &Statement, report: &mut Report) {
    for condition in statement.conditions_on("s3:ResourceAccount") {
        let message = "The condition key s3:ResourceAccount is not relevant for a resource-based policy.";
        report.add(&codes::IRRELEVANT_CONDITION_KEY_IN_POLICY, &condition.key.place, message);
    }
}

/// A listing with a shorter prefix shows what a longer one would, so prefixes can be allowed and not forbidden.
fn check_prefix(statement: &Statement, report: &mut Report) {
    for condition in statement.conditions_on("s3:prefix") {
        let Some(operator) = condition.parsed else { continue };
        let is_text =
            matches!(operator.family, Family::Text | Family::TextIgnoringCase | Family::TextPattern);
        let excludes = statement.allows() && operator.negated || statement.denies() && !operator.negated;
        if is_text && excludes {
            let message = "Using the s3:prefix condition key in a Deny statement or with a negated string \
                           operator does not block listing the objects under the matching prefixes.";
            report.add(&codes::S3_PREFIX_IN_NEGATIVE_CONTEXT, &condition.key.place, message);
        }
    }
}
