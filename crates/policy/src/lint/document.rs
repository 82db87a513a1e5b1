//! A policy document as lint sees it: everything that could be read, with places, however much of it is wrong. The
//! engine's own reader stops at the first fault; lint goes on, because its reader wants all of them.

use super::finding::Place;
use crate::condition::operator::{Family, Operator};
use crate::document::{PrincipalType, Version};
use crate::pattern::Pattern;

/// A text and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Text {
    pub(super) value: String,
    pub(super) place: Place,
}

/// What could be read of a document.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) place: Place,
    pub(super) version: Version,
    pub(super) id: Option<Text>,
    pub(super) statements: Vec<Statement>,
}

/// What could be read of a statement.
#[derive(Debug)]
pub(super) struct Statement {
    pub(super) place: Place,
    pub(super) sid: Option<Text>,
    /// `None` when it is missing or neither of the two.
    pub(super) effect: Option<Effect>,
    pub(super) principal: Option<PrincipalElement>,
    pub(super) actions: Option<ListElement>,
    pub(super) resources: Option<ListElement>,
    pub(super) conditions: Vec<Condition>,
}

/// `Effect` with the place of its value.
#[derive(Debug)]
pub(super) struct Effect {
    pub(super) denies: bool,
    pub(super) place: Place,
}

/// `Action` or `NotAction`, `Resource` or `NotResource`.
#[derive(Debug)]
pub(super) struct ListElement {
    /// Whether it is the `Not` form.
    pub(super) negated: bool,
    pub(super) place: Place,
    pub(super) values: Vec<Text>,
}

/// `Principal` or `NotPrincipal`.
#[derive(Debug)]
pub(super) struct PrincipalElement {
    pub(super) negated: bool,
    /// Written as the bare `"*"`.
    pub(super) scalar: bool,
    pub(super) place: Place,
    pub(super) entries: Vec<(PrincipalType, Text)>,
}

/// One operator with one key.
#[derive(Debug)]
pub(super) struct Condition {
    pub(super) operator: Text,
    /// `None` for a name that is no operator.
    pub(super) parsed: Option<Operator>,
    pub(super) key: Text,
    pub(super) values: Vec<Value>,
}

/// A value of a condition.
#[derive(Debug)]
pub(super) struct Value {
    pub(super) text: Text,
    pub(super) form: ValueForm,
}

/// How a value is written in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ValueForm {
    String,
    Number,
    Bool,
}

impl Statement {
    pub(super) fn allows(&self) -> bool {
        self.effect.as_ref().is_some_and(|effect| !effect.denies)
    }

    pub(super) fn denies(&self) -> bool {
        self.effect.as_ref().is_some_and(|effect| effect.denies)
    }

    /// The values of `Action`; none when it is `NotAction`.
    pub(super) fn listed_actions(&self) -> &[Text] {
        listed(self.actions.as_ref())
    }

    /// The values of `Resource`; none when it is `NotResource`.
    pub(super) fn listed_resources(&self) -> &[Text] {
        listed(self.resources.as_ref())
    }

    /// Whether the statement is about an action, by its canonical name.
    pub(super) fn covers_action(&self, name: &str) -> bool {
        let Some(actions) = &self.actions else { return false };
        actions.values.iter().any(|text| action_matches(&text.value, name)) != actions.negated
    }

    /// The conditions on a key, in any spelling.
    pub(super) fn conditions_on<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a Condition> {
        self.conditions.iter().filter(move |condition| condition.key.value.eq_ignore_ascii_case(key))
    }

    pub(super) fn has_condition_on(&self, keys: &[&str]) -> bool {
        keys.iter().any(|key| self.conditions_on(key).next().is_some())
    }

    /// Whether a condition holds only for some values of one of the keys, and not without the key.
    pub(super) fn is_limited_to(&self, keys: &[&str]) -> bool {
        let limits = |condition: &Condition| {
            condition.parsed.is_some_and(|operator| {
                !operator.negated && !operator.if_exists && operator.family != Family::Null
            })
        };
        keys.iter().any(|key| self.conditions_on(key).any(limits))
    }

    /// The values of one type of principal; none when it is `NotPrincipal`.
    pub(super) fn principals(&self, wanted: PrincipalType) -> impl Iterator<Item = &Text> {
        let element = self.principal.as_ref().filter(|element| !element.negated);
        let entries = element.map_or(&[][..], |element| element.entries.as_slice());
        entries.iter().filter(move |(kind, _)| *kind == wanted).map(|(_, text)| text)
    }
}

fn listed(element: Option<&ListElement>) -> &[Text] {
    element.filter(|element| !element.negated).map_or(&[], |element| element.values.as_slice())
}

/// Whether an action as it is written covers one by its canonical name.
pub(super) fn action_matches(written: &str, name: &str) -> bool {
    Pattern::parse(&written.to_ascii_lowercase()).matches(&name.to_ascii_lowercase())
}

/// Whether a text has a wildcard of the language.
pub(super) fn has_wildcard(text: &str) -> bool {
    text.contains(['*', '?'])
}
