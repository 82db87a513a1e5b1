//! What the engine answers: the effect, the layer that denied, the statements that decided, and AWS's own words for
//! it (reference iam.md 5.13).

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use crate::error::Span;
use crate::fixed_limit::{FixedLimit, assumes_role};
use crate::policy::Shared;
use crate::statement::Statement;
use crate::{LayerKind, Policy, PolicySource, Principal, Request};

/// The outcome of a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Effect {
    /// The request may go ahead.
    Allowed,
    /// Nothing that had to allow it did.
    ImplicitlyDenied,
    /// A statement denies it.
    ExplicitlyDenied,
}

/// A statement that took part in a decision.
#[derive(Clone)]
pub struct StatementRef {
    /// The layer that the policy was consulted in.
    pub layer: LayerKind,
    /// The statement's place in the policy, from 0.
    pub index: usize,
    policy: Arc<Shared>,
}

impl StatementRef {
    pub(crate) fn new(layer: LayerKind, policy: &Policy, index: usize) -> Self {
        StatementRef { layer, index, policy: Arc::clone(policy.shared()) }
    }

    /// Where the policy comes from.
    pub fn policy(&self) -> &PolicySource {
        self.policy.source()
    }

    /// The statement's `Sid`, when it has one.
    pub fn sid(&self) -> Option<&str> {
        self.statement().and_then(|statement| statement.sid.as_deref())
    }

    /// Where the statement stands in the document.
    pub fn span(&self) -> Span {
        self.statement().map(|statement| self.policy.span(statement)).unwrap_or_default()
    }

    /// Set when the whole policy cannot be used and denies for that reason.
    pub fn unusable(&self) -> Option<&str> {
        self.policy.unusable_reason()
    }

    /// Whether it is a statement of this very policy.
    pub(crate) fn is_of(&self, policy: &Policy) -> bool {
        Arc::ptr_eq(&self.policy, policy.shared())
    }

    fn statement(&self) -> Option<&Statement> {
        self.policy.statements().get(self.index)
    }
}

impl PartialEq for StatementRef {
    fn eq(&self, other: &Self) -> bool {
        (self.layer, self.index, self.policy()) == (other.layer, other.index, other.policy())
            && (self.sid(), self.span(), self.unusable()) == (other.sid(), other.span(), other.unusable())
    }
}

impl Eq for StatementRef {}

impl fmt::Debug for StatementRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StatementRef")
            .field("layer", &self.layer)
            .field("policy", self.policy())
            .field("index", &self.index)
            .field("sid", &self.sid())
            .field("span", &self.span())
            .field("unusable", &self.unusable())
            .finish()
    }
}

/// The statements that decided; a decision with more of them than are named here has to ask for memory.
pub(crate) type Determining = SmallVec<[StatementRef; 8]>;

/// The answer to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    effect: Effect,
    denied_by: Option<LayerKind>,
    determining: Determining,
    /// Whether the caller may be told which policy denies.
    names_policy: bool,
}

impl Decision {
    pub(crate) fn allowed(determining: Determining) -> Self {
        Decision { effect: Effect::Allowed, denied_by: None, determining, names_policy: true }
    }

    pub(crate) fn implicitly_denied(layer: LayerKind) -> Self {
        Decision {
            effect: Effect::ImplicitlyDenied,
            denied_by: Some(layer),
            determining: Determining::new(),
            names_policy: true,
        }
    }

    pub(crate) fn explicitly_denied(layer: LayerKind, determining: Determining, names_policy: bool) -> Self {
        Decision { effect: Effect::ExplicitlyDenied, denied_by: Some(layer), determining, names_policy }
    }

    /// Ruled out whatever policies say; no layer is to blame.
    pub(crate) fn ruled_out() -> Self {
        let determining = Determining::new();
        Decision { effect: Effect::ImplicitlyDenied, denied_by: None, determining, names_policy: false }
    }

    /// Allowed, or denied and how.
    pub fn effect(&self) -> Effect {
        self.effect
    }

    /// Whether the request may go ahead.
    pub fn is_allowed(&self) -> bool {
        self.effect == Effect::Allowed
    }

    /// The layer that AWS names for the denial; only one is named even if several deny. None for a denial that no
    /// policy lifts ([`FixedLimit`](crate::FixedLimit)).
    pub fn denied_by(&self) -> Option<LayerKind> {
        self.denied_by
    }

    /// The statements that decided: those that grant, or all statements of the named layer that deny. Empty for an
    /// implicit denial, and for what needs no statement (the root user in its own account, GetCallerIdentity).
    pub fn determining(&self) -> &[StatementRef] {
        &self.determining
    }

    /// AWS's reason, `because no identity-based policy allows the lambda:InvokeFunction action`; empty when allowed.
    pub fn reason(&self, action: &str) -> String {
        let Some(layer) = self.denied_by else { return String::new() };
        let words = layer.words();
        if self.effect == Effect::ImplicitlyDenied {
            return format!("because no {words} allows the {action} action");
        }
        let article = match layer {
            LayerKind::Identity => "an",
            LayerKind::Trust => "the",
            _ => "a",
        };
        let policy = self.policy_arn(layer).map_or_else(String::new, |arn| format!(": {arn}"));
        format!("with an explicit deny in {article} {words}{policy}")
    }

    /// AWS's whole message. For an allowed request, which AWS has no message for, a sentence that says so.
    pub fn message(&self, request: &Request<'_>) -> String {
        let caller = request.principal.caller_arn();
        let Request { action, resource, .. } = request;
        if self.is_allowed() {
            return format!("User: {caller} is authorized to perform: {action} on resource: {resource}");
        }
        if let Some(limit) = self.fixed_limit(request) {
            return limit.message(request);
        }
        // STS says no more to somebody who only brings a token or an assertion (reference iam.md 5.9).
        if matches!(request.principal, Principal::Federated { .. }) {
            return format!("Not authorized to perform {action}");
        }
        let refusal =
            format!("User: {caller} is not authorized to perform: {action} on resource: {resource}");
        // STS never gives a reason for these (reference iam.md 5.8, 8).
        if assumes_role(action) {
            return refusal;
        }
        format!("{refusal} {}", self.reason(action))
    }

    /// The limit that denies in the place of a layer.
    pub fn fixed_limit(&self, request: &Request<'_>) -> Option<FixedLimit> {
        if self.is_allowed() || self.denied_by.is_some() {
            return None;
        }
        FixedLimit::of_credentials(request).or_else(|| FixedLimit::of_resource(request))
    }

    fn policy_arn(&self, layer: LayerKind) -> Option<&str> {
        if !layer.shows_policy_arn() || !self.names_policy {
            return None;
        }
        self.determining.first()?.policy().arn.as_deref()
    }
}
