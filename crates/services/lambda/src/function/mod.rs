//! Functions: their operations and what their records look like to callers.

mod create;
mod delete;
mod environment;
pub(crate) mod image;
mod lookup;
pub(crate) mod package;
mod read;
mod runtime;
mod runtime_management;
mod scaling;
pub(crate) mod settings;
mod settle;
pub(crate) mod shape;
mod tracing_config;
mod unbuilt;
mod update_code;
mod update_configuration;

pub(crate) use delete::forget_configurations;
pub(crate) use lookup::{
    latest, lock_for_change, of_reference, require_active, require_runnable, update_in_progress,
    version_number,
};
pub(crate) use runtime::runtime_version_arn;
pub(crate) use settings::{MAX_TAGS, tags as check_tags};
