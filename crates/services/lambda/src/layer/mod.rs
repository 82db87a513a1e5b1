//! Layers and their versions.

mod attach;
mod list;
mod policy;
mod version;

pub(crate) use attach::require_size;
