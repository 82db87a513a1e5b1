//! GetLogEvents: the events of one stream, page by page in both directions.

use rolecall_authority::Call;
use rolecall_store::{LogEventQuery, StoredLogEvent};
use rolecall_wire::{ServiceError, ServiceId, logs as wire};

use crate::Logs;
use crate::error::LogsError;
use crate::expiry::first_kept_ms;
use crate::name::{GroupName, checked_stream_name};
use crate::position::Position;
use crate::put_events::event_bytes;

/// The most that one answer holds.
pub(crate) const MAX_EVENTS: usize = 10_000;
pub(crate) const MAX_BYTES: usize = 1_048_576;

/// Where a page begins and which way it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cursor {
    /// From the first event on.
    Head,
    /// The latest events.
    Tail,
    /// `f/...`: the events after a place.
    After(Position),
    /// `b/...`: the events before a place.
    Before(Position),
}

impl Logs {
    /// GetLogEvents.
    pub(crate) async fn get_log_events(
        &self,
        call: &Call,
        input: wire::GetLogEventsRequest,
    ) -> Result<wire::GetLogEventsResponse, ServiceError> {
        let (name, identifier) = (input.log_group_name.as_deref(), input.log_group_identifier.as_deref());
        let group = GroupName::of_either(call, name, identifier)?;
        let stream = checked_stream_name(input.log_stream_name)?;
        let state = self.platform.store.read();
        self.authorize_stream(call, "logs:GetLogEvents", &group, &stream, &state)?;
        if input.unmask == Some(true) {
            self.authorize_group(call, "logs:Unmask", &group, &state)?;
        }
        let record = state.log_groups.get(&group.key()).ok_or(LogsError::NoGroup)?;
        if !state.log_streams.contains(&(group.key(), stream.clone())) {
            return Err(LogsError::NoStream.into());
        }
        let cursor = Cursor::of(input.next_token.as_deref(), input.start_from_head == Some(true))?;
        let query = LogEventQuery {
            group: group.key(),
            streams: vec![stream],
            from_ms: first_kept_ms(record, self.platform.now_ms()).max(input.start_time),
            until_ms: input.end_time,
            after: cursor.after(),
            oldest_first: cursor.is_forward(),
            limit: page_limit(input.limit),
        };
        let events = self.platform.store.log_events(query).await;
        let mut events = events.map_err(|error| rolecall_service::internal(ServiceId::Logs, error))?;
        fit(&mut events, MAX_BYTES);
        if !cursor.is_forward() {
            events.reverse();
        }
        Ok(page(cursor, events))
    }
}

impl Cursor {
    fn of(token: Option<&str>, start_from_head: bool) -> Result<Self, LogsError> {
        match token {
            None if start_from_head => Ok(Cursor::Head),
            None => Ok(Cursor::Tail),
            Some(token) => match token.split_once('/') {
                Some(("f", digits)) => Ok(Cursor::After(Position::parse(digits)?)),
                Some(("b", digits)) => Ok(Cursor::Before(Position::parse(digits)?)),
                _ => Err(LogsError::InvalidToken),
            },
        }
    }

    fn is_forward(self) -> bool {
        matches!(self, Cursor::Head | Cursor::After(_))
    }

    fn after(self) -> Option<(i64, i64)> {
        match self {
            Cursor::Head | Cursor::Tail => None,
            Cursor::After(position) | Cursor::Before(position) => Some(position.pair()),
        }
    }
}

/// A page and the tokens of its neighbours. At an end the token that led there is given again, which is how callers
/// see that there is no more (GetLogEvents in the API reference).
fn page(cursor: Cursor, events: Vec<StoredLogEvent>) -> wire::GetLogEventsResponse {
    let (forward, backward) = match (events.first(), events.last()) {
        (Some(first), Some(last)) => (Position::of(last), Position::of(first)),
        _ => match cursor {
            Cursor::Head | Cursor::Tail => (Position::START, Position::START),
            Cursor::After(position) => (position, position.just_after()),
            Cursor::Before(position) => (position.just_before(), position),
        },
    };
    wire::GetLogEventsResponse {
        events: Some(events.into_iter().map(shown).collect()),
        next_forward_token: Some(format!("f/{}", forward.digits())),
        next_backward_token: Some(format!("b/{}", backward.digits())),
    }
}

fn shown(event: StoredLogEvent) -> wire::OutputLogEvent {
    wire::OutputLogEvent {
        timestamp: Some(event.timestamp_ms),
        message: Some(event.message),
        ingestion_time: Some(event.ingestion_ms),
    }
}

/// The number of events that one answer holds.
pub(crate) fn page_limit(limit: Option<i32>) -> usize {
    limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(MAX_EVENTS).clamp(1, MAX_EVENTS)
}

/// Cuts the page where the answer would become too large; at least one event stays.
fn fit(events: &mut Vec<StoredLogEvent>, max_bytes: usize) {
    let mut total = 0;
    let fitting = events.iter().take_while(|event| {
        total += event_bytes(&event.message);
        total <= max_bytes
    });
    let count = fitting.count().max(1);
    events.truncate(count);
}
