//! Reads credentials from the `Authorization` header.

use super::{ALGORITHM, Presented};
use crate::failure::{AuthFailure, CarrierKind, Echo};
use crate::head::Head;
use crate::query::Query;

/// The parts of the header, in the order in which AWS names missing ones.
#[derive(Default)]
struct Parts {
    credential: Option<String>,
    signature: Option<String>,
    signed_headers: Option<String>,
}

/// Reads the header and the date and token headers that belong to it.
pub(super) fn read(header: &str, head: &Head, query: &Query) -> Result<Presented, AuthFailure> {
    query.check_auth_parameters()?;
    if query.has_token() {
        return Err(AuthFailure::TwoCarriers);
    }
    let parts = read_parts(header)?;
    let date = match head.only_text("x-amz-date")? {
        Some(date) => Some(("x-amz-date", date)),
        None => head.only_text("date")?.map(|date| ("date", date)),
    };
    let token = head.only_text("x-amz-security-token")?;
    match (parts.credential, parts.signature, parts.signed_headers, date) {
        (Some(credential), Some(signature), Some(signed_headers), Some((date_header, date))) => {
            Ok(Presented {
                credential,
                signed_headers,
                signature,
                date,
                date_header: Some(date_header),
                expires: None,
                token,
                carrier: CarrierKind::Header,
            })
        }
        (credential, signature, signed_headers, date) => {
            let missing = [
                (credential.is_none(), "Credential"),
                (signature.is_none(), "Signature"),
                (signed_headers.is_none(), "SignedHeaders"),
                (date.is_none(), "Date"),
            ];
            Err(AuthFailure::MissingParts {
                missing: missing.into_iter().filter(|(is, _)| *is).map(|(_, name)| name).collect(),
                carrier: CarrierKind::Header,
                header: without_signature(header),
            })
        }
    }
}

/// Takes `AWS4-HMAC-SHA256 Credential=..., SignedHeaders=..., Signature=...` apart.
fn read_parts(header: &str) -> Result<Parts, AuthFailure> {
    let (algorithm, rest) = header.split_once(' ').unwrap_or((header, ""));
    if algorithm != ALGORITHM {
        let algorithm = without_signature(algorithm);
        return Err(AuthFailure::UnsupportedAlgorithm { algorithm, carrier: CarrierKind::Header });
    }
    let mut parts = Parts::default();
    for part in rest.split(',').map(str::trim).filter(|_| !rest.trim().is_empty()) {
        let Some((name, value)) = part.split_once('=') else {
            let part = without_signature(part);
            return Err(AuthFailure::NotKeyValue { part, header: without_signature(header) });
        };
        let slot = match name {
            "Credential" => &mut parts.credential,
            "Signature" => &mut parts.signature,
            "SignedHeaders" => &mut parts.signed_headers,
            _ => return Err(AuthFailure::UnexpectedPart { name: without_signature(name) }),
        };
        // AWS takes the last of several; refusing them leaves nothing to be confused about.
        if slot.replace(value.to_owned()).is_some() {
            return Err(AuthFailure::UnexpectedPart { name: without_signature(name) });
        }
    }
    Ok(parts)
}

/// The fewest hexadecimal digits in a row that are taken for a signature.
const SIGNATURE_DIGITS: usize = 32;

/// Text for an error message: a right signature in it must not come to stand in an answer or a log, wherever in a
/// malformed header it stands.
fn without_signature(text: &str) -> Echo {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_hexdigit).count();
        let others = rest.bytes().skip(digits).take_while(|byte| !byte.is_ascii_hexdigit()).count();
        let (run, after) = rest.split_at_checked(digits).unwrap_or((rest, ""));
        let (between, after) = after.split_at_checked(others).unwrap_or((after, ""));
        kept.push_str(if digits < SIGNATURE_DIGITS { run } else { "..." });
        kept.push_str(between);
        rest = after;
    }
    Echo(kept)
}
