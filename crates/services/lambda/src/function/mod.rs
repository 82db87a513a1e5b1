//! Functions: their operations and what their records look like to callers.

mod create;
mod delete;
mod environment;
mod fixed;
mod lookup;
mod read;
mod runtime;
mod settings;
mod settle;
pub(crate) mod shape;
mod unbuilt;
mod update_code;
mod update_configuration;

pub(crate) use lookup::{latest, lock_for_change, of_reference, require_active, version_number};
pub(crate) use runtime::runtime_version_arn;
pub(crate) use settings::MAX_TAGS;
