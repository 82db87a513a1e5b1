//! Requests that are not the one that was signed: another path, query or body; and what may not be printed of any.

use rolecall_sigv4::{AuthFailure, Head, SecretKey, Signing, parse, verify};

use super::{GENERAL, S3, spoilt, spoilt_url};
use crate::assert_refused;
use crate::signed::{NOW, SECRET, TOKEN, presigned, sign, signed, unsigned};
use crate::support::Request;

#[test]
fn only_s3_takes_a_body_that_is_not_hashed() {
    for mode in [
        "UNSIGNED-PAYLOAD",
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
        "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    ] {
        let request = spoilt(GENERAL, |r| {
            r.add("x-amz-content-sha256", mode).edit_authorization("host;", "host;x-amz-content-sha256;");
        });
        assert_refused!(request, AuthFailure::PayloadModeRefused { .. });
    }
    for mode in
        ["", "unsigned", "STREAMING-UNSIGNED-PAYLOAD", "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD", "00"]
    {
        let request = spoilt(S3, |r| {
            r.set("x-amz-content-sha256", mode);
        });
        assert_refused!(request, AuthFailure::UnknownPayloadHash { .. });
    }
    assert_refused!(
        spoilt(S3, |r| {
            r.remove("x-amz-content-sha256").edit_authorization("x-amz-content-sha256;", "");
        }),
        AuthFailure::MissingPayloadHash
    );
    for name in ["X-Amz-Content-Sha256", "x-amz-content-sha256"] {
        let parameter = format!("&{name}=STREAMING-UNSIGNED-PAYLOAD-TRAILER");
        assert_refused!(
            spoilt_url(S3, |r| r.query.push_str(&parameter)),
            AuthFailure::PayloadModeRefused { .. }
        );
    }
    assert_refused!(
        spoilt_url(S3, |r| r.query.push_str("&X-Amz-Content-Sha256=UNSIGNED-PAYLOAD&x-amz-content-sha256=a")),
        AuthFailure::AmbiguousParameter { name: "X-Amz-Content-Sha256" }
    );
}

#[test]
fn the_body_has_the_hash_that_was_signed() {
    assert_refused!(spoilt(S3, |r| r.body = b"[]".to_vec()), AuthFailure::PayloadHashMismatch { .. });
    assert_refused!(spoilt(S3, |r| r.body.clear()), AuthFailure::PayloadHashMismatch { .. });
    assert_refused!(spoilt(GENERAL, |r| r.body = b"[]".to_vec()), AuthFailure::SignatureMismatch);
    assert_refused!(spoilt_url(GENERAL, |r| r.body = b"x".to_vec()), AuthFailure::SignatureMismatch);
    let other = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_refused!(
        spoilt(S3, |r| {
            r.set("x-amz-content-sha256", other);
        }),
        AuthFailure::SignatureMismatch
    );
}

#[test]
fn a_chunked_body_says_how_long_it_is_and_what_trails_it() {
    let chunked = |edit: &dyn Fn(&mut Request)| {
        let mut request = signed(S3);
        request.set("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD");
        edit(&mut request);
        let mut names: Vec<String> =
            request.headers.iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
        names.retain(|name| name != "authorization");
        names.sort();
        names.dedup();
        request.edit_authorization("host;x-amz-content-sha256;x-amz-date", &names.join(";"));
        request
    };
    for length in ["", "-1", "1.0", "+1", "0x1", "18446744073709551616"] {
        let request = chunked(&|r| {
            r.set("x-amz-decoded-content-length", length);
        });
        assert_refused!(request, AuthFailure::MissingDecodedLength);
    }
    assert_refused!(chunked(&|_| {}), AuthFailure::MissingDecodedLength);
    assert_refused!(
        chunked(&|r| {
            r.add("x-amz-decoded-content-length", "1").add("x-amz-decoded-content-length", "2");
        }),
        AuthFailure::DuplicateHeader { name: "x-amz-decoded-content-length" }
    );
    for trailer in ["content-type", "x-amz-checksum-a, X-Amz-Checksum-A", "", "x-amz-checksum-a,"] {
        let request = chunked(&|r| {
            r.set("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER");
            r.add("x-amz-decoded-content-length", "1").add("x-amz-trailer", trailer);
        });
        assert_refused!(request, AuthFailure::UnacceptableTrailer { .. });
    }
    for trailer in ["x-amz-checksum-crc32", "content-type", "x-amz-checksum-a,x-amz-checksum-a", ""] {
        let request = chunked(&|r| {
            r.add("x-amz-decoded-content-length", "1").add("x-amz-trailer", trailer);
        });
        assert_refused!(request, AuthFailure::UnacceptableTrailer { .. });
    }
    assert_refused!(
        chunked(&|r| {
            r.add("x-amz-decoded-content-length", "1");
        }),
        AuthFailure::SignatureMismatch
    );
}

#[test]
fn ghsa_c667_a_signature_is_for_one_method_path_query_and_body() {
    let edits: [fn(&mut Request); 6] = [
        |r| r.method = "GET".to_owned(),
        |r| r.method = "post".to_owned(),
        |r| r.path = "/functions/g/invocations".to_owned(),
        |r| r.path = "/functions/f/invocations/".to_owned(),
        |r| r.query = "Qualifier=1".to_owned(),
        |r| {
            r.set("host", "localhost:4567");
        },
    ];
    for edit in edits {
        for rules in [GENERAL, S3] {
            assert_refused!(spoilt(rules, edit), AuthFailure::SignatureMismatch);
        }
    }
}

#[test]
fn a_path_that_is_none_is_refused_even_unsigned() {
    for path in ["*", "http://localhost/functions", "functions", "/%", "/%zz", "/a%2"] {
        for rules in [GENERAL, S3] {
            let request = Request { path: path.to_owned(), ..unsigned(rules) };
            assert!(matches!(request.parse(), Err(AuthFailure::MalformedPath)), "{path}");
        }
    }
    assert_refused!(spoilt(GENERAL, |r| r.path = "/../a".to_owned()), AuthFailure::MalformedPath);
    assert_refused!(spoilt(GENERAL, |r| r.query = "a=%".to_owned()), AuthFailure::MalformedQuery { .. });
}

#[test]
fn the_query_is_compared_decoded() {
    let mut request = unsigned(GENERAL);
    request.query = "b=x%20y&a=%7e&c".to_owned();
    let request = sign(request, false);
    for (query, good) in [
        ("b=x+y&a=~&c=", true),
        ("c&a=%7E&b=x%20y", true),
        ("b=x%2By&a=~&c", false),
        ("b=x%2520y&a=~&c", false),
        ("b=x%20y&a=~&c&c", false),
        ("b=x%20y&a=~", false),
        ("a=x%20y&b=~&c", false),
    ] {
        assert_eq!(
            Request { query: query.to_owned(), ..request.clone() }.authenticate().is_ok(),
            good,
            "{query}"
        );
    }
}

#[test]
fn ghsa_r54g_no_secret_token_or_signature_is_printed() {
    let request = sign(unsigned(S3), true);
    let header = String::from_utf8(request.header("authorization").unwrap().to_vec()).unwrap();
    let (_, signature) = header.split_once("Signature=").unwrap();
    let mut printed = Vec::new();
    request.with_head(|head: &Head| {
        let Ok(Signing::Signed(authorization)) = parse(head, S3, NOW) else { panic!() };
        let verified = verify(&authorization, head, b"{}", &request.secret, S3).unwrap();
        printed.push(format!("{head:?} {authorization:?} {verified:?} {:?}", request.secret));
    });
    let url = presigned(S3, true);
    url.with_head(|head| printed.push(format!("{head:?}")));
    for from in ["SignedHeaders=", "Signature=", "Credential=", "AWS4-HMAC-SHA256 "] {
        let mut spoilt = request.clone();
        let failure = spoilt.edit_authorization(from, "").authenticate().unwrap_err();
        printed.push(format!("{failure} {failure:?}"));
        printed.push(failure.render(rolecall_sigv4::ErrorFamily::S3).message);
        printed.push(failure.render(rolecall_sigv4::ErrorFamily::Json).message);
    }
    let wrong = Request { secret: SecretKey::new("wrong"), ..request.clone() }.authenticate().unwrap_err();
    printed.push(format!("{wrong} {wrong:?} {:?}", wrong.render(rolecall_sigv4::ErrorFamily::S3)));
    for text in printed {
        for secret in [SECRET, TOKEN, signature] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}
