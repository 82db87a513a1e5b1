//! The `Action` and `NotAction` elements. Actions are compared whole and without regard to case; nothing is trimmed
//! (reference iam.md 1.6).

use crate::document::ListElement;
use crate::pattern::Patterns;

/// Which actions a statement is about.
#[derive(Debug)]
pub(crate) struct Actions {
    pub(crate) negated: bool,
    /// In lower case.
    pub(crate) patterns: Patterns,
}

impl Actions {
    pub(crate) fn compile(element: &ListElement<'_>) -> Self {
        let texts = element.values.iter().map(|text| text.value.as_ref());
        Actions { negated: element.negated, patterns: Patterns::parse_folded(texts) }
    }

    /// Whether the statement is about an action, given in lower case.
    pub(crate) fn matches(&self, folded: &[u8]) -> bool {
        self.patterns.iter().any(|(shape, bytes)| shape.matches(bytes, folded)) != self.negated
    }

    /// Whether the pattern with this number is about the action.
    pub(crate) fn pattern_matches(&self, number: usize, folded: &[u8]) -> bool {
        self.patterns.get(number).is_some_and(|(shape, bytes)| shape.matches(bytes, folded))
    }
}
