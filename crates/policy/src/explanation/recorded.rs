//! The recorder behind an explanation: keeps every statement that was looked at and why it did not match.

use std::sync::Arc;

use super::StatementRecord;
use crate::evaluate::{Finding, Findings, Recorder};
use crate::policy::Policy;
use crate::statement::{Mismatch, Mismatches, Statement, StatementEffect};
use crate::{LayerKind, Layers, StatementRef};

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

impl<'a> Recorded<'a> {
    /// What was looked at in the layer; where one of its levels or boundaries allows nothing, in that one.
    pub(super) fn of(&self, finding: &Finding<'_>, layers: &Layers<'_>) -> Vec<&Look<'a>> {
        let of_layer = self.looks.iter().filter(|look| look.layer == finding.layer);
        match silent_part(finding, layers) {
            None => of_layer.collect(),
            Some(part) => of_layer
                .filter(|look| part.iter().any(|policy| std::ptr::eq(&raw const **policy, look.policy)))
                .collect(),
        }
    }
}

/// The policies of the level or boundary that allows nothing.
fn silent_part<'l>(finding: &Finding<'_>, layers: &Layers<'l>) -> Option<&'l [Arc<Policy>]> {
    let place = finding.missing_at?;
    let levels = match finding.layer {
        LayerKind::ServiceControl => layers.service_control?,
        LayerKind::ResourceControl => layers.resource_control?,
        LayerKind::Boundary => {
            let boundary = layers.boundary?.iter().position(|policy| policy.source().name == place)?;
            return layers.boundary?.get(boundary..=boundary);
        }
        _ => return None,
    };
    levels.iter().find(|level| level.id == place).map(|level| level.policies.as_slice())
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
