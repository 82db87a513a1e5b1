//! Invoke, and everything that happens to an event from then on: it is checked, runs or waits in the queue, and what
//! the function writes is brought to CloudWatch Logs, and its segments to X-Ray.

mod asynchronous;
mod counting;
mod deployment;
mod lineage;
mod log_stream;
mod logs;
mod operation;
mod payload;
mod queue;
mod rate;
mod recursion;
mod role_session;
mod roles;
mod run;
mod runner;
mod sampling;
mod segments;
mod stream_operation;
mod streaming;
mod target;
mod trace_header;
mod trace_writers;
mod worker;

pub use counting::QueueState;
pub(crate) use deployment::Deployment;
pub(crate) use logs::LogWriters;
pub(crate) use queue::QueueSignal;
pub(crate) use rate::InvocationRates;
pub(crate) use role_session::RoleSession;
pub(crate) use roles::ExecutionRoles;
pub(crate) use run::Event;
pub use runner::{FunctionRunner, Ran};
pub(crate) use sampling::Sampler;
pub(crate) use streaming::{Begun, Piece, Streamed};
pub(crate) use target::choose;
pub(crate) use trace_writers::TraceWriters;
