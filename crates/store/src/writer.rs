//! The one writer: runs transactions in order, commits many with one sync, publishes, then acknowledges.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use arc_swap::ArcSwap;
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use crate::error::{StoreError, WriteError};
use crate::pending::Pending;
use crate::sqlite;
use crate::state::State;

/// A transaction on its way through the writer.
pub(crate) trait Job: Send {
    /// Runs the closure; says whether its changes shall stay.
    fn run(&mut self, state: &mut State) -> bool;
    /// Answers the caller, once it is known whether the changes are durable.
    fn answer(self: Box<Self>, committed: Result<(), StoreError>);
}

/// A closure, its result once it has run, and where to send that.
struct Transaction<F, T, E> {
    closure: Option<F>,
    result: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, WriteError<E>>>,
}

impl<F, T, E> Job for Transaction<F, T, E>
where
    F: FnOnce(&mut State) -> Result<T, E> + Send,
    T: Send,
    E: Send,
{
    fn run(&mut self, state: &mut State) -> bool {
        let closure = self.closure.take();
        // One closure's defect must not stop the writer for everybody. The state is put back, so nobody sees it broken.
        let run = AssertUnwindSafe(|| closure.map(|closure| closure(state)));
        self.result = catch_unwind(run).unwrap_or_default();
        matches!(self.result, Some(Ok(_)))
    }

    fn answer(self: Box<Self>, committed: Result<(), StoreError>) {
        let answer = match (self.result, committed) {
            (Some(Err(refusal)), _) => Err(WriteError::Refused(refusal)),
            (_, Err(error)) => Err(WriteError::Store(error)),
            (Some(Ok(value)), Ok(())) => Ok(value),
            (None, Ok(())) => Err(WriteError::Store(StoreError::Aborted)),
        };
        // A caller that went away does not undo what it asked for.
        let _ = self.reply.send(answer);
    }
}

/// Where the result of a transaction will arrive.
pub(crate) type Reply<T, E> = oneshot::Receiver<Result<T, WriteError<E>>>;

/// Makes the job for a closure and the place where its result will arrive.
pub(crate) fn job<F, T, E>(closure: F) -> (Box<dyn Job>, Reply<T, E>)
where
    F: FnOnce(&mut State) -> Result<T, E> + Send + 'static,
    T: Send + 'static,
    E: Send + 'static,
{
    let (reply, result) = oneshot::channel();
    (Box::new(Transaction { closure: Some(closure), result: None, reply }), result)
}

/// At most so many transactions share one sync, so that the first of them does not wait long.
const BATCH: usize = 256;

/// Runs until the last sender is gone.
pub(crate) fn run(
    mut connection: Connection,
    snapshot: &ArcSwap<State>,
    mut jobs: mpsc::Receiver<Box<dyn Job>>,
) {
    let mut batch = Vec::with_capacity(BATCH);
    while jobs.blocking_recv_many(&mut batch, BATCH) > 0 {
        let committed = commit_batch(&mut connection, snapshot, &mut batch);
        if let Err(error) = &committed {
            tracing::error!(%error, "a batch of transactions was not committed");
        }
        for job in batch.drain(..) {
            job.answer(committed.clone());
        }
    }
}

fn commit_batch(
    connection: &mut Connection,
    snapshot: &ArcSwap<State>,
    batch: &mut [Box<dyn Job>],
) -> Result<(), StoreError> {
    let mut state = State::clone(&snapshot.load());
    let mut pending = Pending::default();
    for job in batch {
        let before = state.clone();
        if job.run(&mut state) {
            pending.append(std::mem::take(&mut state.pending));
        } else {
            state = before;
        }
    }
    state.advance_generation();
    sqlite::commit(connection, &mut state, &pending).map_err(StoreError::Database)?;
    snapshot.store(Arc::new(state));
    Ok(())
}
