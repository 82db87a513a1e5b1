//! The whole path of a request, over real sockets: who is let in, as whom, and what a client that means harm gets.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

mod code_links;
mod explanations;
mod failures;
mod framing;
mod function_urls;
mod log;
mod message;
mod mistakes;
mod server;
mod sessions;
mod uploads;
mod wire_shapes;
