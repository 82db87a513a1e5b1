//! The embedded database: one file, a write-ahead log, every commit synced to the disk.

use std::fs::{OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use crate::decisions;
use crate::error::OpenError;
use crate::log_events;
use crate::pending::Pending;
use crate::state::{State, TABLES};
use crate::table::RowChange;
use crate::trace_segments;

/// The newest schema that this program knows. A new table needs no new version: it is made where it is missing. A
/// change that an older program would misread does.
pub(crate) const SCHEMA_VERSION: i64 = 1;

const FILE: &str = "rolecall.sqlite";

/// Opens the database for the writer, makes what is missing, and refuses what a newer program wrote.
pub(crate) fn open_for_writing(data_dir: &Path) -> Result<Connection, OpenError> {
    let file = data_dir.join(FILE);
    make_private(&file).map_err(|source| OpenError::Io { path: file.clone(), source })?;
    let connection = Connection::open(&file)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    let mode: String = connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    if mode != "wal" {
        return Err(OpenError::NoWriteAheadLog { path: data_dir.to_owned() });
    }
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > SCHEMA_VERSION {
        return Err(OpenError::Newer { path: data_dir.to_owned(), found, known: SCHEMA_VERSION });
    }
    for table in TABLES {
        connection.execute_batch(&format!(
            "CREATE TABLE IF NOT EXISTS {table} (key TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;"
        ))?;
    }
    connection.execute_batch(log_events::SCHEMA)?;
    connection.execute_batch(trace_segments::SCHEMA)?;
    connection.execute_batch(decisions::SCHEMA)?;
    if found < SCHEMA_VERSION {
        // Only then: a start must need no room on a full disk.
        connection.pragma_update(None, "user_version", SCHEMA_VERSION)?;
    }
    Ok(connection)
}

/// Makes the database's file where it is missing, and readable by its owner only: it holds every secret. SQLite gives
/// the files beside it the same permissions.
fn make_private(file: &Path) -> io::Result<()> {
    let opened = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(file)?;
    opened.set_permissions(Permissions::from_mode(0o600))
}

/// Opens a second connection that only reads.
pub(crate) fn open_for_reading(data_dir: &Path) -> Result<Connection, OpenError> {
    Ok(Connection::open_with_flags(data_dir.join(FILE), OpenFlags::SQLITE_OPEN_READ_ONLY)?)
}

/// Reads all tables.
pub(crate) fn load(connection: &Connection) -> Result<State, OpenError> {
    let mut state = State::default();
    for table in TABLES {
        let mut statement = connection.prepare(&format!("SELECT key, body FROM {table}"))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (key, body): (String, String) = (row.get(0)?, row.get(1)?);
            state.load(table, &key, &body).map_err(|error| OpenError::Damaged {
                table,
                key,
                reason: error.to_string(),
            })?;
        }
    }
    Ok(state)
}

/// Writes all that the state gathered since the last commit, and what is pending beside it, in one transaction.
pub(crate) fn commit(
    connection: &mut Connection,
    state: &mut State,
    pending: &Pending,
) -> Result<(), String> {
    let rows = state.take_changes().map_err(|error| error.to_string())?;
    if rows.is_empty() && pending.is_empty() {
        return Ok(());
    }
    let mut write = || -> rusqlite::Result<()> {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for row in &rows {
            write_row(&transaction, row)?;
        }
        for change in &pending.log_changes {
            log_events::apply(&transaction, change)?;
        }
        for batch in &pending.trace_segments {
            trace_segments::put(&transaction, batch)?;
        }
        if !pending.decisions.is_empty() {
            decisions::insert(&transaction, &pending.decisions)?;
        }
        transaction.commit()
    };
    write().map_err(|error| error.to_string())
}

fn write_row(connection: &Connection, row: &RowChange) -> rusqlite::Result<()> {
    let table = row.table;
    match &row.body {
        Some(body) => connection
            .prepare_cached(&format!("INSERT OR REPLACE INTO {table} (key, body) VALUES (?1, ?2)"))?
            .execute((&row.key, body))?,
        None => {
            connection.prepare_cached(&format!("DELETE FROM {table} WHERE key = ?1"))?.execute([&row.key])?
        }
    };
    Ok(())
}
