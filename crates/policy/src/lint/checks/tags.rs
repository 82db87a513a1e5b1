//! `aws:ResourceTag` on actions whose resources have no tags: an Allow is then empty and a Deny full of holes (reference
//! lambda.md 1.2, 1.7).

use super::Lint;
use crate::lint::codes;
use crate::lint::document::{Statement, has_wildcard};
use crate::lint::finding::{Place, Report};

pub(super) fn check(lint: &Lint<'_>, report: &mut Report) {
    for statement in lint.statements() {
        for condition in &statement.conditions {
            let key = condition.key.value.as_str();
            if key.to_ascii_lowercase().starts_with("aws:resourcetag/")
                && key.len() > "aws:resourcetag/".len()
            {
                check_tag(lint, statement, key, &condition.key.place, report);
            }
        }
    }
}

fn check_tag(lint: &Lint<'_>, statement: &Statement, key: &str, place: &Place, report: &mut Report) {
    if statement.actions.as_ref().is_some_and(|actions| actions.negated) {
        let code = if statement.denies() {
            &codes::DENY_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE
        } else {
            &codes::ALLOW_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE
        };
        let message = format!("NotAction covers actions whose requests never have {key}.");
        report.add(code, place, message);
        return;
    }
    let named = statement.listed_actions().iter().filter(|action| !has_wildcard(&action.value));
    let facts = named.filter_map(|action| lint.facts(&action.value));
    let lacking: Vec<&str> =
        facts.filter(|facts| !facts.supplies(key)).map(|facts| facts.name.as_str()).collect();
    if lacking.is_empty() {
        return;
    }
    let (code, verb) = if statement.denies() {
        (&codes::DENY_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE, "denied")
    } else {
        (&codes::ALLOW_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE, "allowed")
    };
    let message = format!(
        "Requests for {} never have {key}, so they are not {verb} by this statement.",
        lacking.join(", ")
    );
    report.add(code, place, message);
}
