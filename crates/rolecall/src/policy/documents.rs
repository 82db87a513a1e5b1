//! The policy documents that a check is given, read from files or from AWS's managed policies.

use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow};
use rolecall_policy::{Layers, Level, Policy, PolicyKind, PolicySource, ResourceLayer, cases};

use super::check::CheckOptions;

/// All documents of a check, compiled; each knows its file.
pub(crate) struct Documents {
    identity: Vec<Arc<Policy>>,
    resource: Option<Policy>,
    /// The resource is one whose policy must allow whoever asks.
    resource_must_allow: bool,
    boundary: Vec<Arc<Policy>>,
    session: Vec<Arc<Policy>>,
    scps: Vec<Level>,
    rcps: Vec<Level>,
    endpoint: Vec<Arc<Policy>>,
}

impl Documents {
    /// Reads the documents that the options name, for this resource.
    pub(crate) fn read(options: &CheckOptions, resource: &str) -> Result<Self> {
        let (kind, resource_must_allow) = cases::resource_kind(&options.action, resource);
        Ok(Documents {
            identity: list(PolicyKind::Identity, &options.policy)?,
            resource: options.resource_policy.as_deref().map(|place| read(kind, place)).transpose()?,
            resource_must_allow,
            boundary: list(PolicyKind::Identity, &options.boundary)?,
            session: list(PolicyKind::Session, &options.session_policy)?,
            scps: levels(PolicyKind::ServiceControl, "level", &options.scp)?,
            rcps: levels(PolicyKind::ResourceControl, "level", &options.rcp)?,
            endpoint: list(PolicyKind::Endpoint, &options.endpoint_policy)?,
        }
        .with_trust_policy(kind))
    }

    /// A role always has a trust policy; one that is not given lets nobody in.
    fn with_trust_policy(mut self, kind: PolicyKind) -> Self {
        if self.resource_must_allow && self.resource.is_none() {
            self.resource =
                Some(Policy::silent(kind, PolicySource::inline("the resource's policy, not given")));
        }
        self
    }

    /// The documents as the engine takes them. An option that is not used is a layer that does not apply.
    pub(crate) fn layers(&self) -> Layers<'_> {
        Layers {
            resource_control: unless_empty(&self.rcps),
            service_control: unless_empty(&self.scps),
            endpoint: unless_empty(&self.endpoint),
            resource: match &self.resource {
                None => ResourceLayer::Absent,
                Some(policy) if self.resource_must_allow => ResourceLayer::Required(policy),
                Some(policy) => ResourceLayer::Policy(policy),
            },
            identity: &self.identity,
            boundary: unless_empty(&self.boundary),
            session: unless_empty(&self.session),
        }
    }
}

fn unless_empty<T>(list: &[T]) -> Option<&[T]> {
    if list.is_empty() { None } else { Some(list) }
}

/// One level for each option, root first; the documents of a level stand beside each other, divided by commas.
fn levels(kind: PolicyKind, name: &str, options: &[String]) -> Result<Vec<Level>> {
    let level = |(at, option): (usize, &String)| {
        let places: Vec<String> = option.split(',').map(str::to_owned).collect();
        Ok(Level { id: format!("{name} {}", at + 1), policies: list(kind, &places)? })
    };
    options.iter().enumerate().map(level).collect()
}

fn list(kind: PolicyKind, places: &[String]) -> Result<Vec<Arc<Policy>>> {
    places.iter().map(|place| read(kind, place).map(Arc::new)).collect()
}

/// Reads a document from a file, or from AWS's managed policies when an ARN is given.
fn read(kind: PolicyKind, place: &str) -> Result<Policy> {
    let (source, text) = if place.starts_with("arn:") {
        let managed = rolecall_catalog::find_managed_policy(place)
            .ok_or_else(|| anyhow!("{place} is no managed policy of AWS that rolecall knows; give a file"))?;
        (PolicySource::managed(place, place), managed.document().to_owned())
    } else {
        let text =
            std::fs::read_to_string(place).with_context(|| format!("cannot read the policy {place}"))?;
        (PolicySource::inline(place), text)
    };
    Policy::compile(kind, source, &text).map_err(|error| anyhow!("{place}: {error}"))
}
