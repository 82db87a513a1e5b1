//! Which statements of a policy can be about a request. A decision looks only at those, so that it costs the same in
//! a policy with ten thousand statements as in one with ten.
//!
//! A statement is filed under what tells it apart from the others: under its actions, or under the literal starts of
//! its resources where many statements are about the same actions, or under both where many share either.

mod build;
mod table;

use crate::evaluate::Subject;
use crate::hash::{Beginnings, Role, hash, pair};
use crate::statement::{Known, Statement};

use table::Table;

/// Statements by what they can be about.
#[derive(Debug)]
pub(crate) struct Index {
    /// A bit for each service that the statements are about, by its hash. Most of a caller's policies are about other
    /// services than a request, and need no further look.
    services: u64,
    /// `None` when there are too few statements to be worth it.
    files: Option<Box<Filed>>,
}

/// Where statements are filed; each number is that of a statement in its policy.
#[derive(Debug)]
pub(crate) struct Filed {
    /// By whole lower-case action, and by lower-case service for actions with wildcards.
    actions: Table,
    /// By resource, alone or together with action or service.
    resources: Table,
    /// How the resources are to be looked up.
    whole: Lengths,
    tail: Lengths,
    /// About any action on any resource, as far as can be told.
    any: Box<[u32]>,
}

/// What the texts are that statements are filed under, for whole resources or for sixth components.
#[derive(Debug, Default)]
struct Lengths {
    /// Some are whole texts.
    exact: bool,
    /// The lengths of those that are starts, ascending.
    starts: Box<[u32]>,
}

impl Index {
    /// Leads to every statement.
    pub(crate) fn all() -> Self {
        Index { services: u64::MAX, files: None }
    }

    /// Whether a statement can be about the request's service.
    pub(crate) fn is_about(&self, subject: &Subject<'_>) -> bool {
        self.services & service_bit(subject.service_key) != 0
    }

    /// Calls `look` with every statement that can be about the request, and with what is known to match already. A
    /// statement may come more than once, and in any order.
    pub(crate) fn visit<'a>(
        &self,
        statements: &'a [Statement],
        subject: &Subject<'_>,
        mut look: impl FnMut(&'a Statement, Known),
    ) {
        match &self.files {
            None => statements.iter().for_each(|statement| look(statement, Known::Nothing)),
            Some(filed) => filed.visit(statements, subject, &mut look),
        }
    }
}

fn service_bit(key: u32) -> u64 {
    1 << (key >> 26)
}

impl Filed {
    fn visit<'a>(
        &self,
        statements: &'a [Statement],
        subject: &Subject<'_>,
        look: &mut impl FnMut(&'a Statement, Known),
    ) {
        let statement = |number: u32| statements.get(number as usize);
        for number in &self.any {
            if let Some(statement) = statement(*number) {
                look(statement, Known::Nothing);
            }
        }
        for key in [subject.action_key, subject.service_key] {
            for posting in self.actions.under(key) {
                if let Some(statement) = statement(posting.statement)
                    && statement.actions.pattern_matches(posting.pattern as usize, subject.action)
                {
                    look(statement, Known::Action);
                }
            }
        }
        if self.resources.is_empty() {
            return;
        }
        self.visit_resources(subject, &mut |key| {
            for posting in self.resources.under(key) {
                if let Some(statement) = statement(posting.statement)
                    && statement.resource_pattern_matches(posting.pattern as usize, subject)
                {
                    look(statement, Known::Resource);
                }
            }
        });
    }

    /// Calls `look` with every key that statements about the resource can be filed under.
    fn visit_resources(&self, subject: &Subject<'_>, look: &mut impl FnMut(u32)) {
        let mut look_all = |key: u32| {
            look(key);
            look(pair(subject.action_key, key));
            look(pair(subject.service_key, key));
        };
        let resource = &subject.resource;
        if !self.whole.is_empty() {
            self.whole.visit(resource.text(), Role::Resource, Role::ResourceStart, &mut look_all);
        }
        if !self.tail.is_empty()
            && let Some(tail) = resource.tail()
        {
            self.tail.visit(tail, Role::Tail, Role::TailStart, &mut look_all);
        }
    }
}

impl Lengths {
    fn is_empty(&self) -> bool {
        !self.exact && self.starts.is_empty()
    }

    /// Calls `look` with the keys of the text and of its beginnings that statements are filed under.
    fn visit(&self, text: &str, exact: Role, start: Role, look: &mut impl FnMut(u32)) {
        if self.starts.is_empty() {
            look(hash(exact, text.as_bytes()));
            return;
        }
        let text = Beginnings::of(text);
        if self.exact {
            look(text.hash(exact, text.len()));
        }
        let lengths = self.starts.iter().map(|length| *length as usize);
        for length in lengths.take_while(|length| *length <= text.len()) {
            look(text.hash(start, length));
        }
    }
}
