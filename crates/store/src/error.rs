//! What can go wrong with the store, in words for the operator.

use std::path::PathBuf;

/// The data directory could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another server holds the directory's lock.
    #[error("the data directory {} is in use by another rolecall server", path.display())]
    InUse {
        /// The data directory.
        path: PathBuf,
    },
    /// A newer program wrote it.
    #[error(
        "the data directory {} was written by a newer rolecall (its schema is version {found}, this program knows up \
         to version {known}); start that program instead",
        path.display()
    )]
    Newer {
        /// The data directory.
        path: PathBuf,
        /// The schema version found.
        found: i64,
        /// The newest schema version that this program knows.
        known: i64,
    },
    /// The file system under the directory cannot hold a write-ahead log.
    #[error(
        "the data directory {} is on a file system without shared memory, a network share most likely; choose a local \
         one",
        path.display()
    )]
    NoWriteAheadLog {
        /// The data directory.
        path: PathBuf,
    },
    /// A row does not have the form that its table promises.
    #[error("the database has a damaged row in table {table}, key {key}: {reason}")]
    Damaged {
        /// The table.
        table: &'static str,
        /// The row's key.
        key: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The operating system refused.
    #[error("cannot use the data directory {}: {source}", path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// SQLite refused.
    #[error("cannot open the database: {0}")]
    Database(#[from] rusqlite::Error),
}

/// The store could not do what it was asked; nothing was changed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The database refused the commit or the query.
    #[error("the database failed: {0}")]
    Database(String),
    /// A file operation failed.
    #[error("the file system failed: {0}")]
    Io(String),
    /// The server is shutting down and takes no more writes.
    #[error("the store is closed")]
    Closed,
    /// The transaction's own code ended abnormally; its changes were undone.
    #[error("the transaction ended abnormally")]
    Aborted,
}

/// A transaction did not take effect.
#[derive(Debug, thiserror::Error)]
pub enum WriteError<E> {
    /// The closure refused; its changes were undone.
    #[error("refused")]
    Refused(E),
    /// The store failed; nothing was changed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
