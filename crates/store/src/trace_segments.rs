//! The segments of X-Ray traces. They are many and seldom read, so they live in the database only, like log events.
//!
//! An account's segments in a region take a bounded room: what they take is counted in the same transaction that adds
//! them, and the oldest make room for the newest.

use rolecall_arn::{AccountId, Region};
use rusqlite::{Connection, OptionalExtension};

/// The account and the region that segments belong to.
pub type TraceOwner = (AccountId, Region);

/// A segment or an independent subsegment, as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceSegment {
    /// The trace, `1-TIME-ID`.
    pub trace_id: String,
    /// The segment's own id; a later document with the same id takes the place of an earlier one.
    pub id: String,
    /// The time in the trace's id, in epoch milliseconds.
    pub trace_ms: i64,
    /// When it was taken in, in epoch milliseconds.
    pub received_ms: i64,
    /// The document.
    pub document: String,
}

/// Segments to put, and what they displace.
#[derive(Debug, Clone)]
pub struct TraceSegmentBatch {
    /// Whose they are.
    pub owner: TraceOwner,
    /// The segments, in the order in which they came.
    pub segments: Vec<TraceSegment>,
    /// What was taken in before this is removed, in epoch milliseconds.
    pub keep_from_ms: i64,
    /// The most that the owner's documents may take, in bytes.
    pub max_bytes: i64,
}

/// Which time a [`TraceQuery`] looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TraceTime {
    /// The time in the trace's id.
    Trace,
    /// When a segment of the trace was taken in.
    Received,
}

/// Which traces to find, in the order of (time in the id, id).
#[derive(Debug, Clone)]
pub struct TraceQuery {
    /// Whose.
    pub owner: TraceOwner,
    /// Which time the range is about.
    pub time: TraceTime,
    /// From this time on, in epoch milliseconds.
    pub from_ms: i64,
    /// Until this time, exclusive, in epoch milliseconds.
    pub until_ms: i64,
    /// Only what was taken in at or after this time, in epoch milliseconds.
    pub keep_from_ms: i64,
    /// Only traces after this one.
    pub after: Option<(i64, String)>,
    /// At most so many.
    pub limit: usize,
}

pub(crate) const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS trace_segments (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        account TEXT NOT NULL, region TEXT NOT NULL, trace_id TEXT NOT NULL, id TEXT NOT NULL,
        trace_ms INTEGER NOT NULL, received_ms INTEGER NOT NULL, document TEXT NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX IF NOT EXISTS trace_segments_by_id ON trace_segments (account, region, trace_id, id);
    CREATE INDEX IF NOT EXISTS trace_segments_by_trace ON trace_segments (account, region, trace_ms, trace_id);
    CREATE INDEX IF NOT EXISTS trace_segments_by_arrival
        ON trace_segments (account, region, received_ms, sequence);
    CREATE TABLE IF NOT EXISTS trace_bytes (
        account TEXT NOT NULL, region TEXT NOT NULL, bytes INTEGER NOT NULL, PRIMARY KEY (account, region)
    ) STRICT, WITHOUT ROWID;
";

/// How many segments make room at once.
const CROWDED_OUT: usize = 16;

/// Puts a batch and removes what has expired and what is crowded out.
pub(crate) fn put(connection: &Connection, batch: &TraceSegmentBatch) -> rusqlite::Result<()> {
    let (account, region) = (batch.owner.0.as_str(), batch.owner.1.as_str());
    let mut bytes: i64 = connection
        .prepare_cached("SELECT bytes FROM trace_bytes WHERE account = ?1 AND region = ?2")?
        .query_row((account, region), |row| row.get(0))
        .optional()?
        .unwrap_or_default();
    for segment in &batch.segments {
        bytes += replace(connection, &batch.owner, segment)?;
    }
    let expired = "DELETE FROM trace_segments WHERE account = ?1 AND region = ?2 AND received_ms < ?3
        RETURNING length(CAST(document AS BLOB))";
    bytes -= removed(connection, expired, (account, region, batch.keep_from_ms))?;
    while bytes > batch.max_bytes {
        let oldest = format!(
            "DELETE FROM trace_segments WHERE sequence IN (
                SELECT sequence FROM trace_segments WHERE account = ?1 AND region = ?2
                ORDER BY received_ms, sequence LIMIT {CROWDED_OUT})
             RETURNING length(CAST(document AS BLOB))"
        );
        match removed(connection, &oldest, (account, region))? {
            // Nothing is left to remove, so the count was wrong and begins anew.
            0 => bytes = 0,
            freed => bytes -= freed,
        }
    }
    connection
        .prepare_cached("INSERT OR REPLACE INTO trace_bytes (account, region, bytes) VALUES (?1, ?2, ?3)")?
        .execute((account, region, bytes.max(0)))?;
    Ok(())
}

/// Puts one segment; by how many bytes the owner's documents have grown.
fn replace(connection: &Connection, owner: &TraceOwner, segment: &TraceSegment) -> rusqlite::Result<i64> {
    let (account, region) = (owner.0.as_str(), owner.1.as_str());
    let former = "DELETE FROM trace_segments WHERE account = ?1 AND region = ?2 AND trace_id = ?3 AND id = ?4
        RETURNING length(CAST(document AS BLOB))";
    let freed = removed(connection, former, (account, region, &segment.trace_id, &segment.id))?;
    connection
        .prepare_cached(
            "INSERT INTO trace_segments (account, region, trace_id, id, trace_ms, received_ms, document)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute((
            account,
            region,
            &segment.trace_id,
            &segment.id,
            segment.trace_ms,
            segment.received_ms,
            &segment.document,
        ))?;
    Ok(i64::try_from(segment.document.len()).unwrap_or(i64::MAX) - freed)
}

/// Runs a removal; the bytes of the documents that it removed.
fn removed(connection: &Connection, sql: &str, values: impl rusqlite::Params) -> rusqlite::Result<i64> {
    let mut statement = connection.prepare_cached(sql)?;
    let lengths = statement.query_map(values, |row| row.get::<_, i64>(0))?;
    lengths.sum()
}

/// The segments of a trace in the order in which they came, up to so many bytes, and whether these are all.
pub(crate) fn select(
    connection: &Connection,
    owner: &TraceOwner,
    trace_id: &str,
    keep_from_ms: i64,
    max_bytes: usize,
) -> rusqlite::Result<(Vec<TraceSegment>, bool)> {
    let mut statement = connection.prepare_cached(
        "SELECT trace_id, id, trace_ms, received_ms, document FROM trace_segments
         WHERE account = ?1 AND region = ?2 AND trace_id = ?3 AND received_ms >= ?4 ORDER BY sequence",
    )?;
    let mut rows = statement.query((owner.0.as_str(), owner.1.as_str(), trace_id, keep_from_ms))?;
    let (mut segments, mut bytes) = (Vec::new(), 0);
    while let Some(row) = rows.next()? {
        let document: String = row.get(4)?;
        bytes += document.len();
        if bytes > max_bytes {
            return Ok((segments, false));
        }
        let (trace_id, id) = (row.get(0)?, row.get(1)?);
        segments.push(TraceSegment {
            trace_id,
            id,
            trace_ms: row.get(2)?,
            received_ms: row.get(3)?,
            document,
        });
    }
    Ok((segments, true))
}

/// The traces that a query finds: the time in the id, and the id.
pub(crate) fn find(connection: &Connection, query: &TraceQuery) -> rusqlite::Result<Vec<(i64, String)>> {
    let time = match query.time {
        TraceTime::Trace => "trace_ms",
        TraceTime::Received => "received_ms",
    };
    let sql = format!(
        "SELECT DISTINCT trace_ms, trace_id FROM trace_segments
         WHERE account = ?1 AND region = ?2 AND {time} >= ?3 AND {time} < ?4 AND received_ms >= ?5
         AND (trace_ms, trace_id) > (?6, ?7) ORDER BY trace_ms, trace_id LIMIT ?8"
    );
    let (after_ms, after_id) = query.after.clone().unwrap_or((i64::MIN, String::new()));
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map(
        (
            query.owner.0.as_str(),
            query.owner.1.as_str(),
            query.from_ms,
            query.until_ms,
            query.keep_from_ms,
            after_ms,
            after_id,
            i64::try_from(query.limit).unwrap_or(i64::MAX),
        ),
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    rows.collect()
}
