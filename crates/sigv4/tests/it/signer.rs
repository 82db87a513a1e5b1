//! Our own signer is accepted by our own verifier, and signs what botocore signs, byte for byte.

use rolecall_sigv4::{AuthFailure, Credentials, Head, Rules, SecretKey, SessionToken, SignError, Signer};

use crate::support::{Request, VECTORS};

const NOW: i64 = 1_771_061_213;

fn credentials(token: bool) -> Credentials {
    Credentials {
        access_key_id: if token { "ASIAIOSFODNN7EXAMPLE" } else { "AKIAIOSFODNN7EXAMPLE" }.to_owned(),
        secret: SecretKey::new("secret"),
        session_token: token.then(|| SessionToken::new("token/with+signs==")),
    }
}

fn request(rules: Rules) -> Request {
    Request {
        name: "signed by us".to_owned(),
        rules,
        service: if rules == Rules::S3 { "s3" } else { "lambda" }.to_owned(),
        region: "eu-central-1".to_owned(),
        method: "POST".to_owned(),
        path: "/2015-03-31/functions/a%3Ab/invocations".to_owned(),
        query: "Qualifier=%24LATEST&b".to_owned(),
        headers: vec![
            ("Host".to_owned(), b"localhost:4566".to_vec()),
            ("X-Amz-Invocation-Type".to_owned(), b" Event ".to_vec()),
            ("User-Agent".to_owned(), b"rolecall".to_vec()),
        ],
        body: b"{}".to_vec(),
        now: NOW,
        secret: SecretKey::new("secret"),
    }
}

fn signer<'a>(credentials: &'a Credentials, rules: Rules) -> Signer<'a> {
    let service = if rules == Rules::S3 { "s3" } else { "lambda" };
    Signer { credentials, region: "eu-central-1", service, rules }
}

#[test]
fn what_we_sign_we_accept() {
    for rules in [Rules::General, Rules::S3] {
        for token in [false, true] {
            let credentials = credentials(token);
            let mut request = request(rules);
            let added =
                request.with_head(|head| signer(&credentials, rules).sign_headers(head, b"{}", NOW)).unwrap();
            request.headers.extend(added.into_iter().map(|(name, value)| (name, value.into_bytes())));
            let (authorization, _) = request.authenticate().unwrap();
            assert_eq!(authorization.session_token, credentials.session_token);
            request.body = b"[]".to_vec();
            assert!(request.authenticate().is_err());
        }
    }
}

#[test]
fn what_we_presign_we_accept_until_it_expires() {
    for rules in [Rules::General, Rules::S3] {
        for token in [false, true] {
            let credentials = credentials(token);
            let mut request = Request { body: Vec::new(), ..request(rules) };
            request.query =
                request.with_head(|head| signer(&credentials, rules).presign(head, NOW, 60)).unwrap();
            let (authorization, _) = request.authenticate().unwrap();
            assert_eq!(authorization.session_token, credentials.session_token);
            request.now = NOW + 61;
            assert!(matches!(
                request.authenticate(),
                Err(AuthFailure::SignatureExpired { lifetime_s: 60, .. })
            ));
        }
    }
}

#[test]
fn a_payload_hash_that_a_signer_moved_into_the_query_counts_in_any_case() {
    let credentials = credentials(false);
    for name in ["X-Amz-Content-Sha256", "x-amz-content-sha256"] {
        let mut request = request(Rules::S3);
        request.query = format!("{name}=UNSIGNED-PAYLOAD");
        request.query =
            request.with_head(|head| signer(&credentials, Rules::S3).presign(head, NOW, 60)).unwrap();
        request.authenticate().unwrap_or_else(|e| panic!("{name}: {e}"));
    }
}

#[test]
fn we_sign_what_botocore_signs() {
    let mut count = 0;
    for vector in VECTORS.iter().filter(|vector| vector.request.name.starts_with("general-header")) {
        let mut unsigned = vector.request.clone();
        if unsigned.header("x-amz-content-sha256").is_some() || unsigned.header("x-amz-date").is_none() {
            continue;
        }
        let expected = unsigned.header("authorization").unwrap().to_vec();
        unsigned.remove("authorization").remove("x-amz-date").remove("x-amz-security-token");
        let credentials = Credentials {
            access_key_id: if vector.token.is_some() {
                "ASIAIOSFODNN7EXAMPLE"
            } else {
                "AKIAIOSFODNN7EXAMPLE"
            }
            .to_owned(),
            secret: unsigned.secret.clone(),
            session_token: vector.token.clone().map(SessionToken::new),
        };
        let signer = Signer {
            credentials: &credentials,
            region: &unsigned.region,
            service: &unsigned.service,
            rules: Rules::General,
        };
        let added =
            unsigned.with_head(|head| signer.sign_headers(head, &unsigned.body, unsigned.now)).unwrap();
        let ours = added.iter().find(|(name, _)| name == "authorization").map(|(_, value)| value.as_bytes());
        assert_eq!(ours, Some(expected.as_slice()), "{}", unsigned.name);
        count += 1;
    }
    assert!(count > 50);
}

#[test]
fn the_signer_refuses_what_it_cannot_sign_well() {
    let credentials = credentials(false);
    let signer = signer(&credentials, Rules::General);
    let host: (&str, &[u8]) = ("host", b"h");
    let sign = |headers: &[(&str, &[u8])], query: &str| {
        signer.sign_headers(&Head { method: "GET", path: "/", query, headers }, b"", NOW).map(drop)
    };
    assert_eq!(sign(&[], ""), Err(SignError::NoHost));
    assert_eq!(sign(&[host, ("Authorization", b"x")], ""), Err(SignError::AlreadyThere("authorization")));
    assert_eq!(sign(&[host, ("X-Amz-Date", b"x")], ""), Err(SignError::AlreadyThere("x-amz-date")));
    assert_eq!(sign(&[host], "X-Amz-Signature=0"), Err(SignError::AlreadyThere("X-Amz-Signature")));
    assert!(matches!(sign(&[host], "%"), Err(SignError::Request(AuthFailure::MalformedQuery { .. }))));
    let presign = |expires_s| {
        signer
            .presign(&Head { method: "GET", path: "/", query: "", headers: &[host] }, NOW, expires_s)
            .map(drop)
    };
    assert_eq!(presign(604_800), Ok(()));
    assert_eq!(presign(604_801), Err(SignError::TooLong));
}
