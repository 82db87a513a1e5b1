//! Provisioned concurrency: execution environments that are ready before any event comes (reference lambda.md 7.7-5).

mod allocation;
mod config;
mod limits;
mod share;

pub(crate) use allocation::Provisioned;
pub(crate) use limits::provisioned_by;
