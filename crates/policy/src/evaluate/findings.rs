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
}

pub(crate) type Hits<'a> = SmallVec<[Hit<'a>; 1]>;

/// What a layer finds.
pub(crate) struct Finding<'a> {
    pub(crate) layer: LayerKind,
    /// Whether the layer has anything to say to this caller.
    pub(crate) applies: bool,
    /// Whether the layer as a whole lets the request pass, its denials aside.
    pub(crate) allowed: bool,
    pub(crate) allows: Hits<'a>,
    pub(crate) denies: Hits<'a>,
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
}

impl<'a> Findings<'a> {
    pub(super) fn gather<R: Recorder<'a>>(
        subject: &Subject<'_>,
        layers: &Layers<'a>,
        recorder: &mut R,
    ) -> Self {
        let caller = CallerLayers::of(subject.request.principal);
        let resource_control = layers.resource_control.filter(|_| caller.organization);
        let service_control = layers.service_control.filter(|_| caller.account && caller.organization);
        let identity = caller.identity.then_some(layers.identity);
        let boundary = layers.boundary.filter(|_| caller.identity);
        let session = layers.session.filter(|_| caller.account);
        let mut asker = Asker { subject, recorder };
        Findings {
            service_control: asker.every_level(LayerKind::ServiceControl, service_control),
            resource_control: asker.every_level(LayerKind::ResourceControl, resource_control),
            endpoint: asker.united(LayerKind::Endpoint, layers.endpoint),
            resource: asker.resource(layers.resource),
            identity: asker.united(LayerKind::Identity, identity),
            boundary: asker.every_boundary(boundary),
            session: asker.united(LayerKind::Session, session),
        }
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
            Principal::Anonymous | Principal::Service { .. } => (false, false),
            Principal::Root { .. } => (true, false),
            Principal::User { .. } | Principal::RoleSession { .. } | Principal::FederatedUser { .. } => {
                (true, true)
            }
        };
        CallerLayers { organization: !caller.is_service_linked(), account, identity }
    }
}

impl<'a> Finding<'a> {
    fn empty(layer: LayerKind, applies: bool) -> Self {
        Finding { layer, applies, allowed: false, allows: Hits::new(), denies: Hits::new(), missing_at: None }
    }
}

/// Asks policies about one request.
struct Asker<'s, 'r, R> {
    subject: &'s Subject<'s>,
    recorder: &'r mut R,
}

impl<'a, R: Recorder<'a>> Asker<'_, '_, R> {
    /// Documents whose allows are united: identity, session and endpoint policies.
    fn united(&mut self, layer: LayerKind, policies: Option<&'a [Arc<Policy>]>) -> Finding<'a> {
        let mut finding = Finding::empty(layer, policies.is_some());
        for policy in policies.unwrap_or_default() {
            self.ask(policy, &mut finding);
        }
        finding.allowed = !finding.allows.is_empty();
        finding
    }

    /// Permissions boundaries: each one must allow, and being attached without content allows nothing.
    fn every_boundary(&mut self, policies: Option<&'a [Arc<Policy>]>) -> Finding<'a> {
        let mut finding = Finding::empty(LayerKind::Boundary, policies.is_some());
        let policies = policies.unwrap_or_default();
        finding.allowed = !policies.is_empty();
        for policy in policies {
            let before = finding.allows.len();
            self.ask(policy, &mut finding);
            if finding.allows.len() == before {
                finding.allowed = false;
                finding.missing_at = finding.missing_at.or(Some(&policy.source().name));
            }
        }
        finding
    }

    /// Organization policies: united inside a level, and each level must allow. No level at all allows nothing.
    fn every_level(&mut self, layer: LayerKind, levels: Option<&'a [Level]>) -> Finding<'a> {
        let mut finding = Finding::empty(layer, levels.is_some());
        let levels = levels.unwrap_or_default();
        finding.allowed = !levels.is_empty();
        for level in levels {
            let before = finding.allows.len();
            for policy in &level.policies {
                self.ask(policy, &mut finding);
            }
            if finding.allows.len() == before {
                finding.allowed = false;
                finding.missing_at = finding.missing_at.or(Some(&level.id));
            }
        }
        finding
    }

    /// The resource's own policy.
    fn resource(&mut self, resource: ResourceLayer<'a>) -> Finding<'a> {
        let policy = match resource {
            ResourceLayer::Absent => return Finding::empty(LayerKind::Resource, false),
            ResourceLayer::Policy(policy) | ResourceLayer::Required(policy) => policy,
        };
        let layer = if policy.kind() == PolicyKind::Trust { LayerKind::Trust } else { LayerKind::Resource };
        let mut finding = Finding::empty(layer, true);
        self.ask(policy, &mut finding);
        finding.allowed = !finding.allows.is_empty();
        finding
    }

    /// Asks one policy and adds what it says to the finding of its layer.
    fn ask(&mut self, policy: &'a Policy, finding: &mut Finding<'a>) {
        match policy.body() {
            Body::Unusable { .. } => {
                finding.denies.push(Hit { policy, statement: None, naming: Naming::Direct });
            }
            Body::Compiled { statements, .. } if R::THOROUGH => {
                for statement in statements {
                    self.ask_statement(policy, statement, finding);
                }
            }
            Body::Compiled { statements, index } => {
                for statement in index.candidates(statements, self.subject.action) {
                    self.ask_statement(policy, statement, finding);
                }
            }
        }
    }

    fn ask_statement(&mut self, policy: &'a Policy, statement: &'a Statement, finding: &mut Finding<'a>) {
        match statement.check(self.subject, R::THOROUGH) {
            Err(found) => self.recorder.statement(finding.layer, policy, statement, &found),
            Ok(naming) => {
                self.recorder.statement(finding.layer, policy, statement, &[]);
                let hit = Hit { policy, statement: Some(statement), naming };
                match statement.effect {
                    StatementEffect::Allow => finding.allows.push(hit),
                    StatementEffect::Deny => finding.denies.push(hit),
                }
            }
        }
    }
}

impl Hit<'_> {
    pub(crate) fn reference(&self, layer: LayerKind) -> StatementRef {
        let statement = self.statement;
        StatementRef {
            layer,
            policy: Arc::clone(self.policy.shared_source()),
            index: statement.map_or(0, |statement| statement.index),
            sid: statement.and_then(|statement| statement.sid.clone()),
            span: statement.map(|statement| statement.span).unwrap_or_default(),
            unusable: self.policy.unusable_reason().map(Into::into),
        }
    }
}
