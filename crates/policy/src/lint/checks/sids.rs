//! `Sid`s: characters, emptiness and repetition (reference iam.md 1.4).

use std::collections::HashSet;

use super::Lint;
use crate::PolicyKind;
use crate::lint::codes;
use crate::lint::finding::Report;

pub(super) fn check(lint: &Lint<'_>, report: &mut Report) {
    // A resource's policy is kept by its service, which has an alphabet and rules of its own.
    let by_iam = !matches!(lint.kind, PolicyKind::Resource | PolicyKind::Endpoint);
    let mut seen = HashSet::new();
    for sid in lint.statements().filter_map(|statement| statement.sid.as_ref()) {
        let value = sid.value.as_str();
        if value.is_empty() {
            report.add(
                &codes::EMPTY_SID_VALUE,
                &sid.place,
                "Add a value to the empty string in the Sid element.",
            );
            continue;
        }
        if by_iam && !value.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            let message = "Update the characters in the Sid element to use one of the following character \
                           types: [a-z, A-Z, 0-9].";
            report.add(&codes::UNSUPPORTED_SID, &sid.place, message);
        }
        if !seen.insert(value) {
            let code = if by_iam { &codes::UNIQUE_SIDS_REQUIRED } else { &codes::UNIQUE_SIDS_RECOMMENDED };
            report.add(code, &sid.place, format!("Another statement has the Sid {value}."));
        }
    }
}
