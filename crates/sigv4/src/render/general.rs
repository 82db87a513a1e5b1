//! The errors of every service but S3. They fall into few classes, each with a code of its own; the words are the
//! same in all families, but for the unsigned request.

use super::{ErrorFamily, Rendered};
use crate::failure::{AuthFailure, CarrierKind, MAX_SKEW_S, ScopeMistakes};
use crate::timestamp::format_basic;

/// The classes of failure that have a code of their own.
#[derive(Clone, Copy)]
enum Class {
    Path,
    Query,
    Unsigned,
    Incomplete,
    Mismatch,
    Token,
    Expired,
}

const MISMATCH: &str = "The request signature we calculated does not match the signature you provided. Check your AWS \
                        Secret Access Key and signing method. Consult the service documentation for details.";
const INVALID_TOKEN: &str = "The security token included in the request is invalid.";
const EXPIRED_TOKEN: &str = "The security token included in the request is expired";
const ISO_8601: &str = "See http://en.wikipedia.org/wiki/ISO_8601";

pub(super) fn render(failure: &AuthFailure, family: ErrorFamily) -> Rendered {
    let (class, message) = describe(failure);
    let (query_status, query_code, json_code) = match class {
        Class::Path => (400, "MalformedInput", "MalformedInput"),
        Class::Query => (400, "MalformedQueryString", "MalformedQueryString"),
        Class::Unsigned => (403, "MissingAuthenticationToken", "MissingAuthenticationTokenException"),
        Class::Incomplete => (400, "IncompleteSignature", "IncompleteSignatureException"),
        Class::Mismatch => (403, "SignatureDoesNotMatch", "InvalidSignatureException"),
        Class::Token => (403, "InvalidClientTokenId", "UnrecognizedClientException"),
        Class::Expired => (403, "ExpiredToken", "ExpiredTokenException"),
    };
    let query = family == ErrorFamily::Query;
    let message = match class {
        Class::Unsigned if !query => "Missing Authentication Token".to_owned(),
        _ => message,
    };
    Rendered {
        status: if family == ErrorFamily::Json { 400 } else { query_status },
        code: if query { query_code } else { json_code },
        message,
        members: Vec::new(),
    }
}

/// The class of a failure and its words.
fn describe(failure: &AuthFailure) -> (Class, String) {
    use AuthFailure as F;
    match failure {
        F::MalformedPath => (Class::Path, "The request path is malformed.".to_owned()),
        F::MalformedQuery { message } => (Class::Query, message.clone()),
        F::MissingAuthentication => (Class::Unsigned, "Request is missing Authentication Token".to_owned()),
        F::DuplicateHeader { name } => {
            (Class::Incomplete, format!("The header '{name}' must not be repeated."))
        }
        F::AmbiguousParameter { name } => (
            Class::Incomplete,
            format!("The query-string parameter '{name}' must occur once and be spelled like this."),
        ),
        F::UnexpectedPart { name } => (
            Class::Incomplete,
            format!("Authorization header has a repeated or unknown parameter '{}'.", name.expose()),
        ),
        F::UnsupportedAlgorithm { algorithm, .. } => {
            (Class::Incomplete, format!("Unsupported AWS 'algorithm': '{}'.", algorithm.expose()))
        }
        F::NotKeyValue { part, header } => (
            Class::Incomplete,
            format!(
                "'{}' not a valid key=value pair (missing equal-sign) in Authorization header: '{}'.",
                part.expose(),
                header.expose()
            ),
        ),
        F::MissingParts { missing, carrier, header } => {
            (Class::Incomplete, missing_parts(missing, *carrier, header.expose()))
        }
        F::MalformedDate { value, .. } => (
            Class::Incomplete,
            format!("Date must be in ISO-8601 'basic format'. Got '{}'. {ISO_8601}", value.expose()),
        ),
        F::MalformedExpires { message } => (Class::Incomplete, (*message).to_owned()),
        F::MalformedCredential { value, .. } => (
            Class::Incomplete,
            format!(
                "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got \
                 '{}'",
                value.expose()
            ),
        ),
        F::UnknownAccessKey { .. } | F::InactiveKey { .. } | F::TokenMissing { .. } | F::TokenInvalid => {
            (Class::Token, INVALID_TOKEN.to_owned())
        }
        F::TokenExpired => (Class::Expired, EXPIRED_TOKEN.to_owned()),
        F::TwoCarriers
        | F::MalformedSignedHeaders { .. }
        | F::HostNotSigned
        | F::HeadersNotSigned { .. }
        | F::SignedHeaderAbsent { .. }
        | F::SignatureExpired { .. }
        | F::SignatureNotYetCurrent { .. }
        | F::WrongScope { .. }
        | F::MissingPayloadHash
        | F::UnknownPayloadHash { .. }
        | F::PayloadModeRefused { .. }
        | F::PayloadHashMismatch { .. }
        | F::MissingDecodedLength
        | F::UnacceptableTrailer { .. }
        | F::Chunk(_)
        | F::SignatureMismatch => (Class::Mismatch, mismatch(failure)),
    }
}

/// The words for a signature that may be well-formed and is not good here.
fn mismatch(failure: &AuthFailure) -> String {
    match failure {
        // AWS says nothing at all when both carriers are used.
        AuthFailure::TwoCarriers => String::new(),
        AuthFailure::HostNotSigned => {
            "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.".to_owned()
        }
        AuthFailure::HeadersNotSigned { names } => names
            .iter()
            .map(|name| format!("'{name}' must be a 'SignedHeader' in the AWS Authorization."))
            .collect::<Vec<_>>()
            .join(" "),
        AuthFailure::SignatureExpired { timestamp, now, lifetime_s, .. } => format!(
            "Signature expired: {} is now earlier than {} ({} - {}.)",
            format_basic(*timestamp),
            format_basic(now.saturating_sub(*lifetime_s)),
            format_basic(*now),
            duration(*lifetime_s)
        ),
        AuthFailure::SignatureNotYetCurrent { timestamp, now, .. } => format!(
            "Signature not yet current: {} is still later than {} ({} + {}.)",
            format_basic(*timestamp),
            format_basic(now.saturating_add(MAX_SKEW_S)),
            format_basic(*now),
            duration(MAX_SKEW_S)
        ),
        AuthFailure::WrongScope { mistakes, .. } => scope(mistakes),
        _ => MISMATCH.to_owned(),
    }
}

/// `15 min`, or `90 sec` where minutes do not say it.
fn duration(seconds: i64) -> String {
    if seconds % 60 == 0 && seconds != 0 { format!("{} min", seconds / 60) } else { format!("{seconds} sec") }
}

/// One sentence for each missing part; the query form names all of them and how to go on.
fn missing_parts(missing: &[&str], carrier: CarrierKind, header: &str) -> String {
    match carrier {
        CarrierKind::Header => {
            let sentences = missing.iter().map(|name| match *name {
                "Date" => {
                    "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. "
                        .to_owned()
                }
                name => format!("Authorization header requires '{name}' parameter. "),
            });
            format!("{}Authorization={header}", sentences.collect::<String>())
        }
        CarrierKind::Query => {
            let sentences =
                missing.iter().map(|name| format!("AWS query-string parameters must include '{name}'. "));
            format!("{}Re-examine the query-string parameters.", sentences.collect::<String>())
        }
    }
}

/// Region, service, terminator and date, in this order. The first two are STS's sentences, which end in a blank.
fn scope(mistakes: &ScopeMistakes) -> String {
    let mut message = String::new();
    if mistakes.region.is_some() {
        message.push_str("Credential should be scoped to a valid region. ");
    }
    if let Some((_, expected)) = &mistakes.service {
        message.push_str(&format!("Credential should be scoped to correct service: '{expected}'. "));
    }
    if let Some(terminator) = &mistakes.terminator {
        message.push_str(&format!(
            "Credential should be scoped with a valid terminator: 'aws4_request', not '{terminator}'."
        ));
    }
    if let Some((date, time)) = &mistakes.date {
        let separator = if mistakes.terminator.is_some() { " " } else { "" };
        let day = time.get(..8).unwrap_or(time);
        message.push_str(&format!(
            "{separator}Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: \
             '{date}' != '{day}', from '{time}'."
        ));
    }
    message
}
