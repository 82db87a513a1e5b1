//! The policies that a simulation brings, compiled under the names that AWS gives them.

use std::sync::Arc;

use rolecall_policy::{Level, Policy, PolicyKind, PolicySource, validate};
use rolecall_wire::iam::OrderedOrganizationPolicyType;

use crate::error::IamError;

/// `PolicyInputList.1` and so on.
pub(super) fn identity(documents: &[String]) -> Result<Vec<Arc<Policy>>, IamError> {
    numbered(PolicyKind::Identity, "PolicyInputList", documents)
}

/// The permissions boundaries; an empty list is none.
pub(super) fn boundary(documents: Option<&[String]>) -> Result<Option<Vec<Arc<Policy>>>, IamError> {
    let documents = documents.filter(|documents| !documents.is_empty());
    documents
        .map(|documents| numbered(PolicyKind::Identity, "PermissionsBoundaryPolicyInputList", documents))
        .transpose()
}

/// The service control policies by level, root first; an empty list is no organization.
pub(super) fn levels(
    levels: Option<&[OrderedOrganizationPolicyType]>,
) -> Result<Option<Vec<Level>>, IamError> {
    let Some(levels) = levels.filter(|levels| !levels.is_empty()) else { return Ok(None) };
    let level = |(number, level): (usize, &OrderedOrganizationPolicyType)| {
        let id = format!("OrderedOrganizationPolicyInputList.{}", number + 1);
        let documents = level.service_control_policy_input_list.as_deref().unwrap_or_default();
        let name = format!("{id}.ServiceControlPolicyInputList");
        Ok(Level { policies: numbered(PolicyKind::ServiceControl, &name, documents)?, id })
    };
    levels.iter().enumerate().map(level).collect::<Result<_, _>>().map(Some)
}

fn numbered(kind: PolicyKind, list: &str, documents: &[String]) -> Result<Vec<Arc<Policy>>, IamError> {
    let one = |(number, text): (usize, &String)| {
        compile(kind, &format!("{list}.{}", number + 1), text).map(Arc::new)
    };
    documents.iter().enumerate().map(one).collect()
}

/// Compiles a document, or refuses it in the words of the policy language's validation.
pub(super) fn compile(kind: PolicyKind, name: &str, text: &str) -> Result<Policy, IamError> {
    validate(kind, text).map_err(|error| IamError::SimulationInput(error.message().to_owned()))?;
    Policy::compile(kind, PolicySource::inline(name), text)
        .map_err(|error| IamError::SimulationInput(error.message().to_owned()))
}
