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
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::invoke::deployment::Deployment;
use crate::invoke::log_stream::LogStream;

/// A writer without work for so long ends; the next line makes a new one.
const IDLE: Duration = Duration::from_secs(300);
/// How many invocations' lines may wait for one writer. Beyond that lines are lost rather than memory.
const WAITING: usize = 1024;

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
    by_stream: HashMap<String, mpsc::Sender<Vec<LogLine>>>,
    tasks: JoinSet<()>,
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
        let sender = match writers.by_stream.get(&stream) {
            Some(sender) => sender.clone(),
            None => {
                let (sender, receiver) = mpsc::channel(WAITING);
                writers.tasks.spawn(write(
                    self.clone(),
                    LogStream::new(Arc::clone(platform), target),
                    receiver,
                ));
                writers.by_stream.insert(stream.clone(), sender.clone());
                sender
            }
        };
        if sender.try_send(lines).is_err() {
            tracing::warn!(stream, "log lines were lost: CloudWatch Logs does not keep up");
        }
    }

    /// Waits until all lines that were handed over are delivered.
    pub(crate) async fn drain(&self) {
        let mut tasks = {
            let mut writers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            writers.by_stream.clear();
            std::mem::take(&mut writers.tasks)
        };
        while tasks.join_next().await.is_some() {}
    }

    /// Takes an idle writer out; says whether it may end. It may not while lines wait for it: they are handed over
    /// under the same lock.
    fn retire(&self, stream: &str, receiver: &mpsc::Receiver<Vec<LogLine>>) -> bool {
        let mut writers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !receiver.is_empty() {
            return false;
        }
        writers.by_stream.remove(stream);
        true
    }
}

/// Writes until there is nothing more to come.
async fn write(writers: LogWriters, mut stream: LogStream, mut receiver: mpsc::Receiver<Vec<LogLine>>) {
    loop {
        match tokio::time::timeout(IDLE, receiver.recv()).await {
            Ok(Some(lines)) => stream.put(lines).await,
            Ok(None) => return,
            Err(_) if writers.retire(stream.name(), &receiver) => return,
            Err(_) => {}
        }
    }
}
