//! The canonical request: the one text that signer and verifier both make from a request, and whose hash is signed
//! (reference iam.md 6.1).

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::authorization::{Rules, Scope};
use crate::crypto::sha256_hex;
use crate::encoding::{decode, encode_path, is_plain_path};
use crate::failure::AuthFailure;
use crate::head::Head;
use crate::query::Query;

/// The parts that a canonical request is put together from.
pub(crate) struct Canonical<'a> {
    pub head: &'a Head<'a>,
    pub query: &'a Query,
    pub signed_headers: &'a [String],
    /// The last line.
    pub payload: &'a str,
    pub rules: Rules,
}

impl Canonical<'_> {
    /// Writes the canonical request.
    pub(crate) fn to_bytes(&self) -> Result<Vec<u8>, AuthFailure> {
        let mut out = Vec::with_capacity(512);
        let mut line = |bytes: &[u8]| {
            out.extend_from_slice(bytes);
            out.push(b'\n');
        };
        line(self.head.method.as_bytes());
        line(path(self.head.path, self.rules)?.as_bytes());
        line(self.query.canonical().as_bytes());
        line(&headers(self.head, self.signed_headers)?);
        line(self.signed_headers.join(";").as_bytes());
        out.extend_from_slice(self.payload.as_bytes());
        Ok(out)
    }
}

/// The text whose code under the signing key is the signature.
pub(crate) fn string_to_sign(timestamp: &str, scope: &Scope, canonical_request: &[u8]) -> String {
    format!("AWS4-HMAC-SHA256\n{timestamp}\n{scope}\n{}", sha256_hex(canonical_request))
}

/// The canonical form of a raw path.
pub(crate) fn path(raw: &str, rules: Rules) -> Result<Cow<'_, str>, AuthFailure> {
    // Most paths consist of characters that stand for themselves: there is nothing to decode or encode.
    let plain = is_plain_path(raw);
    let decoded =
        if plain { Vec::new() } else { decode(raw, false).map_err(|_| AuthFailure::MalformedPath)? };
    match rules {
        Rules::S3 if raw.is_empty() => Ok(Cow::Borrowed("/")),
        Rules::S3 if raw.starts_with('/') && plain => Ok(Cow::Borrowed(raw)),
        Rules::S3 if raw.starts_with('/') => Ok(Cow::Owned(encode_path(&decoded))),
        Rules::S3 => Err(AuthFailure::MalformedPath),
        Rules::General if plain => normalize_path(raw),
        Rules::General => Ok(Cow::Owned(encode_path(normalize_path(raw)?.as_bytes()))),
    }
}

/// The raw path without `.`, `..` and empty segments, still encoded as it was: what every service but S3 signs.
/// Route by this text and not by the raw one, so that what is authorised is what was signed.
///
/// # Errors
/// A path that does not begin with `/`, or that climbs above its root.
pub fn normalize_path(raw: &str) -> Result<Cow<'_, str>, AuthFailure> {
    if raw.is_empty() {
        return Ok(Cow::Borrowed("/"));
    }
    let inner = raw.strip_prefix('/').ok_or(AuthFailure::MalformedPath)?;
    // Whatever is to be taken out begins with a slash and one of these.
    let tidy = |pair: &[u8]| !matches!(pair, b"//" | b"/.");
    if raw.as_bytes().windows(2).all(tidy) {
        return Ok(Cow::Borrowed(raw));
    }
    let mut kept: Vec<&str> = Vec::new();
    for segment in inner.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                kept.pop().ok_or(AuthFailure::MalformedPath)?;
            }
            name => kept.push(name),
        }
    }
    let slash = if raw.ends_with('/') && !kept.is_empty() { "/" } else { "" };
    Ok(Cow::Owned(format!("/{}{slash}", kept.join("/"))))
}

/// The canonical headers, each with its line feed. Every signed header has to be there.
fn headers(head: &Head, signed_headers: &[String]) -> Result<Vec<u8>, AuthFailure> {
    let mut arrived: Vec<(&str, &[u8])> = head.headers.to_vec();
    // The sort is stable, so values of one name stay in order of arrival.
    arrived.sort_by(|(a, _), (b, _)| compare_names(a, b));
    let mut out = Vec::with_capacity(256);
    let mut rest = arrived.as_slice();
    for name in signed_headers {
        let skipped = rest.partition_point(|(n, _)| compare_names(n, name) == Ordering::Less);
        rest = rest.get(skipped..).unwrap_or_default();
        let count = rest.partition_point(|(n, _)| n.eq_ignore_ascii_case(name));
        let (same, after) = rest.split_at_checked(count).unwrap_or((rest, &[]));
        if same.is_empty() {
            return Err(AuthFailure::SignedHeaderAbsent { name: name.clone() });
        }
        rest = after;
        write_header(&mut out, name, same);
    }
    Ok(out)
}

fn compare_names(a: &str, b: &str) -> Ordering {
    a.bytes().map(|byte| byte.to_ascii_lowercase()).cmp(b.bytes().map(|byte| byte.to_ascii_lowercase()))
}

fn write_header(out: &mut Vec<u8>, name: &str, values: &[(&str, &[u8])]) {
    out.extend_from_slice(name.as_bytes());
    for (i, (_, value)) in values.iter().enumerate() {
        out.push(if i == 0 { b':' } else { b',' });
        write_collapsed(out, value);
    }
    out.push(b'\n');
}

/// Trims a header value and makes one space of each run of white space within it. A folded header is such a run.
fn write_collapsed(out: &mut Vec<u8>, value: &[u8]) {
    let words = value.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    for (i, word) in words.enumerate() {
        if i > 0 {
            out.push(b' ');
        }
        out.extend_from_slice(word);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn paths_of_ordinary_services_are_normalised_and_encoded_twice() {
        for (raw, expected) in [
            ("", "/"),
            ("/", "/"),
            ("//", "/"),
            ("/./", "/"),
            ("/a/../", "/"),
            ("/a/b/..", "/a"),
            ("/a/b/../", "/a/"),
            ("//a//b//", "/a/b/"),
            ("/a//b", "/a/b"),
            ("/./a", "/a"),
            ("/a/./b/", "/a/b/"),
            ("/a%3Ab", "/a%253Ab"),
            ("/a b", "/a%20b"),
            ("/\u{1234}", "/%E1%88%B4"),
            ("/a/..b/.c", "/a/..b/.c"),
            ("/%2e%2e/a", "/%252e%252e/a"),
        ] {
            assert_eq!(path(raw, Rules::General).ok().as_deref(), Some(expected), "{raw}");
        }
    }

    #[test]
    fn paths_of_s3_are_encoded_once_and_left_as_they_are() {
        for (raw, expected) in [
            ("", "/"),
            ("//a/../b/./", "//a/../b/./"),
            ("/a%3Ab", "/a%3Ab"),
            ("/a%3ab", "/a%3Ab"),
            ("/a+b", "/a%2Bb"),
            ("/a%7Eb", "/a~b"),
            ("/a b", "/a%20b"),
        ] {
            assert_eq!(path(raw, Rules::S3).ok().as_deref(), Some(expected), "{raw}");
        }
    }

    #[test]
    fn a_path_above_its_root_or_without_one_is_refused() {
        for raw in ["/..", "/a/../..", "/a/../../b", "a", "*", "http://host/a", "/%", "/%zz", "/a%2"] {
            assert!(path(raw, Rules::General).is_err(), "{raw}");
        }
        for raw in ["a", "*", "/%", "/%zz"] {
            assert!(path(raw, Rules::S3).is_err(), "{raw}");
        }
    }

    #[test]
    fn headers_are_lowered_collapsed_and_joined_in_order_of_arrival() {
        let arrived: &[(&str, &[u8])] = &[
            ("Zed", b"z"),
            ("My-Header", b"  b   c\t d "),
            ("HOST", b"h"),
            ("my-header", b"a"),
            ("Folded", b"one\r\n  two"),
            ("Raw", b"\xff\xfe"),
        ];
        let head = Head { method: "GET", path: "/", query: "", headers: arrived };
        let names = ["folded", "host", "my-header", "raw"].map(str::to_owned);
        assert_eq!(
            headers(&head, &names).ok(),
            Some(b"folded:one two\nhost:h\nmy-header:b c d,a\nraw:\xff\xfe\n".to_vec())
        );
    }

    /// AWS's own suite says what the canonical request of each of its requests is, with and without normalising.
    #[test]
    fn canonical_requests_are_those_of_aws_suite() {
        let suite: Vec<Value> = serde_json::from_str(include_str!("../tests/oracle/aws-suite.json")).unwrap();
        for case in &suite {
            let text = |key: &str| case[key].as_str().unwrap();
            let mut last_lines = text("canonical").rsplit('\n');
            let payload = last_lines.next().unwrap();
            let signed_headers: Vec<String> =
                last_lines.next().unwrap().split(';').map(str::to_owned).collect();
            let headers: Vec<(&str, &[u8])> = case["headers"]
                .as_array()
                .unwrap()
                .iter()
                .map(|h| (h[0].as_str().unwrap(), h[1].as_str().unwrap().as_bytes()))
                .collect();
            let canonical = Canonical {
                head: &Head {
                    method: text("method"),
                    path: text("path"),
                    query: text("query"),
                    headers: &headers,
                },
                query: &Query::parse(text("query")).unwrap(),
                signed_headers: &signed_headers,
                payload,
                rules: if case["normalize"] == true { Rules::General } else { Rules::S3 },
            };
            let bytes = canonical.to_bytes().unwrap();
            assert_eq!(String::from_utf8_lossy(&bytes), text("canonical"), "{}", text("name"));
        }
    }

    #[test]
    fn a_header_that_is_signed_but_absent_is_refused() {
        let head = Head { method: "GET", path: "/", query: "", headers: &[("host", b"h")] };
        for name in ["a", "z"] {
            assert!(matches!(
                headers(&head, &[name.to_owned()]),
                Err(AuthFailure::SignedHeaderAbsent { name: absent }) if absent == name
            ));
        }
    }
}
