//! Whether somebody whom the operator trusts vouches for a signer.

use crate::signing::envelope::Certificate;

/// AWS Signer's chains have four certificates; nobody needs many more.
const MAX_AUTHORITIES: u64 = 8;

/// Whether a chain of certificates leads from the signer to a root, each good at the time of signing, in epoch
/// milliseconds. The signer's own certificate lives for hours only, so the time of the deployment is not asked for.
pub(crate) fn is_trusted(
    signer: &Certificate,
    others: &[Certificate],
    roots: &[Certificate],
    signed_ms: i64,
) -> bool {
    if !signer.may_sign_code() || !signer.is_valid_at(signed_ms) {
        return false;
    }
    let mut current = signer;
    for below in 0..MAX_AUTHORITIES {
        let vouches = |other: &&Certificate| {
            other.may_vouch(below) && other.is_valid_at(signed_ms) && current.is_signed_by(other)
        };
        if roots.iter().any(|root| vouches(&root)) {
            return true;
        }
        match others.iter().find(|other| !other.is(current) && vouches(other)) {
            Some(next) => current = next,
            None => return false,
        }
    }
    false
}
