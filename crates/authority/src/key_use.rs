//! When long-term access keys were last used, which GetAccessKeyLastUsed tells.

use std::convert::Infallible;

use rolecall_arn::Region;
use rolecall_store::records::iam::AccessKeyUse;
use rolecall_store::{State, WriteError};

use crate::authority::Authority;

/// A use is noted only when the last noted one is older, so that calling does not mean writing.
const INTERVAL_MS: i64 = 60_000;

impl Authority {
    /// Whether a use of the access key would be noted now. Costs next to nothing, so that it can be asked for every
    /// call.
    pub fn key_use_is_due(&self, access_key_id: &String) -> bool {
        is_due(&self.store().read(), access_key_id, self.clock().now_ms())
    }

    /// Notes that the access key signed a call for the service (`lambda`, `iam`, ...), at most once a minute for each
    /// key. Temporary keys are not noted. A note that cannot be written is lost: it must not fail what it is about.
    pub async fn note_key_use(&self, access_key_id: &str, service: &str, region: &Region) {
        let now_ms = self.clock().now_ms();
        let key = access_key_id.to_owned();
        if !is_due(&self.store().read(), &key, now_ms) {
            return;
        }
        let noted =
            AccessKeyUse { at_ms: now_ms, service: service.to_owned(), region: region.as_str().to_owned() };
        let written = self.store().write(move |state| {
            // The key may have been deleted, or another call may have noted its use, while this one waited.
            if is_due(state, &key, now_ms) {
                state.access_key_uses.put(key, noted);
            }
            Ok::<(), Infallible>(())
        });
        if let Err(WriteError::Store(error)) = written.await {
            tracing::warn!(%error, access_key_id, "the use of an access key could not be noted");
        }
    }
}

fn is_due(state: &State, access_key_id: &String, now_ms: i64) -> bool {
    let last = state.access_key_uses.get(access_key_id).map(|last| last.at_ms);
    state.access_keys.contains(access_key_id) && last.is_none_or(|last| now_ms - last >= INTERVAL_MS)
}

#[cfg(test)]
mod tests {
    use rolecall_arn::AccountId;
    use rolecall_store::Secret;
    use rolecall_store::records::iam::AccessKey;

    use super::*;

    #[test]
    fn a_use_is_noted_once_a_minute_and_only_of_keys_that_are_there() {
        let id = "AKIAAAAAAAAAAAAAAAAA".to_owned();
        let mut state = State::default();
        assert!(!is_due(&state, &id, 0), "there is no such key");
        let account = AccountId::from_number(1);
        let secret = Secret::new("secret");
        let key = AccessKey { id: id.clone(), secret, account, user: None, active: true, created_ms: 0 };
        state.access_keys.put(id.clone(), key);
        assert!(is_due(&state, &id, 0));
        let noted = AccessKeyUse { at_ms: 1000, service: "iam".to_owned(), region: "us-east-1".to_owned() };
        state.access_key_uses.put(id.clone(), noted);
        assert!(!is_due(&state, &id, 1000 + INTERVAL_MS - 1));
        assert!(is_due(&state, &id, 1000 + INTERVAL_MS));
    }
}
