//! botocore as the oracle: every request that it signed is accepted, and none of them once any byte that matters has
//! been changed.

use crate::support::{Request, VECTORS};
use rolecall_sigv4::{AuthFailure, Carrier, PayloadHash, Rules, Signing, normalize_path};

#[test]
fn every_request_that_botocore_signs_is_accepted() {
    assert!(VECTORS.len() > 300);
    for vector in VECTORS.iter() {
        let name = &vector.request.name;
        let (authorization, body) = vector.request.authenticate().unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(body.bytes, vector.content, "{name}");
        assert_eq!(body.trailers, vector.trailers, "{name}");
        assert_eq!(authorization.timestamp, vector.request.now, "{name}");
        assert_eq!(
            authorization.session_token.as_ref().map(|token| token.expose().to_owned()),
            vector.token,
            "{name}"
        );
    }
}

#[test]
fn the_vectors_cover_every_carrier_and_payload_mode() {
    let mut modes = Vec::new();
    for vector in VECTORS.iter() {
        let Ok(Signing::Signed(authorization)) = vector.request.parse() else {
            panic!("{}", vector.request.name)
        };
        let payload = match authorization.payload {
            PayloadHash::Stated(_) => PayloadHash::Stated([0; 32]),
            other => other,
        };
        let carrier = matches!(authorization.carrier, Carrier::Header);
        modes.push((
            vector.request.rules == Rules::S3,
            carrier,
            payload,
            authorization.session_token.is_some(),
        ));
    }
    for token in [false, true] {
        for expected in [
            (false, true, PayloadHash::Body, token),
            (false, true, PayloadHash::Stated([0; 32]), token),
            (false, false, PayloadHash::Body, token),
            (true, true, PayloadHash::Stated([0; 32]), token),
            (true, true, PayloadHash::Unsigned, token),
            (true, false, PayloadHash::Unsigned, token),
            (true, true, PayloadHash::SignedChunks, token),
            (true, true, PayloadHash::SignedChunksAndTrailer, token),
            (true, true, PayloadHash::UnsignedChunksAndTrailer, token),
        ] {
            assert!(modes.contains(&expected), "{expected:?}");
        }
    }
}

/// Some other letter or digit; changing the case of a letter is a change, but not of a hexadecimal digit.
fn other(byte: u8) -> u8 {
    if byte == b'7' { b'4' } else { b'7' }
}

/// Changes each letter and digit of `text` in turn, every `stride`th of them.
fn mutations(text: &[u8], stride: usize) -> impl Iterator<Item = Vec<u8>> + '_ {
    let places = text.iter().enumerate().filter(|(_, byte)| byte.is_ascii_alphanumeric());
    places.step_by(stride).map(|(at, byte)| {
        let mut changed = text.to_vec();
        changed[at] = other(*byte);
        changed
    })
}

fn string(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

fn assert_refused(changed: &Request, what: &str) {
    assert!(changed.authenticate().is_err(), "{} is accepted with {what}: {changed:?}", changed.name);
}

/// All bytes would be half a million verifications, so each request has another sample of its bytes changed.
fn stride(index: usize) -> usize {
    3 + index % 5
}

#[test]
fn no_request_survives_a_change_of_its_method_path_or_query() {
    for (i, vector) in VECTORS.iter().enumerate() {
        let request = &vector.request;
        for method in mutations(request.method.as_bytes(), 1) {
            assert_refused(&Request { method: string(method), ..request.clone() }, "another method");
        }
        for path in mutations(request.path.as_bytes(), 1).map(string) {
            let same = request.rules == Rules::General
                && normalize_path(&path).ok() == normalize_path(&request.path).ok();
            if !same {
                assert_refused(&Request { path, ..request.clone() }, "another path");
            }
        }
        for query in mutations(request.query.as_bytes(), stride(i)).map(string) {
            assert_refused(&Request { query, ..request.clone() }, "another query");
        }
        let longer = format!("{}&added=1", request.query);
        assert_refused(&Request { query: longer, ..request.clone() }, "an added parameter");
    }
}

/// The headers that botocore leaves unsigned.
const UNSIGNED: [&str; 2] = ["user-agent", "x-amzn-trace-id"];

#[test]
fn no_request_survives_a_change_of_a_signed_header() {
    for (i, vector) in VECTORS.iter().enumerate() {
        for (at, (name, value)) in vector.request.headers.iter().enumerate() {
            if UNSIGNED.contains(&name.to_ascii_lowercase().as_str()) {
                continue;
            }
            let mut changed = vector.request.clone();
            for value in mutations(value, stride(i)) {
                changed.headers[at].1 = value;
                assert_refused(&changed, name);
            }
            changed.headers[at].1 = [value.as_slice(), b"x"].concat();
            assert_refused(&changed, name);
            let mut removed = vector.request.clone();
            removed.headers.remove(at);
            assert!(removed.authenticate().is_err(), "{} without {name}", removed.name);
            let mut doubled = vector.request.clone();
            doubled.headers.push((name.clone(), value.clone()));
            assert_refused(&doubled, "a doubled header");
        }
    }
}

#[test]
fn every_request_survives_a_change_of_what_nobody_signs() {
    for vector in VECTORS.iter() {
        let mut changed = vector.request.clone();
        changed
            .set("User-Agent", "another one")
            .set("X-Amzn-Trace-Id", "another one")
            .add("Expect", "100-continue");
        changed.headers.reverse();
        // Values of one name keep their order among each other, or else they would be another value.
        changed.headers.sort_by_key(|(name, _)| name.to_ascii_lowercase());
        let repeated = changed.headers.windows(2).any(|w| w[0].0.eq_ignore_ascii_case(&w[1].0));
        if !repeated {
            changed.authenticate().unwrap_or_else(|e| panic!("{}: {e}", changed.name));
        }
    }
}

#[test]
fn no_request_survives_a_change_of_its_signed_body() {
    for vector in VECTORS.iter() {
        let request = &vector.request;
        let Ok(Signing::Signed(authorization)) = request.parse() else { panic!("{}", request.name) };
        let content_is_signed = match authorization.payload {
            PayloadHash::Unsigned => continue,
            PayloadHash::UnsignedChunksAndTrailer => false,
            PayloadHash::Body
            | PayloadHash::Stated(_)
            | PayloadHash::SignedChunks
            | PayloadHash::SignedChunksAndTrailer => true,
        };
        let longer = [request.body.as_slice(), b"0"].concat();
        assert_refused(&Request { body: longer, ..request.clone() }, "a longer body");
        if let [shorter @ .., _] = request.body.as_slice() {
            assert_refused(&Request { body: shorter.to_vec(), ..request.clone() }, "a shorter body");
        }
        if content_is_signed {
            for body in mutations(&request.body, 5) {
                assert_refused(&Request { body, ..request.clone() }, "another body");
            }
        }
    }
}

#[test]
fn no_request_is_accepted_with_another_secret_service_region_or_time() {
    for vector in VECTORS.iter() {
        let request = &vector.request;
        let secret = rolecall_sigv4::SecretKey::new("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEZ");
        let wrong = Request { secret, ..request.clone() };
        assert_eq!(wrong.authenticate().map(drop), Err(AuthFailure::SignatureMismatch), "{}", request.name);
        assert_refused(&Request { service: "ec2".to_owned(), ..request.clone() }, "another service");
        assert_refused(&Request { region: "us-east-2".to_owned(), ..request.clone() }, "another region");
        assert_refused(&Request { now: request.now - 901, ..request.clone() }, "a time before");
        assert_refused(&Request { now: request.now + 604_801, ..request.clone() }, "a time long after");
        if request.query.is_empty() {
            assert_refused(&Request { now: request.now + 901, ..request.clone() }, "a time after");
        }
    }
}
