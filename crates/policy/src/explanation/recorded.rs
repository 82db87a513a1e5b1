//! The recorder behind an explanation: keeps every statement that was looked at and why it did not match.

use super::StatementRecord;
use crate::evaluate::{Findings, Recorder};
use crate::policy::Policy;
use crate::statement::{Mismatch, Mismatches, Statement, StatementEffect};
use crate::{LayerKind, StatementRef};

/// One statement that was looked at.
pub(super) struct Look<'a> {
    pub(super) layer: LayerKind,
    pub(super) policy: &'a Policy,
    pub(super) statement: &'a Statement,
    pub(super) mismatches: Mismatches,
}

/// All statements that were looked at.
#[derive(Default)]
pub(crate) struct Recorded<'a> {
    pub(super) looks: Vec<Look<'a>>,
}

impl<'a> Recorder<'a> for Recorded<'a> {
    const THOROUGH: bool = true;

    fn statement(
        &mut self,
        layer: LayerKind,
        policy: &'a Policy,
        statement: &'a Statement,
        found: &[Mismatch],
    ) {
        self.looks.push(Look { layer, policy, statement, mismatches: found.into() });
    }
}

impl Look<'_> {
    pub(super) fn record(&self) -> StatementRecord {
        let source = self.policy.source();
        StatementRecord {
            layer: self.layer,
            policy: source.name.clone(),
            policy_arn: source.arn.clone(),
            sid: self.statement.sid.as_deref().map(Into::into),
            index: self.statement.index,
            effect: self.statement.effect,
            span: self.policy.shared().span(self.statement),
            text: self.policy.text_of(self.statement).to_owned(),
        }
    }
}

impl Findings<'_> {
    /// The policy that the decision refers to.
    pub(crate) fn policy(&self, reference: &StatementRef) -> Option<&Policy> {
        self.hits().map(|hit| hit.policy).find(|policy| reference.is_of(policy))
    }

    /// The whole of a statement that the decision refers to.
    pub(super) fn record(&self, reference: &StatementRef) -> StatementRecord {
        let found = self
            .hits()
            .filter_map(|hit| {
                hit.statement.filter(|_| reference.is_of(hit.policy)).map(|statement| (hit.policy, statement))
            })
            .find(|(_, statement)| statement.index == reference.index);
        let unusable = reference.unusable().unwrap_or_default();
        StatementRecord {
            layer: reference.layer,
            policy: reference.policy().name.clone(),
            policy_arn: reference.policy().arn.clone(),
            sid: reference.sid().map(Into::into),
            index: reference.index,
            effect: found.map_or(StatementEffect::Deny, |(_, statement)| statement.effect),
            span: reference.span(),
            text: found.map_or(unusable, |(policy, statement)| policy.text_of(statement)).to_owned(),
        }
    }
}
