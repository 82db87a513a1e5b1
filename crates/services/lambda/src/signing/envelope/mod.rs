//! The envelope of a signature: CMS SignedData (RFC 5652) as AWS Signer writes it, and the certificates in it.
//!
//! Only what AWS Signer uses is read: one signer, ECDSA over P-384 with SHA-384, everywhere. Whatever is different is
//! refused; nothing here tries to make sense of it.

mod ber;
mod certificate;
mod chain;
mod oid;
mod signed_data;
mod time;

pub(crate) use certificate::Certificate;
pub(crate) use chain::is_trusted;
pub(crate) use signed_data::SignedData;

/// An envelope or certificate that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Malformed(&'static str);
