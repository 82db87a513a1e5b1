//! Files the statements of a policy, each where the fewest others are.

use std::ops::Range;

use super::table::{Posting, Table};
use super::{Filed, Index, Lengths, service_bit};
use crate::hash::{Role, hash, pair};
use crate::pattern::{Shape, literal};
use crate::resource::Common;
use crate::statement::Statement;

/// So many statements in one place are looked at one by one.
const FEW: usize = 8;
/// Up to so many statements with so many actions in all are not worth an index.
const SMALL_STATEMENTS: usize = 2;
const SMALL_ACTIONS: usize = 4;

impl Index {
    pub(crate) fn build(statements: &[Statement]) -> Self {
        let services = statements.iter().fold(0, |bits, statement| bits | services(statement));
        let actions = statements.iter().map(|statement| statement.actions.patterns.len()).sum::<usize>();
        let is_small = statements.len() <= SMALL_STATEMENTS && actions <= SMALL_ACTIONS;
        let files = (!is_small).then(|| Box::new(Keys::collect(statements).file()));
        Index { services, files }
    }
}

/// The bits of the services that a statement is about.
fn services(statement: &Statement) -> u64 {
    if statement.actions.negated {
        return u64::MAX;
    }
    let mut bits = 0;
    let mut last: &[u8] = &[];
    for (shape, bytes) in statement.actions.patterns.iter() {
        // The actions of one service usually stand together.
        if !last.is_empty() && bytes.starts_with(last) && bytes.get(last.len()) == Some(&b':') {
            continue;
        }
        let Some(service) = service(shape, bytes) else { return u64::MAX };
        bits |= service_bit(hash(Role::Service, service));
        last = service;
    }
    bits
}

/// The service of the actions that a pattern is about; `None` when it can be any.
fn service(shape: Shape, bytes: &[u8]) -> Option<&[u8]> {
    let start = literal(bytes);
    match start.iter().position(|byte| *byte == b':') {
        None if shape == Shape::Exact => Some(start),
        None => None,
        Some(colon) => start.get(..colon),
    }
}

/// A text that statements are filed under: as what, and how long it is.
type Place = (Role, u32);

/// All that the statements could be filed under.
#[derive(Default)]
struct Keys {
    actions: Vec<Posting>,
    resources: Vec<Posting>,
    /// The place of each of the `resources`.
    places: Vec<Place>,
    /// How many postings share the key of each of the `actions`; empty where nothing can crowd.
    action_crowds: Vec<usize>,
    /// The same of the `resources`.
    resource_crowds: Vec<usize>,
    statements: Vec<StatementKeys>,
}

/// The keys of one statement, as parts of the lists of all.
struct StatementKeys {
    /// `None` when it can be about any action.
    actions: Option<Range<usize>>,
    /// `None` when it can be about any resource, or when its actions tell it apart well enough.
    resources: Option<Range<usize>>,
}

impl Keys {
    fn collect(statements: &[Statement]) -> Self {
        let mut keys = Keys::default();
        keys.actions.reserve_exact(statements.iter().map(|statement| statement.actions.patterns.len()).sum());
        keys.statements.reserve_exact(statements.len());
        for (number, statement) in (0..).zip(statements) {
            let actions = keys.add_actions(number, statement);
            keys.statements.push(StatementKeys { actions, resources: None });
        }
        // Few statements cannot crowd anywhere, and the resources matter only where there is a crowd.
        if statements.len() > FEW {
            keys.action_crowds = crowds(&keys.actions);
            for (number, statement) in (0..).zip(statements) {
                keys.add_resources_of_crowd(number, statement);
            }
            keys.resource_crowds = crowds(&keys.resources);
        }
        keys
    }

    fn add_resources_of_crowd(&mut self, number: u32, statement: &Statement) {
        let actions = self.statements.get(number as usize).and_then(|keys| keys.actions.clone());
        let is_alone =
            actions.is_some_and(|range| Part::of(&self.actions, &self.action_crowds, range).crowd <= FEW);
        if is_alone {
            return;
        }
        let resources = self.add_resources(number, statement);
        if let Some(keys) = self.statements.get_mut(number as usize) {
            keys.resources = resources;
        }
    }

    fn add_actions(&mut self, statement: u32, source: &Statement) -> Option<Range<usize>> {
        let start = self.actions.len();
        if source.actions.negated {
            return None;
        }
        for (pattern, (shape, bytes)) in (0..).zip(source.actions.patterns.iter()) {
            let Some(hash) = action_key(shape, bytes) else {
                self.actions.truncate(start);
                return None;
            };
            self.actions.push(Posting { hash, statement, pattern });
        }
        Some(start..self.actions.len())
    }

    fn add_resources(&mut self, statement: u32, source: &Statement) -> Option<Range<usize>> {
        let start = self.resources.len();
        for (pattern, common) in (0..).zip(source.resource_commons()?) {
            match common {
                Common::NoResource => {}
                Common::Text(role, text) => {
                    self.resources.push(Posting { hash: hash(role, &text), statement, pattern });
                    self.places.push((role, u32::try_from(text.len()).unwrap_or(u32::MAX)));
                }
                Common::Nothing => {
                    self.resources.truncate(start);
                    self.places.truncate(start);
                    return None;
                }
            }
        }
        Some(start..self.resources.len())
    }

    fn file(&self) -> Filed {
        let mut filing = Filing::default();
        for (number, keys) in (0..).zip(&self.statements) {
            let actions =
                keys.actions.clone().map(|range| Part::of(&self.actions, &self.action_crowds, range));
            let of_resources = |range| Part::of(&self.resources, &self.resource_crowds, range);
            let resources = keys.resources.clone().map(of_resources);
            match Best::of(actions, resources) {
                Best::Nothing => filing.any.push(number),
                Best::Actions(actions) => filing.actions.extend_from_slice(actions),
                Best::Resources(resources) => {
                    filing.resources.extend_from_slice(resources);
                    filing.note(self.places.get(keys.resources.clone().unwrap_or_default()));
                }
                Best::Both(actions, resources) => {
                    filing.add_pairs(actions, resources);
                    filing.note(self.places.get(keys.resources.clone().unwrap_or_default()));
                }
            }
        }
        filing.finish()
    }
}

/// `None` for a pattern that can be about any service.
fn action_key(shape: Shape, bytes: &[u8]) -> Option<u32> {
    if shape == Shape::Exact {
        return Some(hash(Role::Action, bytes));
    }
    service(shape, bytes).map(|service| hash(Role::Service, service))
}

/// How many postings share the key of each.
fn crowds(postings: &[Posting]) -> Vec<usize> {
    let keyed = (0_u32..).zip(postings).map(|(at, posting)| u64::from(posting.hash) << 32 | u64::from(at));
    let mut keyed: Vec<u64> = keyed.collect();
    keyed.sort_unstable();
    let mut crowds = vec![0; postings.len()];
    for crowd in keyed.chunk_by(|one, other| one >> 32 == other >> 32) {
        for key in crowd {
            if let Some(slot) = crowds.get_mut(*key as u32 as usize) {
                *slot = crowd.len();
            }
        }
    }
    crowds
}

/// The keys of one statement, and how many share the one that most share.
struct Part<'a> {
    postings: &'a [Posting],
    crowd: usize,
}

impl<'a> Part<'a> {
    fn of(postings: &'a [Posting], crowds: &[usize], range: Range<usize>) -> Self {
        let crowd = crowds.get(range.clone()).unwrap_or_default().iter().max().copied();
        Part { postings: postings.get(range).unwrap_or_default(), crowd: crowd.unwrap_or(0) }
    }
}

/// What a statement is filed under.
enum Best<'a> {
    Nothing,
    Actions(&'a [Posting]),
    Resources(&'a [Posting]),
    Both(&'a [Posting], &'a [Posting]),
}

impl<'a> Best<'a> {
    fn of(actions: Option<Part<'a>>, resources: Option<Part<'a>>) -> Self {
        match (actions, resources) {
            (None, None) => Best::Nothing,
            (Some(actions), _) if actions.crowd <= FEW => Best::Actions(actions.postings),
            (Some(actions), None) => Best::Actions(actions.postings),
            (_, Some(resources)) if resources.crowd <= FEW => Best::Resources(resources.postings),
            (None, Some(resources)) => Best::Resources(resources.postings),
            (Some(actions), Some(resources)) => {
                if are_few_pairs(actions.postings.len(), resources.postings.len()) {
                    Best::Both(actions.postings, resources.postings)
                } else if actions.crowd <= resources.crowd {
                    Best::Actions(actions.postings)
                } else {
                    Best::Resources(resources.postings)
                }
            }
        }
    }
}

/// Whether all pairs take hardly more room than the two lists.
fn are_few_pairs(one: usize, other: usize) -> bool {
    one * other <= 2 * (one + other)
}

/// The files while they are filled.
#[derive(Default)]
struct Filing {
    actions: Vec<Posting>,
    resources: Vec<Posting>,
    whole: OpenLengths,
    tail: OpenLengths,
    any: Vec<u32>,
}

#[derive(Default)]
struct OpenLengths {
    exact: bool,
    starts: Vec<u32>,
}

impl Filing {
    fn add_pairs(&mut self, actions: &[Posting], resources: &[Posting]) {
        // Actions with wildcards of one service have one key.
        let mut actions: Vec<u32> = actions.iter().map(|posting| posting.hash).collect();
        actions.sort_unstable();
        actions.dedup();
        for action in actions {
            let with = |resource: &Posting| Posting { hash: pair(action, resource.hash), ..*resource };
            self.resources.extend(resources.iter().map(with));
        }
    }

    /// Remembers what has to be looked up.
    fn note(&mut self, places: Option<&[Place]>) {
        for (role, length) in places.unwrap_or_default() {
            match role {
                Role::Resource => self.whole.exact = true,
                Role::ResourceStart => self.whole.starts.push(*length),
                Role::Tail => self.tail.exact = true,
                Role::TailStart => self.tail.starts.push(*length),
                Role::Action | Role::Service | Role::ContextKey => {}
            }
        }
    }

    fn finish(self) -> Filed {
        Filed {
            actions: Table::build(self.actions),
            resources: Table::build(self.resources),
            whole: self.whole.close(),
            tail: self.tail.close(),
            any: self.any.into(),
        }
    }
}

impl OpenLengths {
    fn close(mut self) -> Lengths {
        self.starts.sort_unstable();
        self.starts.dedup();
        Lengths { exact: self.exact, starts: self.starts.into() }
    }
}
