//! What each layer finds about a request. Layers that combine their documents differently are asked by functions of
//! their own (reference iam.md 5.2).

use std::sync::Arc;

use smallvec::SmallVec;

use super::{Recorder, Subject};
use crate::decision::StatementRef;
use crate::policy::{Body, Policy};
use crate::principal_element::Naming;
use crate::statement::{Statement, StatementEffect};
use crate::{LayerKind, Layers, Level, PolicyKind, Principal, ResourceLayer};

/// A statement that is about the request, or a whole policy that cannot be used.
#[derive(Clone, Copy)]
pub(crate) struct Hit<'a> {
    pub(crate) policy: &'a Policy,
    pub(crate) statement: Option<&'a Statement>,
    pub(crate) naming: Naming,
    layer: LayerKind,
    effect: StatementEffect,
}

/// What a layer finds.
pub(crate) struct Finding<'a> {
    pub(crate) layer: LayerKind,
    /// Whether the layer has anything to say to this caller.
    pub(crate) applies: bool,
    /// Whether the layer as a whole lets the request pass, its denials aside.
    pub(crate) allowed: bool,
    /// Whether a statement of the layer denies.
    pub(crate) denied: bool,
    /// The first organization level, or boundary, that allows nothing.
    pub(crate) missing_at: Option<&'a str>,
}

/// What all layers find.
pub(crate) struct Findings<'a> {
    pub(crate) service_control: Finding<'a>,
    pub(crate) resource_control: Finding<'a>,
    pub(crate) endpoint: Finding<'a>,
    pub(crate) resource: Finding<'a>,
    pub(crate) identity: Finding<'a>,
    pub(crate) boundary: Finding<'a>,
    pub(crate) session: Finding<'a>,
    /// The statements of all layers, in one place so that hardly any memory is touched for the layers that say
    /// nothing. A request that more statements are about than this has room for asks for memory.
    hits: SmallVec<[Hit<'a>; 16]>,
}

impl<'a> Findings<'a> {
    /// Nothing found yet.
    pub(crate) fn of(layers: &Layers<'_>) -> Self {
        let is_trust = layers.resource.policy().is_some_and(|policy| policy.kind() == PolicyKind::Trust);
        Findings {
            service_control: Finding::empty(LayerKind::ServiceControl),
            resource_control: Finding::empty(LayerKind::ResourceControl),
            endpoint: Finding::empty(LayerKind::Endpoint),
            resource: Finding::empty(if is_trust { LayerKind::Trust } else { LayerKind::Resource }),
            identity: Finding::empty(LayerKind::Identity),
            boundary: Finding::empty(LayerKind::Boundary),
            session: Finding::empty(LayerKind::Session),
            hits: SmallVec::new(),
        }
    }

    pub(super) fn gather<R: Recorder<'a>>(
        &mut self,
        subject: &Subject<'_>,
        layers: &Layers<'a>,
        recorder: &mut R,
    ) {
        let caller = CallerLayers::of(subject.request.principal);
        let resource_control = layers.resource_control.filter(|_| caller.organization);
        let service_control = layers.service_control.filter(|_| caller.account && caller.organization);
        let identity = caller.identity.then_some(layers.identity);
        let boundary = layers.boundary.filter(|_| caller.identity);
        let session = layers.session.filter(|_| caller.account);
        let mut asker = Asker { subject, recorder, hits: &mut self.hits };
        asker.every_level(&mut self.service_control, service_control);
        asker.every_level(&mut self.resource_control, resource_control);
        asker.united(&mut self.endpoint, layers.endpoint);
        asker.resource(&mut self.resource, layers.resource);
        asker.united(&mut self.identity, identity);
        asker.every_boundary(&mut self.boundary, boundary);
        asker.united(&mut self.session, session);
    }

    /// The statements of all layers that are about the request.
    pub(crate) fn hits(&self) -> impl Iterator<Item = &Hit<'a>> {
        self.hits.iter()
    }

    /// The statements of a layer that allow.
    pub(crate) fn allows(&self, layer: LayerKind) -> impl Iterator<Item = &Hit<'a>> {
        self.of_layer(layer, StatementEffect::Allow)
    }

    /// The statements of a layer that deny.
    pub(crate) fn denies(&self, layer: LayerKind) -> impl Iterator<Item = &Hit<'a>> {
        self.of_layer(layer, StatementEffect::Deny)
    }

    fn of_layer(&self, layer: LayerKind, effect: StatementEffect) -> impl Iterator<Item = &Hit<'a>> {
        self.hits.iter().filter(move |hit| hit.layer == layer && hit.effect == effect)
    }

    /// All findings in the order in which AWS names an explicit denial (reference iam.md 5.13).
    pub(crate) fn in_order(&self) -> [&Finding<'a>; 7] {
        [
            &self.service_control,
            &self.resource_control,
            &self.endpoint,
            &self.resource,
            &self.identity,
            &self.boundary,
            &self.session,
        ]
    }
}

/// Which layers a caller has at all (reference iam.md 5.6).
pub(super) struct CallerLayers {
    /// Is bound by the policies of organizations; service-linked roles are not.
    organization: bool,
    /// Belongs to an account, so that service control and session policies can apply.
    account: bool,
    /// Has identity-based policies and can have a boundary; the root user has neither.
    pub(super) identity: bool,
}

impl CallerLayers {
    pub(super) fn of(caller: &Principal) -> Self {
        let (account, identity) = match caller {
            Principal::Anonymous | Principal::Service { .. } | Principal::Federated { .. } => (false, false),
            Principal::Root { .. } => (true, false),
            Principal::User { .. } | Principal::RoleSession { .. } | Principal::FederatedUser { .. } => {
                (true, true)
            }
        };
        CallerLayers { organization: !caller.is_service_linked(), account, identity }
    }
}

impl Finding<'_> {
    fn empty(layer: LayerKind) -> Self {
        Finding { layer, applies: false, allowed: false, denied: false, missing_at: None }
    }
}

/// Asks policies about one request, and adds what they say to the finding of their layer.
struct Asker<'s, 'q, 'f, 'a, R> {
    subject: &'s Subject<'q>,
    recorder: &'f mut R,
    hits: &'f mut SmallVec<[Hit<'a>; 16]>,
}

impl<'a, R: Recorder<'a>> Asker<'_, '_, '_, 'a, R> {
    /// Documents whose allows are united: identity, session and endpoint policies.
    fn united(&mut self, finding: &mut Finding<'a>, policies: Option<&'a [Arc<Policy>]>) {
        finding.applies = policies.is_some();
        for policy in policies.unwrap_or_default() {
            finding.allowed |= self.ask(policy, finding);
        }
    }

    /// Permissions boundaries: each one must allow, and being attached without content allows nothing.
    fn every_boundary(&mut self, finding: &mut Finding<'a>, policies: Option<&'a [Arc<Policy>]>) {
        finding.applies = policies.is_some();
        let policies = policies.unwrap_or_default();
        finding.allowed = !policies.is_empty();
        for policy in policies {
            if !self.ask(policy, finding) {
                finding.allowed = false;
                finding.missing_at = finding.missing_at.or(Some(&policy.source().name));
            }
        }
    }

    /// Organization policies: united inside a level, and each level must allow. No level at all allows nothing.
    fn every_level(&mut self, finding: &mut Finding<'a>, levels: Option<&'a [Level]>) {
        finding.applies = levels.is_some();
        let levels = levels.unwrap_or_default();
        finding.allowed = !levels.is_empty();
        for level in levels {
            let mut allowed = false;
            for policy in &level.policies {
                allowed |= self.ask(policy, finding);
            }
            if !allowed {
                finding.allowed = false;
                finding.missing_at = finding.missing_at.or(Some(&level.id));
            }
        }
    }

    /// The resource's own policy.
    fn resource(&mut self, finding: &mut Finding<'a>, resource: ResourceLayer<'a>) {
        if let Some(policy) = resource.policy() {
            finding.applies = true;
            finding.allowed = self.ask(policy, finding);
        }
    }

    /// Whether the policy allows; what it says beside that is added to the finding.
    fn ask(&mut self, policy: &'a Policy, finding: &mut Finding<'a>) -> bool {
        let before = self.hits.len();
        let layer = finding.layer;
        match &policy.shared().body {
            Body::Unusable { .. } => self.hits.push(Hit::of_unusable(layer, policy)),
            Body::Compiled { statements, .. } if R::THOROUGH => {
                for statement in statements {
                    self.examine(layer, policy, statement);
                }
            }
            Body::Compiled { index, .. } if !index.is_about(self.subject) => return false,
            Body::Compiled { statements, index } => {
                index.visit(statements, self.subject, |statement, known| {
                    if let Some(naming) = statement.names(self.subject, known) {
                        self.hits.push(Hit::of(layer, policy, statement, naming));
                    }
                });
                in_order(self.hits, before);
            }
        }
        let new = self.hits.get(before..).unwrap_or_default();
        finding.denied |= new.iter().any(|hit| hit.effect == StatementEffect::Deny);
        new.iter().any(|hit| hit.effect == StatementEffect::Allow)
    }

    fn examine(&mut self, layer: LayerKind, policy: &'a Policy, statement: &'a Statement) {
        match statement.examine(self.subject) {
            Err(found) => self.recorder.statement(layer, policy, statement, &found),
            Ok(naming) => {
                self.recorder.statement(layer, policy, statement, &[]);
                self.hits.push(Hit::of(layer, policy, statement, naming));
            }
        }
    }
}

/// Brings what one policy said into the order of its statements. A statement that the index named twice says it once.
fn in_order(hits: &mut SmallVec<[Hit<'_>; 16]>, before: usize) {
    if hits.len() < before + 2 {
        return;
    }
    let place = |hit: &Hit<'_>| hit.statement.map(|statement| statement.index);
    if let Some(new) = hits.get_mut(before..) {
        new.sort_unstable_by_key(place);
    }
    let mut at = 0;
    hits.dedup_by(|hit, earlier| {
        at += 1;
        at > before && place(hit) == place(earlier)
    });
}

impl<'a> Hit<'a> {
    fn of(layer: LayerKind, policy: &'a Policy, statement: &'a Statement, naming: Naming) -> Self {
        Hit { policy, statement: Some(statement), naming, layer, effect: statement.effect }
    }

    fn of_unusable(layer: LayerKind, policy: &'a Policy) -> Self {
        Hit { policy, statement: None, naming: Naming::Direct, layer, effect: StatementEffect::Deny }
    }

    pub(crate) fn reference(&self) -> StatementRef {
        StatementRef::new(self.layer, self.policy, self.statement.map_or(0, |statement| statement.index))
    }
}
