//! ARNs of functions that say more or less than their author means (reference lambda.md 1.7, 1.9, 3.1, 6.16).

use super::Lint;
use crate::PolicyKind;
use crate::condition::operator::Family;
use crate::lint::codes;
use crate::lint::document::{Statement, Text, has_wildcard};
use crate::lint::finding::Report;
use crate::lint::forms::can_match;

const INVOKE: &str = "lambda:InvokeFunction";

/// Actions of somebody who works with aliases and versions.
const ALIAS_ACTIONS: &[&str] = &["lambda:CreateAlias", "lambda:UpdateAlias", "lambda:PublishVersion"];

pub(super) fn check(lint: &Lint<'_>, report: &mut Report) {
    for statement in lint.statements() {
        check_source(statement, report);
        if statement.allows() {
            check_invoke_async(statement, report);
            check_prefixes(statement, report);
        }
    }
    if matches!(lint.kind, PolicyKind::Identity | PolicyKind::Session) {
        check_aliases(lint, report);
    }
}

/// `lambda:SourceFunctionArn` is the function without alias or version.
fn check_source(statement: &Statement, report: &mut Report) {
    for condition in statement.conditions_on("lambda:SourceFunctionArn") {
        if condition.parsed.is_some_and(|operator| operator.family == Family::Null) {
            continue;
        }
        for value in condition.values.iter().map(|value| &value.text) {
            let path = value.value.splitn(6, ':').nth(5).unwrap_or_default();
            if path.starts_with("function:") && path.matches(':').count() > 1 {
                let message = "lambda:SourceFunctionArn never has an alias or version, so this value is \
                               never equal to it.";
                report.add(&codes::SOURCE_FUNCTION_ARN_QUALIFIED, &value.place, message);
            }
        }
    }
}

fn check_invoke_async(statement: &Statement, report: &mut Report) {
    let named =
        statement.listed_actions().iter().find(|text| text.value.eq_ignore_ascii_case("lambda:InvokeAsync"));
    if let Some(action) = named.filter(|_| !statement.covers_action(INVOKE)) {
        let message = "lambda:InvokeAsync allows nothing by itself.";
        report.add(&codes::INVOKE_ASYNC_GRANTS_NOTHING, &action.place, message);
    }
}

/// `function:pay*` is also about `payroll`.
fn check_prefixes(statement: &Statement, report: &mut Report) {
    for resource in statement.listed_resources() {
        let Some((_, name)) = resource.value.split_once(":function:") else { continue };
        let Some(prefix) = name.strip_suffix('*') else { continue };
        let ends_a_word = prefix.ends_with(['-', '_', ':', '/', '.']);
        if !prefix.is_empty() && !has_wildcard(prefix) && !ends_a_word {
            let message = format!(
                "The wildcard stands for more than aliases and versions: it also takes in functions like \
                 {prefix}-other and {prefix}x."
            );
            report.add(&codes::FUNCTION_NAME_PREFIX_WILDCARD, &resource.place, message);
        }
    }
}

/// A grant of the bare function to somebody whose policy shows that aliases are in use.
fn check_aliases(lint: &Lint<'_>, report: &mut Report) {
    for statement in lint.statements().filter(|statement| grants_invoke(statement)) {
        for resource in statement.listed_resources() {
            if is_bare_function(&resource.value)
                && uses_aliases(lint, &resource.value)
                && !invokes_qualified(lint, &resource.value)
            {
                let message = "This allows to invoke the function by its name alone, while the policy shows \
                               that aliases or versions of it are in use: those have ARNs of their own.";
                report.add(&codes::UNQUALIFIED_GRANT_WITH_ALIASES, &resource.place, message);
            }
        }
    }
}

fn grants_invoke(statement: &Statement) -> bool {
    statement.allows() && statement.covers_action(INVOKE)
}

fn is_bare_function(resource: &str) -> bool {
    let name = resource.split_once(":function:").map(|(_, name)| name);
    name.is_some_and(|name| {
        !name.is_empty() && !name.contains(':') && !has_wildcard(resource) && !name.contains("${")
    })
}

/// Whether the policy names an alias or version of the function, or allows to make and move aliases of it.
fn uses_aliases(lint: &Lint<'_>, function: &str) -> bool {
    let start = format!("{function}:");
    let named = |text: &Text| text.value.starts_with(&start);
    lint.statements().any(|statement| {
        let values =
            statement.conditions.iter().flat_map(|condition| &condition.values).map(|value| &value.text);
        let manages = statement.allows()
            && statement
                .listed_actions()
                .iter()
                .any(|action| ALIAS_ACTIONS.iter().any(|known| known.eq_ignore_ascii_case(&action.value)))
            && statement.listed_resources().iter().any(|text| can_match(&text.value, function));
        statement.listed_resources().iter().any(named) || values.into_iter().any(named) || manages
    })
}

fn invokes_qualified(lint: &Lint<'_>, function: &str) -> bool {
    let form = format!("{function}:${{Alias}}");
    let mut grants = lint.statements().filter(|statement| grants_invoke(statement));
    grants.any(|statement| {
        let negated = statement.resources.as_ref().is_none_or(|resources| resources.negated);
        let mut resources = statement.listed_resources().iter();
        negated || resources.any(|text| can_match(&text.value, &form))
    })
}
