//! Event source mappings: the records, with all that AWS checks before it takes one.
//!
//! Whoever creates a mapping lends the function's role to Lambda's pollers, so the role's rights on the source are
//! checked as the role when the mapping is made (reference lambda.md 4.4). Rolecall does not poll yet, and says so in
//! `LastProcessingResult`, which AWS gives of all sources but queues; nor does it look whether a source exists whose
//! service it does not have.

mod access;
mod admission;
mod change;
mod create;
mod filter;
mod kind;
mod name;
mod read;
mod remove;
mod settings;
mod settle;
mod shape;

use rolecall_arn::Arn;
use rolecall_store::State;
use rolecall_store::records::event_source::EventSourceMapping;

use crate::name::{Key, function_arn};

pub(crate) use name::MappingName;

/// The mappings of an account and region, in the order of their ids.
fn of_home<'s>(state: &'s State, home: &'s Key) -> impl Iterator<Item = &'s EventSourceMapping> {
    let from = (home.0, home.1.clone(), String::new());
    let all = state.event_source_mappings.range(from..).map(|(_, mapping)| mapping.as_ref());
    all.take_while(|mapping| mapping.account == home.0 && mapping.region == home.1)
}

/// The function that a mapping is for, with its qualifier.
fn target(mapping: &EventSourceMapping) -> Arn {
    function_arn(&mapping.function, mapping.qualifier.as_deref())
}
