//! Initialising an environment before any event comes.

use std::time::Duration;

use super::Environment;
use super::failure::Failure;
use super::invoke::InitFailure;

impl Environment {
    /// Waits until the runtime and all extensions wait for an event. An environment that does not come so far is ended.
    ///
    /// # Errors
    /// Why it did not, in words.
    pub(crate) async fn become_ready(&self, limit: Duration) -> Result<(), String> {
        let result = self.initialise(limit).await;
        self.tell_init(&result, self.born.elapsed());
        let Err(failure) = result else { return Ok(()) };
        self.end().await;
        Err(match failure {
            InitFailure::Reported { document, .. } => String::from_utf8_lossy(&document).into_owned(),
            InitFailure::Failed(Failure::TimedOut(limit)) => {
                format!("The runtime was not ready within {} seconds", limit.as_secs())
            }
            InitFailure::Failed(failure) => failure.reason(),
        })
    }
}
