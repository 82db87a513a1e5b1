//! The statements that would have allowed a denied request if a little had been different, the nearest first.

use super::recorded::Look;
use super::{ConditionRecord, Element, ElementMismatch, NearMiss};
use crate::condition::Clause;
use crate::document::RawCondition;
use crate::statement::{Mismatch, StatementEffect};
use crate::{ContextValue, Request};

/// More than this helps nobody.
const MOST: usize = 5;

/// The nearest Allow statements among those that could have allowed, and how many others there are.
pub(super) fn near_misses(request: &Request<'_>, looks: Vec<&Look<'_>>) -> (Vec<NearMiss>, usize) {
    let failed =
        |look: &&Look<'_>| look.statement.effect == StatementEffect::Allow && !look.mismatches.is_empty();
    let mut looks: Vec<&Look<'_>> = looks.into_iter().filter(failed).collect();
    let all = looks.len();
    looks.retain(|look| is_near(look));
    // The sort is stable: statements that are equally near keep their order.
    looks.sort_by_key(|look| distance(look));
    looks.truncate(MOST);
    let nearest: Vec<NearMiss> = looks.into_iter().map(|look| near_miss(request, look)).collect();
    let others = all - nearest.len();
    (nearest, others)
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
