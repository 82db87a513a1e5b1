//! Rows of the table of permissions, by resource, with what must exist for them.

pub mod event_sources;
pub mod signing;
pub mod urls;
