//! The lambda service: its operations, one file per resource.
//!
//! Every operation has the same order (reference lambda.md 1.3): what the caller names is parsed once, that is
//! authorised, and only then is looked whether it exists. So nobody without a right learns what there is. Whatever
//! Lambda does for a function, it does as somebody: code from S3 is fetched as the caller, an execution role is
//! assumed as `lambda.amazonaws.com`, logs are written as the role.

mod access;
mod account;
mod alias;
mod capacity_provider;
mod code;
mod concurrency;
mod dispatch;
mod durable;
mod error;
mod event;
mod event_source;
mod function;
mod invoke;
mod layer;
mod name;
mod options;
mod paging;
mod permission;
mod provisioned;
mod role;
mod service;
mod signing;
mod tags;
mod time;
mod url;
mod version;
mod vpc;

pub use error::LambdaError;
pub use invoke::{FunctionRunner, QueueState, Ran};
pub use options::{FunctionTags, LambdaOptions, UrlRights};
pub use service::Lambda;
