//! One compiled statement and the question whether it is about a request.

use std::ops::Range;

use rolecall_arn::AccountId;
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use crate::PolicyKind;
use crate::action::Actions;
use crate::condition::Clause;
use crate::document::{ListElement, RawStatement, Text, Version};
use crate::error::Fault;
use crate::evaluate::Subject;
use crate::principal_element::{Naming, Principals};
use crate::resource::{Common, Resources};

/// What a statement does with the requests that it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum StatementEffect {
    /// It allows them.
    Allow,
    /// It denies them, whatever allows them.
    Deny,
}

impl StatementEffect {
    /// Reads the element; `None` for what is neither, a word in the wrong case included.
    pub(crate) fn of(element: &Text<'_>) -> Option<Self> {
        match &*element.value {
            "Allow" => Some(StatementEffect::Allow),
            "Deny" => Some(StatementEffect::Deny),
            _ => None,
        }
    }
}

/// A compiled statement.
#[derive(Debug)]
pub(crate) struct Statement {
    pub(crate) index: usize,
    pub(crate) sid: Option<Box<str>>,
    /// Where it stands in the document; lines and columns are counted when somebody asks.
    pub(crate) place: Range<u32>,
    pub(crate) effect: StatementEffect,
    pub(crate) actions: Actions,
    /// In a trust policy only a service's own name, and nobody who did not sign, can be let in.
    is_trust: bool,
    principals: Principals,
    /// `None` in policies that are about the resource they are attached to.
    resources: Option<Resources>,
    pub(crate) clauses: Box<[Clause]>,
}

/// The element of a statement that is not about a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mismatch {
    Action,
    Resource,
    Principal,
    /// The clause with this index.
    Condition(usize),
}

/// What is known to match before a statement is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    Nothing,
    Action,
    Resource,
}

/// All elements that do not match; empty when the statement is about the request.
pub(crate) type Mismatches = SmallVec<[Mismatch; 4]>;

impl Statement {
    pub(crate) fn compile(
        kind: PolicyKind,
        version: Version,
        index: usize,
        raw: &RawStatement<'_>,
    ) -> Result<Self, Fault> {
        let effect = StatementEffect::of(&raw.effect).ok_or_else(|| {
            Fault::new(&raw.effect.span, "Effect is written Allow or Deny, with one capital letter")
        })?;
        check_principal(kind, raw)?;
        check_resource(kind, raw)?;
        let actions = required(raw.actions.as_ref(), raw, "no actions")?;
        let resources = match &raw.resources {
            None if !kind.requires_resource() => None,
            element => {
                Some(Resources::compile(kind, version, required(element.as_ref(), raw, "no resources")?))
            }
        };
        Ok(Statement {
            index,
            sid: raw.sid.as_ref().filter(|sid| !sid.value.is_empty()).map(|sid| sid.value.as_ref().into()),
            place: short(raw.span.start)..short(raw.span.end),
            effect,
            actions: Actions::compile(actions),
            is_trust: kind == PolicyKind::Trust,
            principals: Principals::compile(kind.names_principals(), raw.principal.as_ref()),
            resources,
            clauses: raw.conditions.iter().map(|raw| Clause::compile(raw, version)).collect(),
        })
    }

    fn denies(&self) -> bool {
        self.effect == StatementEffect::Deny
    }

    /// Whether the statement is about the request, and how it names the caller; what is known is not asked again.
    pub(crate) fn names(&self, subject: &Subject<'_>, known: Known) -> Option<Naming> {
        if known != Known::Action && !self.actions.matches(subject.action) {
            return None;
        }
        if known != Known::Resource && !self.matches_resource(subject) {
            return None;
        }
        let naming = self.naming(subject)?;
        let context = subject.request.context;
        self.clauses.iter().all(|clause| clause.holds(context, self.denies())).then_some(naming)
    }

    /// The same question, answered with all elements that do not match.
    pub(crate) fn examine(&self, subject: &Subject<'_>) -> Result<Naming, Mismatches> {
        let mut found = Mismatches::new();
        if !self.actions.matches(subject.action) {
            found.push(Mismatch::Action);
        }
        if !self.matches_resource(subject) {
            found.push(Mismatch::Resource);
        }
        let naming = self.naming(subject);
        if naming.is_none() {
            found.push(Mismatch::Principal);
        }
        for (index, clause) in self.clauses.iter().enumerate() {
            if !clause.holds(subject.request.context, self.denies()) {
                found.push(Mismatch::Condition(index));
            }
        }
        match naming {
            Some(naming) if found.is_empty() => Ok(naming),
            _ => Err(found),
        }
    }

    /// Whether the resource pattern with this number is about the resource.
    pub(crate) fn resource_pattern_matches(&self, number: usize, subject: &Subject<'_>) -> bool {
        self.resources.as_ref().is_some_and(|resources| {
            resources.pattern_matches(number, &subject.resource, subject.request.context)
        })
    }

    /// What the resources of each pattern have in common; `None` when the statement can be about any.
    pub(crate) fn resource_commons(&self) -> Option<impl Iterator<Item = Common<'_>>> {
        self.resources.as_ref()?.commons()
    }

    fn matches_resource(&self, subject: &Subject<'_>) -> bool {
        self.resources.as_ref().is_none_or(|resources| {
            resources.matches(&subject.resource, subject.request.context, self.denies())
        })
    }

    fn naming(&self, subject: &Subject<'_>) -> Option<Naming> {
        let request = subject.request;
        match self.effect {
            StatementEffect::Allow => self.principals.allow(self.is_trust, request.principal),
            StatementEffect::Deny => {
                self.principals.deny(request, subject.has_boundary).then_some(Naming::Direct)
            }
        }
    }

    /// Puts accounts in the place of the canonical users that are known.
    pub(crate) fn resolve_canonical_users(&mut self, account_of: &dyn Fn(&str) -> Option<AccountId>) {
        self.principals.resolve_canonical_users(account_of);
    }
}

/// A place in a document, which is shorter than four gigabytes (`Policy::compile`).
fn short(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

fn check_principal(kind: PolicyKind, raw: &RawStatement<'_>) -> Result<(), Fault> {
    match &raw.principal {
        Some(element) if !kind.names_principals() => {
            Err(Fault::new(&element.span, "this kind of policy names no principals"))
        }
        Some(element) if element.negated && !kind.allows_not_principal() => {
            Err(Fault::new(&element.span, "NotPrincipal is not allowed in this kind of policy"))
        }
        None if matches!(kind, PolicyKind::Trust | PolicyKind::ResourceControl) => {
            Err(Fault::new(&raw.span, "the statement has no Principal"))
        }
        _ => Ok(()),
    }
}

/// A trust policy is about the role that it is attached to and has no room for resources (reference iam.md 1.2).
fn check_resource(kind: PolicyKind, raw: &RawStatement<'_>) -> Result<(), Fault> {
    match &raw.resources {
        Some(element) if kind == PolicyKind::Trust => {
            Err(Fault::new(&element.span, "a trust policy has no Resource"))
        }
        _ => Ok(()),
    }
}

fn required<'a>(
    element: Option<&'a ListElement<'a>>,
    raw: &RawStatement<'_>,
    missing: &str,
) -> Result<&'a ListElement<'a>, Fault> {
    element
        .filter(|element| !element.values.is_empty())
        .ok_or_else(|| Fault::new(&raw.span, format!("the statement has {missing}")))
}
