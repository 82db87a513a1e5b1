//! One event through an environment: initialisation if it is new, then the handler, then the figures.

use std::sync::PoisonError;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use tokio::sync::oneshot;
use uuid::Uuid;

use super::exchange::{Answer, Delivery, Init};
use super::extensions::{Event, Reason, invoke_event};
use super::failure::{Failure, error};
use super::output::{log_line, now_ms, now_us};
use super::process::End;
use super::record::{DoneMetrics, Figures, InitMetrics, Phase, Record, Status, Tracing, billed};
use super::start::initialization_type;
use super::{Closing, Environment};
use crate::admission::Turn;
use crate::spec::{EnvironmentId, FunctionResult, FunctionSpec, Invocation, LogLine, Outcome};

/// How often the memory of a working function is looked at.
const MEMORY_WATCH: Duration = Duration::from_millis(50);

/// How much longer than a look the pause between two looks is at least.
const LOOKS_APART: u32 = 20;

/// How long ending a failed environment may take before its last output is given up.
const ENDING: Duration = Duration::from_secs(3);

/// How long the process of a response that broke off may take to end, before it is taken to live on.
const BREAKING_OFF: Duration = Duration::from_millis(200);

/// The environment had ended before the event reached its runtime: another one may run it.
#[derive(Debug)]
pub(crate) struct Stale;

/// The environment did not initialise in its time. AWS lets it begin anew within the invocation, in the function's own
/// time (Lambda Developer Guide, Understanding the Lambda execution environment lifecycle).
pub(crate) struct TooSlow {
    /// What was logged so far.
    pub(crate) log: Vec<LogLine>,
}

/// Why a runtime did not initialise.
pub(super) enum InitFailure {
    /// In its own words.
    Reported {
        document: Bytes,
        error_type: Option<String>,
    },
    Failed(Failure),
}

/// What came of an event.
struct Ending {
    result: FunctionResult,
    status: Status<'static>,
    error_type: Option<String>,
}

impl Ending {
    /// How much the function answered, but for what it streamed.
    fn produced_bytes(&self) -> usize {
        match &self.result {
            FunctionResult::Success(payload) | FunctionResult::Error { payload, .. } => payload.len(),
        }
    }

    fn answered(result: FunctionResult) -> Self {
        Ending { result, status: Status::Success, error_type: None }
    }
}

impl Environment {
    /// Waits for the runtime's first call for an event, which ends its turn to start, and runs the event; an environment
    /// that did not initialise or answer is ended.
    ///
    /// # Errors
    /// When it does not initialise in time, and may try again within the invocation.
    pub(crate) async fn invoke_first(
        &self,
        invocation: &Invocation,
        turn: Option<Turn>,
        limit: Duration,
    ) -> Result<Outcome, TooSlow> {
        let result = self.initialise(limit).await;
        drop(turn);
        let init_duration = self.born.elapsed();
        self.tell_init(&result, init_duration);
        if let Err(InitFailure::Failed(failure @ Failure::TimedOut(_))) = &result
            && self.phase == Phase::Init
        {
            self.give_up(failure).await;
            return Err(TooSlow { log: self.output.take() });
        }
        Ok(match result {
            Ok(()) => match self.run(invocation, Some(init_duration)).await {
                Ok(outcome) => outcome,
                Err(Stale) => {
                    let failure = InitFailure::Failed(ended(self.process.ended().await));
                    self.failed_init(invocation, failure, init_duration).await
                }
            },
            Err(failure) => self.failed_init(invocation, failure, init_duration).await,
        })
    }

    /// Runs an event in a warm environment.
    pub(crate) async fn invoke_again(&self, invocation: &Invocation) -> Result<Outcome, Stale> {
        self.wake();
        self.run(invocation, None).await
    }

    /// Waits until the runtime and all extensions wait for an event.
    pub(super) async fn initialise(&self, limit: Duration) -> Result<(), InitFailure> {
        tokio::select! {
            biased;
            outcome = self.come_up() => outcome,
            end = self.process.ended() => Err(InitFailure::Failed(ended(end))),
            failure = self.extensions.failed() => Err(InitFailure::Failed(failure)),
            () = self.watch_memory() => Err(InitFailure::Failed(Failure::OutOfMemory)),
            () = tokio::time::sleep(limit) => Err(InitFailure::Failed(Failure::TimedOut(limit))),
        }
    }

    /// First the external extensions register, then the runtime starts, and all ask for their first event.
    async fn come_up(&self) -> Result<(), InitFailure> {
        if !self.extensions.is_empty() {
            self.extensions.registered().await;
            self.process.run();
        }
        let mut init = self.exchange.init();
        if let Ok(Init::Failed { error, error_type }) =
            init.wait_for(|init| *init != Init::Running).await.as_deref()
        {
            return Err(InitFailure::Reported { document: error.clone(), error_type: error_type.clone() });
        }
        self.extensions.close();
        self.extensions.idle().await;
        self.telemetry.close();
        Ok(())
    }

    async fn run(&self, invocation: &Invocation, init_duration: Option<Duration>) -> Result<Outcome, Stale> {
        if self.has_ended() {
            return Err(Stale);
        }
        let request_id = &invocation.request_id;
        self.output.drain();
        self.output.platform(&Record::Start { request_id, version: &self.spec.version });
        let (answer, mut answered) = oneshot::channel();
        let (started, started_us) = (Instant::now(), now_us());
        let time = self.time_for_event(init_duration);
        let deadline_ms = deadline_ms(time);
        let invocation_id = Uuid::new_v4().to_string();
        self.exchange.hand_in(Delivery {
            request_id: request_id.clone(),
            headers: headers(invocation, &invocation_id, deadline_ms),
            invocation_id,
            payload: invocation.payload.clone(),
            answer,
            sink: invocation.response_sink.clone(),
        });
        if !self.extensions.is_empty() {
            self.extensions.hand_out(Event::Invoke, &invoke_event(invocation, deadline_ms));
        }
        let answer = self.answer(&mut answered, time).await;
        let duration = started.elapsed();
        if let Err(Failure::Ended(_)) = &answer
            && self.exchange.take_back()
        {
            return Err(Stale);
        }
        let ending = self.ending(invocation, answer).await;
        self.output.drain();
        if ending.status == Status::Success && !self.extensions.is_empty() {
            let request_id = invocation.request_id.clone();
            let produced_bytes = ending.produced_bytes();
            let trace = invocation.trace_id.clone();
            let closing = Closing { request_id, started, init_duration, produced_bytes, trace };
            let outcome = self.answered(invocation, closing, ending, duration).await;
            return Ok(Outcome { started_us, ..outcome });
        }
        let outcome = self.outcome(invocation, ending, duration, init_duration);
        Ok(Outcome { started_us, ..outcome })
    }

    async fn ending(&self, invocation: &Invocation, answer: Result<Answer, Failure>) -> Ending {
        match answer {
            Ok(Answer::Response(body)) => Ending::answered(FunctionResult::Success(body)),
            Ok(Answer::Streamed) => Ending::answered(FunctionResult::Success(Bytes::new())),
            Ok(Answer::Error(document)) => Ending::answered(error(document)),
            Ok(Answer::StreamFailed { error_type, document }) => {
                Ending { error_type: Some(error_type), ..Ending::answered(error(document)) }
            }
            Ok(Answer::InvalidMode) => {
                let error_type = Some("Runtime.InvalidResponseModeHeader".to_owned());
                Ending { error_type, ..Ending::answered(error(Bytes::new())) }
            }
            Ok(Answer::TooLarge) => self.failed(invocation, &Failure::ResponseTooLarge).await,
            Ok(Answer::StreamTooLarge) => self.failed(invocation, &Failure::StreamTooLarge).await,
            Ok(Answer::Truncated) => {
                // A connection breaks before its process is seen to have ended.
                let end = tokio::time::timeout(BREAKING_OFF, self.process.ended()).await;
                self.failed(invocation, &end.map_or(Failure::Truncated, ended)).await
            }
            Err(failure) => self.failed(invocation, &failure).await,
        }
    }

    /// How long the event may take. Where the environment began anew within the invocation, its start took of that.
    fn time_for_event(&self, init_duration: Option<Duration>) -> Duration {
        let spent = init_duration.filter(|_| self.phase == Phase::Invoke).unwrap_or_default();
        self.spec.timeout.saturating_sub(spent)
    }

    /// What the runtime posts within the time, or why it does not.
    async fn answer(
        &self,
        answered: &mut oneshot::Receiver<Answer>,
        time: Duration,
    ) -> Result<Answer, Failure> {
        let failure = tokio::select! {
            biased;
            answer = &mut *answered => match answer {
                Ok(answer) => return Ok(answer),
                Err(_) => ended(self.process.ended().await),
            },
            end = self.process.ended() => ended(end),
            failure = self.extensions.failed() => failure,
            () = self.watch_memory() => Failure::OutOfMemory,
            () = tokio::time::sleep(time) => Failure::TimedOut(self.spec.timeout),
        };
        // An answer that came together with the end counts.
        answered.try_recv().map_err(|_| failure)
    }

    /// Returns when the function has allocated more than its size.
    async fn watch_memory(&self) {
        let mut pause = MEMORY_WATCH;
        loop {
            tokio::time::sleep(pause).await;
            let began = Instant::now();
            if self.memory.exceeded() {
                return;
            }
            // Looking at a thousand processes takes its time, which shall not be the function's to spend.
            pause = MEMORY_WATCH.max(began.elapsed() * LOOKS_APART);
        }
    }

    /// Ends the environment after a failure and says in the log what it was. A response that was too large is the
    /// handler's fault alone: its environment lives on.
    async fn failed(&self, invocation: &Invocation, failure: &Failure) -> Ending {
        let request_id = &invocation.request_id;
        let error_type = failure.error_type();
        let (result, error_type_text) = (failure.result(request_id), Some(error_type.to_owned()));
        if matches!(failure, Failure::ResponseTooLarge | Failure::StreamTooLarge) {
            return Ending { error_type: error_type_text, ..Ending::answered(result) };
        }
        self.give_up(failure).await;
        self.output.platform(&Record::Fault { request_id, failure });
        let status = Status::of(error_type);
        Ending { result, status, error_type: error_type_text }
    }

    /// Ends an environment that failed.
    pub(super) async fn give_up(&self, failure: &Failure) {
        let reason = match failure {
            Failure::TimedOut(_) => Reason::Timeout,
            _ => Reason::Failure,
        };
        self.give_up_for(reason).await;
    }

    async fn give_up_for(&self, reason: Reason) {
        // The peak of its memory is in the group's files, which go with the environment.
        self.memory.max_mb();
        drop(tokio::time::timeout(ENDING, self.end_for(reason)).await);
    }

    /// Tells how the initialisation went.
    pub(super) fn tell_init(&self, result: &Result<(), InitFailure>, duration: Duration) {
        let status = match result {
            Ok(()) => Status::Success,
            Err(InitFailure::Reported { error_type, .. }) => {
                Status::of(error_type.as_deref().unwrap_or("Runtime.Unknown"))
            }
            Err(InitFailure::Failed(failure)) => Status::of(failure.error_type()),
        };
        self.output.drain();
        let (initialization_type, phase) = (self.initialization_type, self.phase.word());
        self.output.platform(&Record::InitRuntimeDone { initialization_type, phase, status });
        self.extensions.tell_each(|record| self.output.platform(record));
        let metrics = InitMetrics { duration };
        self.output.platform(&Record::InitReport { initialization_type, phase, status, metrics });
    }

    async fn failed_init(
        &self,
        invocation: &Invocation,
        failure: InitFailure,
        init_duration: Duration,
    ) -> Outcome {
        let request_id = &invocation.request_id;
        self.output.platform(&Record::Start { request_id, version: &self.spec.version });
        let ending = match failure {
            InitFailure::Reported { document, .. } => {
                self.give_up_for(Reason::Failure).await;
                Ending::answered(error(document))
            }
            InitFailure::Failed(failure) => self.failed(invocation, &failure).await,
        };
        self.outcome(invocation, ending, Duration::ZERO, Some(init_duration))
    }

    /// Writes the last lines and collects everything.
    fn outcome(
        &self,
        invocation: &Invocation,
        ending: Ending,
        duration: Duration,
        init_duration: Option<Duration>,
    ) -> Outcome {
        let (request_id, status) = (invocation.request_id.as_str(), ending.status);
        let metrics = DoneMetrics { duration, produced_bytes: ending.produced_bytes() };
        self.output.platform(&Record::RuntimeDone { request_id, status, metrics });
        let trace = invocation.trace_id.as_deref();
        self.tell_figures(request_id, duration, init_duration, status, trace);
        self.outcome_of(ending, duration, init_duration)
    }

    /// The outcome of an invocation whose extensions still work. The log's rest comes later, unless the caller wants it.
    async fn answered(
        &self,
        invocation: &Invocation,
        closing: Closing,
        ending: Ending,
        duration: Duration,
    ) -> Outcome {
        let init_duration = closing.init_duration;
        if invocation.wants_log {
            self.finish(&closing).await;
        } else {
            *self.closing.lock().unwrap_or_else(PoisonError::into_inner) = Some(closing);
        }
        self.outcome_of(ending, duration, init_duration)
    }

    fn outcome_of(&self, ending: Ending, duration: Duration, init_duration: Option<Duration>) -> Outcome {
        Outcome {
            result: ending.result,
            error_type: ending.error_type,
            log: self.output.take(),
            log_stream: self.log_stream.clone(),
            started_us: now_us(),
            duration,
            billed_duration: billed(duration),
            init_duration,
            max_memory_mb: self.memory.max_mb(),
            cold: init_duration.is_some(),
            environment: self.id.clone(),
        }
    }
}

/// The outcome of a function for which there is not even an environment.
pub(crate) fn unstartable(
    spec: &FunctionSpec,
    invocation: &Invocation,
    environment: EnvironmentId,
    log_stream: String,
    failure: &Failure,
) -> Outcome {
    let request_id = &invocation.request_id;
    let (duration, error_type) = (Duration::ZERO, failure.error_type());
    let status = Status::of(error_type);
    let (initialization_type, phase) = (initialization_type(false), Phase::Init.word());
    let metrics = Figures {
        duration,
        billed: billed(duration),
        memory_mb: spec.memory_mb,
        max_memory_mb: 0,
        init_duration: None,
    };
    let tracing = invocation.trace_id.as_deref().and_then(Tracing::of);
    let time = jiff::Timestamp::now();
    let records = [
        Record::InitReport { initialization_type, phase, status, metrics: InitMetrics { duration } },
        Record::Start { request_id, version: &spec.version },
        Record::Fault { request_id, failure },
        Record::End { request_id },
        Record::Report { request_id, metrics, status, tracing },
    ];
    Outcome {
        result: failure.result(request_id),
        error_type: Some(error_type.to_owned()),
        log: records.iter().filter_map(|record| log_line(record, spec.log_format, time)).collect(),
        log_stream,
        started_us: now_us(),
        duration,
        billed_duration: billed(duration),
        init_duration: None,
        max_memory_mb: 0,
        cold: true,
        environment,
    }
}

pub(super) fn ended(end: End) -> Failure {
    if end.out_of_memory { Failure::OutOfMemory } else { Failure::Ended(end.status) }
}

/// When an invocation that begins now must have ended, in milliseconds since 1970.
fn deadline_ms(timeout: Duration) -> i64 {
    now_ms().saturating_add(i64::try_from(timeout.as_millis()).unwrap_or(i64::MAX))
}

/// The headers that come with an event (reference lambda.md 7.1).
fn headers(invocation: &Invocation, invocation_id: &str, deadline_ms: i64) -> HeaderMap {
    let deadline = deadline_ms.to_string();
    let optional = [
        ("lambda-runtime-trace-id", &invocation.trace_id),
        ("lambda-runtime-client-context", &invocation.client_context),
        ("lambda-runtime-cognito-identity", &invocation.cognito_identity),
    ];
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let mut add = |name: &'static str, value: &str| {
        // Line ends are the only characters of JSON text that a header cannot carry, and mean nothing in JSON.
        if let Ok(value) = HeaderValue::from_bytes(value.replace(['\r', '\n'], " ").as_bytes()) {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    add("lambda-runtime-aws-request-id", &invocation.request_id);
    add("lambda-runtime-invocation-id", invocation_id);
    add("lambda-runtime-deadline-ms", &deadline);
    add("lambda-runtime-invoked-function-arn", &invocation.invoked_function_arn);
    for (name, value) in optional {
        if let Some(value) = value {
            add(name, value);
        }
    }
    headers
}
