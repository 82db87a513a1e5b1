//! How much there may be of everything: AWS's default quotas ("Quotas and service limits for AWS Organizations"; for
//! service control policies those of May 2026, reference iam.md 1.9).

use rolecall_store::records::organizations::PolicyType;

/// Organizational units of an organization.
pub(crate) const UNITS: usize = 2_000;

/// How deep organizational units are nested under the root.
pub(crate) const UNIT_DEPTH: usize = 5;

/// Tags of a thing.
pub(crate) const TAGS: usize = 50;

/// Characters of a policy's document, blanks included.
pub(crate) fn document_characters(policy_type: PolicyType) -> usize {
    match policy_type {
        PolicyType::ServiceControl => 10_240,
        PolicyType::ResourceControl => 5_120,
    }
}

/// Policies of a type that are attached to one root, unit or account, AWS's own included.
pub(crate) fn attached(policy_type: PolicyType) -> usize {
    match policy_type {
        PolicyType::ServiceControl => 10,
        PolicyType::ResourceControl => 5,
    }
}

/// Policies of a type that an organization writes.
pub(crate) fn policies(policy_type: PolicyType) -> usize {
    match policy_type {
        PolicyType::ServiceControl => 10_000,
        PolicyType::ResourceControl => 1_000,
    }
}
