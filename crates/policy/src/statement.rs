//! One compiled statement and the question whether it is about a request.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use crate::action::Actions;
use crate::condition::Clause;
use crate::document::{ListElement, RawStatement, Version};
use crate::error::{Fault, Span};
use crate::evaluate::Subject;
use crate::principal_element::{Naming, Principals, best_naming, named_as_service, spares_from_deny};
use crate::resource::Resources;
use crate::{PolicyKind, Principal};

/// What a statement does with the requests that it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum StatementEffect {
    /// It allows them.
    Allow,
    /// It denies them, whatever allows them.
    Deny,
}

/// A compiled statement.
#[derive(Debug)]
pub(crate) struct Statement {
    pub(crate) index: usize,
    pub(crate) sid: Option<Arc<str>>,
    pub(crate) span: Span,
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

/// All elements that do not match; empty when the statement is about the request.
pub(crate) type Mismatches = SmallVec<[Mismatch; 4]>;

impl Statement {
    pub(crate) fn compile(
        kind: PolicyKind,
        version: Version,
        text: &str,
        index: usize,
        raw: &RawStatement,
    ) -> Result<Self, Fault> {
        let effect = match raw.effect.value.as_str() {
            "Allow" => StatementEffect::Allow,
            "Deny" => StatementEffect::Deny,
            _ => {
                return Err(Fault::new(
                    &raw.effect.span,
                    "Effect is written Allow or Deny, with one capital letter",
                ));
            }
        };
        check_principal(kind, raw)?;
        let actions = required(raw.actions.as_ref(), raw, "no actions")?;
        let resources = match &raw.resources {
            None if !kind.requires_resource() => None,
            element => {
                Some(Resources::compile(kind, version, required(element.as_ref(), raw, "no resources")?))
            }
        };
        Ok(Statement {
            index,
            sid: raw.sid.as_ref().filter(|sid| !sid.value.is_empty()).map(|sid| sid.value.as_str().into()),
            span: Span::locate(text, &raw.span),
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

    /// Whether the statement is about the request, and how it names the caller. The answer is `Err` with the elements
    /// that are not: the first of them, or all when `thorough`.
    pub(crate) fn check(&self, subject: &Subject<'_>, thorough: bool) -> Result<Naming, Mismatches> {
        let mut found = Mismatches::new();
        let context = subject.request.context;
        if !self.actions.matches(subject.action) {
            found.push(Mismatch::Action);
        }
        if (thorough || found.is_empty()) && !self.matches_resource(subject) {
            found.push(Mismatch::Resource);
        }
        let naming = if thorough || found.is_empty() { self.naming(subject) } else { None };
        if (thorough || found.is_empty()) && naming.is_none() {
            found.push(Mismatch::Principal);
        }
        for (index, clause) in self.clauses.iter().enumerate() {
            if !thorough && !found.is_empty() {
                break;
            }
            if !clause.holds(context, self.denies()) {
                found.push(Mismatch::Condition(index));
            }
        }
        match naming {
            Some(naming) if found.is_empty() => Ok(naming),
            _ => Err(found),
        }
    }

    fn matches_resource(&self, subject: &Subject<'_>) -> bool {
        self.resources.as_ref().is_none_or(|resources| {
            resources.matches(&subject.resource, subject.request.context, self.denies())
        })
    }

    fn naming(&self, subject: &Subject<'_>) -> Option<Naming> {
        let caller = subject.request.principal;
        let unsigned_or_service = matches!(caller, Principal::Anonymous | Principal::Service { .. });
        match (&self.principals, self.effect) {
            (Principals::Holder, _) => Some(Naming::Direct),
            (Principals::Nobody, _) => None,
            (Principals::Listed(list), StatementEffect::Allow) if self.is_trust && unsigned_or_service => {
                named_as_service(list, caller)
            }
            (Principals::Listed(list), _) => best_naming(list, caller),
            (Principals::NotListed(list), StatementEffect::Allow) => {
                best_naming(list, caller).is_none().then_some(Naming::Direct)
            }
            // A caller with a permissions boundary is caught even when it is listed (reference iam.md 1.5.2).
            (Principals::NotListed(list), StatementEffect::Deny) => {
                (subject.has_boundary || !spares_from_deny(list, caller)).then_some(Naming::Direct)
            }
        }
    }
}

fn check_principal(kind: PolicyKind, raw: &RawStatement) -> Result<(), Fault> {
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

fn required<'a>(
    element: Option<&'a ListElement>,
    raw: &RawStatement,
    missing: &str,
) -> Result<&'a ListElement, Fault> {
    element
        .filter(|element| !element.values.is_empty())
        .ok_or_else(|| Fault::new(&raw.span, format!("the statement has {missing}")))
}
