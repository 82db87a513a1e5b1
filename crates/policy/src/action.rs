//! The `Action` and `NotAction` elements. Actions are compared whole and without regard to case; nothing is trimmed
//! (reference iam.md 1.6).

use crate::context::fold;
use crate::document::ListElement;
use crate::pattern::Pattern;

/// Which actions a statement is about.
#[derive(Debug)]
pub(crate) struct Actions {
    pub(crate) negated: bool,
    pub(crate) patterns: Box<[Pattern]>,
}

impl Actions {
    pub(crate) fn compile(element: &ListElement) -> Self {
        let patterns = element.values.iter().map(|text| Pattern::parse(fold(&text.value).as_str())).collect();
        Actions { negated: element.negated, patterns }
    }

    /// Whether the statement is about an action, given in lower case.
    pub(crate) fn matches(&self, folded: &str) -> bool {
        self.patterns.iter().any(|pattern| pattern.matches(folded)) != self.negated
    }
}
