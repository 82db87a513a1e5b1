//! What could be taken away without a change of meaning.

use std::collections::HashSet;

use super::Lint;
use crate::lint::codes::{self, Code};
use crate::lint::document::{ListElement, Statement, Text, has_wildcard};
use crate::lint::finding::Report;
use crate::pattern::Pattern;

pub(super) fn check(lint: &Lint<'_>, report: &mut Report) {
    for statement in lint.statements() {
        if let Some(actions) = &statement.actions {
            check_list(actions, &codes::REDUNDANT_ACTION, action_covers, report);
        }
        if let Some(resources) = &statement.resources {
            check_list(resources, &codes::REDUNDANT_RESOURCE, resource_covers, report);
        }
    }
    check_statements(lint, report);
}

fn check_list(
    list: &ListElement,
    code: &'static Code,
    covers: impl Fn(&str, &str) -> bool,
    report: &mut Report,
) {
    let mut seen: HashSet<&str> = HashSet::new();
    let wide: Vec<&Text> = list.values.iter().filter(|text| has_wildcard(&text.value)).collect();
    for text in &list.values {
        let repeated = !seen.insert(&text.value);
        let wider = wide.iter().find(|wide| wide.value != text.value && covers(&wide.value, &text.value));
        if let Some(wider) = wider {
            let message = format!("{} is redundant, because {} covers it.", text.value, wider.value);
            report.add(code, &text.place, message);
        } else if repeated {
            report.add(code, &text.place, format!("{} is written twice.", text.value));
        }
    }
}

/// Whether all that `narrow` matches, `wide` matches too. The wildcards of `narrow` are compared as text, which is right
/// for a `*` of `wide` and not for a `?`.
fn pattern_covers(wide: &str, narrow: &str) -> bool {
    !wide.contains('?') && !wide.contains("${") && Pattern::parse(wide).matches(narrow)
}

fn action_covers(wide: &str, narrow: &str) -> bool {
    pattern_covers(&wide.to_ascii_lowercase(), &narrow.to_ascii_lowercase())
}

/// ARNs are compared component by component, and only `*` is about everything.
fn resource_covers(wide: &str, narrow: &str) -> bool {
    if wide == "*" {
        return true;
    }
    let (wide, narrow): (Vec<&str>, Vec<&str>) =
        (wide.splitn(6, ':').collect(), narrow.splitn(6, ':').collect());
    wide.len() == 6
        && narrow.len() == 6
        && wide.iter().zip(&narrow).all(|(wide, narrow)| wide == narrow || pattern_covers(wide, narrow))
}

fn check_statements(lint: &Lint<'_>, report: &mut Report) {
    let mut seen = HashSet::new();
    for statement in lint.statements() {
        if !seen.insert(meaning(statement)) {
            let message = "The statement is redundant: an earlier one provides identical permissions.";
            report.add(&codes::REDUNDANT_STATEMENT, &statement.place, message);
        }
    }
}

/// A statement without its Sid, in one order.
fn meaning(statement: &Statement) -> String {
    let list = |element: Option<&ListElement>, fold: bool| {
        element.map(|element| {
            let folded =
                |text: &Text| if fold { text.value.to_ascii_lowercase() } else { text.value.clone() };
            let mut values: Vec<String> = element.values.iter().map(folded).collect();
            values.sort();
            (element.negated, values)
        })
    };
    let principal = statement.principal.as_ref().map(|element| {
        let named =
            element.entries.iter().map(|(kind, text)| (crate::lint::principal_key(*kind), &text.value));
        let mut named: Vec<_> = named.collect();
        named.sort();
        (element.negated, named)
    });
    let mut conditions: Vec<_> = statement
        .conditions
        .iter()
        .map(|condition| {
            let mut values: Vec<&str> =
                condition.values.iter().map(|value| value.text.value.as_str()).collect();
            values.sort_unstable();
            (&condition.operator.value, condition.key.value.to_ascii_lowercase(), values)
        })
        .collect();
    conditions.sort();
    let effect = statement.effect.as_ref().map(|effect| effect.denies);
    let actions = list(statement.actions.as_ref(), true);
    let resources = list(statement.resources.as_ref(), false);
    format!("{:?}", (effect, principal, actions, resources, conditions))
}
