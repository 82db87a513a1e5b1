//! What becomes of asynchronous invocations: how they are configured, and who is told of their end.

mod admission;
mod config;
mod dead_letter;
mod delivery;
mod destination;
mod record;

pub(crate) use admission::AdmittedRole;
pub(crate) use config::{Limits, of_reference};
pub(crate) use dead_letter::named_target;
pub(crate) use delivery::{Ending, Response, SUCCESS};
