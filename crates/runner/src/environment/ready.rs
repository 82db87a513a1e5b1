//! Initialising an environment before any event comes.

use std::time::Duration;

use super::Environment;
use super::exchange::Init;
use super::failure::Failure;

impl Environment {
    /// Waits until the runtime has asked for its first event. An environment that does not come so far is ended.
    ///
    /// # Errors
    /// Why it did not, in words.
    pub(crate) async fn become_ready(&self, limit: Duration) -> Result<(), String> {
        let mut init = self.exchange.init();
        let failure = tokio::select! {
            biased;
            outcome = init.wait_for(|init| *init != Init::Running) => match outcome.as_deref() {
                Ok(Init::Failed { error, .. }) => String::from_utf8_lossy(error).into_owned(),
                _ => return Ok(()),
            },
            end = self.process.ended() => Failure::Ended(end.status).reason(),
            () = tokio::time::sleep(limit) => format!("The runtime was not ready within {} seconds", limit.as_secs()),
        };
        self.end().await;
        Err(failure)
    }
}
