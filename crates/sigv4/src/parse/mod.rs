//! Reads a request's credentials and checks everything that needs no key, in AWS's order (reference iam.md 6.3,
//! rows 1 to 11), so that a client sees here the error that it would see there.

mod freshness;
mod from_header;
mod from_query;
mod signed_headers;

pub(crate) use freshness::MAX_EXPIRES_S;

use crate::authorization::{Authorization, Rules, Scope, Signing};
use crate::canonical;
use crate::crypto::unhex;
use crate::failure::{AuthFailure, CarrierKind, Echo};
use crate::head::Head;
use crate::payload::{PayloadHash, Streaming};
use crate::query::Query;
use crate::secret::SessionToken;
use crate::timestamp::{format_basic, parse_basic, parse_date_header};

/// The one algorithm that is built. SigV4a is not.
pub(crate) const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// The credentials as they stood in the request, all present and none understood yet.
struct Presented {
    credential: String,
    signed_headers: String,
    signature: String,
    date: String,
    /// The header that the date stood in, which then has to be signed; none for a presigned URL.
    date_header: Option<&'static str>,
    /// `X-Amz-Expires`, for a presigned URL.
    expires: Option<String>,
    token: Option<String>,
    carrier: CarrierKind,
}

/// Reads the credentials of a request and checks all that needs no key: one carrier, the algorithm, all parts there
/// and each once, `host` and every `x-amz-*` header signed, the date, its freshness, the credential's form and the
/// payload mode. The scope is for [`check_scope`](crate::check_scope). `now` is in seconds since the epoch.
///
/// # Errors
/// The first check that fails, in AWS's order.
pub fn parse(head: &Head, rules: Rules, now: i64) -> Result<Signing, AuthFailure> {
    canonical::path(head.path, rules)?;
    let query = Query::parse(head.query)?;
    let header = head.only_text("authorization")?;
    let presented = match (header, query.has_credentials()) {
        // Taken for an anonymous request, it would be denied without a word about the signature.
        (None, false) if rules == Rules::S3 && query.is_presigned_with_version_2() => {
            let algorithm = Echo("AWS".to_owned());
            return Err(AuthFailure::UnsupportedAlgorithm { algorithm, carrier: CarrierKind::Query });
        }
        (None, false) => return Ok(Signing::Unsigned),
        (Some(_), true) => return Err(AuthFailure::TwoCarriers),
        (Some(header), false) => from_header::read(&header, head, &query)?,
        (None, true) => from_query::read(head, &query, rules)?,
    };
    check(presented, head, &query, rules, now).map(Box::new).map(Signing::Signed)
}

fn check(
    presented: Presented,
    head: &Head,
    query: &Query,
    rules: Rules,
    now: i64,
) -> Result<Authorization, AuthFailure> {
    let signed_headers = signed_headers::read(&presented, head)?;
    let timestamp = read_date(&presented)?;
    let carrier = freshness::check(&presented, timestamp, rules, now)?;
    let (access_key_id, scope, terminator) = read_credential(&presented)?;
    let payload = PayloadHash::of(head, query, rules, carrier)?;
    Ok(Authorization {
        access_key_id,
        scope,
        timestamp,
        timestamp_text: format_basic(timestamp),
        signed_headers,
        session_token: presented.token.map(SessionToken::new),
        carrier,
        payload,
        terminator,
        signature: unhex(&presented.signature),
        streaming: Streaming::of(head, payload)?,
    })
}

fn read_date(presented: &Presented) -> Result<i64, AuthFailure> {
    let time = match presented.date_header {
        Some("date") => parse_date_header(&presented.date),
        _ => parse_basic(&presented.date),
    };
    time.ok_or_else(|| AuthFailure::MalformedDate {
        value: Echo(presented.date.clone()),
        carrier: presented.carrier,
    })
}

/// Takes `keyid/date/region/service/terminator` apart; exactly five parts, none of them empty.
fn read_credential(presented: &Presented) -> Result<(String, Scope, String), AuthFailure> {
    let parts: Vec<&str> = presented.credential.split('/').collect();
    match parts.as_slice() {
        [key, date, region, service, terminator] if parts.iter().all(|part| !part.is_empty()) => {
            let scope = Scope {
                date: (*date).to_owned(),
                region: (*region).to_owned(),
                service: (*service).to_owned(),
            };
            Ok(((*key).to_owned(), scope, (*terminator).to_owned()))
        }
        _ => Err(AuthFailure::MalformedCredential {
            value: Echo(presented.credential.clone()),
            carrier: presented.carrier,
        }),
    }
}
