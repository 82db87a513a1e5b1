//! Invoke, and everything that happens to an event from then on: it is checked, runs or waits in the queue, and what
//! the function writes is brought to CloudWatch Logs.

mod deployment;
mod log_stream;
mod logs;
mod operation;
mod payload;
mod queue;
mod roles;
mod run;
mod runner;
mod target;
mod worker;

pub(crate) use logs::LogWriters;
pub(crate) use queue::QueueSignal;
pub(crate) use roles::ExecutionRoles;
pub use runner::{FunctionRunner, Ran};
