//! Brings what functions write to CloudWatch Logs.
//!
//! Each execution environment has one log stream and one writer, so lines keep their order. The writer calls the
//! operations of CloudWatch Logs in a session of the execution role: a role without the permission has no logs, and its
//! function runs all the same (reference lambda.md 4.3). A refusal is not repeated for every line: the writer rests for
//! a while, and a new environment tries anew.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rolecall_runner::LogLine;
use rolecall_service::Platform;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};
use tokio::task::JoinSet;

use crate::invoke::deployment::Deployment;
use crate::invoke::log_stream::LogStream;

/// A writer without work for so long ends; the next line makes a new one.
const IDLE: Duration = Duration::from_secs(300);
/// How many invocations' lines may wait for one writer. Beyond that lines are lost rather than memory.
const WAITING: usize = 4096;
/// How many bytes of them may wait, and be written at the moment: more than one invocation's lines, whose bytes the
/// runner bounds.
const ROOM: usize = 32 << 20;
/// How long a writer rests after it has written. A busy environment's lines go together then: each call is a check of the
/// role's rights and a write to the disk, which invocations would feel that share the machine with it.
const REST: Duration = Duration::from_millis(100);
/// After so many bytes it does not rest: more of them may come than there is room for.
const MUCH: usize = 1 << 20;

/// Where an environment's lines go, and as whom.
#[derive(Debug, Clone)]
pub(crate) struct LogTarget {
    /// The environment's deployment, with the role.
    pub(crate) deployment: Deployment,
    /// The log group.
    pub(crate) group: String,
    /// The log stream, which no other environment has.
    pub(crate) stream: String,
}

/// The writers of all environments.
#[derive(Clone, Default)]
pub(crate) struct LogWriters(Arc<Mutex<Writers>>);

#[derive(Default)]
struct Writers {
    by_stream: HashMap<String, Writer>,
    tasks: JoinSet<()>,
    /// True when nobody may rest any more.
    hurry: watch::Sender<bool>,
}

/// The way to one writer.
#[derive(Clone)]
struct Writer {
    sender: mpsc::Sender<Waiting>,
    room: Arc<Semaphore>,
}

/// Lines, and the room that they take until they are written.
struct Waiting {
    lines: Vec<LogLine>,
    room: OwnedSemaphorePermit,
}

impl Writer {
    /// Hands lines over; says whether there was room for them.
    fn send(&self, lines: Vec<LogLine>) -> bool {
        let bytes: usize = lines.iter().map(|line| line.text.len() + size_of::<LogLine>()).sum();
        let taken = u32::try_from(bytes)
            .ok()
            .and_then(|bytes| Arc::clone(&self.room).try_acquire_many_owned(bytes).ok());
        taken.is_some_and(|room| self.sender.try_send(Waiting { lines, room }).is_ok())
    }
}

impl LogWriters {
    /// Hands lines to the environment's writer. Returns at once.
    pub(crate) fn deliver(&self, platform: &Arc<Platform>, target: LogTarget, lines: Vec<LogLine>) {
        if lines.is_empty() {
            return;
        }
        let mut writers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Results of writers that have ended are of no use to anybody.
        while writers.tasks.try_join_next().is_some() {}
        let stream = target.stream.clone();
        let writer = match writers.by_stream.get(&stream) {
            Some(writer) => writer.clone(),
            None => {
                let (sender, receiver) = mpsc::channel(WAITING);
                let log_stream = LogStream::new(Arc::clone(platform), target);
                let hurry = writers.hurry.subscribe();
                writers.tasks.spawn(write(self.clone(), log_stream, receiver, hurry));
                let writer = Writer { sender, room: Arc::new(Semaphore::new(ROOM)) };
                writers.by_stream.insert(stream.clone(), writer.clone());
                writer
            }
        };
        if !writer.send(lines) {
            tracing::warn!(stream, "log lines were lost: CloudWatch Logs does not keep up");
        }
    }

    /// Waits until all lines that were handed over are delivered.
    pub(crate) async fn drain(&self) {
        let mut tasks = {
            let mut writers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            writers.by_stream.clear();
            writers.hurry.send_replace(true);
            std::mem::take(&mut writers.tasks)
        };
        while tasks.join_next().await.is_some() {}
    }

    /// Takes an idle writer out; says whether it may end. It may not while lines wait for it: they are handed over
    /// under the same lock.
    fn retire(&self, stream: &str, receiver: &mpsc::Receiver<Waiting>) -> bool {
        let mut writers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !receiver.is_empty() {
            return false;
        }
        writers.by_stream.remove(stream);
        true
    }
}

/// Writes until there is nothing more to come: at once after a rest, and together what has come meanwhile.
async fn write(
    writers: LogWriters,
    mut stream: LogStream,
    mut receiver: mpsc::Receiver<Waiting>,
    mut hurry: watch::Receiver<bool>,
) {
    loop {
        match tokio::time::timeout(IDLE, receiver.recv()).await {
            Ok(Some(Waiting { mut lines, mut room })) => {
                while let Ok(more) = receiver.try_recv() {
                    lines.extend(more.lines);
                    room.merge(more.room);
                }
                stream.put(lines).await;
                if room.num_permits() < MUCH {
                    drop(room);
                    drop(tokio::time::timeout(REST, hurry.wait_for(|hurry| *hurry)).await);
                }
            }
            Ok(None) => return,
            Err(_) if writers.retire(stream.name(), &receiver) => return,
            Err(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(bytes: usize) -> Vec<LogLine> {
        vec![LogLine { time_ms: 0, text: "x".repeat(bytes) }]
    }

    #[tokio::test]
    async fn lines_wait_within_bounds_of_bytes_until_they_are_written() {
        let (sender, mut receiver) = mpsc::channel(WAITING);
        let writer = Writer { sender, room: Arc::new(Semaphore::new(ROOM)) };
        assert!(writer.send(lines(ROOM / 2)));
        assert!(
            !writer.send(lines(ROOM / 2)),
            "the second half does not fit, as each line costs a little more"
        );
        let Some(Waiting { room, .. }) = receiver.recv().await else { panic!("lines wait") };
        assert!(!writer.send(lines(ROOM / 2)), "the first half is being written");
        drop(room);
        assert!(writer.send(lines(ROOM / 2)));
    }
}
