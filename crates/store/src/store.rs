//! The store as its users see it.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use arc_swap::ArcSwap;
use rusqlite::Connection;
use tokio::sync::mpsc;

use crate::blobs::Blobs;
use crate::data_dir::DataDir;
use crate::decisions::{self, StoredDecision};
use crate::error::{OpenError, StoreError, WriteError};
use crate::log_events::{self, LogEventQuery, StoredLogEvent};
use crate::sqlite;
use crate::state::State;
use crate::trace_segments::{self, TraceOwner, TraceQuery, TraceSegment};
use crate::writer::{self, Job};

/// How many transactions may wait for the writer before their callers wait with them.
const QUEUE: usize = 4096;

/// The open store. Shared by everything that reads or writes records.
pub struct Store {
    data_dir: Arc<DataDir>,
    snapshot: Arc<ArcSwap<State>>,
    jobs: Mutex<Option<mpsc::Sender<Box<dyn Job>>>>,
    writer: Mutex<Option<JoinHandle<()>>>,
    reader: Arc<Mutex<Connection>>,
    blobs: Blobs,
}

impl Store {
    /// Opens the data directory, making it where it is missing, and reads all records.
    ///
    /// # Errors
    /// See [`OpenError`]; each variant is one sentence for the operator.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let data_dir = Arc::new(DataDir::open(path)?);
        let connection = sqlite::open_for_writing(path)?;
        let state = sqlite::load(&connection)?;
        let io = |source| OpenError::Io { path: path.join("blobs"), source };
        let blobs = Blobs::open(path).map_err(io)?;
        blobs.sweep(&state.named_blobs()).map_err(io)?;
        let reader = sqlite::open_for_reading(path)?;
        let snapshot = Arc::new(ArcSwap::from_pointee(state));
        let (sender, receiver) = mpsc::channel(QUEUE);
        // The writer holds the lock too: a store that is dropped lets nobody in before its last commit.
        let (published, locked) = (Arc::clone(&snapshot), Arc::clone(&data_dir));
        let writer = std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || {
                writer::run(connection, &published, receiver);
                drop(locked);
            })
            .map_err(io)?;
        Ok(Store {
            data_dir,
            snapshot,
            jobs: Mutex::new(Some(sender)),
            writer: Mutex::new(Some(writer)),
            reader: Arc::new(Mutex::new(reader)),
            blobs,
        })
    }

    /// The data directory.
    pub fn path(&self) -> &Path {
        self.data_dir.path()
    }

    /// The files of code and objects.
    pub fn blobs(&self) -> &Blobs {
        &self.blobs
    }

    /// The state as of the last commit. It does not change under its holder.
    pub fn read(&self) -> Arc<State> {
        self.snapshot.load_full()
    }

    /// Runs a transaction. When this returns `Ok`, its changes are durable and in every later snapshot; otherwise
    /// nothing was changed. The closure runs on the writer's thread and must not block.
    ///
    /// # Errors
    /// [`WriteError::Refused`] with the closure's own error, or [`WriteError::Store`] where the commit failed.
    pub async fn write<F, T, E>(&self, closure: F) -> Result<T, WriteError<E>>
    where
        F: FnOnce(&mut State) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: Send + 'static,
    {
        let (job, result) = writer::job(closure);
        let sender = self.sender().ok_or(StoreError::Closed)?;
        sender.send(job).await.map_err(|_| StoreError::Closed)?;
        drop(sender);
        result.await.map_err(|_| StoreError::Closed)?
    }

    /// Keeps explained decisions, soon but without anybody waiting for it. Where the writer is too busy they are
    /// dropped: an explanation must never slow down or stop what it explains.
    pub fn keep_decision(&self, decision: StoredDecision) {
        let (job, _) = writer::job(move |state: &mut State| {
            state.pending.decisions.push(decision);
            Ok::<(), ()>(())
        });
        if let Some(sender) = self.sender() {
            // A full queue drops the explanation, as the documentation says.
            let _ = sender.try_send(job);
        }
    }

    /// Waits until everything that was handed to the writer before is in the database.
    ///
    /// # Errors
    /// [`StoreError`] where that cannot be known.
    pub async fn settle(&self) -> Result<(), StoreError> {
        let nothing = self.write(|_| Ok::<(), std::convert::Infallible>(())).await;
        match nothing {
            Err(WriteError::Store(error)) => Err(error),
            Ok(()) => Ok(()),
            Err(WriteError::Refused(never)) => match never {},
        }
    }

    /// A decision that was kept.
    ///
    /// # Errors
    /// [`StoreError::Database`] where the database refuses the query.
    pub async fn decision(&self, id: String) -> Result<Option<StoredDecision>, StoreError> {
        self.query(move |connection| decisions::select(connection, &id)).await
    }

    /// Reads log events.
    ///
    /// # Errors
    /// [`StoreError::Database`] where the database refuses the query.
    pub async fn log_events(&self, query: LogEventQuery) -> Result<Vec<StoredLogEvent>, StoreError> {
        self.query(move |connection| log_events::select(connection, &query)).await
    }

    /// The segments of a trace in the order in which they were taken in, up to so many bytes, and whether these are all.
    ///
    /// # Errors
    /// [`StoreError::Database`] where the database refuses the query.
    pub async fn trace_segments(
        &self,
        owner: TraceOwner,
        trace_id: String,
        keep_from_ms: i64,
        max_bytes: usize,
    ) -> Result<(Vec<TraceSegment>, bool), StoreError> {
        self.query(move |connection| {
            trace_segments::select(connection, &owner, &trace_id, keep_from_ms, max_bytes)
        })
        .await
    }

    /// Finds traces: the time in the id in epoch milliseconds, and the id.
    ///
    /// # Errors
    /// [`StoreError::Database`] where the database refuses the query.
    pub async fn traces(&self, query: TraceQuery) -> Result<Vec<(i64, String)>, StoreError> {
        self.query(move |connection| trace_segments::find(connection, &query)).await
    }

    /// Takes no more writes and waits until all that were accepted are on the disk.
    pub fn close(&self) {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).take();
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(writer) = writer
            && writer.join().is_err()
        {
            tracing::error!("the store's writer ended abnormally");
        }
    }

    fn sender(&self) -> Option<mpsc::Sender<Box<dyn Job>>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn query<T, Q>(&self, query: Q) -> Result<T, StoreError>
    where
        T: Send + 'static,
        Q: FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        let reader = Arc::clone(&self.reader);
        let run = move || query(&reader.lock().unwrap_or_else(PoisonError::into_inner));
        let result = tokio::task::spawn_blocking(run).await.map_err(|_| StoreError::Closed)?;
        result.map_err(|error| StoreError::Database(error.to_string()))
    }
}
