//! Grants of `iam:PassRole` and `iam:CreateServiceLinkedRole` on more than named roles. Whoever may pass any role to a
//! function has all rights of all roles. Only identity-based policies are looked at: the others grant neither.

use super::Lint;
use crate::PolicyKind;
use crate::lint::codes::{self, Code};
use crate::lint::document::{Statement, Text, has_wildcard};
use crate::lint::finding::{Place, Report};

/// One of the two actions with its codes.
struct Sensitive {
    action: &'static str,
    /// The condition that limits the grant as well as named roles do.
    limit: &'static str,
    star_in_resource: &'static Code,
    star_in_action_and_resource: &'static Code,
    star_in_resource_and_not_action: &'static Code,
    not_resource: &'static Code,
    star_in_action_and_not_resource: &'static Code,
    not_action_and_not_resource: &'static Code,
}

static SENSITIVE: &[Sensitive] = &[
    Sensitive {
        action: "iam:PassRole",
        limit: "iam:PassedToService",
        star_in_resource: &codes::PASS_ROLE_WITH_STAR_IN_RESOURCE,
        star_in_action_and_resource: &codes::PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE,
        star_in_resource_and_not_action: &codes::PASS_ROLE_WITH_STAR_IN_RESOURCE_AND_NOT_ACTION,
        not_resource: &codes::PASS_ROLE_WITH_NOT_RESOURCE,
        star_in_action_and_not_resource: &codes::PASS_ROLE_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE,
        not_action_and_not_resource: &codes::PASS_ROLE_WITH_NOT_ACTION_AND_NOT_RESOURCE,
    },
    Sensitive {
        action: "iam:CreateServiceLinkedRole",
        limit: "iam:AWSServiceName",
        star_in_resource: &codes::CREATE_SLR_WITH_STAR_IN_RESOURCE,
        star_in_action_and_resource: &codes::CREATE_SLR_WITH_STAR_IN_ACTION_AND_RESOURCE,
        star_in_resource_and_not_action: &codes::CREATE_SLR_WITH_STAR_IN_RESOURCE_AND_NOT_ACTION,
        not_resource: &codes::CREATE_SLR_WITH_NOT_RESOURCE,
        star_in_action_and_not_resource: &codes::CREATE_SLR_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE,
        not_action_and_not_resource: &codes::CREATE_SLR_WITH_NOT_ACTION_AND_NOT_RESOURCE,
    },
];

/// How a statement covers the action.
enum Coverage<'a> {
    Named(&'a Text),
    Star(&'a Text),
    NotAction(&'a Place),
}

pub(super) fn check(lint: &Lint<'_>, report: &mut Report) {
    if lint.kind != PolicyKind::Identity {
        return;
    }
    for statement in lint.statements().filter(|statement| statement.allows()) {
        for sensitive in SENSITIVE {
            check_grant(statement, sensitive, report);
        }
    }
}

fn check_grant(statement: &Statement, sensitive: &Sensitive, report: &mut Report) {
    let Some(coverage) = coverage(statement, sensitive.action) else { return };
    if statement.has_condition_on(&[sensitive.limit]) {
        return;
    }
    let Some(resources) = &statement.resources else { return };
    let wide = resources.values.iter().find(|resource| names_no_role(&resource.value));
    let (code, what) = match (&coverage, resources.negated, wide) {
        (Coverage::Named(_), true, _) => (sensitive.not_resource, "with NotResource"),
        (Coverage::Star(_), true, _) => {
            (sensitive.star_in_action_and_not_resource, "through a wildcard, with NotResource")
        }
        (Coverage::NotAction(_), true, _) => {
            (sensitive.not_action_and_not_resource, "through NotAction, with NotResource")
        }
        (Coverage::Named(_), false, Some(_)) => (sensitive.star_in_resource, "on all roles"),
        (Coverage::Star(_), false, Some(_)) => {
            (sensitive.star_in_action_and_resource, "through a wildcard, on all roles")
        }
        (Coverage::NotAction(_), false, Some(_)) => {
            (sensitive.star_in_resource_and_not_action, "through NotAction, on all roles")
        }
        (_, false, None) => return,
    };
    let place = match coverage {
        Coverage::Named(text) | Coverage::Star(text) => &text.place,
        Coverage::NotAction(place) => place,
    };
    report.add(code, place, format!("This statement allows {} {what}.", sensitive.action));
}

fn coverage<'a>(statement: &'a Statement, action: &str) -> Option<Coverage<'a>> {
    if !statement.covers_action(action) {
        return None;
    }
    let actions = statement.actions.as_ref()?;
    if actions.negated {
        return Some(Coverage::NotAction(&actions.place));
    }
    let named = actions.values.iter().find(|text| text.value.eq_ignore_ascii_case(action));
    let covers = |text: &&Text| crate::lint::document::action_matches(&text.value, action);
    named.map(Coverage::Named).or_else(|| actions.values.iter().find(covers).map(Coverage::Star))
}

/// Whether a resource stands for roles of any name: `*`, `role/*`, or a path with any role behind it. A name that begins
/// with text, like `role/lambda-*`, is taken as a choice.
fn names_no_role(resource: &str) -> bool {
    if resource.chars().all(|letter| letter == '*') {
        return true;
    }
    let path = resource.splitn(6, ':').nth(5).unwrap_or("*");
    let name = path.rsplit('/').next().unwrap_or(path);
    has_wildcard(name) && name.chars().all(|letter| letter == '*' || letter == '?')
}
