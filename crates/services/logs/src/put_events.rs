//! PutLogEvents: which events of a batch are taken in, and what becomes of the others.

use rolecall_authority::{Authorized, Call};
use rolecall_store::records::logs::{LogGroup, LogStream};
use rolecall_store::{LogEvent, State};
use rolecall_wire::{ServiceError, logs as wire};

use crate::Logs;
use crate::error::{LogsError, write_failed};
use crate::expiry::{DAY_MS, first_kept_ms};
use crate::name::{GroupName, checked_stream_name};
use crate::stream::new_sequence_token;

/// The limits of a batch (PutLogEvents in the API reference).
const MAX_EVENTS: usize = 10_000;
const MAX_BATCH_BYTES: usize = 1_048_576;
const MAX_SPAN_MS: i64 = DAY_MS;
/// How far events may be from now.
const OLDEST_MS: i64 = 14 * DAY_MS;
const NEWEST_MS: i64 = 2 * 60 * 60 * 1000;
/// What CloudWatch Logs counts for each event beside its message.
const OVERHEAD_BYTES: usize = 26;

impl Logs {
    /// PutLogEvents. The sequence token is accepted and ignored, as CloudWatch Logs does since 2023.
    pub(crate) async fn put_log_events(
        &self,
        call: &Call,
        input: wire::PutLogEventsRequest,
    ) -> Result<wire::PutLogEventsResponse, ServiceError> {
        let group = GroupName::of_call(call, &input.log_group_name)?;
        let stream = checked_stream_name(input.log_stream_name)?;
        let state = self.platform.store.read();
        let proof = self.authorize_stream(call, "logs:PutLogEvents", &group, &stream, &state)?;
        drop(state);
        check_batch(&input.log_events)?;
        let batch = Batch { stream, events: input.log_events, now_ms: self.platform.now_ms() };
        let next_sequence_token = new_sequence_token(self);
        let rejected = self.append(proof, &group, batch, next_sequence_token.clone()).await?;
        self.expire(&group).await;
        Ok(wire::PutLogEventsResponse {
            next_sequence_token: Some(next_sequence_token),
            rejected_log_events_info: rejected,
            rejected_entity_info: None,
        })
    }

    async fn append(
        &self,
        _proof: Authorized,
        group: &GroupName,
        batch: Batch,
        token: String,
    ) -> Result<Option<wire::RejectedLogEventsInfo>, ServiceError> {
        let key = group.key();
        let written = self.platform.store.write(move |state| {
            let group = state.log_groups.get(&key).ok_or(LogsError::NoGroup)?;
            let stream_key = (key.clone(), batch.stream.clone());
            if !state.log_streams.contains(&stream_key) {
                return Err(LogsError::NoStream);
            }
            let bounds = Bounds::of(&batch, group);
            let accepted = batch.events.get(bounds.start..bounds.end).unwrap_or_default();
            check_span(accepted)?;
            let bytes = i64::try_from(size_of(accepted)).unwrap_or(i64::MAX);
            state.log_groups.update(&key, |group| group.stored_bytes += bytes);
            state
                .log_streams
                .update(&stream_key, |stream| note_upload(stream, accepted, batch.now_ms, bytes, token));
            append_all(state, &key, &batch, accepted);
            Ok(bounds.rejected(batch.events.len()))
        });
        written.await.map_err(write_failed)
    }
}

/// The events of one request, on their way to a stream.
struct Batch {
    stream: String,
    events: Vec<wire::InputLogEvent>,
    now_ms: i64,
}

/// Which events of a batch are taken in: they are in chronological order, so it is a range.
struct Bounds {
    too_old: usize,
    expired: usize,
    start: usize,
    end: usize,
}

impl Bounds {
    fn of(batch: &Batch, group: &LogGroup) -> Self {
        let before = |ms: i64| batch.events.partition_point(|event| event.timestamp < ms);
        let too_old = before(batch.now_ms - OLDEST_MS);
        let expired = first_kept_ms(group, batch.now_ms).map_or(0, before);
        let end = before(batch.now_ms + NEWEST_MS + 1);
        Bounds { too_old, expired, start: too_old.max(expired).min(end), end }
    }

    fn rejected(&self, count: usize) -> Option<wire::RejectedLogEventsInfo> {
        let index = |at: usize| i32::try_from(at).ok();
        let info = wire::RejectedLogEventsInfo {
            too_new_log_event_start_index: (self.end < count).then(|| index(self.end)).flatten(),
            too_old_log_event_end_index: (self.too_old > 0).then(|| index(self.too_old)).flatten(),
            expired_log_event_end_index: (self.expired > 0).then(|| index(self.expired)).flatten(),
        };
        (info != wire::RejectedLogEventsInfo::default()).then_some(info)
    }
}

fn check_batch(events: &[wire::InputLogEvent]) -> Result<(), LogsError> {
    if events.is_empty() || events.len() > MAX_EVENTS {
        return Err(LogsError::invalid(format!("A batch has 1 to {MAX_EVENTS} log events.")));
    }
    if !events.is_sorted_by_key(|event| event.timestamp) {
        let words = "Log events in a single PutLogEvents request must be in chronological order.";
        return Err(LogsError::invalid(words));
    }
    let bytes = size_of(events);
    if bytes > MAX_BATCH_BYTES {
        let words = format!("Upload too large: {bytes} bytes exceeds limit of {MAX_BATCH_BYTES}");
        return Err(LogsError::invalid(words));
    }
    Ok(())
}

fn check_span(events: &[wire::InputLogEvent]) -> Result<(), LogsError> {
    match (events.first(), events.last()) {
        (Some(first), Some(last)) if last.timestamp - first.timestamp > MAX_SPAN_MS => {
            Err(LogsError::invalid(
                "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.",
            ))
        }
        _ => Ok(()),
    }
}

fn size_of(events: &[wire::InputLogEvent]) -> usize {
    events.iter().map(|event| event_bytes(&event.message)).sum()
}

/// The bytes that CloudWatch Logs counts for an event.
pub(crate) fn event_bytes(message: &str) -> usize {
    message.len() + OVERHEAD_BYTES
}

fn note_upload(
    stream: &mut LogStream,
    events: &[wire::InputLogEvent],
    now_ms: i64,
    bytes: i64,
    token: String,
) {
    stream.upload_sequence_token = token;
    let (Some(first), Some(last)) = (events.first(), events.last()) else { return };
    let earliest = stream.first_event_ms.map_or(first.timestamp, |ms| ms.min(first.timestamp));
    let latest = stream.last_event_ms.map_or(last.timestamp, |ms| ms.max(last.timestamp));
    stream.first_event_ms = Some(earliest);
    stream.last_event_ms = Some(latest);
    stream.last_ingestion_ms = Some(now_ms);
    stream.stored_bytes += bytes;
}

fn append_all(
    state: &mut State,
    group: &(rolecall_arn::AccountId, rolecall_arn::Region, String),
    batch: &Batch,
    events: &[wire::InputLogEvent],
) {
    state.append_log_events(events.iter().map(|event| LogEvent {
        group: group.clone(),
        stream: batch.stream.clone(),
        timestamp_ms: event.timestamp,
        ingestion_ms: batch.now_ms,
        message: event.message.clone(),
    }));
}
