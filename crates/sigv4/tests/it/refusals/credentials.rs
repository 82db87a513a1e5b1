//! Credentials that are incomplete, doubled, ambiguous, or meant for something else.

use rolecall_sigv4::{
    AuthFailure, CarrierKind, Credentials, ErrorFamily, SecretKey, Signer, Signing, check_scope, parse,
    verify, verify_dummy,
};

use super::{GENERAL, S3, spoilt, spoilt_url};
use crate::assert_refused;
use crate::signed::{NOW, TOKEN, presigned, signed, unsigned};

#[test]
fn a_request_without_credentials_is_unsigned_and_not_signed_by_nobody() {
    assert!(matches!(unsigned(GENERAL).parse(), Ok(Signing::Unsigned)));
    let mut request = unsigned(GENERAL);
    request.query = "X-Amz-Date=20260214T092653Z&X-Amz-Expires=60&X-Amz-Security-Token=t".to_owned();
    assert!(matches!(request.parse(), Ok(Signing::Unsigned)));
    for query in
        ["X-Amz-Signature=", "x-amz-signature=00", "X-Amz-Credential=a", "X-Amz-Algorithm", "X-AMZ-ALGORITHM"]
    {
        request.query = query.to_owned();
        assert!(request.parse().is_err(), "{query}");
    }
}

#[test]
fn cve_2026_41145_two_carriers_at_once_are_refused() {
    let url = presigned(GENERAL, true);
    for query in [url.query.as_str(), "X-Amz-Signature=00", "x-amz-credential=a", "X-Amz-Security-Token=t"] {
        assert_refused!(spoilt(GENERAL, |r| query.clone_into(&mut r.query)), AuthFailure::TwoCarriers);
    }
    for header in ["Bearer token", "AWS4-HMAC-SHA256 Credential=a", ""] {
        assert_refused!(
            spoilt_url(GENERAL, |r| {
                r.add("Authorization", header);
            }),
            AuthFailure::TwoCarriers
        );
    }
    assert_refused!(
        spoilt_url(GENERAL, |r| {
            r.add("X-Amz-Security-Token", TOKEN);
        }),
        AuthFailure::TwoCarriers
    );
}

#[test]
fn cve_2022_2385_a_second_spelling_of_a_query_parameter_is_refused() {
    for name in [
        "X-Amz-Algorithm",
        "X-Amz-Credential",
        "X-Amz-Date",
        "X-Amz-Expires",
        "X-Amz-Security-Token",
        "X-Amz-Signature",
        "X-Amz-SignedHeaders",
    ] {
        for spelling in [name.to_owned(), name.to_lowercase(), name.to_uppercase(), name.replace('A', "%41")]
        {
            for added in [format!("{spelling}=x&"), format!("{spelling}&")] {
                let mut request = presigned(S3, true);
                request.query.insert_str(0, &added);
                assert_refused!(request, AuthFailure::AmbiguousParameter { name: refused } if refused == name);
            }
        }
    }
    assert_refused!(
        spoilt_url(S3, |r| {
            r.edit_query("X-Amz-Expires", "x-amz-expires");
        }),
        AuthFailure::AmbiguousParameter { .. }
    );
    assert_refused!(
        spoilt(GENERAL, |r| r.query = "X-Amz-Date=1&x-amz-date=2".to_owned()),
        AuthFailure::AmbiguousParameter { .. }
    );
}

#[test]
fn other_algorithms_are_not_built() {
    for algorithm in [
        "Bearer",
        "Basic",
        "AWS",
        "AWS4-HMAC-SHA1",
        "aws4-hmac-sha256",
        "AWS4-ECDSA-P256-SHA256",
        "AWS4-HMAC-SHA256,",
    ] {
        assert_refused!(
            spoilt(GENERAL, |r| {
                r.edit_authorization("AWS4-HMAC-SHA256", algorithm);
            }),
            AuthFailure::UnsupportedAlgorithm { carrier: CarrierKind::Header, .. }
        );
        assert_refused!(
            spoilt_url(GENERAL, |r| {
                r.edit_query("AWS4-HMAC-SHA256", algorithm);
            }),
            AuthFailure::UnsupportedAlgorithm { carrier: CarrierKind::Query, .. }
        );
    }
    assert_refused!(
        spoilt(GENERAL, |r| {
            r.set("authorization", "");
        }),
        AuthFailure::UnsupportedAlgorithm { .. }
    );
}

#[test]
fn a_url_presigned_with_version_2_is_not_anonymous() {
    let old = spoilt_url(S3, |r| {
        r.query = "AWSAccessKeyId=AKIAX&Signature=x&Expires=1".to_owned();
    });
    assert_refused!(old, AuthFailure::UnsupportedAlgorithm { carrier: CarrierKind::Query, .. });
    let words = old.authenticate().unwrap_err().render(ErrorFamily::S3);
    assert_eq!((words.status, words.code), (400, "InvalidRequest"));
}

#[test]
fn all_parts_of_the_credentials_are_there_and_each_once() {
    for (from, to) in
        [("Credential=", "Kredential="), ("Signature=", "signature="), ("Signature=", "A=b, Signature=")]
    {
        assert_refused!(
            spoilt(GENERAL, |r| {
                r.edit_authorization(from, to);
            }),
            AuthFailure::UnexpectedPart { .. }
        );
    }
    for name in ["Credential=a", "SignedHeaders=host", "Signature=00"] {
        let doubled = format!("AWS4-HMAC-SHA256 {name}, ");
        assert_refused!(
            spoilt(GENERAL, |r| {
                r.edit_authorization("AWS4-HMAC-SHA256 ", &doubled);
            }),
            AuthFailure::UnexpectedPart { .. }
        );
    }
    for part in ["", "Credential", "x,"] {
        let header = format!("AWS4-HMAC-SHA256 SignedHeaders=host, {part}");
        assert_refused!(
            spoilt(GENERAL, |r| {
                r.set("authorization", &header);
            }),
            AuthFailure::NotKeyValue { .. }
        );
    }
    for header in ["AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 ", "AWS4-HMAC-SHA256   "] {
        assert_refused!(
            spoilt(GENERAL, |r| { r.remove("x-amz-date").set("authorization", header); }),
            AuthFailure::MissingParts { missing, .. }
                if missing == ["Credential", "Signature", "SignedHeaders", "Date"]
        );
    }
    for name in
        ["X-Amz-Credential", "X-Amz-SignedHeaders", "X-Amz-Date", "X-Amz-Algorithm", "X-Amz-Signature"]
    {
        assert_refused!(
            spoilt_url(GENERAL, |r| { r.edit_query(name, "X-Amz-Other"); }),
            AuthFailure::MissingParts { missing, carrier: CarrierKind::Query, .. } if missing == [name]
        );
    }
    assert_refused!(
        spoilt_url(S3, |r| { r.edit_query("X-Amz-Expires", "X-Amz-Other"); }),
        AuthFailure::MissingParts { missing, .. } if missing == ["X-Amz-Expires"]
    );
}

#[test]
fn the_credential_has_five_parts() {
    for (from, to) in [
        ("/aws4_request", ""),
        ("/aws4_request", "/aws4_request/"),
        ("/aws4_request", "//aws4_request"),
        ("/20260214", "//20260214"),
        ("AKIAIOSFODNN7EXAMPLE", ""),
        ("/lambda", "/"),
    ] {
        assert_refused!(
            spoilt(GENERAL, |r| {
                r.edit_authorization(from, to);
            }),
            AuthFailure::MalformedCredential { .. }
        );
    }
}

#[test]
fn the_scope_is_this_day_region_and_service() {
    for (from, to) in [
        ("/20260214", "/20260213"),
        ("/20260214", "/2026021"),
        ("/20260214", "/20260214T"),
        ("/eu-central-1", "/us-east-1"),
        ("/lambda", "/iam"),
        ("/lambda", "/Lambda"),
        ("/aws4_request", "/aws4_reques"),
        ("/aws4_request", "/AWS4_REQUEST"),
    ] {
        assert_refused!(
            spoilt(GENERAL, |r| {
                r.edit_authorization(from, to);
            }),
            AuthFailure::WrongScope { .. }
        );
    }
}

#[test]
fn a_caller_who_forgets_the_scope_still_accepts_no_other_day() {
    for (from, to) in [("/20260214", "/20260213"), ("/aws4_request", "/aws5_request")] {
        let request = spoilt(GENERAL, |r| {
            r.edit_authorization(from, to);
        });
        request.with_head(|head| {
            let Ok(Signing::Signed(authorization)) = parse(head, GENERAL, NOW) else { panic!() };
            let outcome = verify(&authorization, head, b"{}", &request.secret, GENERAL);
            assert!(matches!(outcome, Err(AuthFailure::WrongScope { .. })));
        });
    }
}

#[test]
fn an_endpoint_without_regions_serves_nobody() {
    signed(GENERAL).with_head(|head| {
        let Ok(Signing::Signed(authorization)) = parse(head, GENERAL, NOW) else { panic!() };
        assert!(check_scope(&authorization, "lambda", &[]).is_err());
        assert!(check_scope(&authorization, "lambda", &["us-east-1", "eu-central-1"]).is_ok());
    });
}

#[test]
fn a_signature_has_64_lower_case_digits() {
    let request = signed(GENERAL);
    let header = String::from_utf8(request.header("authorization").unwrap().to_vec()).unwrap();
    let (_, signature) = header.split_once("Signature=").unwrap();
    let cut = signature.get(..62).unwrap();
    for other in
        [signature.to_uppercase(), format!("{signature}00"), cut.to_owned(), String::new(), "zz".repeat(32)]
    {
        assert_refused!(
            spoilt(GENERAL, |r| {
                r.edit_authorization(signature, &other);
            }),
            AuthFailure::SignatureMismatch
        );
    }
}

#[test]
fn an_unknown_key_is_refused_even_if_somebody_knows_the_dummy_secret() {
    let credentials = Credentials {
        access_key_id: "AKIAUNKNOWN".to_owned(),
        secret: SecretKey::new("no-access-key-has-this-secret-0000000000"),
        session_token: None,
    };
    let signer =
        Signer { credentials: &credentials, region: "eu-central-1", service: "lambda", rules: GENERAL };
    let mut request = unsigned(GENERAL);
    let added = request.with_head(|head| signer.sign_headers(head, b"{}", NOW)).unwrap();
    request.headers.extend(added.into_iter().map(|(name, value)| (name, value.into_bytes())));
    request.with_head(|head| {
        let Ok(Signing::Signed(authorization)) = parse(head, GENERAL, NOW) else { panic!() };
        assert!(
            verify(&authorization, head, b"{}", &credentials.secret, GENERAL).is_ok(),
            "else it shows nothing"
        );
        assert_eq!(
            verify_dummy(&authorization, head, b"{}", GENERAL),
            AuthFailure::UnknownAccessKey { access_key_id: "AKIAUNKNOWN".to_owned() }
        );
    });
}
