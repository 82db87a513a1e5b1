//! From `Pending` to `Active` and from `InProgress` to `Successful`.
//!
//! On AWS that takes seconds; here nothing is left to be done when the record is written, so it takes the moment until
//! the next transaction. Clients that wait for the state see the same transitions (reference lambda.md 7.3).

use std::time::Duration;

use rolecall_store::State;
use rolecall_store::records::lambda::FunctionVersion;

use crate::function::shape::{ACTIVE, IN_PROGRESS, PENDING, SUCCESSFUL};
use crate::name::Key;
use crate::service::Lambda;

/// How long a state stays before it settles.
const MOMENT: Duration = Duration::from_millis(5);

impl Lambda {
    /// Lets the versions of a function settle, soon.
    pub(crate) fn settle_soon(&self, key: Key) {
        let lambda = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(MOMENT).await;
            let versions = unsettled(&lambda.platform.store.read(), Some(&key));
            lambda.settle(versions).await;
        });
    }

    /// Lets all that an earlier process left unsettled settle.
    pub(crate) fn resume_settling(&self) {
        let versions = unsettled(&self.platform.store.read(), None);
        if versions.is_empty() {
            return;
        }
        let lambda = self.clone();
        tokio::spawn(async move { lambda.settle(versions).await });
    }

    async fn settle(&self, versions: Vec<(Key, u64)>) {
        let revisions: Vec<String> = versions.iter().map(|_| self.platform.entropy().uuid()).collect();
        let settled = self.keep_books(move |state| {
            for (version, revision) in versions.iter().zip(revisions) {
                state.function_versions.update(version, |record| settle_record(record, revision));
            }
            Ok(())
        });
        if let Err(error) = settled.await {
            tracing::error!(%error, "a function's state could not be written");
        }
    }
}

fn settle_record(record: &mut FunctionVersion, revision: String) {
    if !is_unsettled(record) {
        return;
    }
    record.state = ACTIVE.to_owned();
    record.last_update_status = Some(SUCCESSFUL.to_owned());
    record.revision_id = revision;
}

fn is_unsettled(record: &FunctionVersion) -> bool {
    record.state == PENDING || record.last_update_status.as_deref() == Some(IN_PROGRESS)
}

fn unsettled(state: &State, key: Option<&Key>) -> Vec<(Key, u64)> {
    let from = key.map(|key| (key.clone(), 0));
    let all = |wanted: &Key| key.is_none_or(|key| key == wanted);
    let records: Vec<_> = match from {
        Some(from) => {
            state.function_versions.range(from..).take_while(|((found, _), _)| all(found)).collect()
        }
        None => state.function_versions.iter().collect(),
    };
    records
        .into_iter()
        .filter(|(_, record)| is_unsettled(record))
        .map(|(version, _)| version.clone())
        .collect()
}
