//! Which service a request is for.
//!
//! All services share one port. A function URL has a host name of its own, or a path. A signed request says its service in its credential scope, and the signature is
//! checked for that very service; so the scope decides, and a scope that lies opens nothing. Only an unsigned request
//! is told by its target header, its form, its path, in this order; what remains is S3's, whose paths are free.

use std::borrow::Cow;

use rolecall_wire::{HttpRequest, ServiceId};

use crate::function_url::UrlAddress;
use crate::intake::header;
use crate::s3_address::host_names_bucket;

/// Whom a request is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Destination {
    /// An AWS service.
    Service(ServiceId),
    /// A function URL.
    FunctionUrl(UrlAddress),
    /// A page of Rolecall itself, under `/_rolecall/`.
    Own,
    /// A service that Rolecall does not have, by its signing name.
    Unknown(String),
}

/// The path prefix of Rolecall's own pages. No bucket may be named so: a bucket's name has no underscore.
pub(crate) const OWN_PREFIX: &str = "/_rolecall/";

/// The signing name of Rolecall's own pages.
pub(crate) const OWN_SIGNING_NAME: &str = "rolecall";

/// The longest signing name that is repeated in an answer or the log.
const NAME_SHOWN: usize = 64;

/// Tells whom the request is for. All but one kind of request are told by their heads alone, so this may be asked
/// before the body is there: an unsigned form may then turn out to be IAM's instead of STS's.
pub(crate) fn classify(request: &HttpRequest) -> Destination {
    if let Some(address) = UrlAddress::of(request) {
        return Destination::FunctionUrl(address);
    }
    let is_own_path = request.path.starts_with(OWN_PREFIX);
    match scope_service(request) {
        Some(name) if name == OWN_SIGNING_NAME && is_own_path => Destination::Own,
        Some(name) => match ServiceId::from_signing_name(&name) {
            Some(service) => Destination::Service(service),
            None => Destination::Unknown(shown(&name)),
        },
        // In a bucket that the host names, the path is a key and may begin as it likes.
        None if is_own_path && !host_names_bucket(request) => Destination::Own,
        None => Destination::Service(service_of_unsigned(request)),
    }
}

/// A name as far as it can be a name: anybody may write anything there, line feeds for the log included.
fn shown(name: &str) -> String {
    name.chars().take(NAME_SHOWN).flat_map(char::escape_default).collect()
}

/// The service in the credential scope of the header or of the query.
fn scope_service(request: &HttpRequest) -> Option<Cow<'_, str>> {
    let in_header = header(request, "authorization").and_then(|value| {
        let usual = value.strip_prefix("AWS4-HMAC-SHA256 Credential=");
        let credential = usual.or_else(|| Some(value.split_once("Credential=")?.1))?;
        credential.split([',', ' ']).next()
    });
    if let Some(credential) = in_header {
        return service_in(credential).map(Cow::Borrowed);
    }
    let mut pairs = form_urlencoded::parse(request.query.as_bytes());
    let (_, credential) = pairs.find(|(name, _)| name == "X-Amz-Credential")?;
    service_in(&credential).map(|name| Cow::Owned(name.to_owned()))
}

/// The service in `KEY/date/region/service/aws4_request`, read from its end, because a key id might hold a slash.
fn service_in(credential: &str) -> Option<&str> {
    credential.rsplit('/').nth(1)
}

fn service_of_unsigned(request: &HttpRequest) -> ServiceId {
    if let Some(target) = header(request, "x-amz-target") {
        return match target.split('.').next() {
            Some("AWSOrganizationsV20161128") => ServiceId::Organizations,
            Some("AmazonSQS") => ServiceId::Sqs,
            _ => ServiceId::Logs,
        };
    }
    if is_dated(&request.path) {
        return ServiceId::Lambda;
    }
    // The query protocol knows one path only; anywhere else a form is an object that somebody uploads to S3.
    if request.path != "/" {
        return ServiceId::S3;
    }
    let form = header(request, "content-type")
        .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    let has_action = || form_urlencoded::parse(request.query.as_bytes()).any(|(name, _)| name == "Action");
    if form || has_action() {
        let text = if form { request.body.as_ref() } else { request.query.as_bytes() };
        let mut pairs = form_urlencoded::parse(text);
        let version = pairs.find(|(name, _)| name == "Version").map(|(_, value)| value.into_owned());
        return match version.as_deref() {
            Some("2010-05-08") => ServiceId::Iam,
            Some("2010-03-31") => ServiceId::Sns,
            Some("2016-11-15") => ServiceId::Ec2,
            _ => ServiceId::Sts,
        };
    }
    ServiceId::S3
}

/// Whether the path begins as Lambda's do: `/2015-03-31/`.
fn is_dated(path: &str) -> bool {
    let Some(date) = path.strip_prefix('/').and_then(|rest| rest.split('/').next()) else { return false };
    date.len() == 10
        && date
            .bytes()
            .enumerate()
            .all(|(at, byte)| if at == 4 || at == 7 { byte == b'-' } else { byte.is_ascii_digit() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderMap, HeaderName, HeaderValue, Method};

    fn request(path: &str, query: &str, headers: &[(&str, &str)], body: &str) -> HttpRequest {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(
                HeaderName::from_bytes(name.as_bytes()).unwrap(),
                HeaderValue::from_str(value).unwrap(),
            );
        }
        HttpRequest {
            method: Method::POST,
            path: path.to_owned(),
            query: query.to_owned(),
            headers: map,
            body: body.to_owned().into(),
        }
    }

    #[test]
    fn the_credential_scope_decides() {
        let signed = |service: &str| {
            let value =
                format!("AWS4-HMAC-SHA256 Credential=AK/20260101/us-east-1/{service}/aws4_request, Sig");
            request("/2015-03-31/functions", "", &[("authorization", &value)], "")
        };
        assert_eq!(classify(&signed("lambda")), Destination::Service(ServiceId::Lambda));
        assert_eq!(classify(&signed("s3")), Destination::Service(ServiceId::S3));
        assert_eq!(classify(&signed("dynamodb")), Destination::Unknown("dynamodb".to_owned()));
        let forged = "X-Amz-Credential=AK%2F20260101%2Fus-east-1%2Fa%0Ab%1B%2Faws4_request";
        let forged = classify(&request("/b/k", forged, &[], ""));
        assert_eq!(forged, Destination::Unknown("a\\nb\\u{1b}".to_owned()));
        let presigned =
            request("/b/k", "X-Amz-Credential=AK%2F20260101%2Fus-east-1%2Fs3%2Faws4_request", &[], "");
        assert_eq!(classify(&presigned), Destination::Service(ServiceId::S3));
    }

    #[test]
    fn an_unsigned_request_is_told_by_its_form() {
        let form = [("content-type", "application/x-www-form-urlencoded")];
        let cases = [
            (request("/", "", &[("x-amz-target", "Logs_20140328.PutLogEvents")], ""), ServiceId::Logs),
            (
                request("/", "", &[("x-amz-target", "AWSOrganizationsV20161128.ListRoots")], ""),
                ServiceId::Organizations,
            ),
            (request("/", "", &[("x-amz-target", "AmazonSQS.SendMessage")], ""), ServiceId::Sqs),
            (request("/", "", &form, "Action=ListUsers&Version=2010-05-08"), ServiceId::Iam),
            (request("/", "", &form, "Action=GetCallerIdentity&Version=2011-06-15"), ServiceId::Sts),
            (request("/", "", &form, "Action=ListTopics&Version=2010-03-31"), ServiceId::Sns),
            (request("/", "", &form, "Action=DescribeVpcs&Version=2016-11-15"), ServiceId::Ec2),
            (request("/2015-03-31/functions", "", &[], ""), ServiceId::Lambda),
            (request("/bucket/key", "", &[], ""), ServiceId::S3),
            (request("/bucket/key", "", &form, "Action=ListUsers&Version=2010-05-08"), ServiceId::S3),
            (request("/bucket/key", "Action=x", &[], ""), ServiceId::S3),
            (request("/", "Action=GetCallerIdentity&Version=2011-06-15", &[], ""), ServiceId::Sts),
            (request("/", "SomeAction=x", &[], ""), ServiceId::S3),
            (request("/_rolecall/key", "", &[("host", "b.s3.localhost")], ""), ServiceId::S3),
        ];
        for (request, service) in cases {
            assert_eq!(classify(&request), Destination::Service(service), "{request:?}");
        }
        assert_eq!(classify(&request("/_rolecall/health", "", &[], "")), Destination::Own);
    }
}
