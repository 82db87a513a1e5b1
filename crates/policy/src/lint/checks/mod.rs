//! The checks, one file per group. Each looks at the whole document and adds what it finds; none depends on another,
//! so their order does not matter.

mod actions;
mod addresses;
mod arns;
mod empty;
mod function_urls;
mod functions;
mod grants;
mod keys;
mod matching;
mod operators;
mod organization;
mod patterns;
mod principals;
mod providers;
mod redundancy;
mod resource_policies;
mod services;
mod sids;
mod sizes;
mod tags;
mod trust;
mod typed_values;
mod variables;

use super::catalog::{ActionCatalog, ActionFacts};
use super::document::{Condition, Document, Statement, action_matches, has_wildcard};
use super::finding::Report;
use crate::PolicyKind;

/// What every check looks at.
pub(super) struct Lint<'a> {
    kind: PolicyKind,
    text: &'a str,
    document: &'a Document,
    catalog: &'a dyn ActionCatalog,
    /// All forms of ARN in the catalog, each once.
    forms: Vec<&'a str>,
}

/// Runs all checks.
pub(super) fn run(lint: &Lint<'_>, report: &mut Report) {
    const CHECKS: &[fn(&Lint<'_>, &mut Report)] = &[
        actions::check,
        addresses::check,
        arns::check,
        empty::check,
        function_urls::check,
        functions::check,
        grants::check,
        keys::check,
        matching::check,
        operators::check,
        organization::check,
        patterns::check,
        principals::check,
        providers::check,
        redundancy::check,
        resource_policies::check,
        services::check,
        sids::check,
        sizes::check,
        tags::check,
        trust::check,
        typed_values::check,
        variables::check,
    ];
    for check in CHECKS {
        check(lint, report);
    }
}

impl<'a> Lint<'a> {
    pub(super) fn new(
        kind: PolicyKind,
        text: &'a str,
        document: &'a Document,
        catalog: &'a dyn ActionCatalog,
    ) -> Self {
        let forms = catalog.actions().iter().flat_map(|facts| &facts.resource_forms);
        let mut forms: Vec<&str> = forms.map(String::as_str).collect();
        forms.sort_unstable();
        forms.dedup();
        Lint { kind, text, document, catalog, forms }
    }

    fn statements(&self) -> impl Iterator<Item = &'a Statement> + use<'a> {
        self.document.statements.iter()
    }

    fn conditions(&self) -> impl Iterator<Item = &'a Condition> + use<'a> {
        self.statements().flat_map(|statement| &statement.conditions)
    }

    /// What is known of the action of this name, in any spelling.
    fn facts(&self, name: &str) -> Option<&'a ActionFacts> {
        self.catalog.actions().iter().find(|facts| facts.name.eq_ignore_ascii_case(name))
    }

    /// Whether all actions of a service are known.
    fn knows_service(&self, service: &str) -> bool {
        self.catalog.actions().iter().any(|facts| facts.service().eq_ignore_ascii_case(service))
    }

    /// The known actions that an action as it is written covers.
    fn covered(&self, written: &str) -> Vec<&'a ActionFacts> {
        if !has_wildcard(written) {
            return self.facts(written).into_iter().collect();
        }
        self.catalog.actions().iter().filter(|facts| action_matches(written, &facts.name)).collect()
    }

    /// The known service whose prefix is so like this one that it must be meant.
    fn similar_service(&self, prefix: &str) -> Option<&'a str> {
        let folded = prefix.to_ascii_lowercase();
        let is_service = self.catalog.is_service_principal(&format!("{folded}.amazonaws.com"));
        if folded.len() < 5 || is_service {
            return None;
        }
        let services = self.catalog.actions().iter().map(ActionFacts::service);
        services.filter(|service| service.len() >= 5).find(|service| is_similar(service, &folded))
    }
}

/// Whether two words differ by at most two letters added, lost or changed.
fn is_similar(a: &str, b: &str) -> bool {
    distance(a.as_bytes(), b.as_bytes()) <= 2
}

/// How many bytes have to be added, taken away or changed to make one of the other; 3 stands for more than two.
fn distance(a: &[u8], b: &[u8]) -> usize {
    const MANY: usize = 3;
    if a.len().abs_diff(b.len()) >= MANY {
        return MANY;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (index, byte) in a.iter().enumerate() {
        let mut diagonal = index;
        let mut left = index + 1;
        for (slot, other) in row.iter_mut().skip(1).zip(b) {
            let above = *slot;
            left = (diagonal + usize::from(byte != other)).min(above + 1).min(left + 1);
            diagonal = above;
            *slot = left;
        }
        if let Some(first) = row.first_mut() {
            *first = index + 1;
        }
    }
    row.last().copied().unwrap_or(MANY).min(MANY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_with_a_slip_are_similar() {
        let cases =
            [("lambda", "lamda", 1), ("lambda", "lambda", 0), ("lambda", "labmda", 2), ("logs", "sts", 3)];
        for (a, b, expected) in cases {
            assert_eq!(distance(a.as_bytes(), b.as_bytes()), expected, "{a} {b}");
        }
        assert_eq!(distance(b"lambda", b""), 3);
    }
}
