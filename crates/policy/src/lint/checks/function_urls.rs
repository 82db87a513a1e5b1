//! Function URLs: a request through one needs two actions, `lambda:InvokeFunctionUrl` and `lambda:InvokeFunction`
//! (reference lambda.md 3.6).

use super::Lint;
use crate::PolicyKind;
use crate::lint::codes;
use crate::lint::document::{ListElement, Statement, Text, action_matches};
use crate::lint::finding::Report;
use crate::pattern::Pattern;

const THROUGH_URL: &str = "lambda:InvokeFunctionUrl";
const INVOKE: &str = "lambda:InvokeFunction";

pub(super) fn check(lint: &Lint<'_>, report: &mut Report) {
    if !matches!(lint.kind, PolicyKind::Identity | PolicyKind::Session | PolicyKind::Resource) {
        return;
    }
    for statement in lint.statements().filter(|statement| statement.allows()) {
        let through_url =
            statement.listed_actions().iter().find(|action| action_matches(&action.value, THROUGH_URL));
        let Some(action) = through_url else { continue };
        let invoked = lint.statements().any(|other| other.allows() && completes(other, statement));
        if !invoked {
            let message = "A request through a function URL needs lambda:InvokeFunction on the same \
                           function too, and no statement here allows it.";
            report.add(&codes::FUNCTION_URL_WITHOUT_INVOKE_FUNCTION, &action.place, message);
        }
    }
}

/// Whether `other` allows the invocation of all that `statement` opens to URLs, for the same callers.
fn completes(other: &Statement, statement: &Statement) -> bool {
    other.covers_action(INVOKE) && covers_resources(other, statement) && covers_principals(other, statement)
}

fn covers_resources(other: &Statement, statement: &Statement) -> bool {
    let wide = match other.resources.as_ref() {
        // NotResource, or the resource that the policy is attached to.
        None | Some(ListElement { negated: true, .. }) => return true,
        Some(wide) => wide,
    };
    let covered = |text: &Text| {
        wide.values
            .iter()
            .any(|wide| wide.value == text.value || Pattern::parse(&wide.value).matches(&text.value))
    };
    statement.listed_resources().iter().all(covered)
}

fn covers_principals(other: &Statement, statement: &Statement) -> bool {
    let (Some(wide), Some(narrow)) = (&other.principal, &statement.principal) else { return true };
    wide.negated
        || wide.entries.iter().any(|(_, text)| text.value == "*")
        || narrow.entries.iter().all(|(kind, text)| {
            wide.entries.iter().any(|(wide_kind, wide)| wide_kind == kind && wide.value == text.value)
        })
}
