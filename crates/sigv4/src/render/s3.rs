//! S3's errors. S3 has codes of its own, tells apart the carriers, and adds members to some errors. AWS puts its
//! string to sign into `SignatureDoesNotMatch`; ours leaves it out, because nothing needs it.

use super::Rendered;
use crate::chunked::ChunkError;
use crate::crypto::hex;
use crate::failure::{AuthFailure, CarrierKind, MAX_SKEW_S, ScopeMistakes};
use crate::timestamp::{format_basic, format_extended};

const MISMATCH: &str = "The request signature we calculated does not match the signature you provided. Check your key \
                        and signing method.";
const UNSIGNED_HEADERS: &str = "There were headers present in the request which were not signed";

pub(super) fn render(failure: &AuthFailure) -> Rendered {
    use AuthFailure as F;
    match failure {
        F::MalformedPath => error(400, "InvalidURI", "Couldn't parse the specified URI."),
        F::MalformedQuery { message } => error(400, "InvalidURI", message),
        F::TwoCarriers => error(
            400,
            "InvalidArgument",
            "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string \
             parameter or the Authorization header should be specified",
        ),
        F::DuplicateHeader { name } => header_malformed(&format!("the header {name} is repeated.")),
        F::AmbiguousParameter { name } => {
            query_error(&format!("{name} must occur once and be spelled like this"))
        }
        F::UnexpectedPart { .. } | F::NotKeyValue { .. } => header_malformed(
            "the authorization header requires three components: Credential, SignedHeaders, and Signature.",
        ),
        F::MissingAuthentication => error(403, "AccessDenied", "Access Denied"),
        F::UnsupportedAlgorithm { algorithm, carrier } => unsupported_algorithm(algorithm.expose(), *carrier),
        F::MissingParts { missing, carrier, .. } => missing_parts(missing, *carrier),
        F::MalformedSignedHeaders { .. } | F::SignedHeaderAbsent { .. } => {
            error(403, "SignatureDoesNotMatch", MISMATCH)
        }
        F::HostNotSigned => headers_not_signed("host".to_owned()),
        F::HeadersNotSigned { names } => headers_not_signed(names.join(", ")),
        F::MalformedDate { carrier: CarrierKind::Header, .. } => missing_date(),
        F::MalformedDate { carrier: CarrierKind::Query, .. } => {
            query_error("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"")
        }
        F::SignatureExpired { timestamp, now, lifetime_s, carrier } => {
            expired(*timestamp, *now, *lifetime_s, *carrier)
        }
        F::SignatureNotYetCurrent { timestamp, now, carrier } => not_yet_current(*timestamp, *now, *carrier),
        F::MalformedExpires { message } => query_error(message),
        F::MalformedCredential { carrier, .. } => bad_credential(
            *carrier,
            "the Credential is mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".",
        ),
        F::WrongScope { mistakes, carrier } => wrong_scope(mistakes, *carrier),
        F::MissingPayloadHash => {
            error(400, "InvalidRequest", "Missing required header for this request: x-amz-content-sha256")
        }
        F::UnknownPayloadHash { .. } | F::PayloadModeRefused { .. } => error(
            400,
            "InvalidArgument",
            "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, \
             STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value.",
        ),
        F::PayloadHashMismatch { stated, computed } => error(
            400,
            "XAmzContentSHA256Mismatch",
            "The provided 'x-amz-content-sha256' header does not match what was computed.",
        )
        .with("ClientComputedContentSHA256", hex(stated))
        .with("S3ComputedContentSHA256", hex(computed)),
        F::MissingDecodedLength => {
            error(411, "MissingContentLength", "You must provide the Content-Length HTTP header.")
        }
        F::UnacceptableTrailer { .. } => {
            error(400, "InvalidRequest", "The value specified in the x-amz-trailer header is not supported")
        }
        F::Chunk(chunk) => chunk_error(*chunk),
        F::UnknownAccessKey { access_key_id }
        | F::InactiveKey { access_key_id }
        | F::TokenMissing { access_key_id } => error(
            403,
            "InvalidAccessKeyId",
            "The AWS Access Key Id you provided does not exist in our records.",
        )
        .with("AWSAccessKeyId", access_key_id.clone()),
        F::TokenInvalid => {
            error(400, "InvalidToken", "The provided token is malformed or otherwise invalid.")
        }
        F::TokenExpired => error(400, "ExpiredToken", "The provided token has expired."),
        F::SignatureMismatch => error(403, "SignatureDoesNotMatch", MISMATCH),
    }
}

impl Rendered {
    fn with(mut self, name: &'static str, value: String) -> Self {
        self.members.push((name, value));
        self
    }
}

fn error(status: u16, code: &'static str, message: &str) -> Rendered {
    Rendered { status, code, message: message.to_owned(), members: Vec::new() }
}

fn header_malformed(what: &str) -> Rendered {
    error(400, "AuthorizationHeaderMalformed", &format!("The authorization header is malformed; {what}"))
}

fn query_error(message: &str) -> Rendered {
    error(400, "AuthorizationQueryParametersError", message)
}

fn bad_credential(carrier: CarrierKind, what: &str) -> Rendered {
    match carrier {
        CarrierKind::Header => header_malformed(what),
        CarrierKind::Query => query_error(&format!("Error parsing the X-Amz-Credential parameter; {what}")),
    }
}

fn headers_not_signed(names: String) -> Rendered {
    error(403, "AccessDenied", UNSIGNED_HEADERS).with("HeadersNotSigned", names)
}

fn missing_date() -> Rendered {
    error(403, "AccessDenied", "AWS authentication requires a valid Date or x-amz-date header")
}

fn unsupported_algorithm(algorithm: &str, carrier: CarrierKind) -> Rendered {
    match carrier {
        _ if algorithm == "AWS" => error(
            400,
            "InvalidRequest",
            "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
        ),
        CarrierKind::Query => query_error("X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\""),
        CarrierKind::Header => error(400, "InvalidArgument", "Unsupported Authorization Type"),
    }
}

fn missing_parts(missing: &[&str], carrier: CarrierKind) -> Rendered {
    match carrier {
        CarrierKind::Header if missing == ["Date"] => missing_date(),
        CarrierKind::Header => header_malformed(
            "the authorization header requires three components: Credential, SignedHeaders, and Signature.",
        ),
        CarrierKind::Query => query_error(
            "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, \
             X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.",
        ),
    }
}

fn expired(timestamp: i64, now: i64, lifetime_s: i64, carrier: CarrierKind) -> Rendered {
    match carrier {
        CarrierKind::Header => too_skewed(timestamp, now),
        CarrierKind::Query => error(403, "AccessDenied", "Request has expired")
            .with("X-Amz-Expires", lifetime_s.to_string())
            .with("Expires", format_extended(timestamp.saturating_add(lifetime_s)))
            .with("ServerTime", format_extended(now)),
    }
}

fn not_yet_current(timestamp: i64, now: i64, carrier: CarrierKind) -> Rendered {
    match carrier {
        CarrierKind::Header => too_skewed(timestamp, now),
        CarrierKind::Query => error(403, "AccessDenied", "Request is not yet valid")
            .with("X-Amz-Date", format_basic(timestamp))
            .with("ServerTime", format_extended(now)),
    }
}

fn too_skewed(timestamp: i64, now: i64) -> Rendered {
    error(
        403,
        "RequestTimeTooSkewed",
        "The difference between the request time and the current time is too large.",
    )
    .with("RequestTime", format_basic(timestamp))
    .with("ServerTime", format_extended(now))
    .with("MaxAllowedSkewMilliseconds", (MAX_SKEW_S * 1000).to_string())
}

/// S3 names the first mistake only; a wrong region also tells the right one in a member, which SDKs follow.
fn wrong_scope(mistakes: &ScopeMistakes, carrier: CarrierKind) -> Rendered {
    if let Some((region, expected)) = &mistakes.region {
        let what = format!("the region '{region}' is wrong; expecting '{expected}'");
        return bad_credential(carrier, &what).with("Region", expected.clone());
    }
    if let Some((service, expected)) = &mistakes.service {
        let what = format!("incorrect service \"{service}\". This endpoint belongs to \"{expected}\".");
        return bad_credential(carrier, &what);
    }
    if let Some(terminator) = &mistakes.terminator {
        let what = format!("incorrect terminal \"{terminator}\". This endpoint uses \"aws4_request\".");
        return bad_credential(carrier, &what);
    }
    let (date, time) = mistakes.date.clone().unwrap_or_default();
    let day = time.get(..8).unwrap_or(&time);
    let what =
        format!("Invalid credential date \"{date}\". This date is not the same as X-Amz-Date: \"{day}\".");
    bad_credential(carrier, &what)
}

fn chunk_error(chunk: ChunkError) -> Rendered {
    match chunk {
        ChunkError::SignatureMismatch => error(403, "SignatureDoesNotMatch", MISMATCH),
        ChunkError::Incomplete | ChunkError::WrongLength => error(
            400,
            "IncompleteBody",
            "You did not provide the number of bytes specified by the Content-Length HTTP header.",
        ),
        ChunkError::WrongTrailers => error(
            400,
            "MalformedTrailerError",
            "The request contained trailing data that was not well-formed or did \
                                                not conform to our published schema.",
        ),
        ChunkError::Malformed | ChunkError::Excess => {
            error(400, "InvalidRequest", "The chunked encoding of the request body is malformed.")
        }
    }
}
