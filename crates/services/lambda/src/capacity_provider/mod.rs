//! Capacity providers: the instances of an account on which functions may run.
//!
//! They are remembered, shown, tagged and authorised like any resource. No function runs on one here: a function that
//! asks for it is refused, so no capacity provider ever has a function version, and none launches an instance.

mod operations;
mod operator;
mod record;
mod reference;

pub(crate) use reference::{ProviderReference, missing};
