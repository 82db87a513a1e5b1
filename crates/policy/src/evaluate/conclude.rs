//! The weighing: what the findings of all layers mean together (reference iam.md 5.2 to 5.6, 5.8).

use smallvec::SmallVec;

use super::Subject;
use super::findings::{Finding, Findings, Hit};
use crate::decision::StatementRef;
use crate::principal_element::Naming;
use crate::{Decision, LayerKind, Layers, Principal, ResourceLayer};

pub(super) fn conclude(subject: &Subject<'_>, layers: &Layers<'_>, findings: &Findings<'_>) -> Decision {
    let caller = subject.request.principal;
    if is_always_allowed(subject) {
        return Decision::allowed(SmallVec::new());
    }
    let weighing = Weighing {
        findings,
        caller,
        same_account: subject.request.owner() == caller.account(),
        required: matches!(layers.resource, ResourceLayer::Required(_)),
    };
    weighing.explicit_denial().or_else(|| weighing.outer_limit()).unwrap_or_else(|| match caller {
        Principal::Anonymous | Principal::Service { .. } => weighing.without_account(),
        _ if weighing.same_account => weighing.same_account(),
        _ => weighing.cross_account(),
    })
}

/// Whether the request needs no permission and no policy can forbid it: every signed caller may ask who it is, and
/// users and the root user may make themselves a session (reference iam.md 5.6).
pub(crate) fn is_always_allowed(subject: &Subject<'_>) -> bool {
    match subject.action {
        "sts:getcalleridentity" => *subject.request.principal != Principal::Anonymous,
        "sts:getsessiontoken" => {
            matches!(subject.request.principal, Principal::User { .. } | Principal::Root { .. })
        }
        _ => false,
    }
}

struct Weighing<'f, 'a> {
    findings: &'f Findings<'a>,
    caller: &'f Principal,
    same_account: bool,
    /// The resource's policy must allow, whoever asks.
    required: bool,
}

impl Weighing<'_, '_> {
    /// A Deny anywhere is final; the first layer in AWS's order is named, with all its denying statements.
    fn explicit_denial(&self) -> Option<Decision> {
        let finding = self.findings.in_order().into_iter().find(|finding| !finding.denies.is_empty())?;
        let statements = finding.denies.iter().map(|hit| hit.reference(finding.layer)).collect();
        Some(Decision::explicitly_denied(finding.layer, statements, self.same_account))
    }

    /// The layers that bind every caller, direct grants of the resource included, in AWS's order (reference iam.md
    /// 5.13).
    fn outer_limit(&self) -> Option<Decision> {
        let Findings { service_control, resource_control, endpoint, .. } = self.findings;
        first_silent([service_control, resource_control, endpoint])
    }

    /// Anonymous callers and services have only what the resource's policy gives them.
    fn without_account(&self) -> Decision {
        let resource = &self.findings.resource;
        if resource.allowed {
            self.allowed_by_resource()
        } else {
            Decision::implicitly_denied(resource.layer)
        }
    }

    /// Caller and resource in one account: the resource's policy or the caller's own policies grant, within the limits
    /// that the kind of grant leaves in force (reference iam.md 5.3).
    fn same_account(&self) -> Decision {
        match self.best_naming() {
            None if self.required => Decision::implicitly_denied(self.findings.resource.layer),
            Some(Naming::Direct) => self.allowed_by_resource(),
            Some(Naming::BehindSession) => self.inner_limit().unwrap_or_else(|| self.allowed_by_resource()),
            Some(Naming::Account) | None => self.same_account_by_identity(),
        }
    }

    fn same_account_by_identity(&self) -> Decision {
        if !self.identity_allows() {
            return Decision::implicitly_denied(LayerKind::Identity);
        }
        self.inner_limit().unwrap_or_else(|| {
            let resource = if self.required { self.resource_statements() } else { SmallVec::new() };
            Decision::allowed(self.identity_statements().chain(resource).collect())
        })
    }

    /// Two accounts: both sides must allow, and the caller's limits always count (reference iam.md 5.5). When both
    /// sides are silent AWS names the caller's; the resource's comes before the caller's limits (5.13).
    fn cross_account(&self) -> Decision {
        if !self.identity_allows() {
            return Decision::implicitly_denied(LayerKind::Identity);
        }
        if !self.findings.resource.allowed {
            return Decision::implicitly_denied(self.findings.resource.layer);
        }
        self.inner_limit().unwrap_or_else(|| {
            Decision::allowed(self.identity_statements().chain(self.resource_statements()).collect())
        })
    }

    /// The root user has all permissions of its account without any policy.
    fn identity_allows(&self) -> bool {
        matches!(self.caller, Principal::Root { .. }) || self.findings.identity.allowed
    }

    /// Boundary and session policies, where the caller has them. A federated user without session policy has nothing
    /// (reference iam.md 5.2 step 9).
    fn inner_limit(&self) -> Option<Decision> {
        let Findings { boundary, session, .. } = self.findings;
        let unlimited_federation = matches!(self.caller, Principal::FederatedUser { .. }) && !session.applies;
        first_silent([boundary, session])
            .or_else(|| unlimited_federation.then(|| Decision::implicitly_denied(LayerKind::Session)))
    }

    /// The most far-reaching way in which the resource's policy grants.
    fn best_naming(&self) -> Option<Naming> {
        self.findings.resource.allows.iter().map(|hit| hit.naming).min()
    }

    fn allowed_by_resource(&self) -> Decision {
        Decision::allowed(self.resource_statements())
    }

    /// The granting statements of the resource's policy: those that grant most.
    fn resource_statements(&self) -> SmallVec<[StatementRef; 1]> {
        let resource = &self.findings.resource;
        let best = self.best_naming();
        let decides = |hit: &&Hit<'_>| Some(hit.naming) == best;
        resource.allows.iter().filter(decides).map(|hit| hit.reference(resource.layer)).collect()
    }

    fn identity_statements(&self) -> impl Iterator<Item = StatementRef> {
        let identity = &self.findings.identity;
        identity.allows.iter().map(|hit| hit.reference(LayerKind::Identity))
    }
}

/// The denial by the first layer that applies and does not allow.
fn first_silent<const N: usize>(findings: [&Finding<'_>; N]) -> Option<Decision> {
    let silent = findings.into_iter().find(|finding| finding.applies && !finding.allowed)?;
    Some(Decision::implicitly_denied(silent.layer))
}
