//! What invocations add to the server's counters, and what the queue holds.

use std::time::Duration;

use rolecall_metrics::{FunctionName, Invocation};
use rolecall_runner::FunctionResult;

use crate::error::LambdaError;
use crate::invoke::runner::Ran;
use crate::name::Key;
use crate::service::Lambda;

/// The queue of asynchronous invocations, as it is at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueState {
    /// How many events wait.
    pub events: usize,
    /// How long the oldest has waited.
    pub oldest_age: Duration,
}

impl Lambda {
    /// What the queue of asynchronous invocations holds.
    pub fn queue_state(&self) -> QueueState {
        let state = self.platform.store.read();
        let accepted = state.async_invocations.iter().map(|(_, event)| event.accepted_ms);
        let oldest_ms = accepted.min().map_or(0, |oldest| self.platform.now_ms() - oldest);
        QueueState {
            events: state.async_invocations.len(),
            oldest_age: Duration::from_millis(u64::try_from(oldest_ms).unwrap_or_default()),
        }
    }

    /// Counts an invocation that ran, or was throttled.
    pub(super) fn count(&self, function: &Key, ran: &Result<Ran, LambdaError>) {
        match ran {
            Ok(ran) => {
                let invocation = Invocation {
                    duration: ran.duration,
                    init_duration: ran.init_duration,
                    is_error: matches!(ran.result, FunctionResult::Error { .. }),
                };
                let region = &function.1;
                self.platform.authority.metrics().invocation(name(function, region.as_str()), invocation);
            }
            Err(error) => self.count_throttle(function, error),
        }
    }

    /// Counts a throttle, if it is one.
    pub(super) fn count_throttle(&self, function: &Key, error: &LambdaError) {
        if let LambdaError::Throttled(reason) = error {
            let region = &function.1;
            self.platform.authority.metrics().throttle(name(function, region.as_str()), reason);
        }
    }
}

fn name<'a>((account, _, name): &'a Key, region: &'a str) -> FunctionName<'a> {
    FunctionName { account: account.as_str(), region, name }
}
