//! FilterLogEvents: the events of many streams that match a pattern.

use rolecall_authority::Call;
use rolecall_store::{LogEventQuery, State, StoredLogEvent};
use rolecall_wire::{ServiceError, ServiceId, logs as wire};

use crate::Logs;
use crate::error::LogsError;
use crate::expiry::first_kept_ms;
use crate::get_events::{MAX_BYTES, page_limit};
use crate::name::GroupName;
use crate::pattern::Pattern;
use crate::position::Position;
use crate::put_events::event_bytes;
use crate::stream::streams_of;

/// How many events are read at once.
const CHUNK: usize = 2_000;
/// How many events one call looks at before it answers with what it found and a token; AWS's pages may be empty, too.
const MAX_SCANNED: usize = 100_000;
/// More streams than this are not listed to the database but sorted out here.
const MAX_LISTED_STREAMS: usize = 500;
/// 1 January 2024: reading backwards is only possible from then on (FilterLogEvents in the API reference).
const BACKWARDS_FROM_MS: i64 = 1_704_067_200_000;

/// What is looked for.
struct Search {
    query: LogEventQuery,
    stream_prefix: Option<String>,
    pattern: Pattern,
    limit: usize,
}

/// What was found, and where to go on.
#[derive(Default)]
struct Found {
    events: Vec<StoredLogEvent>,
    bytes: usize,
    scanned: usize,
}

impl Logs {
    /// FilterLogEvents. Events of all streams come interleaved, as they do in CloudWatch Logs since 2019.
    pub(crate) async fn filter_log_events(
        &self,
        call: &Call,
        input: wire::FilterLogEventsRequest,
    ) -> Result<wire::FilterLogEventsResponse, ServiceError> {
        let (name, identifier) = (input.log_group_name.as_deref(), input.log_group_identifier.as_deref());
        let group = GroupName::of_either(call, name, identifier)?;
        let state = self.platform.store.read();
        self.authorize_group(call, "logs:FilterLogEvents", &group, &state)?;
        if input.unmask == Some(true) {
            self.authorize_group(call, "logs:Unmask", &group, &state)?;
        }
        let search = self.search(&group, input, &state)?;
        drop(state);
        let (events, next) = self.run(search).await?;
        Ok(wire::FilterLogEventsResponse {
            events: Some(events.into_iter().map(shown).collect()),
            // Deprecated: AWS answers an empty list, too.
            searched_log_streams: Some(Vec::new()),
            next_token: next.map(Position::digits),
        })
    }

    fn search(
        &self,
        group: &GroupName,
        input: wire::FilterLogEventsRequest,
        state: &State,
    ) -> Result<Search, LogsError> {
        let record = state.log_groups.get(&group.key()).ok_or(LogsError::NoGroup)?;
        let oldest_first = input.start_from_head.unwrap_or(true);
        if !oldest_first && input.start_time.unwrap_or(0) < BACKWARDS_FROM_MS {
            let words =
                "startFromHead can be false only when startTime is on or after Jan 1, 2024 00:00:00 UTC.";
            return Err(LogsError::invalid(words));
        }
        let streams = chosen_streams(group, &input, state)?;
        let after = input.next_token.as_deref().map(Position::parse).transpose()?;
        Ok(Search {
            query: LogEventQuery {
                group: group.key(),
                streams,
                from_ms: first_kept_ms(record, self.platform.now_ms()).max(input.start_time),
                until_ms: input.end_time.map(|end| end.saturating_add(1)),
                after: after.map(Position::pair),
                oldest_first,
                limit: CHUNK,
            },
            stream_prefix: input.log_stream_name_prefix,
            pattern: Pattern::parse(input.filter_pattern.as_deref().unwrap_or_default())?,
            limit: page_limit(input.limit),
        })
    }

    /// Reads until the page is full, enough was looked at, or nothing is left. The position is that of the last event
    /// that was looked at, where something may be left.
    async fn run(&self, mut search: Search) -> Result<(Vec<StoredLogEvent>, Option<Position>), ServiceError> {
        let mut found = Found::default();
        loop {
            let events = self.platform.store.log_events(search.query.clone()).await;
            let events = events.map_err(|error| rolecall_service::internal(ServiceId::Logs, error))?;
            let is_last_chunk = events.len() < CHUNK;
            for event in events {
                if found.is_full(&search, &event) {
                    let next = search.query.after.map(position);
                    return Ok((found.events, next));
                }
                search.query.after = Some(Position::of(&event).pair());
                found.look_at(&search, event);
            }
            if is_last_chunk {
                return Ok((found.events, None));
            }
            if found.scanned >= MAX_SCANNED {
                return Ok((found.events, search.query.after.map(position)));
            }
        }
    }
}

impl Found {
    /// Whether the event does not fit into the page any more.
    fn is_full(&self, search: &Search, event: &StoredLogEvent) -> bool {
        self.events.len() >= search.limit
            || (!self.events.is_empty() && self.bytes + event_bytes(&event.message) > MAX_BYTES)
    }

    fn look_at(&mut self, search: &Search, event: StoredLogEvent) {
        self.scanned += 1;
        let prefix = search.stream_prefix.as_deref().unwrap_or_default();
        if event.stream.starts_with(prefix) && search.pattern.matches(&event.message) {
            self.bytes += event_bytes(&event.message);
            self.events.push(event);
        }
    }
}

/// The streams to list to the database; all where empty.
fn chosen_streams(
    group: &GroupName,
    input: &wire::FilterLogEventsRequest,
    state: &State,
) -> Result<Vec<String>, LogsError> {
    match (&input.log_stream_names, &input.log_stream_name_prefix) {
        (Some(_), Some(_)) => {
            Err(LogsError::invalid("logStreamNames and logStreamNamePrefix cannot both be specified."))
        }
        (Some(names), None) => {
            let exists = |name: &String| state.log_streams.contains(&(group.key(), name.clone()));
            if names.iter().all(exists) { Ok(names.clone()) } else { Err(LogsError::NoStream) }
        }
        (None, Some(prefix)) => {
            let all = streams_of(state, &group.key()).map(|(_, stream)| &stream.name);
            let names: Vec<String> = all.filter(|name| name.starts_with(prefix.as_str())).cloned().collect();
            Ok(if names.len() <= MAX_LISTED_STREAMS { names } else { Vec::new() })
        }
        (None, None) => Ok(Vec::new()),
    }
}

fn position((timestamp_ms, sequence): (i64, i64)) -> Position {
    Position { timestamp_ms, sequence }
}

fn shown(event: StoredLogEvent) -> wire::FilteredLogEvent {
    wire::FilteredLogEvent {
        event_id: Some(Position::of(&event).digits()),
        log_stream_name: Some(event.stream),
        timestamp: Some(event.timestamp_ms),
        message: Some(event.message),
        ingestion_time: Some(event.ingestion_ms),
    }
}
