//! The query string, decoded once. A parameter that takes part in authentication may stand there once only and in
//! its one spelling: a server that checked one of two and used the other was open for five years (mistake 14).

use crate::encoding::{BadEscape, decode, encode};
use crate::failure::AuthFailure;

/// The parameters by which a presigned URL carries its credentials.
pub(crate) const AUTH_PARAMETERS: [&str; 7] = [
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-Security-Token",
    "X-Amz-Signature",
    "X-Amz-SignedHeaders",
];

/// The parameters that make a request a presigned one, whatever else is missing.
const CREDENTIAL_PARAMETERS: [&str; 4] =
    ["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders"];

/// A query string as decoded names and values, in order of arrival.
pub(crate) struct Query {
    pairs: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Query {
    /// Decodes a raw query string; `+` means a space, a missing `=` an empty value.
    pub(crate) fn parse(raw: &str) -> Result<Self, AuthFailure> {
        let mut pairs = Vec::new();
        for part in raw.split('&').filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            pairs.push((decode(name, true).map_err(malformed)?, decode(value, true).map_err(malformed)?));
        }
        Ok(Self { pairs })
    }

    /// Refuses a second occurrence or another spelling of any parameter that takes part in authentication.
    pub(crate) fn check_auth_parameters(&self) -> Result<(), AuthFailure> {
        for name in AUTH_PARAMETERS {
            self.only(name)?;
        }
        Ok(())
    }

    /// The value of a parameter that may occur once only, and in no other spelling.
    pub(crate) fn only(&self, name: &'static str) -> Result<Option<String>, AuthFailure> {
        match self.find(name)? {
            Some((spelling, _)) if spelling != name.as_bytes() => {
                Err(AuthFailure::AmbiguousParameter { name })
            }
            found => Ok(found.map(|(_, value)| value)),
        }
    }

    /// The value of a parameter that may occur once only, in whatever case. For those that were headers before a
    /// signer moved them into the query, as the SDK for JavaScript does.
    pub(crate) fn only_in_any_case(&self, name: &'static str) -> Result<Option<String>, AuthFailure> {
        Ok(self.find(name)?.map(|(_, value)| value))
    }

    /// The spelling and value of a parameter that may occur once only.
    fn find(&self, name: &'static str) -> Result<Option<(&[u8], String)>, AuthFailure> {
        let mut found = self.pairs.iter().filter(|(n, _)| n.eq_ignore_ascii_case(name.as_bytes()));
        let first = found.next();
        match found.next() {
            Some(_) => Err(AuthFailure::AmbiguousParameter { name }),
            None => Ok(first
                .map(|(spelling, value)| (spelling.as_slice(), String::from_utf8_lossy(value).into_owned()))),
        }
    }

    /// Whether any parameter of a presigned URL is there, in any spelling.
    pub(crate) fn has_credentials(&self) -> bool {
        self.pairs
            .iter()
            .any(|(name, _)| CREDENTIAL_PARAMETERS.iter().any(|c| name.eq_ignore_ascii_case(c.as_bytes())))
    }

    /// Whether this is a URL presigned with S3's signature version 2, which SDKs still make where nobody tells them
    /// otherwise.
    pub(crate) fn is_presigned_with_version_2(&self) -> bool {
        self.pairs.iter().any(|(name, _)| name == b"AWSAccessKeyId")
    }

    /// Whether a session token is there, in any spelling.
    pub(crate) fn has_token(&self) -> bool {
        self.pairs.iter().any(|(name, _)| name.eq_ignore_ascii_case(b"X-Amz-Security-Token"))
    }

    /// The canonical query string: encoded anew, sorted by the encoded bytes of name then value, without the
    /// signature (reference iam.md 6.1).
    pub(crate) fn canonical(&self) -> String {
        let mut encoded: Vec<(String, String)> = self
            .pairs
            .iter()
            .filter(|(name, _)| name != b"X-Amz-Signature")
            .map(|(name, value)| (encode(name), encode(value)))
            .collect();
        encoded.sort_unstable();
        let joined: Vec<String> =
            encoded.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        joined.join("&")
    }
}

fn malformed(escape: BadEscape) -> AuthFailure {
    let message = match escape {
        BadEscape::Incomplete => "Incomplete trailing escape % sequence".to_owned(),
        BadEscape::IllegalHex(text) => format!("Illegal hex character in escape % pattern: {text}"),
    };
    AuthFailure::MalformedQuery { message }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(raw: &str) -> String {
        Query::parse(raw).unwrap().canonical()
    }

    #[test]
    fn the_canonical_query_is_decoded_encoded_and_sorted() {
        for (raw, expected) in [
            ("", ""),
            ("a", "a="),
            ("a=", "a="),
            ("b=2&a=1", "a=1&b=2"),
            ("a=2&a=1", "a=1&a=2"),
            ("a-=1&a=2", "a=2&a-=1"),
            ("a=x+y", "a=x%20y"),
            ("a=x%20y", "a=x%20y"),
            ("a=x%2By", "a=x%2By"),
            ("a=%7e%2d", "a=~-"),
            ("a=b=c", "a=b%3Dc"),
            ("&&a=1&", "a=1"),
            ("%E1%88%B4=v&Z=1", "%E1%88%B4=v&Z=1"),
            ("a=1&X-Amz-Signature=00", "a=1"),
            ("a=%ff", "a=%FF"),
        ] {
            assert_eq!(canonical(raw), expected, "{raw}");
        }
    }

    #[test]
    fn a_second_spelling_of_an_auth_parameter_is_refused() {
        for raw in [
            "X-Amz-Date=1&X-Amz-Date=1",
            "X-Amz-Date=1&x-amz-date=2",
            "x-amz-date=1",
            "X-Amz%2DDate=1&X-Amz-Date=1",
        ] {
            let query = Query::parse(raw).unwrap();
            assert!(
                matches!(
                    query.check_auth_parameters(),
                    Err(AuthFailure::AmbiguousParameter { name: "X-Amz-Date" })
                ),
                "{raw}"
            );
        }
    }
}
