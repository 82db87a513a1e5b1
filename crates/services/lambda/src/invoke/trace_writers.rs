//! Brings the segments of functions to X-Ray: Lambda's own, and those that functions send to their X-Ray daemon.
//!
//! Each function and role has one writer, which calls X-Ray in a session of the execution role: a role without the
//! permission has no traces, and its function runs all the same (reference lambda.md 4.3). As X-Ray's own daemon does,
//! the writer also says what it sent and what it lost.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rolecall_service::Platform;
use rolecall_wire::xray::{
    Input, Output, PutTelemetryRecordsRequest, PutTraceSegmentsRequest, TelemetryRecord,
};
use rolecall_wire::{AnyOutput, ServiceError, Timestamp};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::invoke::deployment::Deployment;
use crate::invoke::role_session::{Rest, RoleSession};
use crate::name::function_arn;

/// A writer without work for so long ends; the next segment makes a new one.
const IDLE: Duration = Duration::from_secs(300);
/// How many documents may wait for one writer. Beyond that segments are lost rather than memory.
const WAITING: usize = 256;
/// X-Ray takes so many documents in one call.
const BATCH: usize = 50;
/// How often a writer tells about itself, in milliseconds.
const TELEMETRY_MS: i64 = 60_000;

/// The writers of all functions.
#[derive(Clone, Default)]
pub(crate) struct TraceWriters(Arc<Mutex<Writers>>);

#[derive(Default)]
struct Writers {
    by_deployment: HashMap<String, Inlet>,
    tasks: JoinSet<()>,
}

/// The way to a writer.
#[derive(Clone)]
struct Inlet {
    documents: mpsc::Sender<String>,
    /// How many documents found no room since the writer looked.
    lost: Arc<AtomicUsize>,
}

impl TraceWriters {
    /// Hands documents to the function's writer. Returns at once.
    pub(crate) fn deliver(
        &self,
        platform: &Arc<Platform>,
        deployment: &Deployment,
        documents: impl IntoIterator<Item = String>,
    ) {
        let key = deployment.to_string();
        let mut writers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while writers.tasks.try_join_next().is_some() {}
        let inlet = match writers.by_deployment.get(&key) {
            Some(inlet) => inlet.clone(),
            None => {
                let (documents, receiver) = mpsc::channel(WAITING);
                let inlet = Inlet { documents, lost: Arc::default() };
                let writer = TraceWriter::new(Arc::clone(platform), deployment, Arc::clone(&inlet.lost));
                writers.tasks.spawn(write(self.clone(), key.clone(), writer, receiver));
                writers.by_deployment.insert(key, inlet.clone());
                inlet
            }
        };
        let sent = documents.into_iter().map(|document| inlet.documents.try_send(document));
        // A function may send as much as it likes, so that nothing is logged for each.
        inlet.lost.fetch_add(sent.filter(Result::is_err).count(), Ordering::Relaxed);
    }

    /// Waits until all documents that were handed over are delivered.
    pub(crate) async fn drain(&self) {
        let mut tasks = {
            let mut writers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            writers.by_deployment.clear();
            std::mem::take(&mut writers.tasks)
        };
        while tasks.join_next().await.is_some() {}
    }

    /// Takes an idle writer out; says whether it may end. It may not while documents wait for it: they are handed over
    /// under the same lock.
    fn retire(&self, key: &str, receiver: &mpsc::Receiver<String>) -> bool {
        let mut writers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !receiver.is_empty() {
            return false;
        }
        writers.by_deployment.remove(key);
        true
    }
}

/// Writes until there is nothing more to come.
async fn write(
    writers: TraceWriters,
    key: String,
    mut writer: TraceWriter,
    mut receiver: mpsc::Receiver<String>,
) {
    loop {
        let mut batch = Vec::new();
        match tokio::time::timeout(IDLE, receiver.recv_many(&mut batch, BATCH)).await {
            Ok(0) => break,
            Ok(_) => writer.put(batch).await,
            Err(_) if writers.retire(&key, &receiver) => break,
            Err(_) => {}
        }
    }
    writer.tell().await;
}

/// What a writer tells about itself.
#[derive(Default)]
struct Counts {
    received: usize,
    sent: usize,
    rejected: usize,
}

struct TraceWriter {
    session: RoleSession,
    function_arn: String,
    rest: Rest,
    counts: Counts,
    lost: Arc<AtomicUsize>,
    told_ms: i64,
}

impl TraceWriter {
    fn new(platform: Arc<Platform>, deployment: &Deployment, lost: Arc<AtomicUsize>) -> Self {
        let function_arn = function_arn(&deployment.function, None).to_string();
        let told_ms = platform.now_ms();
        let session = RoleSession::new(platform, deployment.role.clone(), deployment.function.clone());
        let (rest, counts) = (Rest::default(), Counts::default());
        TraceWriter { session, function_arn, rest, counts, lost, told_ms }
    }

    /// Sends the documents, or gives them up where the role may not.
    async fn put(&mut self, documents: Vec<String>) {
        self.counts.received += documents.len();
        if self.rest.goes_on(&self.session.platform) {
            return;
        }
        // Taken before the attempt: a policy that changes meanwhile ends the rest.
        let policy_generation = self.session.platform.store.read().policy_generation();
        match self.send(documents).await {
            Ok(()) => self.rest = Rest::default(),
            Err(error) => {
                tracing::info!(function = self.function_arn, %error, "segments are not recorded");
                self.rest = Rest::begin(&self.session.platform, policy_generation);
                return;
            }
        }
        if self.session.platform.now_ms() - self.told_ms >= TELEMETRY_MS {
            self.tell().await;
        }
    }

    async fn send(&mut self, documents: Vec<String>) -> Result<(), ServiceError> {
        let count = documents.len();
        let request = PutTraceSegmentsRequest { trace_segment_documents: documents };
        let answer = self.session.call(Input::PutTraceSegments(request)).await?;
        self.counts.sent += count;
        if let AnyOutput::Xray(Output::PutTraceSegments(answer)) = answer {
            for refused in answer.unprocessed_trace_segments.unwrap_or_default() {
                self.counts.rejected += 1;
                let code = refused.error_code.unwrap_or_default();
                tracing::info!(function = self.function_arn, id = ?refused.id, code, "a segment was not taken");
            }
        }
        Ok(())
    }

    /// Says what was sent since it was said last. Nobody waits for it, and a refusal changes nothing.
    async fn tell(&mut self) {
        let now_ms = self.session.platform.now_ms();
        let counts = std::mem::take(&mut self.counts);
        let lost = self.lost.swap(0, Ordering::Relaxed);
        self.told_ms = now_ms;
        if lost > 0 {
            tracing::warn!(function = self.function_arn, lost, "segments were lost: X-Ray does not keep up");
        }
        // Where nothing may be sent, nothing is said either.
        if counts.sent == 0 {
            return;
        }
        let number = |count: usize| Some(i32::try_from(count).unwrap_or(i32::MAX));
        let record = TelemetryRecord {
            timestamp: Timestamp(now_ms),
            segments_received_count: number(counts.received + lost),
            segments_sent_count: number(counts.sent),
            segments_spillover_count: number(lost),
            segments_rejected_count: number(counts.rejected),
            backend_connection_errors: None,
        };
        let request = PutTelemetryRecordsRequest {
            telemetry_records: vec![record],
            resource_arn: Some(self.function_arn.clone()),
            ..Default::default()
        };
        if let Err(error) = self.session.call(Input::PutTelemetryRecords(request)).await {
            tracing::info!(function = self.function_arn, %error, "telemetry is not recorded");
        }
    }
}
