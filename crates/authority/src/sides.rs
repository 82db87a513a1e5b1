//! What each account may read of a decision between two accounts.
//!
//! The caller's policies are not the resource owner's business, nor the resource's policy the caller's: a refused
//! AssumeRole says the same words whether the role is there or not (reference iam.md 5.8), and its explanation must not
//! tell what the refusal kept to itself. So each account reads its own layers, and of the other's nothing but what the
//! answer to the call said.

use rolecall_arn::AccountId;
use rolecall_policy::{Effect, Explanation, LayerKind, Missing};

use crate::decisions::DecisionRecord;

/// Whose a layer of policies is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Caller,
    Resource,
}

impl DecisionRecord {
    /// The decision as the account may read it; none where the account had no part in it.
    pub fn seen_by(mut self, account: AccountId) -> Option<Self> {
        if !self.accounts.contains(&account) {
            return None;
        }
        let owner = self.explanation.request.resource_account;
        let is_caller = self.caller_account == Some(account);
        let is_owner = owner.is_none() || owner == Some(account);
        if !is_caller && self.caller_account.is_some() {
            hide(&mut self.explanation, Side::Caller, &self.id.to_string());
        }
        if !is_owner {
            hide(&mut self.explanation, Side::Resource, &self.id.to_string());
        }
        Some(self)
    }
}

/// Takes out everything that a side's policies and tags show through.
fn hide(explanation: &mut Explanation, hidden: Side, id: &str) {
    explanation.layers.retain(|part| side(part.layer) != hidden);
    explanation.determining.retain(|statement| side(statement.layer) != hidden);
    explanation.matched.retain(|statement| side(statement.layer) != hidden);
    if let Some(missing) = &mut explanation.missing {
        missing.near_misses.retain(|near| side(near.statement.layer) != hidden);
        // The count is over both sides.
        missing.farther = 0;
    }
    let tags = match hidden {
        Side::Caller => "aws:PrincipalTag/",
        Side::Resource => "aws:ResourceTag/",
    };
    explanation.request.context.retain(|key, _| !starts_with_ignoring_case(key, tags));
    if explanation.denied_by.is_some_and(|layer| side(layer) == hidden) {
        explanation.denied_by = None;
        explanation.effect = Effect::ImplicitlyDenied;
        cut_reason(&mut explanation.message);
        let whose = match hidden {
            Side::Caller => "caller",
            Side::Resource => "resource",
        };
        let needed = format!(
            "The policies of the {whose}'s account decided. Somebody there can explain decision {id} further."
        );
        explanation.missing = Some(Missing { needed, near_misses: Vec::new(), farther: 0 });
    }
}

fn side(layer: LayerKind) -> Side {
    match layer {
        LayerKind::ResourceControl | LayerKind::Resource | LayerKind::Trust => Side::Resource,
        LayerKind::ServiceControl
        | LayerKind::Endpoint
        | LayerKind::Identity
        | LayerKind::Boundary
        | LayerKind::Session => Side::Caller,
    }
}

fn starts_with_ignoring_case(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

/// Leaves `User: ... is not authorized to perform: ... on resource: ...` of AWS's message.
fn cut_reason(message: &mut String) {
    for reason in [" because no ", " with an explicit deny "] {
        if let Some(at) = message.rfind(reason) {
            message.truncate(at);
        }
    }
}
