//! Lambda's operations in a house with the services that they call, and a runner that runs nothing: one binary, as each
//! would be linked with everything.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "what is not as expected, or cannot be made, fails the test, in its helpers too"
)]

mod asynchronous;
mod evasions;
mod event_invoke_configs;
mod event_sources;
mod function_settings;
mod function_urls;
mod functions;
mod images;
mod invocations;
mod permissions;
mod policies;
mod provisioned;
mod resource_policies;
mod rows;
mod signer;
mod signing;
mod streaming;
mod support;
mod throttles;
mod vpc;
