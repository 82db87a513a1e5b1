//! The words for what each layer said, and for what a denied request would have needed.

use super::recorded::Look;
use super::{LayerOutcome, LayerPart, statement_name};
use crate::evaluate::{Finding, Findings, Hit};
use crate::principal_element::Naming;
use crate::statement::{Mismatch, StatementEffect};
use crate::{LayerKind, Principal, Request, StatementRef};

pub(super) fn layer_part(
    request: &Request<'_>,
    looks: &[&Look<'_>],
    findings: &Findings<'_>,
    finding: &Finding<'_>,
) -> LayerPart {
    let (outcome, why) = if let Some(hit) = findings.denies(finding.layer).next() {
        (LayerOutcome::Denied, denied(hit))
    } else if !finding.applies {
        (LayerOutcome::NotApplicable, not_applicable(request, finding.layer))
    } else if finding.allowed {
        (LayerOutcome::Allowed, allowed(findings, finding))
    } else {
        (LayerOutcome::Silent, silent(request, looks, finding))
    };
    LayerPart { layer: finding.layer, outcome, why }
}

fn hit_name(hit: &Hit<'_>) -> String {
    let policy = &hit.policy.source().name;
    match hit.statement {
        Some(statement) => {
            format!("{} of {policy}", statement_name(statement.sid.as_deref(), statement.index))
        }
        None => policy.clone(),
    }
}

fn denied(hit: &Hit<'_>) -> String {
    match hit.policy.unusable_reason() {
        Some(reason) => format!("{} cannot be used and so denies everything: {reason}", hit_name(hit)),
        None => format!("{} denies", hit_name(hit)),
    }
}

fn allowed(findings: &Findings<'_>, finding: &Finding<'_>) -> String {
    let Some(hit) = findings.allows(finding.layer).min_by_key(|hit| hit.naming) else {
        return "nothing is missing".to_owned();
    };
    let name = hit_name(hit);
    match (finding.layer, hit.naming) {
        (LayerKind::Resource | LayerKind::Trust, Naming::Account) => {
            format!(
                "{name} names the account, which leaves the decision to the identity-based policies there"
            )
        }
        (LayerKind::Resource | LayerKind::Trust, Naming::BehindSession) => {
            format!(
                "{name} allows the identity behind the session; boundary and session policies still limit it"
            )
        }
        (LayerKind::ServiceControl | LayerKind::ResourceControl, _) => "every level allows".to_owned(),
        _ => format!("{name} allows"),
    }
}

fn not_applicable(request: &Request<'_>, layer: LayerKind) -> String {
    let caller = match request.principal {
        Principal::Anonymous => Some("nobody signed the request"),
        Principal::Service { .. } => Some("the caller is an AWS service"),
        Principal::Federated { .. } => Some("the caller is only vouched for by an identity provider"),
        Principal::Root { .. } => Some("the caller is the root user"),
        _ if request.principal.is_service_linked() => Some("the caller is a service-linked role"),
        _ => None,
    };
    match (layer, caller) {
        (LayerKind::ServiceControl | LayerKind::ResourceControl, Some(caller))
            if request.principal.is_service_linked() =>
        {
            caller.to_owned()
        }
        (LayerKind::ServiceControl | LayerKind::Session, Some(caller)) if !request.principal.is_of_iam() => {
            caller.to_owned()
        }
        (LayerKind::Identity | LayerKind::Boundary, Some(caller))
            if !request.principal.is_service_linked() =>
        {
            caller.to_owned()
        }
        (LayerKind::ServiceControl, _) => {
            "no service control policies apply to the caller's account".to_owned()
        }
        (LayerKind::ResourceControl, _) => "no resource control policies apply to the resource".to_owned(),
        (LayerKind::Endpoint, _) => "the request did not come through a VPC endpoint".to_owned(),
        (LayerKind::Resource | LayerKind::Trust, _) => "the resource has no policy".to_owned(),
        (LayerKind::Identity, _) => "the caller has no identity-based policies".to_owned(),
        (LayerKind::Boundary, _) => "the caller has no permissions boundary".to_owned(),
        (LayerKind::Session, _) => "the caller has no session policy".to_owned(),
    }
}

/// Names the last element up to which at least one Allow statement matches, of the layer or of its silent level.
fn silent(request: &Request<'_>, looks: &[&Look<'_>], finding: &Finding<'_>) -> String {
    let layer = finding.layer;
    let whose = match finding.missing_at {
        Some(place) => format!("{layer} at {place}"),
        None => layer.to_string(),
    };
    let mut looks = looks.to_vec();
    looks.retain(|look| look.statement.effect == StatementEffect::Allow && !look.mismatches.is_empty());
    if looks.is_empty() {
        return format!("{whose}: there is no Allow statement");
    }
    let steps = [
        (Mismatch::Principal, "no statement names this principal".to_owned()),
        (Mismatch::Action, format!("no statement allows {}", request.action)),
        (Mismatch::Resource, format!("no statement allows {} on {}", request.action, request.resource)),
    ];
    for (mismatch, words) in steps {
        looks.retain(|look| !look.mismatches.contains(&mismatch));
        if looks.is_empty() {
            return format!("{whose}: {words}");
        }
    }
    format!("{whose}: a condition of each statement that could allow does not hold")
}

/// What an implicit denial lacks.
pub(super) fn needed_to_allow(request: &Request<'_>, finding: &Finding<'_>) -> String {
    let Request { principal, action, resource, .. } = request;
    let allow = format!("an Allow for {action} on {resource}");
    let caller = principal.short_name();
    match finding.layer {
        LayerKind::Identity => format!("{allow} in an identity-based policy of {caller}"),
        LayerKind::Resource | LayerKind::Trust => {
            let caller = principal.caller_arn();
            format!("{allow} in the {} of the resource, in a statement that names {caller}", finding.layer)
        }
        LayerKind::Boundary => {
            let boundary = finding.missing_at.map_or_else(String::new, |name| format!(" ({name})"));
            format!("{allow} in the permissions boundary{boundary} of {caller}")
        }
        LayerKind::Session => format!("{allow} in a session policy of {}", principal.caller_arn()),
        LayerKind::Endpoint => format!("{allow} in the policy of the VPC endpoint"),
        LayerKind::ServiceControl | LayerKind::ResourceControl => {
            let level = finding.missing_at.unwrap_or("every level");
            format!("{allow} in a {} attached to {level}", finding.layer)
        }
    }
}

/// What would have to go for an explicit denial to end.
pub(super) fn needed_against_deny<'d>(denying: impl Iterator<Item = &'d StatementRef>) -> String {
    let names: Vec<String> = denying
        .map(|statement| match statement.unusable() {
            Some(reason) => format!("{} must be mended ({reason})", statement.policy().name),
            None => format!("{} must no longer match", statement.name()),
        })
        .collect();
    format!("{}; an Allow elsewhere cannot outweigh a Deny", names.join(", and "))
}
