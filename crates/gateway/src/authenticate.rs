//! One place that authenticates, before anything is routed: header and presigned, every service, every body mode.

use std::sync::Arc;

use http::{HeaderName, HeaderValue};
use rolecall_arn::Region;
use rolecall_authority::{Authority, Caller};
use rolecall_sigv4::{
    AuthFailure, Authorization, ChunkError, ErrorFamily, PayloadHash, Rules, Signing, check_scope, parse,
};
use rolecall_wire::{Fault, HttpRequest, ServiceError, ServiceId};

use crate::intake::{head, header, header_list};

/// Whether a request without a signature is looked at all.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unsigned {
    /// As an anonymous caller: S3, whose bucket policies may let in everybody.
    Anonymous,
    /// Never.
    Refused,
}

/// Who may sign for what.
#[derive(Clone)]
pub(crate) struct Terms {
    pub signing_name: &'static str,
    pub rules: Rules,
    pub unsigned: Unsigned,
    /// Where nothing else is said.
    pub default_region: Region,
    /// The only region whose signatures are good; none where every region's are.
    pub only_region: Option<Region>,
}

/// A body of this many bytes takes so long to hash that other connections must not wait for it.
const LARGE_BODY: usize = 512 * 1024;

/// Who called, and which region.
#[derive(Debug)]
pub(crate) struct Identified {
    pub caller: Caller,
    pub region: Region,
}

/// Finds out who sent the request, as [`identify_now`] does, without keeping other connections waiting.
pub(crate) async fn identify(
    authority: &Arc<Authority>,
    request: &mut HttpRequest,
    terms: Terms,
) -> Result<Identified, AuthFailure> {
    if request.body.len() < LARGE_BODY {
        return identify_now(authority, request, &terms);
    }
    let (authority, mut moved) = (Arc::clone(authority), request.clone());
    let hashing = tokio::task::spawn_blocking(move || {
        let identified = identify_now(&authority, &mut moved, &terms);
        (moved, identified)
    });
    match hashing.await {
        Ok((decoded, identified)) => {
            *request = decoded;
            identified
        }
        // The thread was lost; what was not verified is refused.
        Err(_) => Err(AuthFailure::SignatureMismatch),
    }
}

/// Finds out who sent the request. A body that came in chunks is replaced by its content, its trailers become headers.
fn identify_now(
    authority: &Authority,
    request: &mut HttpRequest,
    terms: &Terms,
) -> Result<Identified, AuthFailure> {
    let now = authority.clock().now_ms().div_euclid(1000);
    let headers = header_list(request);
    let head = head(request, &headers);
    let authorization = match parse(&head, terms.rules, now)? {
        Signing::Signed(authorization) => authorization,
        Signing::Unsigned if terms.unsigned == Unsigned::Anonymous => {
            refuse_two_hosts(request)?;
            refuse_unsigned_chunks(request)?;
            return Ok(Identified { caller: Caller::anonymous(), region: terms.default_region.clone() });
        }
        Signing::Unsigned => return Err(AuthFailure::MissingAuthentication),
    };
    let region = check_region(request, &authorization, terms)?;
    let authenticated = authority.authenticate(&authorization, &head, &request.body, terms.rules)?;
    if authenticated.verified.payload.is_streaming() {
        let decoded = authenticated.verified.decode_body(&request.body)?;
        take_decoded(request, decoded.bytes, decoded.trailers)?;
    }
    Ok(Identified { caller: authenticated.caller, region })
}

/// The caller of a request that is not looked at for a signature.
pub(crate) fn identify_nobody(request: &HttpRequest, region: Region) -> Result<Identified, AuthFailure> {
    refuse_two_hosts(request)?;
    Ok(Identified { caller: Caller::anonymous(), region })
}

/// The host may name a bucket, or a function URL. Of a signed request the signature's own rules make sure that there is one host.
fn refuse_two_hosts(request: &HttpRequest) -> Result<(), AuthFailure> {
    match request.headers.get_all(http::header::HOST).iter().nth(1) {
        Some(_) => Err(AuthFailure::DuplicateHeader { name: "host" }),
        None => Ok(()),
    }
}

/// Chunks begin with a signature of the head, so nobody sends them unsigned; their framing must not end up in an object.
fn refuse_unsigned_chunks(request: &HttpRequest) -> Result<(), AuthFailure> {
    match header(request, "x-amz-content-sha256").map(PayloadHash::from_header).transpose()? {
        Some(mode) if mode.is_streaming() => Err(AuthFailure::MissingAuthentication),
        _ => Ok(()),
    }
}

/// The region of the scope, if this endpoint serves it. The global endpoints are signed for us-east-1 only (reference
/// iam.md 6.4); any other name that reaches this server serves every region.
fn check_region(
    request: &HttpRequest,
    authorization: &Authorization,
    terms: &Terms,
) -> Result<Region, AuthFailure> {
    let scope = &authorization.scope.region;
    let global = Region::global();
    let host = header(request, "host").unwrap_or_default();
    let is_global_endpoint =
        host.strip_suffix(".amazonaws.com") == Some(terms.signing_name) && terms.rules == Rules::General;
    let named = scope.parse::<Region>();
    let served = match &named {
        _ if terms.only_region.is_some() => terms.only_region.as_ref().map_or("", Region::as_str),
        _ if is_global_endpoint => global.as_str(),
        Ok(region) => region.as_str(),
        Err(_) => terms.default_region.as_str(),
    };
    check_scope(authorization, terms.signing_name, &[served])?;
    Ok(named.unwrap_or_else(|_| terms.default_region.clone()))
}

/// What the chunks held, as if it had been sent plainly.
fn take_decoded(
    request: &mut HttpRequest,
    bytes: Vec<u8>,
    trailers: Vec<(String, String)>,
) -> Result<(), ChunkError> {
    request.body = bytes.into();
    for (name, value) in trailers {
        // A checksum that was promised and cannot be read must not be a checksum that nobody checks.
        let name: HeaderName = name.parse().map_err(|_| ChunkError::Malformed)?;
        let value = HeaderValue::from_str(&value).map_err(|_| ChunkError::Malformed)?;
        request.headers.entry(name).or_insert(value);
    }
    // `aws-chunked` described the transfer and is not stored; other encodings of the object are.
    let encodings = header(request, "content-encoding").unwrap_or_default();
    let others: Vec<&str> =
        encodings.split(',').map(str::trim).filter(|one| !one.is_empty() && *one != "aws-chunked").collect();
    match HeaderValue::from_str(&others.join(",")) {
        Ok(value) if !others.is_empty() => {
            request.headers.insert(http::header::CONTENT_ENCODING, value);
        }
        _ => {
            request.headers.remove(http::header::CONTENT_ENCODING);
        }
    }
    request.headers.insert(http::header::CONTENT_LENGTH, request.body.len().into());
    Ok(())
}

/// The failure in the service's own words.
pub(crate) fn refusal(service: ServiceId, failure: &AuthFailure) -> ServiceError {
    if let (ServiceId::Ec2, Some(refusal)) = (service, ec2_refusal(failure)) {
        return refusal;
    }
    let rendered = failure.render(family(service));
    ServiceError {
        status: rendered.status,
        code: rendered.code.into(),
        message: Some(rendered.message),
        members: rendered.members,
        fault: Fault::Sender,
        headers: Vec::new(),
        message_member: (service == ServiceId::Lambda).then_some("message"),
    }
}

/// EC2 has one answer for all credentials that are none, and one for those that have expired.
fn ec2_refusal(failure: &AuthFailure) -> Option<ServiceError> {
    match failure {
        AuthFailure::UnknownAccessKey { .. }
        | AuthFailure::InactiveKey { .. }
        | AuthFailure::SignatureMismatch
        | AuthFailure::TokenMissing { .. }
        | AuthFailure::TokenInvalid => {
            let message = "AWS was not able to validate the provided access credentials";
            Some(ServiceError::new(401, "AuthFailure", message))
        }
        AuthFailure::TokenExpired => Some(ServiceError::new(400, "RequestExpired", "Request has expired.")),
        _ => None,
    }
}

fn family(service: ServiceId) -> ErrorFamily {
    match service {
        ServiceId::Ec2 | ServiceId::Iam | ServiceId::Sns | ServiceId::Sts => ErrorFamily::Query,
        ServiceId::Lambda | ServiceId::Xray => ErrorFamily::RestJson,
        ServiceId::Logs | ServiceId::Organizations | ServiceId::Sqs => ErrorFamily::Json,
        ServiceId::S3 => ErrorFamily::S3,
    }
}
