//! Code signing: which configurations there are, which functions have one, and what they let in.
//!
//! Signatures are checked for real. What AWS Signer puts into a zip file is a detached CMS signature over the names
//! and contents of all entries; [`envelope`] reads it. Two things differ from AWS: whom to trust is the operator's
//! word (see [`roots`]), because AWS publishes no root certificate for it, and a signature cannot be revoked, because
//! there is no AWS Signer here that could be asked.

mod admission;
mod attachment;
mod configuration;
mod envelope;
mod reference;
mod roots;
mod verify;

pub(crate) use admission::require_admitted;
pub(crate) use reference::{ConfigReference, missing};
pub(crate) use roots::TrustedRoots;
pub(crate) use verify::signature_of;
