//! Events that are older than their group's retention: never shown, and removed when the group is written to.

use std::collections::BTreeMap;

use rolecall_store::records::logs::LogGroup;
use rolecall_store::{LogEventQuery, State, StoreError, StoredLogEvent};

use crate::Logs;
use crate::name::GroupName;
use crate::put_events::event_bytes;

pub(crate) const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Expired events are removed at most this often; between, they are only not shown. AWS takes up to 72 hours.
const INTERVAL_MS: i64 = 60 * 60 * 1000;

/// How many events are counted at once.
const PAGE: usize = 10_000;

/// The time of the oldest event that the group still shows; none where it keeps all.
pub(crate) fn first_kept_ms(group: &LogGroup, now_ms: i64) -> Option<i64> {
    group.retention_days.map(|days| now_ms - days * DAY_MS)
}

impl Logs {
    /// Removes the group's expired events. A failure is logged and not the caller's, whose events are stored.
    pub(crate) async fn expire(&self, group: &GroupName) {
        let state = self.platform.store.read();
        let Some(record) = state.log_groups.get(&group.key()) else { return };
        let Some(first_kept) = first_kept_ms(record, self.platform.now_ms()) else { return };
        let until_ms = first_kept - first_kept.rem_euclid(INTERVAL_MS);
        if until_ms <= record.expired_until_ms {
            return;
        }
        if let Err(error) = self.expire_until(group, record.expired_until_ms, until_ms).await {
            tracing::error!(group = group.name, %error, "expired log events could not be removed");
        }
    }

    async fn expire_until(&self, group: &GroupName, from_ms: i64, until_ms: i64) -> Result<(), StoreError> {
        let bytes = self.bytes_by_stream(group, until_ms).await?;
        let key = group.key();
        let written = self.platform.store.write(move |state| {
            // Somebody else may have removed the same events since they were counted; then they are not subtracted again.
            let current = state.log_groups.get(&key).map(|group| group.expired_until_ms);
            if current == Some(from_ms) {
                state.expire_log_events(key.clone(), until_ms);
                forget(state, &key, &bytes, until_ms);
            }
            Ok::<(), std::convert::Infallible>(())
        });
        match written.await {
            Ok(()) => Ok(()),
            Err(rolecall_store::WriteError::Store(error)) => Err(error),
            Err(rolecall_store::WriteError::Refused(never)) => match never {},
        }
    }

    /// The bytes of the group's events before the time, by stream.
    async fn bytes_by_stream(
        &self,
        group: &GroupName,
        until_ms: i64,
    ) -> Result<BTreeMap<String, i64>, StoreError> {
        let mut bytes = BTreeMap::new();
        let mut after = None;
        loop {
            let query = LogEventQuery {
                group: group.key(),
                streams: Vec::new(),
                from_ms: None,
                until_ms: Some(until_ms),
                after,
                oldest_first: true,
                limit: PAGE,
            };
            let events: Vec<StoredLogEvent> = self.platform.store.log_events(query).await?;
            for event in &events {
                let size = i64::try_from(event_bytes(&event.message)).unwrap_or(i64::MAX);
                *bytes.entry(event.stream.clone()).or_default() += size;
            }
            match events.last() {
                Some(last) if events.len() == PAGE => after = Some((last.timestamp_ms, last.sequence)),
                _ => return Ok(bytes),
            }
        }
    }
}

/// Brings the records in line with the removal.
fn forget(
    state: &mut State,
    key: &(rolecall_arn::AccountId, rolecall_arn::Region, String),
    bytes: &BTreeMap<String, i64>,
    until_ms: i64,
) {
    state.log_groups.update(key, |group| {
        group.expired_until_ms = until_ms;
        group.stored_bytes -= bytes.values().sum::<i64>();
    });
    for (stream, bytes) in bytes {
        state.log_streams.update(&(key.clone(), stream.clone()), |stream| {
            stream.stored_bytes -= bytes;
            stream.first_event_ms = stream.first_event_ms.map(|first| first.max(until_ms));
        });
    }
}
