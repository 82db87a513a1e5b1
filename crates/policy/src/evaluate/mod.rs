//! The evaluation: every layer is asked once what it finds, and the findings are then weighed. There is one
//! evaluation for [`decide`](crate::decide) and [`explain`](crate::explain), so the two cannot disagree; the recorder
//! is the only difference (reference iam.md 5).

mod conclude;
mod findings;

use crate::context::fold;
use crate::policy::Policy;
use crate::resource::ResourceParts;
use crate::statement::{Mismatch, Statement};
use crate::{Decision, LayerKind, Layers, Request};

use findings::CallerLayers;
pub(crate) use findings::{Finding, Findings, Hit};

/// Decides a request.
pub fn decide(request: &Request<'_>, layers: &Layers<'_>) -> Decision {
    evaluate(request, layers, &mut Silent).1
}

/// Gathers and weighs; the findings come along for the explanation.
pub(crate) fn evaluate<'a, R: Recorder<'a>>(
    request: &'a Request<'_>,
    layers: &'a Layers<'a>,
    recorder: &mut R,
) -> (Findings<'a>, Decision) {
    let action = fold(request.action);
    let subject = Subject::new(request, layers, action.as_str());
    let findings = Findings::gather(&subject, layers, recorder);
    let decision = conclude::conclude(&subject, layers, &findings);
    (findings, decision)
}

/// A request prepared for many statements.
pub(crate) struct Subject<'a> {
    pub(crate) request: &'a Request<'a>,
    /// In lower case.
    pub(crate) action: &'a str,
    pub(crate) resource: ResourceParts<'a>,
    pub(crate) has_boundary: bool,
}

impl<'a> Subject<'a> {
    fn new(request: &'a Request<'_>, layers: &Layers<'_>, action: &'a str) -> Self {
        Subject {
            request,
            action,
            resource: ResourceParts::split(request.resource),
            has_boundary: layers.boundary.is_some() && CallerLayers::of(request.principal).identity,
        }
    }
}

/// Watches an evaluation.
pub(crate) trait Recorder<'a> {
    /// Whether all elements of all statements are to be looked at; else the first mismatch ends a statement, and only
    /// statements that the index names are looked at.
    const THOROUGH: bool;

    /// A statement was looked at; without mismatches it is about the request.
    fn statement(
        &mut self,
        layer: LayerKind,
        policy: &'a Policy,
        statement: &'a Statement,
        found: &[Mismatch],
    );
}

/// Watches nothing.
struct Silent;

impl<'a> Recorder<'a> for Silent {
    const THOROUGH: bool = false;

    fn statement(&mut self, _: LayerKind, _: &'a Policy, _: &'a Statement, _: &[Mismatch]) {}
}
