//! The extensions of one environment (reference lambda.md 7.1): who has registered for what, how far each one is, and
//! what the environment's owner waits for.
//!
//! External extensions are programs of layers and known before they register; internal ones are threads of the runtime,
//! known by registering. The states and their names are those of AWS's Extensions API.

mod api;
mod event;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use uuid::Uuid;

use super::failure::Failure;
use super::record::Record;
use crate::plan::ExitStatus;
use crate::spec::FunctionSpec;

pub(super) use api::{identifier, respond};
pub(crate) use event::{Reason, invoke_event, shutdown_event};

/// The most extensions of an environment, external and internal together.
pub(crate) const EXTENSIONS_MAX: usize = 10;

/// What an extension can register for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    Invoke,
    Shutdown,
}

impl Event {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Invoke => "INVOKE",
            Self::Shutdown => "SHUTDOWN",
        }
    }
}

/// How far an extension is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Started,
    Registered,
    /// It waits for an event, or an event waits for it to take it.
    Ready,
    Running,
    InitError,
    ExitError,
    LaunchError,
    Exited,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            Self::Started => "Started",
            Self::Registered => "Registered",
            Self::Ready => "Ready",
            Self::Running => "Running",
            Self::InitError => "InitError",
            Self::ExitError => "ExitError",
            Self::LaunchError => "LaunchError",
            Self::Exited => "Exited",
        }
    }
}

struct Extension {
    id: String,
    name: String,
    external: bool,
    events: Vec<Event>,
    state: State,
    error_type: Option<String>,
    /// An event that it has not taken yet.
    pending: Option<String>,
    ended: bool,
}

impl Extension {
    fn new(name: &str, external: bool) -> Self {
        Self {
            id: Uuid::new_v4().to_string(),
            name: name.to_owned(),
            external,
            events: Vec::new(),
            state: State::Started,
            error_type: None,
            pending: None,
            ended: false,
        }
    }

    /// Whether it has nothing to do.
    fn is_idle(&self) -> bool {
        self.state == State::Ready && self.pending.is_none()
    }
}

/// Why a call was refused; always with status 403.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) error_type: &'static str,
    pub(crate) message: String,
}

impl Refusal {
    fn new(error_type: &'static str, message: impl Into<String>) -> Self {
        Self { error_type, message: message.into() }
    }

    fn transition(extension: &Extension, to: State, called: &str) -> Self {
        let from = extension.state.name();
        let message = format!(
            "State transition from {from} to {} failed for extension {called}. Error: State transition is not allowed",
            to.name()
        );
        Self::new("Extension.InvalidExtensionState", message)
    }
}

/// Shared by owner, Extensions API and supervising task of one environment.
pub(crate) struct Extensions {
    desk: Mutex<Desk>,
    /// Counts what happens, for those who wait for something.
    happened: watch::Sender<u64>,
}

#[derive(Default)]
struct Desk {
    all: Vec<Extension>,
    /// Whether nobody may register any more.
    closed: bool,
    /// The first that went wrong.
    failure: Option<Failure>,
    /// Whether the end has been announced: from then on, whoever exits does what it should.
    ending: bool,
}

impl Extensions {
    /// The external extensions of these names, in the order in which they start.
    pub(crate) fn new<'a>(external: impl IntoIterator<Item = &'a str>) -> Self {
        let all = external.into_iter().map(|name| Extension::new(name, true)).collect();
        Self { desk: Mutex::new(Desk { all, ..Desk::default() }), happened: watch::Sender::new(0) }
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.lock().all.is_empty()
    }

    /// How long the shutdown may take; nothing without extensions.
    pub(crate) fn shutdown_limit(&self) -> Option<Duration> {
        let desk = self.lock();
        match desk.all.iter().any(|extension| extension.external) {
            true => Some(Duration::from_secs(2)),
            false if desk.all.is_empty() => None,
            false => Some(Duration::from_millis(500)),
        }
    }

    /// Whether something went wrong that ends the environment.
    pub(crate) fn have_failed(&self) -> bool {
        self.lock().failure.is_some()
    }

    /// Waits for what goes wrong.
    pub(crate) async fn failed(&self) -> Failure {
        let mut happened = self.happened.subscribe();
        loop {
            if let Some(failure) = &self.lock().failure {
                return failure.clone();
            }
            self.next_happening(&mut happened).await;
        }
    }

    /// Waits until every external extension has registered.
    pub(crate) async fn registered(&self) {
        self.wait_until(|desk| desk.all.iter().all(|extension| extension.state != State::Started)).await;
    }

    /// Waits until every extension waits for an event.
    pub(crate) async fn idle(&self) {
        self.wait_until(|desk| desk.all.iter().all(Extension::is_idle)).await;
    }

    /// Waits until every external extension that hears of the shutdown has ended.
    pub(crate) async fn ended(&self) {
        let hears =
            |extension: &&Extension| extension.external && extension.events.contains(&Event::Shutdown);
        self.wait_until(|desk| desk.all.iter().filter(hears).all(|extension| extension.ended)).await;
    }

    /// Lets nobody register from now on.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
    }

    /// From now on, whoever exits does what it should.
    pub(crate) fn begin_ending(&self) {
        self.lock().ending = true;
    }

    /// Hands an event to all that registered for it.
    pub(crate) fn hand_out(&self, event: Event, body: &str) {
        let mut desk = self.lock();
        for extension in desk.all.iter_mut().filter(|extension| extension.events.contains(&event)) {
            extension.pending = Some(body.to_owned());
        }
        drop(desk);
        self.tell();
    }

    /// Remembers what went wrong first.
    pub(crate) fn fail(&self, failure: Failure) {
        let mut desk = self.lock();
        if !desk.ending {
            desk.failure.get_or_insert(failure);
        }
        drop(desk);
        self.tell();
    }

    /// Notes that the program of an external extension could not be executed.
    pub(crate) fn not_launched(&self, index: usize, reason: &str) {
        let mut name = String::new();
        if let Some(extension) = self.lock().all.get_mut(index) {
            extension.state = State::LaunchError;
            let error_type = if reason == "permission denied" { "PermissionDenied" } else { "UnknownError" };
            extension.error_type = Some(error_type.to_owned());
            extension.ended = true;
            name.clone_from(&extension.name);
        }
        let reason = format!("fork/exec /opt/extensions/{name}: {reason}");
        self.fail(Failure::Extension { error_type: "Extension.LaunchError", reason });
    }

    /// Notes that the process of an external extension has ended.
    pub(crate) fn exited(&self, index: usize, status: ExitStatus) {
        let mut error_type = "Extension.Crash";
        if let Some(extension) = self.lock().all.get_mut(index) {
            extension.ended = true;
            match extension.state {
                State::InitError => error_type = "Extension.InitError",
                State::ExitError => error_type = "Extension.ExitError",
                _ => extension.state = State::Exited,
            }
        }
        let reason = match status {
            ExitStatus::Code(0) => "exit code 0".to_owned(),
            status => status.in_words(),
        };
        self.fail(Failure::Extension { error_type, reason });
    }

    /// How far each one is, as records: external ones first.
    pub(crate) fn tell_each(&self, mut tell: impl FnMut(&Record<'_>)) {
        let mut desk = self.lock();
        desk.all.sort_by_key(|extension| !extension.external);
        for extension in &desk.all {
            tell(&Record::Extension {
                name: &extension.name,
                state: extension.state.name(),
                events: extension.events.iter().map(|event| event.as_str()).collect(),
                error_type: extension.error_type.as_deref(),
            });
        }
    }

    async fn wait_until(&self, holds: impl Fn(&Desk) -> bool) {
        let mut happened = self.happened.subscribe();
        while !holds(&self.lock()) {
            self.next_happening(&mut happened).await;
        }
    }

    async fn next_happening(&self, happened: &mut watch::Receiver<u64>) {
        // The sender is this value's own, so it cannot be gone.
        drop(happened.changed().await);
    }

    fn tell(&self) {
        self.happened.send_modify(|count| *count += 1);
    }

    fn lock(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What an extension is told about its function when it registers.
pub(crate) struct About {
    pub(crate) account: String,
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) handler: String,
}

impl About {
    pub(crate) fn of(spec: &FunctionSpec) -> Self {
        Self {
            account: spec.account.clone(),
            name: spec.function_name.clone(),
            version: spec.version.clone(),
            handler: spec.handler.clone().unwrap_or_default(),
        }
    }
}
