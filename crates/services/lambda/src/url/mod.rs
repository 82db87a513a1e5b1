//! Function URLs: their configuration, and the requests that come to them (reference lambda.md 3.6).

mod config;
mod cors;
mod invoke;
mod shape;

pub(crate) use config::forget;
