//! The weighing: what the findings of all layers mean together (reference iam.md 5.2 to 5.6, 5.8).

use super::Subject;
use super::findings::{Finding, Findings, Hit};
use crate::decision::Determining;
use crate::principal_element::Naming;
use crate::{Context, ContextValue, Decision, LayerKind, Layers, Principal, ResourceLayer};

pub(super) fn conclude(subject: &Subject<'_>, layers: &Layers<'_>, findings: &Findings<'_>) -> Decision {
    let caller = subject.request.principal;
    if is_always_allowed(subject) {
        return Decision::allowed(Determining::new());
    }
    let same_account = subject.owner() == caller.account();
    let weighing = Weighing {
        findings,
        caller,
        context: subject.request.context,
        same_account,
        heeds_resource: !(same_account && is_way_back_in(subject, layers)),
        required: matches!(layers.resource, ResourceLayer::Required(_)),
    };
    weighing.decision(weighing.verdict())
}

/// What the weighing comes to. Only the last step makes a [`Decision`] of it, which is large to move about.
#[derive(Clone, Copy)]
enum Verdict {
    /// A statement of the layer denies.
    Denied(LayerKind),
    /// The layer had to allow and does not.
    Silent(LayerKind),
    /// Statements of the resource's policy grant, of the caller's own policies, or of both; or of neither, for the
    /// root user.
    Allowed { by_identity: bool, by_resource: bool },
}

const BY_RESOURCE: Verdict = Verdict::Allowed { by_identity: false, by_resource: true };

/// Whether the request needs no permission and no policy can forbid it: every signed caller may ask who it is, and
/// users and the root user may make themselves a session (reference iam.md 5.6).
pub(crate) fn is_always_allowed(subject: &Subject<'_>) -> bool {
    match subject.action {
        b"sts:getcalleridentity" => {
            !matches!(subject.request.principal, Principal::Anonymous | Principal::Federated { .. })
        }
        b"sts:getsessiontoken" => {
            matches!(subject.request.principal, Principal::User { .. } | Principal::Root { .. })
        }
        _ => false,
    }
}

/// Whether the request is how the root user undoes the policy of a bucket that has locked everybody out, or a session
/// of AssumeRoot that of a queue; the policy cannot deny that in its own account (reference iam.md 5.6). The session's
/// task still says which of them the session is for.
fn is_way_back_in(subject: &Subject<'_>, layers: &Layers<'_>) -> bool {
    let is_root = matches!(subject.request.principal, Principal::Root { .. });
    match subject.action {
        b"s3:getbucketpolicy" | b"s3:putbucketpolicy" | b"s3:deletebucketpolicy" => is_root,
        b"sqs:getqueueattributes" | b"sqs:setqueueattributes" => is_root && layers.session.is_some(),
        _ => false,
    }
}

struct Weighing<'f, 'a> {
    findings: &'f Findings<'a>,
    caller: &'f Principal,
    context: &'f Context,
    same_account: bool,
    /// A Deny of the resource's policy counts.
    heeds_resource: bool,
    /// The resource's policy must allow, whoever asks.
    required: bool,
}

impl<'f, 'a> Weighing<'f, 'a> {
    fn verdict(&self) -> Verdict {
        self.explicit_denial().or_else(|| self.outer_limit()).unwrap_or_else(|| match self.caller {
            Principal::Anonymous | Principal::Service { .. } | Principal::Federated { .. } => {
                self.resource_alone()
            }
            _ if self.same_account => self.same_account(),
            _ => self.cross_account(),
        })
    }

    fn decision(&self, verdict: Verdict) -> Decision {
        match verdict {
            Verdict::Denied(layer) => {
                let statements = self.findings.denies(layer).map(Hit::reference).collect();
                Decision::explicitly_denied(layer, statements, self.may_know_policy(layer))
            }
            Verdict::Silent(layer) => Decision::implicitly_denied(layer),
            Verdict::Allowed { by_identity, by_resource } => {
                let mut statements = Determining::new();
                if by_identity {
                    statements.extend(self.findings.allows(LayerKind::Identity).map(Hit::reference));
                }
                if by_resource {
                    statements.extend(self.best_resource_statements().map(Hit::reference));
                }
                Decision::allowed(statements)
            }
        }
    }

    /// Whether the caller may be told which policy of the layer denies: inside one account, and for the policies of an
    /// organization inside that (reference iam.md 5.13). Service control policies are always of the caller's own.
    fn may_know_policy(&self, layer: LayerKind) -> bool {
        match layer {
            LayerKind::ServiceControl => true,
            LayerKind::ResourceControl => self.same_account || is_in_one_organization(self.context),
            _ => self.same_account,
        }
    }

    /// A Deny anywhere is final; the first layer in AWS's order is named, with all its denying statements.
    fn explicit_denial(&self) -> Option<Verdict> {
        let counts = |finding: &&Finding<'_>| self.heeds_resource || finding.layer != LayerKind::Resource;
        let finding = self.findings.in_order().into_iter().filter(counts).find(|finding| finding.denied)?;
        Some(Verdict::Denied(finding.layer))
    }

    /// The layers that bind every caller, direct grants of the resource included, in AWS's order (reference iam.md
    /// 5.13).
    fn outer_limit(&self) -> Option<Verdict> {
        let Findings { service_control, resource_control, endpoint, .. } = self.findings;
        first_silent([service_control, resource_control, endpoint])
    }

    /// Services and those who did not sign have only what the resource's policy gives them.
    fn resource_alone(&self) -> Verdict {
        let resource = &self.findings.resource;
        if resource.allowed { BY_RESOURCE } else { Verdict::Silent(resource.layer) }
    }

    /// Caller and resource in one account: the resource's policy or the caller's own policies grant, within the limits
    /// that the kind of grant leaves in force (reference iam.md 5.3).
    fn same_account(&self) -> Verdict {
        match self.best_naming() {
            None if self.required => Verdict::Silent(self.findings.resource.layer),
            Some(Naming::Direct) => BY_RESOURCE,
            Some(Naming::BehindSession) => self.inner_limit().unwrap_or(BY_RESOURCE),
            Some(Naming::Account) | None => self.by_identity(self.required),
        }
    }

    /// Two accounts: both sides must allow, and the caller's limits always count (reference iam.md 5.5). When both
    /// sides are silent AWS names the caller's; the resource's comes before the caller's limits (5.13).
    fn cross_account(&self) -> Verdict {
        if self.identity_allows() && !self.findings.resource.allowed {
            return Verdict::Silent(self.findings.resource.layer);
        }
        self.by_identity(true)
    }

    fn by_identity(&self, by_resource: bool) -> Verdict {
        if !self.identity_allows() {
            return Verdict::Silent(LayerKind::Identity);
        }
        self.inner_limit().unwrap_or(Verdict::Allowed { by_identity: true, by_resource })
    }

    /// The root user has all permissions of its account without any policy.
    fn identity_allows(&self) -> bool {
        matches!(self.caller, Principal::Root { .. }) || self.findings.identity.allowed
    }

    /// Boundary and session policies, where the caller has them. A federated user without session policy has nothing
    /// (reference iam.md 5.2 step 9), and neither has a session of AssumeRoot without its task. The task only takes
    /// away (5.6), so it need not allow.
    fn inner_limit(&self) -> Option<Verdict> {
        let Findings { boundary, session, .. } = self.findings;
        let (must_have, must_allow) = match self.caller {
            Principal::FederatedUser { .. } => (true, true),
            // The key is there for credentials from AssumeRoot (reference iam.md 4.1).
            Principal::Root { .. } => (self.context.truth("aws:AssumedRoot") == Some(true), false),
            _ => (false, true),
        };
        let denies = if session.applies { must_allow && !session.allowed } else { must_have };
        first_silent([boundary]).or_else(|| denies.then_some(Verdict::Silent(LayerKind::Session)))
    }

    /// The most far-reaching way in which the resource's policy grants.
    fn best_naming(&self) -> Option<Naming> {
        self.findings.allows(self.findings.resource.layer).map(|hit| hit.naming).min()
    }

    /// The granting statements of the resource's policy: those that grant most.
    fn best_resource_statements(&self) -> impl Iterator<Item = &'f Hit<'a>> {
        let (findings, best) = (self.findings, self.best_naming());
        findings.allows(findings.resource.layer).filter(move |hit| Some(hit.naming) == best)
    }
}

/// Whether caller and resource are known to belong to one organization.
fn is_in_one_organization(context: &Context) -> bool {
    let organizations = (context.get("aws:PrincipalOrgID"), context.get("aws:ResourceOrgID"));
    matches!(organizations, (Some(ContextValue::One(caller)), Some(ContextValue::One(owner))) if caller == owner)
}

/// The denial by the first layer that applies and does not allow.
fn first_silent<const N: usize>(findings: [&Finding<'_>; N]) -> Option<Verdict> {
    let silent = findings.into_iter().find(|finding| finding.applies && !finding.allowed)?;
    Some(Verdict::Silent(silent.layer))
}
