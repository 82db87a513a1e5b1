//! The policy documents that a check is given, read from files or from AWS's managed policies.

use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow};
use rolecall_policy::{LayerPolicies, Level, Policy, PolicyKind, PolicySource, resource_policy_kind};

use super::check::CheckOptions;

/// The documents that the options name, compiled, for this resource; each knows its file. An option that is not used is
/// a layer that does not apply, and so are resource control policies for a service that they do not cover.
pub(crate) fn read_all(options: &CheckOptions, resource: &str) -> Result<LayerPolicies> {
    let silent = "the resource's policy, not given";
    let mut policies = LayerPolicies::for_request(&options.action, resource, silent);
    if let Some(place) = &options.resource_policy {
        let (kind, _) = resource_policy_kind(&options.action, resource);
        policies.resource = Some(read(kind, place)?);
    }
    policies.identity = list(PolicyKind::Identity, &options.policy)?;
    policies.boundary = unless_empty(list(PolicyKind::Identity, &options.boundary)?);
    policies.session = unless_empty(list(PolicyKind::Session, &options.session_policy)?);
    policies.service_control = unless_empty(levels(PolicyKind::ServiceControl, "level", &options.scp)?);
    let rcps = levels(PolicyKind::ResourceControl, "level", &options.rcp)?;
    policies.bind_by_resource_control(&options.action, resource, rcps);
    policies.endpoint = unless_empty(list(PolicyKind::Endpoint, &options.endpoint_policy)?);
    Ok(policies)
}

fn unless_empty<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
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
