//! The service itself: what it is made of, and how it starts and stops.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use rolecall_authority::Call;
use rolecall_runner::EnvironmentHost;
use rolecall_service::{Platform, Service, internal};
use rolecall_wire::{AnyInput, AnyOutput, ServiceError, ServiceId};
use tokio::sync::watch;

use crate::code::CodeCache;
use crate::code::links::{self, Links};
use crate::concurrency::Running;
use crate::error::SERVICE;
use crate::invoke::{
    ExecutionRoles, FunctionRunner, InvocationRates, LogWriters, QueueSignal, Sampler, TraceWriters,
};
use crate::options::LambdaOptions;
use crate::provisioned::Provisioned;
use crate::signing::TrustedRoots;

/// AWS Lambda. A copy is the same service.
#[derive(Clone)]
pub struct Lambda {
    pub(crate) platform: Arc<Platform>,
    pub(crate) parts: Arc<Parts>,
}

/// What the service has beside the records.
pub(crate) struct Parts {
    /// How the operator set it up.
    pub(crate) options: LambdaOptions,
    /// Who runs functions.
    pub(crate) runner: OnceLock<Arc<dyn FunctionRunner>>,
    /// Unzipped code.
    pub(crate) code: CodeCache,
    /// The links to code that were given lately.
    pub(crate) links: Links,
    /// Whose signatures of code are trusted.
    pub(crate) roots: TrustedRoots,
    /// How many invocations run.
    pub(crate) running: Running,
    /// How many invocations there are in this second.
    pub(crate) rates: InvocationRates,
    /// The execution environments that are held ready.
    pub(crate) provisioned: Provisioned,
    /// Wakes the worker of asynchronous invocations.
    pub(crate) queue: QueueSignal,
    /// Those who bring functions' logs to CloudWatch Logs.
    pub(crate) logs: LogWriters,
    /// Those who bring functions' segments to X-Ray.
    pub(crate) traces: TraceWriters,
    /// Which invocations are traced.
    pub(crate) sampler: Sampler,
    /// Held while network interfaces are found or made for a function, and while unused ones are removed.
    pub(crate) interfaces: tokio::sync::Mutex<()>,
    /// Becomes true when the service shuts down.
    pub(crate) stop: watch::Sender<bool>,
}

impl Lambda {
    /// The service on the platform, set up as usual. It runs functions once a runner is
    /// [attached](Lambda::attach_runner).
    pub fn new(platform: Arc<Platform>) -> Self {
        Self::with_options(platform, LambdaOptions::default())
    }

    /// The same, set up in another way.
    pub fn with_options(platform: Arc<Platform>, options: LambdaOptions) -> Self {
        let parts = Parts {
            options,
            runner: OnceLock::new(),
            code: CodeCache::open(platform.store.path().join("code")),
            links: Links::default(),
            roots: TrustedRoots::of(platform.store.path()),
            running: Running::default(),
            rates: InvocationRates::default(),
            provisioned: Provisioned::default(),
            queue: QueueSignal::default(),
            logs: LogWriters::default(),
            traces: TraceWriters::default(),
            sampler: Sampler::default(),
            interfaces: tokio::sync::Mutex::default(),
            stop: watch::Sender::new(false),
        };
        Lambda { platform, parts: Arc::new(parts) }
    }

    /// Who runs the functions, once. Without it every invocation that would run one is refused.
    pub fn attach_runner(&self, runner: Arc<dyn FunctionRunner>) {
        if self.parts.runner.set(runner).is_err() {
            tracing::error!("a runner was attached twice; the first stays");
        }
    }

    /// What the runner asks for credentials and the names of log streams, and where it brings segments.
    pub fn environment_host(&self) -> Arc<dyn EnvironmentHost> {
        Arc::new(ExecutionRoles::new(
            Arc::clone(&self.platform),
            self.parts.logs.clone(),
            self.parts.traces.clone(),
        ))
    }

    /// Takes up what an earlier process left: functions that were being made or changed, network interfaces that were made
    /// for none, and accepted events that were not delivered. To be called once, inside the async runtime, when the services are connected.
    pub fn resume(&self) {
        self.resume_settling();
        self.resume_settling_mappings();
        self.resume_interfaces();
        self.resume_provisioning();
        self.start_async_worker();
    }

    /// Starts no more deliveries of accepted events. To be called before the runner shuts down: what is not delivered
    /// stays for the next start.
    pub fn stop_deliveries(&self) {
        self.parts.stop.send_replace(true);
    }

    /// Starts no more deliveries and waits until the logs and segments of functions are delivered. To be called after
    /// the runner has shut down, as its last invocations still write.
    pub async fn shutdown(&self) {
        self.stop_deliveries();
        self.parts.logs.drain().await;
        self.parts.traces.drain().await;
    }

    /// The file behind a link to code that GetFunction or GetLayerVersion gave, while the link is good.
    pub fn code_download(&self, token: &str) -> Option<PathBuf> {
        let blob = links::find(&self.platform.authority, token)?;
        Some(self.platform.store.blobs().path(&blob))
    }
}

#[async_trait]
impl Service for Lambda {
    fn id(&self) -> ServiceId {
        SERVICE
    }

    async fn handle(&self, call: &Arc<Call>, input: AnyInput) -> Result<AnyOutput, ServiceError> {
        let AnyInput::Lambda(input) = input else {
            return Err(internal(SERVICE, "a call for another service came to lambda"));
        };
        self.perform(call, input).await.map(AnyOutput::Lambda)
    }
}
