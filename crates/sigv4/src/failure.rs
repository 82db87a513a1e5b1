//! Every way in which authentication fails, as one closed type. `Display` speaks to the operator's log and holds no
//! secret, token or signature; what the caller reads is made by [`AuthFailure::render`].

use std::fmt;

use thiserror::Error;

use crate::chunked::ChunkError;
use crate::crypto::Hash;

/// The largest difference between a request's time and ours, in seconds. AWS documents five minutes and allows
/// fifteen (reference iam.md 6.3).
pub const MAX_SKEW_S: i64 = 15 * 60;

/// Which of the two credential carriers a failure speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CarrierKind {
    /// The `Authorization` header.
    Header,
    /// The query string.
    Query,
}

/// The caller's own words, kept for the answer to the caller. They may hold anything, a misplaced secret included, so
/// no log gets to print them.
#[derive(Clone, PartialEq, Eq)]
pub struct Echo(pub(crate) String);

impl Echo {
    /// The words, for an answer to the one who sent them.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Echo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Echo({} bytes)", self.0.len())
    }
}

/// What of a credential scope is wrong; `None` is right. Four mistakes make one message, in this order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScopeMistakes {
    /// The region that was named, and the one that was expected.
    pub region: Option<(String, String)>,
    /// The service that was named, and the one that was expected.
    pub service: Option<(String, String)>,
    /// The terminator that was named.
    pub terminator: Option<String>,
    /// The date that was named, and the request's time in basic format.
    pub date: Option<(String, String)>,
}

/// Why a request is not authenticated. AWS's own messages are quoted from reference iam.md 6.3.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum AuthFailure {
    /// The path has a broken escape, climbs above its root, or does not begin with a slash.
    #[error("the request path is malformed")]
    MalformedPath,
    /// `Incomplete trailing escape % sequence` or `Illegal hex character in escape % pattern: %zz`.
    #[error("the query string is malformed: {message}")]
    MalformedQuery {
        /// AWS's sentence.
        message: String,
    },
    /// Both an `Authorization` header and a presigned query string, or a token in the other one's place.
    #[error("the request carries credentials in its Authorization header and in its query string")]
    TwoCarriers,
    /// A header that decides about authentication came twice.
    #[error("the header {name} occurs more than once")]
    DuplicateHeader {
        /// The header's name in lower case.
        name: &'static str,
    },
    /// A query parameter that decides about authentication came twice or in another spelling.
    #[error("the query parameter {name} occurs more than once or in another spelling")]
    AmbiguousParameter {
        /// The parameter's right name.
        name: &'static str,
    },
    /// A part of the `Authorization` header came twice or is not a known one.
    #[error("the Authorization header has a part that is repeated or unknown")]
    UnexpectedPart {
        /// The part's name as received.
        name: Echo,
    },
    /// `Request is missing Authentication Token`. Raised by the caller, for an operation that has to be signed.
    #[error("the request is not signed")]
    MissingAuthentication,
    /// `Unsupported AWS 'algorithm': 'x'.`
    #[error("the signing algorithm is not AWS4-HMAC-SHA256")]
    UnsupportedAlgorithm {
        /// What was named instead.
        algorithm: Echo,
        /// Where.
        carrier: CarrierKind,
    },
    /// `'x' not a valid key=value pair (missing equal-sign) in Authorization header: 'y'.`
    #[error("a part of the Authorization header is not a key=value pair")]
    NotKeyValue {
        /// The part.
        part: Echo,
        /// The header with its signature left out.
        header: Echo,
    },
    /// `Authorization header requires 'Credential' parameter. ...`
    #[error("the credentials lack {missing:?}")]
    MissingParts {
        /// The names of the missing parts, in AWS's order.
        missing: Vec<&'static str>,
        /// Where they are missing.
        carrier: CarrierKind,
        /// The `Authorization` header with its signature left out; empty for a presigned URL.
        header: Echo,
    },
    /// `SignedHeaders` is not a sorted list of lower-case names, each once.
    #[error("the list of signed headers is not in lower case, sorted and free of repetition")]
    MalformedSignedHeaders {
        /// The list as received.
        value: Echo,
    },
    /// `'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.`
    #[error("the host header is not signed")]
    HostNotSigned,
    /// S3: `There were headers present in the request which were not signed`.
    #[error("headers that have to be signed are not: {names:?}")]
    HeadersNotSigned {
        /// Their names in lower case.
        names: Vec<String>,
    },
    /// A header is named as signed and did not come.
    #[error("the signed header {name:?} is absent")]
    SignedHeaderAbsent {
        /// The header's name.
        name: String,
    },
    /// `Date must be in ISO-8601 'basic format'. Got 'x'. ...`
    #[error("the request's date cannot be read")]
    MalformedDate {
        /// What stood there.
        value: Echo,
        /// Where.
        carrier: CarrierKind,
    },
    /// `Signature expired: ... is now earlier than ...`
    #[error("the signature is of {timestamp} and has expired at {now}")]
    SignatureExpired {
        /// The request's time, in seconds since the epoch.
        timestamp: i64,
        /// Our time, in seconds since the epoch.
        now: i64,
        /// For how many seconds this signature was good.
        lifetime_s: i64,
        /// Where the credentials stood.
        carrier: CarrierKind,
    },
    /// `Signature not yet current: ... is still later than ...`
    #[error("the signature is of {timestamp}, which is still to come at {now}")]
    SignatureNotYetCurrent {
        /// The request's time, in seconds since the epoch.
        timestamp: i64,
        /// Our time, in seconds since the epoch.
        now: i64,
        /// Where the credentials stood.
        carrier: CarrierKind,
    },
    /// `X-Amz-Expires` is no number, negative, or more than a week.
    #[error("X-Amz-Expires cannot be accepted: {message}")]
    MalformedExpires {
        /// S3's sentence.
        message: &'static str,
    },
    /// `Credential must have exactly 5 slash-delimited elements, ...`
    #[error("the credential does not have five parts")]
    MalformedCredential {
        /// The credential as received.
        value: Echo,
        /// Where.
        carrier: CarrierKind,
    },
    /// `Credential should be scoped to ...`
    #[error("the credential scope is wrong: {mistakes:?}")]
    WrongScope {
        /// What is wrong with it.
        mistakes: Box<ScopeMistakes>,
        /// Where it stood.
        carrier: CarrierKind,
    },
    /// S3 demands `x-amz-content-sha256`.
    #[error("the header x-amz-content-sha256 is missing")]
    MissingPayloadHash,
    /// The value of `x-amz-content-sha256` is neither a hash nor a known mode.
    #[error("x-amz-content-sha256 is neither a hash nor a known mode")]
    UnknownPayloadHash {
        /// The value.
        value: Echo,
    },
    /// A payload mode that exists, at a service or in a carrier that does not have it.
    #[error("the payload mode of x-amz-content-sha256 is not allowed here")]
    PayloadModeRefused {
        /// The mode.
        value: Echo,
    },
    /// The body does not have the hash that was signed.
    #[error("the body does not have the hash that x-amz-content-sha256 states")]
    PayloadHashMismatch {
        /// The stated hash.
        stated: Hash,
        /// The body's hash.
        computed: Hash,
    },
    /// A chunked upload without a readable `x-amz-decoded-content-length`.
    #[error("a chunked upload lacks x-amz-decoded-content-length")]
    MissingDecodedLength,
    /// `x-amz-trailer` names something that is no checksum, twice the same, or in a mode without trailers.
    #[error("x-amz-trailer names {name:?}, which is not acceptable")]
    UnacceptableTrailer {
        /// The name.
        name: String,
    },
    /// A chunked body is not what was signed.
    #[error("the chunked body is not acceptable: {0}")]
    Chunk(#[from] ChunkError),
    /// No such access key. Raised by the caller, after [`verify_dummy`](crate::verify_dummy).
    #[error("the access key {access_key_id:?} does not exist")]
    UnknownAccessKey {
        /// The access key id that was named.
        access_key_id: String,
    },
    /// The access key exists and is inactive. Raised by the caller.
    #[error("the access key {access_key_id:?} is inactive")]
    InactiveKey {
        /// The access key id that was named.
        access_key_id: String,
    },
    /// A temporary access key came without its session token. Raised by the caller.
    #[error("the temporary access key {access_key_id:?} came without its session token")]
    TokenMissing {
        /// The access key id that was named.
        access_key_id: String,
    },
    /// The session token is not one of ours, belongs to another key, or its session is no more. Raised by the caller.
    #[error("the session token is not valid")]
    TokenInvalid,
    /// The session has expired. Raised by the caller.
    #[error("the session has expired")]
    TokenExpired,
    /// The signature is wrong.
    #[error("the signature does not match")]
    SignatureMismatch,
}
