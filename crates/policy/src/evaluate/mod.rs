//! The evaluation: every layer is asked once what it finds, and the findings are then weighed. There is one
//! evaluation for [`decide`](crate::decide) and [`explain`](crate::explain), so the two cannot disagree; the recorder
//! is the only difference (reference iam.md 5).

mod conclude;
mod findings;

use rolecall_arn::AccountId;

use crate::context::fold;
use crate::hash::{Role, hash};
use crate::policy::Policy;
use crate::resource::ResourceParts;
use crate::statement::{Mismatch, Statement};
use crate::{Decision, FixedLimit, LayerKind, Layers, Request};

use findings::CallerLayers;
pub(crate) use findings::{Finding, Findings, Hit};

/// Decides a request.
pub fn decide(request: &Request<'_>, layers: &Layers<'_>) -> Decision {
    let weighed = gather_and_weigh(request, layers, &mut Silent, &mut Findings::of(layers));
    if is_ruled_out(request, &weighed) { Decision::ruled_out() } else { weighed }
}

/// Whether a limit that no policy lifts denies. What AWS keeps to itself is refused where the policies would let the
/// caller change it: who may not ask is told that first.
fn is_ruled_out(request: &Request<'_>, weighed: &Decision) -> bool {
    FixedLimit::of_credentials(request).is_some()
        || (weighed.is_allowed() && FixedLimit::of_resource(request).is_some())
}

/// Decides a request as [`decide`] does while the recorder watches; the findings come along for the explanation.
pub(crate) fn decide_watched<'a, R: Recorder<'a>>(
    request: &Request<'_>,
    layers: &Layers<'a>,
    recorder: &mut R,
) -> (Findings<'a>, Decision) {
    let (findings, weighed) = evaluate(request, layers, recorder);
    let decision = if is_ruled_out(request, &weighed) { Decision::ruled_out() } else { weighed };
    (findings, decision)
}

/// Weighs the policies of a request while the recorder watches. What no policy lifts is not looked at: a simulation
/// asks about policies only.
pub(crate) fn evaluate<'a, R: Recorder<'a>>(
    request: &Request<'_>,
    layers: &Layers<'a>,
    recorder: &mut R,
) -> (Findings<'a>, Decision) {
    let mut findings = Findings::of(layers);
    let decision = gather_and_weigh(request, layers, recorder, &mut findings);
    (findings, decision)
}

/// The findings are filled where they are: to move them about would cost as much as to make them.
fn gather_and_weigh<'a, R: Recorder<'a>>(
    request: &Request<'_>,
    layers: &Layers<'a>,
    recorder: &mut R,
    findings: &mut Findings<'a>,
) -> Decision {
    let action = fold(request.action);
    let subject = Subject::new(request, layers, action.as_bytes());
    findings.gather(&subject, layers, recorder);
    conclude::conclude(&subject, layers, findings)
}

/// A request prepared for many statements.
pub(crate) struct Subject<'a> {
    pub(crate) request: &'a Request<'a>,
    /// In lower case.
    pub(crate) action: &'a [u8],
    /// The hash of the action.
    pub(crate) action_key: u32,
    /// The hash of what stands before its colon.
    pub(crate) service_key: u32,
    pub(crate) resource: ResourceParts<'a>,
    pub(crate) has_boundary: bool,
}

impl<'a> Subject<'a> {
    fn new(request: &'a Request<'_>, layers: &Layers<'_>, action: &'a [u8]) -> Self {
        let service = action.split(|byte| *byte == b':').next().unwrap_or_default();
        Subject {
            request,
            action,
            action_key: hash(Role::Action, action),
            service_key: hash(Role::Service, service),
            resource: ResourceParts::split(request.resource),
            has_boundary: layers.boundary.is_some() && CallerLayers::of(request.principal).identity,
        }
    }

    /// [`Request::owner`], from the resource that is split already.
    fn owner(&self) -> Option<AccountId> {
        match (self.request.resource_account, self.resource.account()) {
            (Some(account), _) => Some(account),
            (None, Some(account)) => account.parse().ok().or_else(|| self.request.principal.account()),
            (None, None) => self.request.owner(),
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
