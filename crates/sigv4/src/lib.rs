//! AWS Signature Version 4: canonical requests, verification, signing and presigning.
//!
//! A request is authenticated in three steps. [`parse`] reads its credentials and checks everything that needs no
//! key; [`check_scope`] checks that they are meant for this service, region and day; [`verify`] recomputes the
//! signature with the secret that the caller of this crate has looked up between the last two steps. An unknown
//! access key goes to [`verify_dummy`] instead, which does the same work and always refuses.
//!
//! This crate does no I/O and reads no clock. It panics on no input, prints no secret, and refuses whatever it does
//! not know. SigV4a (`AWS4-ECDSA-P256-SHA256`) is not built and is refused as an unsupported algorithm.

mod authorization;
mod cache;
mod canonical;
mod chunked;
mod crypto;
mod encoding;
mod failure;
mod head;
mod parse;
mod payload;
mod query;
mod render;
mod scope;
mod secret;
mod sign;
mod timestamp;
mod verify;

pub use authorization::{Authorization, Carrier, Rules, Scope, Signing};
pub use cache::SigningKeyCache;
pub use canonical::normalize_path;
pub use chunked::{ChunkError, DecodedBody};
pub use failure::{AuthFailure, CarrierKind, Echo, MAX_SKEW_S, ScopeMistakes};
pub use head::Head;
pub use parse::parse;
pub use payload::PayloadHash;
pub use render::{ErrorFamily, Rendered};
pub use scope::check_scope;
pub use secret::{SecretKey, SessionToken, SigningKey};
pub use sign::{Credentials, SignError, Signer};
pub use timestamp::format_basic;
pub use verify::{Verified, verify, verify_dummy, verify_with_key};
