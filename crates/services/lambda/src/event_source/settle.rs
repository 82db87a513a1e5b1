//! From `Creating` to `Enabled` and so on.
//!
//! On AWS a transition takes seconds; here it takes a moment, in which the mapping cannot be changed, so that clients see
//! the same states.

use std::time::Duration;

use rolecall_store::State;
use rolecall_store::records::event_source::EventSourceMapping;

use crate::error::LambdaError;
use crate::name::Key;
use crate::service::Lambda;

pub(super) const CREATING: &str = "Creating";
pub(super) const ENABLED: &str = "Enabled";
pub(super) const ENABLING: &str = "Enabling";
pub(super) const DISABLED: &str = "Disabled";
pub(super) const DISABLING: &str = "Disabling";
pub(super) const UPDATING: &str = "Updating";
pub(super) const DELETING: &str = "Deleting";

/// How long a state stays before it settles.
const MOMENT: Duration = Duration::from_millis(5);

impl Lambda {
    /// Lets the mapping settle, soon.
    pub(super) fn settle_mapping_soon(&self, key: Key) {
        let lambda = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(MOMENT).await;
            lambda.settle_mappings(vec![key]).await;
        });
    }

    /// Lets all that an earlier process left unsettled settle.
    pub(crate) fn resume_settling_mappings(&self) {
        let state = self.platform.store.read();
        let unsettled = state.event_source_mappings.iter().filter(|(_, mapping)| !is_settled(mapping));
        let keys: Vec<Key> = unsettled.map(|(key, _)| key.clone()).collect();
        if keys.is_empty() {
            return;
        }
        let lambda = self.clone();
        tokio::spawn(async move { lambda.settle_mappings(keys).await });
    }

    async fn settle_mappings(&self, keys: Vec<Key>) {
        let settled = self.keep_books(move |state| {
            keys.iter().for_each(|key| settle(state, key));
            Ok(())
        });
        if let Err(error) = settled.await {
            tracing::error!(%error, "an event source mapping's state could not be written");
        }
    }
}

fn settle(state: &mut State, key: &Key) {
    let Some(mapping) = state.event_source_mappings.get(key) else { return };
    if mapping.state == DELETING {
        state.event_source_mappings.remove(key);
    } else if !is_settled(mapping) {
        state.event_source_mappings.update(key, |mapping| {
            mapping.state = if mapping.enabled { ENABLED } else { DISABLED }.to_owned();
        });
    }
}

fn is_settled(mapping: &EventSourceMapping) -> bool {
    mapping.state == ENABLED || mapping.state == DISABLED
}

/// The mapping, ready to be changed: it is not while it is being made, changed or deleted.
pub(super) fn ready(state: &State, key: &Key, verb: &str) -> Result<EventSourceMapping, LambdaError> {
    let mapping = state.event_source_mappings.get(key).ok_or_else(no_mapping)?;
    if !is_settled(mapping) {
        return Err(LambdaError::InUse(format!(
            "Cannot {verb} the event source mapping because it is in use."
        )));
    }
    Ok(EventSourceMapping::clone(mapping))
}

/// AWS's answer for a mapping that does not exist.
pub(super) fn no_mapping() -> LambdaError {
    LambdaError::NotFound("The resource you requested does not exist.".to_owned())
}
