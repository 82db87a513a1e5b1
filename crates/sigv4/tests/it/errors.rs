//! What the caller reads: AWS's status, code and words for each failure, in each family of services.

use rolecall_sigv4::ErrorFamily::{self, Json, Query, RestJson, S3};
use rolecall_sigv4::{AuthFailure, Rules};

use crate::signed::{presigned, signed};
use crate::support::Request;

const MISMATCH: &str = "The request signature we calculated does not match the signature you provided. Check your AWS \
                        Secret Access Key and signing method. Consult the service documentation for details.";

fn check(failure: &AuthFailure, family: ErrorFamily, expected: (u16, &str, &str)) {
    let rendered = failure.render(family);
    assert_eq!(
        (rendered.status, rendered.code, rendered.message.as_str()),
        expected,
        "{family:?} {failure:?}"
    );
}

fn failure(edit: impl FnOnce(&mut Request)) -> AuthFailure {
    let mut request = signed(Rules::General);
    edit(&mut request);
    request.authenticate().unwrap_err()
}

fn url_failure(rules: Rules, edit: impl FnOnce(&mut Request)) -> AuthFailure {
    let mut request = presigned(rules, false);
    edit(&mut request);
    request.authenticate().unwrap_err()
}

#[test]
fn each_family_has_its_own_codes() {
    let key = || "AKIAX".to_owned();
    for (failure, query, json) in [
        (
            AuthFailure::MissingAuthentication,
            (403, "MissingAuthenticationToken", "Request is missing Authentication Token"),
            (403, "MissingAuthenticationTokenException", "Missing Authentication Token"),
        ),
        (
            AuthFailure::SignatureMismatch,
            (403, "SignatureDoesNotMatch", MISMATCH),
            (403, "InvalidSignatureException", MISMATCH),
        ),
        (
            AuthFailure::UnknownAccessKey { access_key_id: key() },
            (403, "InvalidClientTokenId", "The security token included in the request is invalid."),
            (403, "UnrecognizedClientException", "The security token included in the request is invalid."),
        ),
        (
            AuthFailure::InactiveKey { access_key_id: key() },
            (403, "InvalidClientTokenId", "The security token included in the request is invalid."),
            (403, "UnrecognizedClientException", "The security token included in the request is invalid."),
        ),
        (
            AuthFailure::TokenMissing { access_key_id: key() },
            (403, "InvalidClientTokenId", "The security token included in the request is invalid."),
            (403, "UnrecognizedClientException", "The security token included in the request is invalid."),
        ),
        (
            AuthFailure::TokenInvalid,
            (403, "InvalidClientTokenId", "The security token included in the request is invalid."),
            (403, "UnrecognizedClientException", "The security token included in the request is invalid."),
        ),
        (
            AuthFailure::TokenExpired,
            (403, "ExpiredToken", "The security token included in the request is expired"),
            (403, "ExpiredTokenException", "The security token included in the request is expired"),
        ),
        (
            AuthFailure::TwoCarriers,
            (403, "SignatureDoesNotMatch", ""),
            (403, "InvalidSignatureException", ""),
        ),
    ] {
        check(&failure, Query, query);
        check(&failure, RestJson, json);
        check(&failure, Json, (400, json.1, json.2));
    }
}

#[test]
fn the_query_services_say_what_aws_says() {
    for (failure, expected) in [
        (
            failure(|r| r.query = "a=%zz".to_owned()),
            (400, "MalformedQueryString", "Illegal hex character in escape % pattern: %zz"),
        ),
        (
            failure(|r| r.query = "a=%".to_owned()),
            (400, "MalformedQueryString", "Incomplete trailing escape % sequence"),
        ),
        (
            failure(|r| {
                r.set("authorization", "Bearer x");
            }),
            (400, "IncompleteSignature", "Unsupported AWS 'algorithm': 'Bearer'."),
        ),
        (
            failure(|r| {
                r.set("authorization", "AWS4-HMAC-SHA256 Credential=a, oops");
            }),
            (
                400,
                "IncompleteSignature",
                "'oops' not a valid key=value pair (missing equal-sign) in Authorization header: 'AWS4-HMAC-SHA256 \
                 Credential=a, oops'.",
            ),
        ),
        (
            failure(|r| {
                r.remove("x-amz-date")
                    .set("authorization", &format!("AWS4-HMAC-SHA256 Signature={}", "0f".repeat(32)));
            }),
            (
                400,
                "IncompleteSignature",
                "Authorization header requires 'Credential' parameter. Authorization header requires \
                 'SignedHeaders' parameter. Authorization header requires existence of either a 'X-Amz-Date' or a \
                 'Date' header. Authorization=AWS4-HMAC-SHA256 Signature=...",
            ),
        ),
        (
            url_failure(Rules::General, |r| {
                r.edit_query("X-Amz-Credential", "a").edit_query("X-Amz-Date", "b");
            }),
            (
                400,
                "IncompleteSignature",
                "AWS query-string parameters must include 'X-Amz-Credential'. AWS query-string parameters must \
                 include 'X-Amz-Date'. Re-examine the query-string parameters.",
            ),
        ),
        (
            failure(|r| {
                r.edit_authorization("host;", "");
            }),
            (
                403,
                "SignatureDoesNotMatch",
                "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
            ),
        ),
        (
            failure(|r| {
                r.add("X-Amz-Target", "t");
            }),
            (
                403,
                "SignatureDoesNotMatch",
                "'x-amz-target' must be a 'SignedHeader' in the AWS Authorization.",
            ),
        ),
        (
            failure(|r| {
                r.set("x-amz-date", "soon");
            }),
            (
                400,
                "IncompleteSignature",
                "Date must be in ISO-8601 'basic format'. Got 'soon'. See http://en.wikipedia.org/wiki/ISO_8601",
            ),
        ),
        (
            failure(|r| r.now += 1800),
            (
                403,
                "SignatureDoesNotMatch",
                "Signature expired: 20260214T092653Z is now earlier than 20260214T094153Z (20260214T095653Z - 15 \
                 min.)",
            ),
        ),
        (
            failure(|r| r.now -= 1800),
            (
                403,
                "SignatureDoesNotMatch",
                "Signature not yet current: 20260214T092653Z is still later than 20260214T091153Z \
                 (20260214T085653Z + 15 min.)",
            ),
        ),
        (
            url_failure(Rules::General, |r| r.now += 301),
            (
                403,
                "SignatureDoesNotMatch",
                "Signature expired: 20260214T092653Z is now earlier than 20260214T092654Z (20260214T093154Z - 5 \
                 min.)",
            ),
        ),
        (
            failure(|r| {
                r.edit_authorization("/aws4_request", "");
            }),
            (
                400,
                "IncompleteSignature",
                "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got \
                 'AKIAIOSFODNN7EXAMPLE/20260214/eu-central-1/lambda'",
            ),
        ),
    ] {
        check(&failure, Query, expected);
    }
}

#[test]
fn the_mistakes_of_a_scope_are_told_together_in_order() {
    let region = "Credential should be scoped to a valid region. ";
    let service = "Credential should be scoped to correct service: 'lambda'. ";
    let terminator = "Credential should be scoped with a valid terminator: 'aws4_request', not 'x'.";
    let date = "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20260101' \
                != '20260214', from '20260214T092653Z'.";
    for (scope, expected) in [
        ("20260214/us-east-1/lambda/aws4_request", region.to_owned()),
        ("20260214/eu-central-1/sts/aws4_request", service.to_owned()),
        ("20260214/us-east-1/sts/aws4_request", format!("{region}{service}")),
        ("20260214/eu-central-1/lambda/x", terminator.to_owned()),
        ("20260101/eu-central-1/lambda/aws4_request", date.to_owned()),
        ("20260101/us-east-1/sts/x", format!("{region}{service}{terminator} {date}")),
    ] {
        let failure = failure(|r| {
            r.edit_authorization("20260214/eu-central-1/lambda/aws4_request", scope);
        });
        check(&failure, Query, (403, "SignatureDoesNotMatch", &expected));
    }
}

fn s3_failure(edit: impl FnOnce(&mut Request)) -> AuthFailure {
    let mut request = signed(Rules::S3);
    edit(&mut request);
    request.authenticate().unwrap_err()
}

#[test]
fn s3_has_codes_of_its_own() {
    let short_mismatch = "The request signature we calculated does not match the signature you provided. Check your \
                          key and signing method.";
    for (failure, expected) in [
        (AuthFailure::MissingAuthentication, (403, "AccessDenied", "Access Denied")),
        (AuthFailure::SignatureMismatch, (403, "SignatureDoesNotMatch", short_mismatch)),
        (
            AuthFailure::TokenInvalid,
            (400, "InvalidToken", "The provided token is malformed or otherwise invalid."),
        ),
        (AuthFailure::TokenExpired, (400, "ExpiredToken", "The provided token has expired.")),
        (
            AuthFailure::UnknownAccessKey { access_key_id: "AKIAX".to_owned() },
            (403, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records."),
        ),
        (
            s3_failure(|r| r.now += 901),
            (
                403,
                "RequestTimeTooSkewed",
                "The difference between the request time and the current time is too large.",
            ),
        ),
        (
            s3_failure(|r| {
                r.add("x-amz-acl", "private");
            }),
            (403, "AccessDenied", "There were headers present in the request which were not signed"),
        ),
        (
            s3_failure(|r| {
                r.edit_authorization("/eu-central-1/", "/us-east-1/");
            }),
            (
                400,
                "AuthorizationHeaderMalformed",
                "The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-central-1'",
            ),
        ),
        (
            url_failure(Rules::S3, |r| {
                r.edit_query("%2Feu-central-1%2F", "%2Fus-east-1%2F");
            }),
            (
                400,
                "AuthorizationQueryParametersError",
                "Error parsing the X-Amz-Credential parameter; the region 'us-east-1' is wrong; expecting \
                 'eu-central-1'",
            ),
        ),
        (
            url_failure(Rules::S3, |r| {
                r.edit_query("Expires=300", "Expires=604801");
            }),
            (
                400,
                "AuthorizationQueryParametersError",
                "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less \
                 than 604800 seconds",
            ),
        ),
        (url_failure(Rules::S3, |r| r.now += 301), (403, "AccessDenied", "Request has expired")),
        (url_failure(Rules::S3, |r| r.now -= 901), (403, "AccessDenied", "Request is not yet valid")),
        (
            s3_failure(|r| r.body.clear()),
            (
                400,
                "XAmzContentSHA256Mismatch",
                "The provided 'x-amz-content-sha256' header does not match what was computed.",
            ),
        ),
    ] {
        check(&failure, S3, expected);
    }
}

#[test]
fn s3_adds_members_to_some_errors() {
    let members = s3_failure(|r| r.now += 1800).render(S3).members;
    assert_eq!(
        members,
        [
            ("RequestTime", "20260214T092653Z".to_owned()),
            ("ServerTime", "2026-02-14T09:56:53Z".to_owned()),
            ("MaxAllowedSkewMilliseconds", "900000".to_owned()),
        ]
    );
    let members = s3_failure(|r| {
        r.edit_authorization("/eu-central-1/", "/us-east-1/");
    })
    .render(S3)
    .members;
    assert_eq!(members, [("Region", "eu-central-1".to_owned())]);
    let members = s3_failure(|r| {
        r.add("x-amz-b", "").add("x-amz-a", "");
    })
    .render(S3)
    .members;
    assert_eq!(members, [("HeadersNotSigned", "x-amz-a, x-amz-b".to_owned())]);
    let members = url_failure(Rules::S3, |r| r.now += 301).render(S3).members;
    assert_eq!(
        members,
        [
            ("X-Amz-Expires", "300".to_owned()),
            ("Expires", "2026-02-14T09:31:53Z".to_owned()),
            ("ServerTime", "2026-02-14T09:31:54Z".to_owned()),
        ]
    );
}
