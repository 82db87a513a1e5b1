//! Whether a statement is about a request: principal, action, resource and every condition (reference iam.md 2.1).

use rolecall_policy::Request;

use crate::condition;
use crate::document::{Actions, Kind, Policy, Statement};
use crate::principal::{self, Reach};
use crate::resource;
use crate::text::{Reading, fits, read};

/// How far the statement allows the request; `None` when it does not.
pub(crate) fn allows(policy: &Policy, statement: &Statement, request: &Request<'_>) -> Option<Reach> {
    let reach = match policy.kind {
        Kind::Trust => principal::trusted_as(&statement.principals, request.principal)?,
        _ => principal::allowed_as(&statement.principals, request.principal)?,
    };
    let matches = statement.allows && is_about(policy, statement, request);
    matches.then_some(reach)
}

/// Whether the statement denies the request.
pub(crate) fn denies(
    policy: &Policy,
    statement: &Statement,
    request: &Request<'_>,
    has_boundary: bool,
) -> bool {
    !statement.allows
        && principal::is_denied(&statement.principals, request, has_boundary)
        && is_about(policy, statement, request)
}

fn is_about(policy: &Policy, statement: &Statement, request: &Request<'_>) -> bool {
    let variables = policy.has_variables.then_some(request.context);
    covers_action(&statement.actions, request.action)
        && resource::covers(&statement.resources, policy.kind, variables, request.resource, statement.allows)
        && statement
            .conditions
            .iter()
            .all(|condition| condition::holds(condition, variables, request.context, statement.allows))
}

/// Actions are compared without regard to case, and nothing is trimmed (reference iam.md 1.6).
fn covers_action(element: &Actions, action: &str) -> bool {
    let names = |pattern: &String| {
        let pattern = read(&pattern.to_ascii_lowercase(), Reading { wildcards: true, variables: None });
        fits(&pattern.unwrap_or_default(), &action.to_ascii_lowercase())
    };
    match element {
        Actions::These(patterns) => patterns.iter().any(names),
        Actions::NotThese(patterns) => !patterns.iter().any(names),
    }
}
