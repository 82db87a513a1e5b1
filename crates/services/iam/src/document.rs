//! Policy documents: their validation, their length, and the form in which they are read back.

use std::sync::Arc;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rolecall_authority::{BoundPrincipals, bind};
use rolecall_policy::{PolicyKind, validate};
use rolecall_store::State;

use crate::error::IamError;
use crate::quota;

/// Everything but RFC 3986's unreserved characters (reference iam.md 1.10).
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Checks the document of an identity-based policy and takes it in.
pub(crate) fn identity(document: &str) -> Result<Arc<str>, IamError> {
    check(PolicyKind::Identity, document)?;
    Ok(Arc::from(document))
}

/// Checks the document of a managed policy, its length too, and takes it in.
pub(crate) fn managed(document: &str) -> Result<Arc<str>, IamError> {
    let taken = identity(document)?;
    if size(document) > quota::POLICY_SIZE {
        return Err(IamError::Quota { name: "PolicySize", limit: quota::POLICY_SIZE });
    }
    Ok(taken)
}

/// Checks the document of a trust policy, but for whom it names.
pub(crate) fn trust(document: &str) -> Result<Arc<str>, IamError> {
    check(PolicyKind::Trust, document)?;
    if size(document) > quota::TRUST_POLICY_SIZE {
        return Err(IamError::Quota { name: "ACLSizePerRole", limit: quota::TRUST_POLICY_SIZE });
    }
    Ok(Arc::from(document))
}

/// Finds the users and roles that a trust policy names. All must exist now (reference iam.md 1.5.1).
pub(crate) fn bound_principals(document: &str, state: &State) -> Result<BoundPrincipals, IamError> {
    bind(document, state).map_err(|invalid| IamError::MalformedDocument(invalid.to_string()))
}

/// The length that quotas count: characters that are not white space (reference iam.md 1.9).
pub(crate) fn size(document: &str) -> usize {
    document.chars().filter(|character| !matches!(character, ' ' | '\t' | '\n' | '\r')).count()
}

/// The document as answers carry it.
pub(crate) fn encoded(document: &str) -> Option<String> {
    Some(utf8_percent_encode(document, ENCODED).to_string())
}

fn check(kind: PolicyKind, document: &str) -> Result<(), IamError> {
    validate(kind, document).map_err(|error| IamError::MalformedDocument(error.message().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotas_do_not_count_white_space() {
        assert_eq!(size("{ \"a\":\t1\r\n}"), 7);
    }

    #[test]
    fn a_document_is_read_back_percent_encoded() {
        assert_eq!(encoded("{\"a-_.~\": *é}").unwrap(), "%7B%22a-_.~%22%3A%20%2A%C3%A9%7D");
    }
}
