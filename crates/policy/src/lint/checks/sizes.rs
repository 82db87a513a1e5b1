//! Documents that are longer than the quota of their kind (reference iam.md 1.9).

use super::Lint;
use crate::PolicyKind;
use crate::lint::codes;
use crate::lint::finding::Report;

pub(super) fn check(lint: &Lint<'_>, report: &mut Report) {
    let all = || lint.text.chars().count();
    let without_blanks = || lint.text.chars().filter(|letter| !letter.is_whitespace()).count();
    let (code, quota, size, what) = match lint.kind {
        PolicyKind::Identity => {
            (&codes::POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA, 6144, without_blanks(), "identity policy")
        }
        PolicyKind::Trust => {
            (&codes::POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA, 2048, without_blanks(), "role trust policy")
        }
        PolicyKind::Resource => {
            (&codes::POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA, 20_480, all(), "resource policy")
        }
        PolicyKind::ServiceControl => {
            (&codes::POLICY_SIZE_EXCEEDS_SCP_QUOTA, 10_240, all(), "service control policy (SCP)")
        }
        PolicyKind::ResourceControl => {
            (&codes::POLICY_SIZE_EXCEEDS_RCP_QUOTA, 5120, all(), "resource control policy (RCP)")
        }
        PolicyKind::Session | PolicyKind::Endpoint => return,
    };
    if size > quota {
        let message = format!("The {size} characters in the {what} exceed the {quota} character maximum.");
        report.add(code, &lint.document.place, message);
    }
}
