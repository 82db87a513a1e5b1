//! The texts of log events. They are many and seldom read, so they live in the database only.

use rolecall_arn::{AccountId, Region};
use rusqlite::{Connection, params_from_iter, types::Value};

use crate::state::Regional;

/// An event to append to a log stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEvent {
    /// The log group.
    pub group: Regional,
    /// The log stream's name.
    pub stream: String,
    /// When it happened, in epoch milliseconds.
    pub timestamp_ms: i64,
    /// When it was taken in, in epoch milliseconds.
    pub ingestion_ms: i64,
    /// The text.
    pub message: String,
}

/// An event as the database holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredLogEvent {
    /// Grows with every event that is taken in; part of page tokens and event ids.
    pub sequence: i64,
    /// The log stream's name.
    pub stream: String,
    /// When it happened, in epoch milliseconds.
    pub timestamp_ms: i64,
    /// When it was taken in, in epoch milliseconds.
    pub ingestion_ms: i64,
    /// The text.
    pub message: String,
}

/// Which events to read, in the order of (timestamp, sequence).
#[derive(Debug, Clone)]
pub struct LogEventQuery {
    /// The log group.
    pub group: (AccountId, Region, String),
    /// Only these streams; all where empty.
    pub streams: Vec<String>,
    /// Only events at or after this time, in epoch milliseconds.
    pub from_ms: Option<i64>,
    /// Only events before this time, in epoch milliseconds.
    pub until_ms: Option<i64>,
    /// Only events after this (timestamp, sequence) in the direction of reading.
    pub after: Option<(i64, i64)>,
    /// Oldest first, or newest first.
    pub oldest_first: bool,
    /// At most so many.
    pub limit: usize,
}

/// Events to remove: of a stream, of a whole group, or those of a group before a time.
#[derive(Debug, Clone)]
pub(crate) struct LogEventRemoval {
    pub group: Regional,
    pub stream: Option<String>,
    pub before_ms: Option<i64>,
}

/// One change of the texts of log events. Changes are applied in the order in which transactions made them: events that
/// were appended before their stream was removed are gone, those that were appended after it stay.
#[derive(Debug, Clone)]
pub(crate) enum LogChange {
    Append(Vec<LogEvent>),
    Remove(LogEventRemoval),
}

pub(crate) const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS log_events (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        account TEXT NOT NULL, region TEXT NOT NULL, log_group TEXT NOT NULL, stream TEXT NOT NULL,
        timestamp_ms INTEGER NOT NULL, ingestion_ms INTEGER NOT NULL, message TEXT NOT NULL
    ) STRICT;
    CREATE INDEX IF NOT EXISTS log_events_by_time
        ON log_events (account, region, log_group, timestamp_ms, sequence);
    CREATE INDEX IF NOT EXISTS log_events_by_stream
        ON log_events (account, region, log_group, stream, timestamp_ms, sequence);
";

pub(crate) fn apply(connection: &Connection, change: &LogChange) -> rusqlite::Result<()> {
    match change {
        LogChange::Append(events) => insert(connection, events),
        LogChange::Remove(removal) => remove(connection, removal),
    }
}

fn insert(connection: &Connection, events: &[LogEvent]) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO log_events (account, region, log_group, stream, timestamp_ms, ingestion_ms, message)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    for event in events {
        let (account, region, group) = &event.group;
        statement.execute((
            account.as_str(),
            region.as_str(),
            group,
            &event.stream,
            event.timestamp_ms,
            event.ingestion_ms,
            &event.message,
        ))?;
    }
    Ok(())
}

fn remove(connection: &Connection, removal: &LogEventRemoval) -> rusqlite::Result<()> {
    let (account, region, group) = &removal.group;
    connection.execute(
        "DELETE FROM log_events WHERE account = ?1 AND region = ?2 AND log_group = ?3
         AND (?4 IS NULL OR stream = ?4) AND (?5 IS NULL OR timestamp_ms < ?5)",
        (account.as_str(), region.as_str(), group, &removal.stream, removal.before_ms),
    )?;
    Ok(())
}

pub(crate) fn select(
    connection: &Connection,
    query: &LogEventQuery,
) -> rusqlite::Result<Vec<StoredLogEvent>> {
    let (account, region, group) = &query.group;
    let mut sql = String::from(
        "SELECT sequence, stream, timestamp_ms, ingestion_ms, message FROM log_events
         WHERE account = ? AND region = ? AND log_group = ?",
    );
    let mut values: Vec<Value> = vec![text(account.as_str()), text(region.as_str()), text(group)];
    if !query.streams.is_empty() {
        let marks = vec!["?"; query.streams.len()].join(", ");
        sql.push_str(&format!(" AND stream IN ({marks})"));
        values.extend(query.streams.iter().map(|stream| text(stream)));
    }
    if let Some(from_ms) = query.from_ms {
        sql.push_str(" AND timestamp_ms >= ?");
        values.push(from_ms.into());
    }
    if let Some(until_ms) = query.until_ms {
        sql.push_str(" AND timestamp_ms < ?");
        values.push(until_ms.into());
    }
    let (comparison, order) = if query.oldest_first { (">", "ASC") } else { ("<", "DESC") };
    if let Some((timestamp_ms, sequence)) = query.after {
        sql.push_str(&format!(" AND (timestamp_ms, sequence) {comparison} (?, ?)"));
        values.extend([timestamp_ms.into(), sequence.into()]);
    }
    sql.push_str(&format!(" ORDER BY timestamp_ms {order}, sequence {order} LIMIT ?"));
    values.push(i64::try_from(query.limit).unwrap_or(i64::MAX).into());

    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map(params_from_iter(values), |row| {
        Ok(StoredLogEvent {
            sequence: row.get(0)?,
            stream: row.get(1)?,
            timestamp_ms: row.get(2)?,
            ingestion_ms: row.get(3)?,
            message: row.get(4)?,
        })
    })?;
    rows.collect()
}

fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}
