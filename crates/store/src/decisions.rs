//! Explained decisions, kept so that `rolecall why ID` can tell them after a restart too.

use rusqlite::Connection;

/// How many of the newest decisions the database keeps.
const KEPT: i64 = 20_000;

/// One explained decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDecision {
    /// The id that the answer carried in `x-rolecall-decision`.
    pub id: String,
    /// When it was made, in epoch milliseconds.
    pub time_ms: i64,
    /// The explanation as JSON.
    pub body: String,
}

pub(crate) const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS decisions (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE, time_ms INTEGER NOT NULL, body TEXT NOT NULL
    ) STRICT;
";

pub(crate) fn insert(connection: &Connection, decisions: &[StoredDecision]) -> rusqlite::Result<()> {
    let mut statement = connection
        .prepare_cached("INSERT OR IGNORE INTO decisions (id, time_ms, body) VALUES (?1, ?2, ?3)")?;
    for decision in decisions {
        statement.execute((&decision.id, decision.time_ms, &decision.body))?;
    }
    connection.execute(
        "DELETE FROM decisions WHERE sequence <= (SELECT max(sequence) FROM decisions) - ?1",
        [KEPT],
    )?;
    Ok(())
}

pub(crate) fn select(connection: &Connection, id: &str) -> rusqlite::Result<Option<StoredDecision>> {
    let mut statement = connection.prepare_cached("SELECT id, time_ms, body FROM decisions WHERE id = ?1")?;
    let mut rows = statement.query_map([id], |row| {
        Ok(StoredDecision { id: row.get(0)?, time_ms: row.get(1)?, body: row.get(2)? })
    })?;
    rows.next().transpose()
}
