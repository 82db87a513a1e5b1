//! Actions and resources that never meet. A statement is about an action only on the ARN that the action is authorised
//! on, and for Lambda that is not always the ARN that comes to mind: an alias is managed on the unqualified function,
//! a layer version has its number, and lists have no resource at all (reference lambda.md 1.4 to 1.6).

use super::{Lint, arns};
use crate::PolicyKind;
use crate::lint::catalog::ActionFacts;
use crate::lint::codes::{self, Code};
use crate::lint::document::{Statement, Text};
use crate::lint::finding::Report;
use crate::lint::forms::{can_match, is_everything};

pub(super) fn check(lint: &Lint<'_>, report: &mut Report) {
    if lint.kind == PolicyKind::Trust {
        return;
    }
    for statement in lint.statements() {
        check_statement(lint, statement, report);
    }
}

fn check_statement(lint: &Lint<'_>, statement: &Statement, report: &mut Report) {
    let resources = statement.listed_resources();
    // A resource whose form is wrong has its finding already, and nothing can be said of what it would match.
    let readable = resources.iter().all(|resource| arns::fault(lint, &resource.value).is_none());
    if resources.is_empty() || !readable {
        return;
    }
    let actions = statement.listed_actions();
    let mut blamed = false;
    for action in actions {
        let covered = lint.covered(&action.value);
        let meets = covered.iter().any(|facts| resources.iter().any(|one| meets(facts, one)));
        if !covered.is_empty() && !meets {
            blamed = true;
            blame_action(action, &covered, resources, report);
        }
    }
    if !blamed {
        blame_resources(lint, actions, resources, report);
    }
}

/// Whether the action can be authorised on the resource.
fn meets(facts: &ActionFacts, resource: &Text) -> bool {
    is_everything(&resource.value) || facts.resource_forms.iter().any(|form| can_match(&resource.value, form))
}

/// None of the statement's resources can be one of the action's.
fn blame_action(action: &Text, covered: &[&ActionFacts], resources: &[Text], report: &mut Report) {
    let name = &action.value;
    if covered.iter().all(|facts| facts.wildcard_only()) {
        let message = format!("{name} is authorised on no resource, so only the resource * matches it.");
        report.add(&codes::RESOURCE_FOR_WILDCARD_ONLY_ACTION, &action.place, message);
        return;
    }
    let expected = expected_forms(covered);
    let near = resources.iter().find_map(|resource| near_miss(covered, resource));
    let (code, why) = near.unwrap_or((&codes::RESOURCE_NEVER_MATCHES_ACTION, ""));
    let message =
        format!("No resource of this statement can match {name}, which is authorised on {expected}.{why}");
    report.add(code, &action.place, message);
}

/// Resources that no action of the statement can be authorised on; with an action that is not known nothing is said.
fn blame_resources(lint: &Lint<'_>, actions: &[Text], resources: &[Text], report: &mut Report) {
    let covered: Vec<Vec<&ActionFacts>> = actions.iter().map(|action| lint.covered(&action.value)).collect();
    let all_known = actions.iter().all(|action| {
        let service = action.value.split(':').next().unwrap_or_default();
        lint.knows_service(service)
    });
    if covered.is_empty() || !all_known || covered.iter().any(Vec::is_empty) {
        return;
    }
    let covered: Vec<&ActionFacts> = covered.into_iter().flatten().collect();
    for resource in resources {
        if covered.iter().any(|facts| meets(facts, resource)) {
            continue;
        }
        let (code, why) =
            near_miss(&covered, resource).unwrap_or((&codes::RESOURCE_NEVER_MATCHES_ACTION, ""));
        let message = format!("No action of this statement can match this resource.{why}");
        report.add(code, &resource.place, message);
    }
}

/// The two slips that Lambda's ARNs invite.
fn near_miss(covered: &[&ActionFacts], resource: &Text) -> Option<(&'static Code, &'static str)> {
    let value = &resource.value;
    let meets = |text: &str| {
        let mut forms = covered.iter().flat_map(|facts| &facts.resource_forms);
        forms.any(|form| can_match(text, form))
    };
    if value.contains(":layer:") && meets(&format!("{value}:1")) {
        return Some((
            &codes::LAYER_ARN_WITHOUT_VERSION,
            " The ARN of a layer version ends with its number.",
        ));
    }
    let (function, _) = value.rsplit_once(':').filter(|_| value.contains(":function:"))?;
    let why =
        " The alias or version in the ARN keeps it from matching: the action is authorised on the function.";
    meets(function).then_some((&codes::QUALIFIED_ARN_FOR_UNQUALIFIED_ACTION, why))
}

/// The forms without their first five components, `a or b`.
fn expected_forms(covered: &[&ActionFacts]) -> String {
    let forms = covered.iter().flat_map(|facts| &facts.resource_forms);
    let mut paths: Vec<String> = forms
        .filter_map(|form| form.splitn(6, ':').nth(5))
        .map(|path| path.replace("${", "").replace('}', ""))
        .collect();
    paths.sort();
    paths.dedup();
    paths.truncate(4);
    paths.join(" or ")
}
