//! Why a request was decided as it was: the same evaluation as [`decide`](crate::decide), with everything that was
//! looked at kept and put into words. It can be stored and read back, so an old denial can still be explained.

mod authorization_message;
mod display;
mod near_miss;
mod recorded;
mod why;

use std::collections::BTreeMap;

use rolecall_arn::AccountId;
use serde::{Deserialize, Serialize};

use crate::evaluate::{Findings, decide_watched};
use crate::{
    ContextValue, Decision, Effect, LayerKind, Layers, Request, Span, StatementEffect, StatementRef,
};

pub use authorization_message::{
    AuthorizationMessage, Items, MessageCondition, MessageContext, MessagePrincipal, MessageStatement,
    MessageValue,
};
pub(crate) use recorded::Recorded;

/// A decision with its reasons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    /// What was asked.
    pub request: RequestRecord,
    /// The outcome.
    pub effect: Effect,
    /// The layer that AWS names for a denial.
    pub denied_by: Option<LayerKind>,
    /// AWS's message.
    pub message: String,
    /// What each layer said, in order.
    pub layers: Vec<LayerPart>,
    /// The statements that decided.
    pub determining: Vec<StatementRecord>,
    /// All statements that are about the request, layer by layer, also those that did not decide.
    #[serde(default)]
    pub matched: Vec<StatementRecord>,
    /// For a denial: what it would have needed.
    pub missing: Option<Missing>,
}

/// The request of an explanation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestRecord {
    /// The caller, as AWS prints it.
    pub principal: String,
    /// The IAM action.
    pub action: String,
    /// The ARN, or `*`.
    pub resource: String,
    /// The account that owns the resource, as far as it is known.
    pub resource_account: Option<AccountId>,
    /// Condition keys and their values.
    pub context: BTreeMap<String, ContextValue>,
}

/// What one layer said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LayerPart {
    /// Which layer.
    pub layer: LayerKind,
    /// What it said.
    pub outcome: LayerOutcome,
    /// In words.
    pub why: String,
}

/// What a layer can say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum LayerOutcome {
    /// It has nothing to do with this request.
    NotApplicable,
    /// It neither allows nor denies, which denies where an Allow is needed.
    Silent,
    /// It allows.
    Allowed,
    /// A statement of it denies.
    Denied,
}

/// A statement, with where to find it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StatementRecord {
    /// The layer that its policy belongs to.
    pub layer: LayerKind,
    /// The policy, in words.
    pub policy: String,
    /// The ARN of a managed policy.
    pub policy_arn: Option<String>,
    /// The statement's `Sid`.
    pub sid: Option<String>,
    /// Its place in the policy, from 0.
    pub index: usize,
    /// What it does; `Deny` for a policy that cannot be used.
    pub effect: StatementEffect,
    /// Where it stands in the document.
    pub span: Span,
    /// Its text, or why the policy cannot be used.
    pub text: String,
}

/// What a denied request would have needed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Missing {
    /// In words.
    pub needed: String,
    /// The statements that came near, the nearest first.
    pub near_misses: Vec<NearMiss>,
    /// How many other statements could have allowed and are farther from the request.
    #[serde(default)]
    pub farther: usize,
}

/// An Allow that is not about the request, and why not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NearMiss {
    /// The statement.
    pub statement: StatementRecord,
    /// The elements that do not match.
    pub mismatches: Vec<ElementMismatch>,
}

/// An element of a statement that does not match a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ElementMismatch {
    /// Which element.
    pub element: Element,
    /// The clause, when the element is a condition.
    pub condition: Option<ConditionRecord>,
    /// In words.
    pub why: String,
}

/// The elements of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Element {
    /// `Action` or `NotAction`.
    Action,
    /// `Resource` or `NotResource`.
    Resource,
    /// `Principal` or `NotPrincipal`.
    Principal,
    /// One clause of `Condition`.
    Condition,
}

/// A condition clause with both sides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConditionRecord {
    /// The operator as written.
    pub operator: String,
    /// The key as written.
    pub key: String,
    /// The values of the policy.
    pub policy_values: Vec<String>,
    /// The value of the request; `None` when the key is absent.
    pub request_value: Option<ContextValue>,
}

/// Decides a request and says why.
pub fn explain(request: &Request<'_>, layers: &Layers<'_>) -> Explanation {
    let mut recorded = Recorded::default();
    let (findings, decision) = decide_watched(request, layers, &mut recorded);
    Explanation {
        request: RequestRecord::of(request),
        effect: decision.effect(),
        denied_by: decision.denied_by(),
        message: decision.message(request),
        layers: findings
            .in_order()
            .map(|finding| why::layer_part(request, &recorded.of(finding, layers), &findings, finding))
            .into(),
        determining: decision.determining().iter().map(|statement| findings.record(statement)).collect(),
        matched: findings.hits().map(|hit| findings.record(&hit.reference())).collect(),
        missing: decision
            .fixed_limit(request)
            .map(|limit| Missing { needed: limit.needed().to_owned(), near_misses: Vec::new(), farther: 0 })
            .or_else(|| missing(request, layers, &recorded, &findings, &decision)),
    }
}

fn missing(
    request: &Request<'_>,
    layers: &Layers<'_>,
    recorded: &Recorded<'_>,
    findings: &Findings<'_>,
    decision: &Decision,
) -> Option<Missing> {
    let layer = decision.denied_by()?;
    if decision.effect() == Effect::ExplicitlyDenied {
        let needed = why::needed_against_deny(decision.determining().iter());
        return Some(Missing { needed, near_misses: Vec::new(), farther: 0 });
    }
    let finding = findings.in_order().into_iter().find(|finding| finding.layer == layer)?;
    let needed = why::needed_to_allow(request, finding);
    let mut looks = recorded.of(finding, layers);
    // An implicit denial by the identity-based policies could also have been cured by the resource's policy.
    if layer == LayerKind::Identity {
        looks.extend(recorded.of(&findings.resource, layers));
    }
    let (near_misses, farther) = near_miss::near_misses(request, looks);
    Some(Missing { needed, near_misses, farther })
}

impl RequestRecord {
    fn of(request: &Request<'_>) -> Self {
        RequestRecord {
            principal: request.principal.caller_arn(),
            action: request.action.to_owned(),
            resource: request.resource.to_owned(),
            resource_account: request.owner(),
            context: request.context.iter().map(|(key, value)| (key.to_owned(), value.clone())).collect(),
        }
    }
}

/// How people call a statement: by its `Sid`, else by its place counted from 1.
pub(crate) fn statement_name(sid: Option<&str>, index: usize) -> String {
    sid.map_or_else(|| format!("statement {}", index + 1), |sid| format!("statement {sid}"))
}

impl StatementRef {
    /// `statement Sid of user/ana inline policy own-functions`.
    pub fn name(&self) -> String {
        format!("{} of {}", statement_name(self.sid(), self.index), self.policy().name)
    }
}
