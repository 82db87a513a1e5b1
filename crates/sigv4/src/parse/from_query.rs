//! Reads credentials from the query string of a presigned URL.

use super::{ALGORITHM, Presented};
use crate::authorization::Rules;
use crate::failure::{AuthFailure, CarrierKind, Echo};
use crate::head::Head;
use crate::query::Query;

/// Reads the parameters, each by [`Query::only`] and so once and in its one spelling; a token in a header instead would be a second carrier.
pub(super) fn read(head: &Head, query: &Query, rules: Rules) -> Result<Presented, AuthFailure> {
    if head.only("x-amz-security-token")?.is_some() {
        return Err(AuthFailure::TwoCarriers);
    }
    let algorithm = query.only("X-Amz-Algorithm")?;
    if let Some(other) = algorithm.as_ref().filter(|name| *name != ALGORITHM) {
        let algorithm = Echo(other.clone());
        return Err(AuthFailure::UnsupportedAlgorithm { algorithm, carrier: CarrierKind::Query });
    }
    let expires = query.only("X-Amz-Expires")?;
    // Only S3 insists on a life time; elsewhere the skew window is the limit anyway.
    let expires_missing = rules == Rules::S3 && expires.is_none();
    let credential = query.only("X-Amz-Credential")?;
    let signature = query.only("X-Amz-Signature")?;
    let signed_headers = query.only("X-Amz-SignedHeaders")?;
    let date = query.only("X-Amz-Date")?;
    match (algorithm, credential, signature, signed_headers, date) {
        (Some(_), Some(credential), Some(signature), Some(signed_headers), Some(date))
            if !expires_missing =>
        {
            Ok(Presented {
                credential,
                signed_headers,
                signature,
                date,
                date_header: None,
                expires,
                token: query.only("X-Amz-Security-Token")?,
                carrier: CarrierKind::Query,
            })
        }
        (algorithm, credential, signature, signed_headers, date) => {
            let missing = [
                (algorithm.is_none(), "X-Amz-Algorithm"),
                (credential.is_none(), "X-Amz-Credential"),
                (signature.is_none(), "X-Amz-Signature"),
                (signed_headers.is_none(), "X-Amz-SignedHeaders"),
                (date.is_none(), "X-Amz-Date"),
                (expires_missing, "X-Amz-Expires"),
            ];
            Err(AuthFailure::MissingParts {
                missing: missing.into_iter().filter(|(is, _)| *is).map(|(_, name)| name).collect(),
                carrier: CarrierKind::Query,
                header: Echo(String::new()),
            })
        }
    }
}
