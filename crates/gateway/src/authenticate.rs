//! One place that authenticates, before anything is routed: header and presigned, every service, every body mode.

use rolecall_arn::Region;
use rolecall_authority::{Authority, Caller};
use rolecall_sigv4::{AuthFailure, Authorization, ErrorFamily, Rules, Signing, check_scope, parse};
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
pub(crate) struct Terms<'a> {
    pub signing_name: &'a str,
    pub rules: Rules,
    pub unsigned: Unsigned,
    /// Where nothing else is said.
    pub default_region: &'a Region,
}

/// Who called, and which region.
#[derive(Debug)]
pub(crate) struct Identified {
    pub caller: Caller,
    pub region: Region,
}

/// Finds out who sent the request. A body that came in chunks is replaced by its content, its trailers become headers.
pub(crate) fn identify(
    authority: &Authority,
    request: &mut HttpRequest,
    terms: &Terms<'_>,
) -> Result<Identified, AuthFailure> {
    let now = authority.clock().now_ms().div_euclid(1000);
    let headers = header_list(request);
    let head = head(request, &headers);
    let authorization = match parse(&head, terms.rules, now)? {
        Signing::Signed(authorization) => authorization,
        Signing::Unsigned if terms.unsigned == Unsigned::Anonymous => {
            return Ok(Identified { caller: Caller::anonymous(), region: terms.default_region.clone() });
        }
        Signing::Unsigned => return Err(AuthFailure::MissingAuthentication),
    };
    let region = check_region(request, &authorization, terms)?;
    let authenticated = authority.authenticate(&authorization, &head, &request.body, terms.rules)?;
    if authenticated.verified.payload.is_streaming() {
        let decoded = authenticated.verified.decode_body(&request.body)?;
        take_decoded(request, decoded.bytes, decoded.trailers);
    }
    Ok(Identified { caller: authenticated.caller, region })
}

/// The region of the scope, if this endpoint serves it. The global endpoints are signed for us-east-1 only (reference
/// iam.md 6.4); any other name that reaches this server serves every region.
fn check_region(
    request: &HttpRequest,
    authorization: &Authorization,
    terms: &Terms<'_>,
) -> Result<Region, AuthFailure> {
    let scope = &authorization.scope.region;
    let global = Region::global();
    let host = header(request, "host").unwrap_or_default();
    let is_global_endpoint =
        host == format!("{}.amazonaws.com", terms.signing_name) && terms.rules == Rules::General;
    let named = scope.parse::<Region>();
    let served = match &named {
        _ if is_global_endpoint => global.as_str(),
        Ok(region) => region.as_str(),
        Err(_) => terms.default_region.as_str(),
    };
    check_scope(authorization, terms.signing_name, &[served])?;
    Ok(named.unwrap_or_else(|_| terms.default_region.clone()))
}

/// What the chunks held, as if it had been sent plainly.
fn take_decoded(request: &mut HttpRequest, bytes: Vec<u8>, trailers: Vec<(String, String)>) {
    request.body = bytes.into();
    for (name, value) in trailers {
        if let (Ok(name), Ok(value)) = (name.parse::<http::HeaderName>(), http::HeaderValue::from_str(&value))
        {
            request.headers.entry(name).or_insert(value);
        }
    }
    // `aws-chunked` described the transfer and is not stored; other encodings of the object are.
    let encodings = header(request, "content-encoding").unwrap_or_default();
    let others: Vec<&str> =
        encodings.split(',').map(str::trim).filter(|one| !one.is_empty() && *one != "aws-chunked").collect();
    match http::HeaderValue::from_str(&others.join(",")) {
        Ok(value) if !others.is_empty() => {
            request.headers.insert(http::header::CONTENT_ENCODING, value);
        }
        _ => {
            request.headers.remove(http::header::CONTENT_ENCODING);
        }
    }
    request.headers.insert(http::header::CONTENT_LENGTH, request.body.len().into());
}

/// The failure in the service's own words.
pub(crate) fn refusal(service: ServiceId, failure: &AuthFailure) -> ServiceError {
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

fn family(service: ServiceId) -> ErrorFamily {
    match service {
        ServiceId::Iam | ServiceId::Sts => ErrorFamily::Query,
        ServiceId::Lambda => ErrorFamily::RestJson,
        ServiceId::Logs | ServiceId::Organizations => ErrorFamily::Json,
        ServiceId::S3 => ErrorFamily::S3,
    }
}
