//! HTTP in and out.
//!
//! One listener serves all services. Each request is read whole, told to a service ([`classify`]), authenticated in
//! one place whatever its form ([`authenticate`]), decoded, and dispatched as a typed call. A denied and an allowed
//! request take the same path. Nothing else in the program knows HTTP, but for the Runtime API in `rolecall-runner`.

mod answer;
mod authenticate;
mod body;
mod body_memory;
mod classify;
mod function_url;
mod gateway;
mod intake;
mod metrics;
mod own;
mod s3_address;
mod server;
mod services;

pub use gateway::Gateway;
pub use metrics::serve_metrics;
pub use own::OwnPages;
pub use server::{Connections, Peer, serve};
pub use services::Services;
