//! What a request says about its signer, read and checked as far as that is possible without a key.

use std::fmt;

use crate::crypto::Hash;
use crate::payload::{PayloadHash, Streaming};
use crate::secret::SessionToken;

/// Which of AWS's two dialects of Signature Version 4 the service speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rules {
    /// S3: the path is encoded once and not normalised, the body may be unsigned or come in signed chunks.
    S3,
    /// Every other service: the path is normalised and encoded twice, the body's real hash is signed.
    General,
}

/// Whether a request is signed at all.
#[derive(Clone, Debug)]
pub enum Signing {
    /// No credentials of any kind. Whether that is allowed is for the operation to say.
    Unsigned,
    /// Well-formed credentials, whose signature nobody has checked yet.
    Signed(Box<Authorization>),
}

/// The credential scope without its terminator: what a signing key is derived for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Scope {
    /// The day, `YYYYMMDD`.
    pub date: String,
    /// The region, like `us-east-1`.
    pub region: String,
    /// The service's signing name, like `lambda`.
    pub service: String,
}

impl fmt::Display for Scope {
    /// The scope as it stands in the string to sign, terminator included.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}/aws4_request", self.date, self.region, self.service)
    }
}

/// Where the credentials of a request stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// In the `Authorization` header.
    Header,
    /// In the query string: a presigned URL.
    Query {
        /// How long the signer lets the URL live, in seconds; the service may allow less.
        expires_s: u64,
    },
}

/// The credentials of a signed request. Made only by [`parse`](crate::parse), used up by
/// [`check_scope`](crate::check_scope) and [`verify`](crate::verify).
#[derive(Clone)]
pub struct Authorization {
    /// The access key id that the request names.
    pub access_key_id: String,
    /// The credential scope that the request names.
    pub scope: Scope,
    /// The request's time in seconds since the epoch.
    pub timestamp: i64,
    /// The same time as it stands in the string to sign, `YYYYMMDDTHHMMSSZ`.
    pub timestamp_text: String,
    /// The names of the signed headers: lower case, sorted, each once.
    pub signed_headers: Vec<String>,
    /// The session token, for temporary credentials.
    pub session_token: Option<SessionToken>,
    /// Where the credentials stood.
    pub carrier: Carrier,
    /// How the body takes part in the signature.
    pub payload: PayloadHash,
    pub(crate) terminator: String,
    pub(crate) signature: Option<Hash>,
    pub(crate) streaming: Option<Streaming>,
}

impl fmt::Debug for Authorization {
    /// Prints everything but the signature; the token's own type keeps it to itself.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authorization")
            .field("access_key_id", &self.access_key_id)
            .field("scope", &self.scope)
            .field("timestamp", &self.timestamp_text)
            .field("signed_headers", &self.signed_headers)
            .field("session_token", &self.session_token)
            .field("carrier", &self.carrier)
            .field("payload", &self.payload)
            .finish_non_exhaustive()
    }
}
