//! How many requests a second come to the URLs of a function with reserved concurrency: at most ten for each execution
//! that may run at once (reference lambda.md 3.6-10).

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::error::LambdaError;
use crate::name::Key;

/// Requests a second for each reserved execution.
const REQUESTS_PER_EXECUTION: u32 = 10;

/// The requests of the current second, by function.
#[derive(Default)]
pub(crate) struct UrlRates(Mutex<Second>);

#[derive(Default)]
struct Second {
    number: i64,
    requests: HashMap<Key, u32>,
}

impl UrlRates {
    /// Lets a request in.
    ///
    /// # Errors
    /// [`LambdaError::Throttled`] where the second is full.
    pub(crate) fn admit(&self, now_ms: i64, function: &Key, reserved: u32) -> Result<(), LambdaError> {
        let mut second = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let number = now_ms.div_euclid(1000);
        if second.number != number {
            *second = Second { number, requests: HashMap::new() };
        }
        let requests = second.requests.entry(function.clone()).or_default();
        if *requests >= reserved.saturating_mul(REQUESTS_PER_EXECUTION) {
            // With nothing reserved it is the concurrency that there is none of.
            return Err(LambdaError::Throttled(match reserved {
                0 => "ReservedFunctionConcurrentInvocationLimitExceeded",
                _ => "ReservedFunctionInvocationRateLimitExceeded",
            }));
        }
        *requests += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_takes_ten_requests_for_each_execution() {
        let rates = UrlRates::default();
        let key = |name: &str| -> Key {
            ("111122223333".parse().unwrap(), "eu-west-1".parse().unwrap(), name.to_owned())
        };
        let admit = |now_ms, name| rates.admit(now_ms, &key(name), 2).is_ok();
        assert_eq!((0..25).filter(|_| admit(5_000, "f")).count(), 20);
        assert!(admit(5_999, "g"), "another function has its own count");
        assert!(!admit(5_999, "f") && admit(6_000, "f"), "a new second begins anew");
        let none = rates.admit(7_000, &key("f"), 0).unwrap_err();
        assert_eq!(none, LambdaError::Throttled("ReservedFunctionConcurrentInvocationLimitExceeded"));
    }
}
