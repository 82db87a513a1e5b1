//! The statements that would have allowed a denied request if a little had been different, the nearest first.

use super::recorded::{Look, Recorded};
use super::{ConditionRecord, Element, ElementMismatch, NearMiss};
use crate::condition::Clause;
use crate::document::RawCondition;
use crate::statement::{Mismatch, StatementEffect};
use crate::{ContextValue, LayerKind, Request};

/// More than this helps nobody.
const MOST: usize = 5;

/// The nearest Allow statements of the layers that could have allowed.
pub(super) fn near_misses(
    request: &Request<'_>,
    recorded: &Recorded<'_>,
    denied_by: LayerKind,
) -> Vec<NearMiss> {
    let mut looks: Vec<&Look<'_>> =
        recorded.looks.iter().filter(|look| could_allow(look, denied_by)).collect();
    // The sort is stable: statements that are equally near keep their order.
    looks.sort_by_key(|look| distance(look));
    looks.into_iter().take(MOST).map(|look| near_miss(request, look)).collect()
}

/// An implicit denial by the identity-based policies could also have been cured by the resource's policy.
fn could_allow(look: &Look<'_>, denied_by: LayerKind) -> bool {
    let layer = look.layer == denied_by
        || (denied_by == LayerKind::Identity && matches!(look.layer, LayerKind::Resource | LayerKind::Trust));
    let allows = look.statement.effect == StatementEffect::Allow;
    layer && allows && !look.mismatches.is_empty() && is_near(look)
}

/// A statement about another service, or about other actions on other resources, is not near.
fn is_near(look: &Look<'_>) -> bool {
    let misses = |wanted: Mismatch| look.mismatches.contains(&wanted);
    !(misses(Mismatch::Action) && misses(Mismatch::Resource))
}

/// A condition is nearer than a resource or principal, and those are nearer than an action.
fn distance(look: &Look<'_>) -> usize {
    let weight = |mismatch: &Mismatch| match mismatch {
        Mismatch::Condition(_) => 1,
        Mismatch::Resource | Mismatch::Principal => 2,
        Mismatch::Action => 4,
    };
    look.mismatches.iter().map(weight).sum()
}

fn near_miss(request: &Request<'_>, look: &Look<'_>) -> NearMiss {
    let mismatches = look.mismatches.iter().map(|mismatch| element(request, look, *mismatch)).collect();
    NearMiss { statement: look.record(), mismatches }
}

fn element(request: &Request<'_>, look: &Look<'_>, mismatch: Mismatch) -> ElementMismatch {
    let (element, why) = match mismatch {
        Mismatch::Action => (Element::Action, format!("the statement is not about {}", request.action)),
        Mismatch::Resource => (Element::Resource, format!("the statement is not about {}", request.resource)),
        Mismatch::Principal => {
            (Element::Principal, format!("the statement does not name {}", request.principal.caller_arn()))
        }
        Mismatch::Condition(index) => {
            let clause = look.statement.clauses.get(index);
            let written = look.policy.written_clause(look.statement, index);
            return clause.zip(written).map_or_else(
                || ElementMismatch { element: Element::Condition, condition: None, why: String::new() },
                |(clause, written)| condition(request, clause, written),
            );
        }
    };
    ElementMismatch { element, condition: None, why }
}

fn condition(request: &Request<'_>, clause: &Clause, written: RawCondition<'_>) -> ElementMismatch {
    let (operator, key) = (written.operator.value.into_owned(), written.key.value.into_owned());
    let policy_values: Vec<String> =
        written.values.into_iter().map(|value| value.value.into_owned()).collect();
    let wanted = policy_values.join(", ");
    let value = clause.request_values(request.context);
    let why = match value {
        _ if !clause.is_known() => format!("{operator} is no operator that is known"),
        None => format!("{operator} {key} wants [{wanted}] and the request does not have the key"),
        Some(_) if clause.lacks_set_operator(request.context) => {
            format!("{key} has several values and {operator} has no ForAllValues: or ForAnyValue: before it")
        }
        Some(ContextValue::One(value)) => {
            format!("{operator} {key} wants [{wanted}] and the request has '{value}'")
        }
        Some(ContextValue::Many(values)) => {
            format!("{operator} {key} wants [{wanted}] and the request has [{}]", values.join(", "))
        }
    };
    let condition = ConditionRecord { operator, key, policy_values, request_value: value.cloned() };
    ElementMismatch { element: Element::Condition, condition: Some(condition), why }
}
