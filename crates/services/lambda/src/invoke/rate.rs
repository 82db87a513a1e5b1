//! How many synchronous invocations of a function there may be in a second: at most ten for each execution that may run
//! at once (reference lambda.md 3.6-10 and 7.7-3). Events of the queue are limited by concurrency alone.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::concurrency::{ACCOUNT_CONCURRENCY, MIN_UNRESERVED, reserve_of_others};
use crate::error::LambdaError;
use crate::name::Key;
use crate::service::Lambda;

/// Invocations a second for each execution.
const PER_EXECUTION: u32 = 10;

/// The invocations of the current second, by function.
#[derive(Default)]
pub(crate) struct InvocationRates(Mutex<Second>);

#[derive(Default)]
struct Second {
    number: i64,
    invocations: HashMap<Key, u32>,
}

impl InvocationRates {
    /// Counts an invocation; says how many of the function there were before in this second.
    fn count(&self, now_ms: i64, function: &Key) -> u32 {
        let mut second = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let number = now_ms.div_euclid(1000);
        if second.number != number {
            second.number = number;
            second.invocations.clear();
        }
        if let Some(count) = second.invocations.get_mut(function) {
            *count = count.saturating_add(1);
            return *count - 1;
        }
        second.invocations.insert(function.clone(), 1);
        0
    }
}

impl Lambda {
    /// Lets a synchronous invocation in.
    ///
    /// # Errors
    /// [`LambdaError::Throttled`] with AWS's reason where the function's second is full.
    pub(crate) fn admit_to_second(&self, function: &Key) -> Result<(), LambdaError> {
        let admitted = self.look_at_second(function);
        if let Err(throttled) = &admitted {
            self.count_throttle(function, throttled);
        }
        admitted
    }

    fn look_at_second(&self, function: &Key) -> Result<(), LambdaError> {
        let before = self.parts.rates.count(self.platform.now_ms(), function);
        let state = self.platform.store.read();
        match state.functions.get(function).and_then(|function| function.reserved_concurrency) {
            // With nothing reserved it is the concurrency that there is none of.
            Some(0) => Err(LambdaError::Throttled("ReservedFunctionConcurrentInvocationLimitExceeded")),
            Some(reserved) if before >= reserved.saturating_mul(PER_EXECUTION) => {
                Err(LambdaError::Throttled("ReservedFunctionInvocationRateLimitExceeded"))
            }
            // Below the minimum nobody's reservations have to be added up.
            None if before >= MIN_UNRESERVED * PER_EXECUTION => {
                let executions = ACCOUNT_CONCURRENCY.saturating_sub(reserve_of_others(&state, function));
                if before < executions.saturating_mul(PER_EXECUTION) {
                    return Ok(());
                }
                Err(LambdaError::Throttled("FunctionInvocationRateLimitExceeded"))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_counts_each_function_and_the_next_begins_anew() {
        let rates = InvocationRates::default();
        let key = |name: &str| -> Key {
            ("111122223333".parse().unwrap(), "eu-west-1".parse().unwrap(), name.to_owned())
        };
        let counts: Vec<u32> = [(5_000, "f"), (5_500, "f"), (5_999, "g"), (5_999, "f"), (6_000, "f")]
            .map(|(now_ms, name)| rates.count(now_ms, &key(name)))
            .into();
        assert_eq!(counts, [0, 1, 0, 2, 0]);
    }
}
