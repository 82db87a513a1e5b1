//! A signer, for the command line, the demo and the tests. It is built on the verifier's own canonical request, so
//! it proves nothing about the verifier; botocore does that.

use thiserror::Error;

use crate::authorization::{Rules, Scope};
use crate::canonical::{Canonical, string_to_sign};
use crate::crypto::{hex, sha256};
use crate::encoding::encode;
use crate::failure::AuthFailure;
use crate::head::Head;
use crate::parse::{ALGORITHM, MAX_EXPIRES_S};
use crate::payload::PayloadHash;
use crate::query::Query;
use crate::secret::{SecretKey, SessionToken, SigningKey};
use crate::timestamp::format_basic;

/// What somebody signs with.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The access key id.
    pub access_key_id: String,
    /// The secret access key.
    pub secret: SecretKey,
    /// The session token, for temporary credentials.
    pub session_token: Option<SessionToken>,
}

/// Why a request cannot be signed.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum SignError {
    /// The request has no canonical form.
    #[error(transparent)]
    Request(#[from] AuthFailure),
    /// The request already carries what the signer would add.
    #[error("the request already has {0}")]
    AlreadyThere(&'static str),
    /// There is no `host` header to sign.
    #[error("the request has no host header")]
    NoHost,
    /// A presigned URL may live for a week at most.
    #[error("a presigned URL lives for at most 604800 seconds")]
    TooLong,
}

/// Signs requests to one service in one region.
#[derive(Clone, Copy, Debug)]
pub struct Signer<'a> {
    /// Whose signature it is.
    pub credentials: &'a Credentials,
    /// The region of the scope.
    pub region: &'a str,
    /// The service of the scope, by its signing name.
    pub service: &'a str,
    /// Which dialect the service speaks.
    pub rules: Rules,
}

/// The headers that no signer signs: they are changed on the way, or are the signature itself.
const NEVER_SIGNED: [&str; 12] = [
    "authorization",
    "connection",
    "expect",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "x-amzn-trace-id",
];

impl Signer<'_> {
    /// The headers to add to the request, `authorization` last. `now` is in seconds since the epoch.
    ///
    /// # Errors
    /// A request without `host`, with a malformed path or query, or that is signed already.
    pub fn sign_headers(
        &self,
        head: &Head,
        body: &[u8],
        now: i64,
    ) -> Result<Vec<(String, String)>, SignError> {
        refuse_headers(
            head,
            &["authorization", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256"],
        )?;
        let timestamp = format_basic(now);
        let mut added = vec![("x-amz-date".to_owned(), timestamp.clone())];
        if let Some(token) = &self.credentials.session_token {
            added.push(("x-amz-security-token".to_owned(), token.expose().to_owned()));
        }
        let body_hash = hex(&sha256(body));
        if self.rules == Rules::S3 {
            added.push(("x-amz-content-sha256".to_owned(), body_hash.clone()));
        }
        let headers: Vec<(&str, &[u8])> = head
            .headers
            .iter()
            .copied()
            .chain(added.iter().map(|(n, v)| (n.as_str(), v.as_bytes())))
            .collect();
        let signed = names_to_sign(&headers);
        let scope = self.scope(&timestamp);
        let query = Query::parse(head.query)?;
        if query.has_credentials() {
            return Err(SignError::AlreadyThere("X-Amz-Signature"));
        }
        let signature = self.signature(
            &Head { headers: &headers, ..*head },
            &query,
            &signed,
            &body_hash,
            &timestamp,
            &scope,
        )?;
        let authorization = format!(
            "{ALGORITHM} Credential={}/{scope}, SignedHeaders={}, Signature={signature}",
            self.credentials.access_key_id,
            signed.join(";")
        );
        added.push(("authorization".to_owned(), authorization));
        Ok(added)
    }

    /// The query string of a presigned URL that lives for `expires_s` seconds; it contains the query of `head`. The
    /// body of an S3 URL is not signed; that of another service is taken to be empty. `now` is in seconds since the
    /// epoch.
    ///
    /// # Errors
    /// As [`Signer::sign_headers`], and a life of more than a week.
    pub fn presign(&self, head: &Head, now: i64, expires_s: u64) -> Result<String, SignError> {
        refuse_headers(head, &["authorization", "x-amz-security-token"])?;
        if expires_s > MAX_EXPIRES_S.unsigned_abs() {
            return Err(SignError::TooLong);
        }
        if Query::parse(head.query)?.has_credentials() {
            return Err(SignError::AlreadyThere("X-Amz-Signature"));
        }
        let timestamp = format_basic(now);
        let scope = self.scope(&timestamp);
        let signed = names_to_sign(head.headers);
        let mut parameters = vec![
            ("X-Amz-Algorithm", ALGORITHM.to_owned()),
            ("X-Amz-Credential", format!("{}/{scope}", self.credentials.access_key_id)),
            ("X-Amz-Date", timestamp.clone()),
            ("X-Amz-Expires", expires_s.to_string()),
            ("X-Amz-SignedHeaders", signed.join(";")),
        ];
        if let Some(token) = &self.credentials.session_token {
            parameters.push(("X-Amz-Security-Token", token.expose().to_owned()));
        }
        let own = parameters.iter().map(|(name, value)| format!("{name}={}", encode(value.as_bytes())));
        let parts: Vec<String> =
            Some(head.query.to_owned()).filter(|query| !query.is_empty()).into_iter().chain(own).collect();
        let query = parts.join("&");
        let payload = match self.rules {
            Rules::S3 => PayloadHash::Unsigned,
            Rules::General => PayloadHash::Body,
        };
        let payload = payload.canonical(|| sha256(b""));
        let signature =
            self.signature(head, &Query::parse(&query)?, &signed, &payload, &timestamp, &scope)?;
        Ok(format!("{query}&X-Amz-Signature={signature}"))
    }

    fn scope(&self, timestamp: &str) -> Scope {
        Scope {
            date: timestamp.get(..8).unwrap_or_default().to_owned(),
            region: self.region.to_owned(),
            service: self.service.to_owned(),
        }
    }

    fn signature(
        &self,
        head: &Head,
        query: &Query,
        signed: &[String],
        payload: &str,
        timestamp: &str,
        scope: &Scope,
    ) -> Result<String, SignError> {
        if !signed.iter().any(|name| name == "host") {
            return Err(SignError::NoHost);
        }
        let canonical =
            Canonical { head, query, signed_headers: signed, payload, rules: self.rules }.to_bytes()?;
        let text = string_to_sign(timestamp, scope, &canonical);
        Ok(hex(&SigningKey::derive(&self.credentials.secret, scope).code(text.as_bytes())))
    }
}

fn refuse_headers(head: &Head, names: &[&'static str]) -> Result<(), SignError> {
    match names.iter().find(|name| head.headers.iter().any(|(n, _)| n.eq_ignore_ascii_case(name))) {
        Some(name) => Err(SignError::AlreadyThere(name)),
        None => Ok(()),
    }
}

/// The lower-case names of the headers that are signed, sorted, each once.
fn names_to_sign(headers: &[(&str, &[u8])]) -> Vec<String> {
    let lower = headers.iter().map(|(name, _)| name.to_ascii_lowercase());
    let mut names: Vec<String> = lower.filter(|name| !NEVER_SIGNED.contains(&name.as_str())).collect();
    names.sort_unstable();
    names.dedup();
    names
}
