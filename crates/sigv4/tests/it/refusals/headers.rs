//! Headers that have to be signed and are not, and values that are not what was signed.

use rolecall_sigv4::AuthFailure;

use super::{GENERAL, S3, spoilt, spoilt_url};
use crate::assert_refused;
use crate::signed::{TOKEN, sign, unsigned};
use crate::support::Request;

#[test]
fn host_has_to_be_signed() {
    assert_refused!(
        spoilt(GENERAL, |r| {
            r.edit_authorization("host;", "");
        }),
        AuthFailure::HostNotSigned
    );
    assert_refused!(
        spoilt(S3, |r| {
            r.edit_authorization("host;", "");
        }),
        AuthFailure::HostNotSigned
    );
    assert_refused!(
        spoilt_url(GENERAL, |r| {
            r.edit_query("SignedHeaders=host", "SignedHeaders=");
        }),
        AuthFailure::HostNotSigned
    );
}

#[test]
fn the_date_has_to_be_signed() {
    assert_refused!(
        spoilt(GENERAL, |r| { r.edit_authorization(";x-amz-date", ""); }),
        AuthFailure::HeadersNotSigned { names } if names == ["x-amz-date"]
    );
    let with_date_header = spoilt(GENERAL, |r| {
        r.remove("x-amz-date")
            .add("Date", "Sat, 14 Feb 2026 09:26:53 GMT")
            .edit_authorization(";x-amz-date", "");
    });
    assert_refused!(with_date_header, AuthFailure::HeadersNotSigned { names } if names == ["date"]);
}

#[test]
fn every_amz_header_has_to_be_signed() {
    let token = |r: &mut Request| {
        r.add("X-Amz-Security-Token", TOKEN);
    };
    for rules in [GENERAL, S3] {
        assert_refused!(
            spoilt(rules, token),
            AuthFailure::HeadersNotSigned { names } if names == ["x-amz-security-token"]
        );
        for name in ["x-amz-target", "X-Amz-Acl", "x-amz-copy-source", "x-amz-meta-a", "x-amz-"] {
            assert_refused!(
                spoilt(rules, |r| { r.add(name, "v"); }),
                AuthFailure::HeadersNotSigned { names } if names == [name.to_ascii_lowercase()]
            );
        }
    }
    assert_refused!(
        spoilt(GENERAL, |r| {
            r.add("X-Amz-Content-Sha256", "v");
        }),
        AuthFailure::HeadersNotSigned { .. }
    );
    assert_refused!(
        spoilt_url(S3, |r| {
            r.add("x-amz-acl", "public-read");
        }),
        AuthFailure::HeadersNotSigned { .. }
    );
}

#[test]
fn the_list_of_signed_headers_has_one_spelling() {
    for list in ["x-amz-date;host", "Host;x-amz-date", "host;host;x-amz-date", "host;x-amz-date;x-amz-date"] {
        assert_refused!(
            spoilt(GENERAL, |r| {
                r.edit_authorization("host;x-amz-date", list);
            }),
            AuthFailure::MalformedSignedHeaders { .. }
        );
    }
    assert_refused!(
        spoilt(GENERAL, |r| { r.edit_authorization("host;x-amz-date", "host;not-there;x-amz-date"); }),
        AuthFailure::SignedHeaderAbsent { name } if name == "not-there"
    );
    assert_refused!(
        spoilt(GENERAL, |r| { r.edit_authorization("host;x-amz-date", ";host;x-amz-date"); }),
        AuthFailure::SignedHeaderAbsent { name } if name.is_empty()
    );
}

#[test]
fn headers_that_decide_about_authentication_come_once() {
    let authorization = |r: &mut Request| {
        let again = String::from_utf8(r.header("authorization").unwrap().to_vec()).unwrap();
        r.add("AUTHORIZATION", &again);
    };
    assert_refused!(spoilt(GENERAL, authorization), AuthFailure::DuplicateHeader { name: "authorization" });
    for (name, value) in [
        ("x-amz-date", "20260214T092653Z"),
        ("Host", "localhost:4566"),
        ("x-amz-content-sha256", "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"),
    ] {
        let request = spoilt(S3, |r| {
            r.add(name, value);
        });
        assert_refused!(request, AuthFailure::DuplicateHeader { name: refused } if refused.eq_ignore_ascii_case(name));
    }
    let mut with_token = sign(unsigned(GENERAL), true);
    with_token.authenticate().unwrap();
    with_token.add("x-amz-security-token", TOKEN);
    assert_refused!(with_token, AuthFailure::DuplicateHeader { name: "x-amz-security-token" });
}

#[test]
fn bytes_that_are_no_text_are_refused_where_text_is_expected() {
    for name in ["authorization", "x-amz-date", "x-amz-content-sha256"] {
        let request = spoilt(S3, |r| {
            let header = r.headers.iter_mut().find(|(n, _)| n == name).unwrap();
            header.1.insert(3, 0xff);
        });
        assert!(request.authenticate().is_err(), "{name}");
    }
}

#[test]
fn header_values_are_signed_byte_for_byte_but_for_white_space() {
    let mut request = unsigned(GENERAL);
    request.headers.push(("X-Amz-Name".to_owned(), b"\xffa  b".to_vec()));
    let request = sign(request, false);
    request.authenticate().unwrap();
    for (value, good) in [
        (b"\xffa b".as_slice(), true),
        (b" \xffa \t b  ", true),
        (b"\xffa\r\n b", true),
        (b"\xfea b", false),
        (b"\xffab", false),
        (b"\xffA b", false),
    ] {
        let mut changed = request.clone();
        changed.headers.iter_mut().find(|(name, _)| name == "X-Amz-Name").unwrap().1 = value.to_vec();
        assert_eq!(changed.authenticate().is_ok(), good, "{value:?}");
    }
}

#[test]
fn a_method_override_overrides_nothing() {
    for name in ["X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"] {
        spoilt(GENERAL, |r| {
            r.add(name, "DELETE");
        })
        .authenticate()
        .unwrap();
        let replayed = spoilt(GENERAL, |r| {
            r.add(name, "POST");
            r.method = "DELETE".to_owned();
        });
        assert_refused!(replayed, AuthFailure::SignatureMismatch);
    }
}
