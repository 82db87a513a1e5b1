//! One event through an environment: initialisation if it is new, then the handler, then the figures.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use tokio::sync::oneshot;
use tokio::time::MissedTickBehavior;

use super::Environment;
use super::exchange::{Answer, Delivery, Init};
use super::failure::{Failure, error};
use super::output::now_ms;
use super::process::End;
use super::report::{self, Figures, Status};
use crate::admission::Turn;
use crate::spec::{EnvironmentId, FunctionResult, FunctionSpec, Invocation, LogLine, Outcome};

/// How often the memory of a working function is looked at.
const MEMORY_WATCH: Duration = Duration::from_millis(50);

/// How long ending a failed environment may take before its last output is given up.
const ENDING: Duration = Duration::from_secs(3);

/// How long the process of a response that broke off may take to end, before it is taken to live on.
const BREAKING_OFF: Duration = Duration::from_millis(200);

/// The environment had ended before the event reached its runtime: another one may run it.
#[derive(Debug)]
pub(crate) struct Stale;

/// Why a runtime did not initialise.
enum InitFailure {
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
    status: Status,
    error_type: Option<String>,
}

impl Ending {
    fn answered(result: FunctionResult) -> Self {
        Ending { result, status: Status::Answered, error_type: None }
    }
}

impl Environment {
    /// Waits for the runtime's first call for an event, which ends its turn to start, and runs the event; an environment
    /// that did not initialise or answer is ended.
    pub(crate) async fn invoke_first(&self, invocation: &Invocation, turn: Turn, limit: Duration) -> Outcome {
        let result = self.initialise(limit).await;
        drop(turn);
        let init_duration = self.born.elapsed();
        match result {
            Ok(()) => match self.run(invocation, Some(init_duration)).await {
                Ok(outcome) => outcome,
                Err(Stale) => {
                    let end = self.process.ended().await;
                    self.failed_init(invocation, InitFailure::Failed(ended(end)), init_duration).await
                }
            },
            Err(failure) => self.failed_init(invocation, failure, init_duration).await,
        }
    }

    /// Runs an event in a warm environment.
    pub(crate) async fn invoke_again(&self, invocation: &Invocation) -> Result<Outcome, Stale> {
        self.wake();
        self.run(invocation, None).await
    }

    async fn initialise(&self, limit: Duration) -> Result<(), InitFailure> {
        let mut init = self.exchange.init();
        tokio::select! {
            biased;
            outcome = init.wait_for(|init| *init != Init::Running) => match outcome.as_deref() {
                Ok(Init::Failed { error, error_type }) => {
                    Err(InitFailure::Reported { document: error.clone(), error_type: error_type.clone() })
                }
                _ => Ok(()),
            },
            end = self.process.ended() => Err(InitFailure::Failed(ended(end))),
            () = self.watch_memory() => Err(InitFailure::Failed(Failure::OutOfMemory)),
            () = tokio::time::sleep(limit) => Err(InitFailure::Failed(Failure::TimedOut(limit))),
        }
    }

    async fn run(&self, invocation: &Invocation, init_duration: Option<Duration>) -> Result<Outcome, Stale> {
        if self.has_ended() {
            return Err(Stale);
        }
        let request_id = &invocation.request_id;
        self.output.drain();
        self.output.platform(report::start(request_id, &self.spec.version));
        let (answer, mut answered) = oneshot::channel();
        let started = Instant::now();
        let headers = headers(invocation, self.spec.timeout);
        let payload = invocation.payload.clone();
        let sink = invocation.response_sink.clone();
        self.exchange.hand_in(Delivery { request_id: request_id.clone(), headers, payload, answer, sink });
        let answer = self.answer(&mut answered).await;
        let duration = started.elapsed();
        if let Err(Failure::Ended(_)) = &answer
            && self.exchange.take_back()
        {
            return Err(Stale);
        }
        let ending = self.ending(invocation, answer).await;
        self.output.drain();
        Ok(self.outcome(invocation, ending, duration, init_duration))
    }

    async fn ending(&self, invocation: &Invocation, answer: Result<Answer, Failure>) -> Ending {
        match answer {
            Ok(Answer::Response(body)) => Ending::answered(FunctionResult::Success(body)),
            Ok(Answer::Streamed) => Ending::answered(FunctionResult::Success(Bytes::new())),
            Ok(Answer::Error(document)) => Ending::answered(error(document)),
            Ok(Answer::StreamFailed { error_type, document }) => {
                Ending { error_type: Some(error_type), ..Ending::answered(error(document)) }
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

    /// What the runtime posts, or why it does not.
    async fn answer(&self, answered: &mut oneshot::Receiver<Answer>) -> Result<Answer, Failure> {
        let failure = tokio::select! {
            biased;
            answer = &mut *answered => match answer {
                Ok(answer) => return Ok(answer),
                Err(_) => ended(self.process.ended().await),
            },
            end = self.process.ended() => ended(end),
            () = self.watch_memory() => Failure::OutOfMemory,
            () = tokio::time::sleep(self.spec.timeout) => Failure::TimedOut(self.spec.timeout),
        };
        // An answer that came together with the end counts.
        answered.try_recv().map_err(|_| failure)
    }

    /// Returns when the function has allocated more than its size.
    async fn watch_memory(&self) {
        let mut ticks = tokio::time::interval(MEMORY_WATCH);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // The first tick is at once, and nothing has been allocated by then.
        ticks.tick().await;
        loop {
            ticks.tick().await;
            if self.memory.exceeded() {
                return;
            }
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
        // The peak of its memory is in the group's files, which go with the environment.
        self.memory.max_mb();
        drop(tokio::time::timeout(ENDING, self.end()).await);
        let (line, status) = match failure {
            Failure::TimedOut(_) => {
                let time = jiff::Timestamp::now();
                (format!("{time:.3} {request_id} {}\n", failure.reason()), Status::TimedOut)
            }
            _ => (
                format!("RequestId: {request_id} Error: {}\n{error_type}", failure.reason()),
                Status::Failed(error_type),
            ),
        };
        self.output.platform(line);
        Ending { result, status, error_type: error_type_text }
    }

    async fn failed_init(
        &self,
        invocation: &Invocation,
        failure: InitFailure,
        init_duration: Duration,
    ) -> Outcome {
        self.output.drain();
        let request_id = &invocation.request_id;
        let ending = match failure {
            InitFailure::Reported { document, error_type } => {
                let error_type = error_type.unwrap_or_else(|| "Runtime.Unknown".to_owned());
                self.output.platform(report::init_report(init_duration, &error_type));
                self.output.platform(report::start(request_id, &self.spec.version));
                self.memory.max_mb();
                drop(tokio::time::timeout(ENDING, self.end()).await);
                Ending::answered(error(document))
            }
            InitFailure::Failed(failure) => {
                self.output.platform(report::init_report(init_duration, failure.error_type()));
                self.output.platform(report::start(request_id, &self.spec.version));
                self.failed(invocation, &failure).await
            }
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
        let max_memory_mb = self.memory.max_mb();
        let figures = Figures { duration, memory_mb: self.spec.memory_mb, max_memory_mb, init_duration };
        self.output.platform(report::end(&invocation.request_id));
        self.output.platform(report::report(&invocation.request_id, &figures, ending.status));
        Outcome {
            result: ending.result,
            error_type: ending.error_type,
            log: self.output.take(),
            log_stream: self.log_stream.clone(),
            duration,
            billed_duration: report::billed(duration),
            init_duration,
            max_memory_mb,
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
    let figures = Figures { duration, memory_mb: spec.memory_mb, max_memory_mb: 0, init_duration: None };
    let lines = [
        report::init_report(duration, error_type),
        report::start(request_id, &spec.version),
        format!("RequestId: {request_id} Error: {}\n{error_type}", failure.reason()),
        report::end(request_id),
        report::report(request_id, &figures, Status::Failed(error_type)),
    ];
    let time_ms = now_ms();
    Outcome {
        result: failure.result(request_id),
        error_type: Some(error_type.to_owned()),
        log: lines.into_iter().map(|text| LogLine { time_ms, text }).collect(),
        log_stream,
        duration,
        billed_duration: report::billed(duration),
        init_duration: None,
        max_memory_mb: 0,
        cold: true,
        environment,
    }
}

fn ended(end: End) -> Failure {
    if end.out_of_memory { Failure::OutOfMemory } else { Failure::Ended(end.status) }
}

/// The headers that come with an event (reference lambda.md 7.1).
fn headers(invocation: &Invocation, timeout: Duration) -> HeaderMap {
    let timeout_ms = i64::try_from(timeout.as_millis()).unwrap_or(i64::MAX);
    let deadline = now_ms().saturating_add(timeout_ms).to_string();
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
    add("lambda-runtime-deadline-ms", &deadline);
    add("lambda-runtime-invoked-function-arn", &invocation.invoked_function_arn);
    for (name, value) in optional {
        if let Some(value) = value {
            add(name, value);
        }
    }
    headers
}
