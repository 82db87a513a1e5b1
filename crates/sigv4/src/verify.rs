//! Recomputes the signature of a request. One function for every carrier and every payload mode: what is signed is
//! always checked the same way, and only then does the mode say what becomes of the body.

use std::fmt;

use subtle::{Choice, ConstantTimeEq};

use crate::authorization::{Authorization, Rules, Scope};
use crate::canonical::{Canonical, string_to_sign};
use crate::chunked::{self, ChunkError, DecodedBody};
use crate::crypto::{Hash, sha256};
use crate::failure::AuthFailure;
use crate::head::Head;
use crate::payload::{PayloadHash, Streaming};
use crate::query::Query;
use crate::scope::check_day_and_terminator;
use crate::secret::{SecretKey, SigningKey};

/// The secret that signatures of unknown access keys are checked against. It opens nothing:
/// [`verify_dummy`] refuses whatever comes out.
const DUMMY_SECRET: &str = "no-access-key-has-this-secret-0000000000";

/// A request whose signature was right. For a chunked body it holds what is needed to check the chunks.
pub struct Verified {
    /// How the body took part in the signature.
    pub payload: PayloadHash,
    pub(crate) chain: Option<Chain>,
}

/// The beginning of the chain of chunk signatures.
pub(crate) struct Chain {
    pub key: SigningKey,
    pub timestamp: String,
    pub scope: Scope,
    pub seed: Hash,
    pub promised: Streaming,
}

impl fmt::Debug for Verified {
    /// The seed signature and the key stay inside.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verified").field("payload", &self.payload).finish_non_exhaustive()
    }
}

impl Verified {
    /// The content of the body: the body itself, or what its chunks hold once each signature in them was checked.
    ///
    /// # Errors
    /// A chunked body that is malformed, of another length than promised, or wrongly signed.
    pub fn decode_body(&self, body: &[u8]) -> Result<DecodedBody, ChunkError> {
        match &self.chain {
            Some(chain) => chunked::decode(self.payload, chain, body),
            None => Ok(DecodedBody { bytes: body.to_vec(), trailers: Vec::new() }),
        }
    }
}

/// Recomputes the signature of `head` and `body` with `secret` and compares it in constant time. `body` is what was
/// received, framing included.
///
/// # Errors
/// [`AuthFailure::SignatureMismatch`]; [`AuthFailure::PayloadHashMismatch`] if only the body differs from its stated
/// hash; a scope of another day.
pub fn verify(
    authorization: &Authorization,
    head: &Head,
    body: &[u8],
    secret: &SecretKey,
    rules: Rules,
) -> Result<Verified, AuthFailure> {
    verify_with_key(authorization, head, body, &SigningKey::derive(secret, &authorization.scope), rules)
}

/// Like [`verify`], with a key that was derived before, as [`SigningKeyCache`](crate::SigningKeyCache) keeps it.
///
/// # Errors
/// As [`verify`].
pub fn verify_with_key(
    authorization: &Authorization,
    head: &Head,
    body: &[u8],
    key: &SigningKey,
    rules: Rules,
) -> Result<Verified, AuthFailure> {
    check_day_and_terminator(authorization)?;
    let query = Query::parse(head.query)?;
    let payload = authorization.payload.canonical(|| sha256(body));
    let canonical = Canonical {
        head,
        query: &query,
        signed_headers: &authorization.signed_headers,
        payload: &payload,
        rules,
    };
    let text = string_to_sign(&authorization.timestamp_text, &authorization.scope, &canonical.to_bytes()?);
    let computed = key.code(text.as_bytes());
    if !same(authorization.signature, computed) {
        return Err(AuthFailure::SignatureMismatch);
    }
    check_stated_hash(authorization.payload, body)?;
    Ok(Verified {
        payload: authorization.payload,
        chain: authorization.streaming.clone().map(|promised| Chain {
            key: key.clone(),
            timestamp: authorization.timestamp_text.clone(),
            scope: authorization.scope.clone(),
            seed: computed,
            promised,
        }),
    })
}

/// Does the work of [`verify`] for an access key that does not exist, so that nobody learns from the time of an
/// answer which keys do; then refuses.
pub fn verify_dummy(authorization: &Authorization, head: &Head, body: &[u8], rules: Rules) -> AuthFailure {
    match verify(authorization, head, body, &SecretKey::new(DUMMY_SECRET), rules) {
        Ok(_) | Err(_) => {
            AuthFailure::UnknownAccessKey { access_key_id: authorization.access_key_id.clone() }
        }
    }
}

/// Compares in constant time; a signature that could not be read costs the same and is never the same.
fn same(presented: Option<Hash>, computed: Hash) -> bool {
    let readable = Choice::from(u8::from(presented.is_some()));
    (presented.unwrap_or_default().ct_eq(&computed) & readable).into()
}

fn check_stated_hash(payload: PayloadHash, body: &[u8]) -> Result<(), AuthFailure> {
    let PayloadHash::Stated(stated) = payload else { return Ok(()) };
    let computed = sha256(body);
    if stated.ct_eq(&computed).into() {
        Ok(())
    } else {
        Err(AuthFailure::PayloadHashMismatch { stated, computed })
    }
}
