//! The runner's whole surface: start, invoke, retire, shut down.

mod hold;

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::admission::{Admission, Called, Turn};
use crate::capabilities::{self, Capabilities};
use crate::carried::Carried;
use crate::environment::{
    Environment, Identity, Layers, Phase, Setting, StartError, TooSlow, start, unstartable,
};
use crate::host::{EndpointHandler, EnvironmentHost};
use crate::options::RunnerOptions;
use crate::pool::{Lease, NoPlace, Pool};
use crate::runtimes::{Bootstraps, Runtimes};
use crate::spec::{EnvironmentId, FunctionSpec, Invocation, InvokeFailure, Outcome, RunnerError};

/// How often a shutdown looks whether the last invocation is over.
const SHUTDOWN_WATCH: Duration = Duration::from_millis(10);

/// How long ended environments may take to disappear at shutdown.
const DISAPPEARING: Duration = Duration::from_secs(5);

/// Runs functions in execution environments. Clones share everything.
#[derive(Clone)]
pub struct Runner {
    shared: Arc<Shared>,
}

struct Shared {
    setting: Setting,
    capabilities: Capabilities,
    host: Arc<dyn EnvironmentHost>,
    pool: Arc<Pool>,
    admission: Arc<Admission>,
}

impl Drop for Shared {
    /// Ends what a shutdown would have ended, for those who do not wait for one.
    fn drop(&mut self) {
        drop(self.pool.clear());
        self.setting.cgroups.sweep();
        self.setting.cgroups.close();
    }
}

impl Runner {
    /// Prepares the state directory, finds the runtimes and tries out what the machine enforces.
    ///
    /// A machine without namespaces is no error here: then every invocation says so, unless the options ask for none.
    ///
    /// # Errors
    /// When the state directory cannot be written.
    pub async fn start(
        options: RunnerOptions,
        endpoint: Arc<dyn EndpointHandler>,
        host: Arc<dyn EnvironmentHost>,
    ) -> Result<Self, RunnerError> {
        capabilities::make_directory(&options.state_dir)?;
        let bootstraps = Bootstraps::install(&options.state_dir)?;
        let layers_dir = options.state_dir.join("layers");
        let layers = Layers::new(layers_dir.clone())
            .map_err(|source| RunnerError::State { path: layers_dir, source })?;
        let cgroups = capabilities::cgroups(&options);
        let discovery = tokio::task::spawn_blocking(Runtimes::discover);
        let capabilities = Capabilities::find(&options, &cgroups).await?;
        let setting = Setting {
            runtimes: discovery.await.unwrap_or_default(),
            root: capabilities::root_directory(&options),
            overlay: capabilities.overlay(),
            layers: Arc::new(layers),
            bootstraps,
            cgroups,
            endpoint,
            host: Arc::clone(&host),
            options,
        };
        let pool = Pool::new(setting.options.max_environments, setting.options.max_age);
        let pause = tending_pause(setting.options.idle_timeout);
        reclaim_idle(&pool, setting.options.idle_timeout, pause);
        let shared =
            Arc::new(Shared { setting, capabilities, host, pool, admission: Admission::of_this_machine() });
        hold::tend(&shared, pause);
        Ok(Self { shared })
    }

    /// Runs one event. Function errors, initialisation errors, crashes and timeouts are outcomes, not failures.
    ///
    /// The invocation goes on when this future is dropped.
    ///
    /// # Errors
    /// When the event reached no environment.
    pub async fn invoke(
        &self,
        spec: Arc<FunctionSpec>,
        invocation: Invocation,
    ) -> Result<Outcome, InvokeFailure> {
        self.shared.capabilities.can_run().map_err(InvokeFailure::Unavailable)?;
        let shared = Arc::clone(&self.shared);
        Carried::new(async move { shared.invoke(&spec, &invocation).await }).await
    }

    /// Stops using the environments of functions whose key starts so: idle ones end before this returns, busy ones
    /// after their invocation.
    pub async fn retire(&self, key_prefix: &str) {
        end_all(self.shared.pool.retire(key_prefix)).await;
    }

    /// Refuses new invocations, gives running ones `drain` to finish, then ends every environment.
    pub async fn shutdown(&self, drain: Duration) {
        let pool = &self.shared.pool;
        pool.close();
        let deadline = Instant::now() + drain;
        while pool.busy_count() > 0 && Instant::now() < deadline {
            tokio::time::sleep(SHUTDOWN_WATCH).await;
        }
        drop(tokio::time::timeout(DISAPPEARING, end_all(pool.clear())).await);
        let cgroups = self.shared.setting.cgroups.clone();
        drop(tokio::task::spawn_blocking(move || cgroups.close()).await);
    }

    /// How many environments there are, by state: `idle`, `busy`, `starting` among the busy ones, and `waiting` for those
    /// that are to be started when it is their turn.
    #[must_use]
    pub fn environment_counts(&self) -> Vec<(&'static str, usize)> {
        let (busy, idle) = self.shared.pool.counts();
        let (starting, waiting) = self.shared.admission.counts();
        let working = busy.saturating_sub(starting);
        vec![("idle", idle), ("busy", working), ("starting", starting), ("waiting", waiting)]
    }

    /// What is enforced on this machine.
    #[must_use]
    pub fn capabilities(&self) -> &Capabilities {
        &self.shared.capabilities
    }

    /// The runtimes of this machine.
    #[must_use]
    pub fn runtimes(&self) -> &Runtimes {
        &self.shared.setting.runtimes
    }
}

/// Ends environments side by side.
async fn end_all(environments: Vec<Arc<Environment>>) {
    let mut ending = tokio::task::JoinSet::new();
    for environment in environments {
        ending.spawn(async move { environment.end().await });
    }
    drop(ending.join_all().await);
}

/// How often the pool is looked after.
fn tending_pause(idle_timeout: Duration) -> Duration {
    (idle_timeout / 4).clamp(Duration::from_millis(50), Duration::from_secs(30))
}

/// Forgets idle environments from time to time, for as long as the pool is used.
fn reclaim_idle(pool: &Arc<Pool>, idle_timeout: Duration, pause: Duration) {
    let pool = Arc::downgrade(pool);
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(pause).await;
            let Some(pool) = pool.upgrade() else { return };
            pool.reclaim(idle_timeout);
        }
    });
}

impl Shared {
    async fn invoke(
        &self,
        spec: &Arc<FunctionSpec>,
        invocation: &Invocation,
    ) -> Result<Outcome, InvokeFailure> {
        let refused = |none| self.refused(none);
        loop {
            if let Some((lease, environment)) = self.pool.take_warm(&spec.key).map_err(refused)? {
                // A stale one had died in its sleep; nobody saw the event, so that another may.
                if let Ok(outcome) = environment.invoke_again(invocation).await {
                    self.give_back(lease, &environment);
                    return Ok(outcome);
                }
                continue;
            }
            if let Called::Start(turn) = self.admission.wait(&spec.key, invocation.urgency).await {
                let lease = self.pool.take_new(&spec.key, invocation.urgency).map_err(refused)?;
                return self.invoke_first(lease, turn, spec, invocation).await;
            }
        }
    }

    fn refused(&self, none: NoPlace) -> InvokeFailure {
        match none {
            NoPlace::Throttled => InvokeFailure::Throttled(self.pool.capacity()),
            NoPlace::Closing => InvokeFailure::ShuttingDown,
        }
    }

    /// Lets the environment rest, or run the event of somebody who waits for one of this function, when its extensions
    /// have done their work as well.
    fn give_back(&self, lease: Lease, environment: &Arc<Environment>) {
        let Some(closing) = environment.take_closing() else {
            lease.give_back(environment);
            self.admission.tell_idle(&environment.spec.key);
            return;
        };
        let (admission, environment) = (Arc::clone(&self.admission), Arc::clone(environment));
        tokio::spawn(async move {
            environment.close(closing).await;
            lease.give_back(&environment);
            admission.tell_idle(&environment.spec.key);
        });
    }

    async fn invoke_first(
        &self,
        lease: Lease,
        turn: Turn,
        spec: &Arc<FunctionSpec>,
        invocation: &Invocation,
    ) -> Result<Outcome, InvokeFailure> {
        let mut identity = self.identity(lease.id(), spec, false).await.map_err(InvokeFailure::Role)?;
        let (mut turn, mut limit) = (Some(turn), self.setting.options.init_timeout);
        let mut earlier = Vec::new();
        loop {
            let environment = match start(&self.setting, Arc::clone(spec), identity.clone()).await {
                Ok(environment) => environment,
                Err(StartError::Machine(reason)) => return Err(InvokeFailure::Unavailable(reason)),
                Err(StartError::Function(failure)) => {
                    let (id, log_stream) = (identity.id, identity.log_stream);
                    return Ok(unstartable(spec, invocation, id, log_stream, &failure));
                }
            };
            lease.started(&environment);
            match environment.invoke_first(invocation, turn.take(), limit).await {
                Ok(mut outcome) => {
                    outcome.log.splice(0..0, earlier);
                    self.give_back(lease, &environment);
                    return Ok(outcome);
                }
                // It begins anew once, which the phase says.
                Err(TooSlow { log }) => {
                    earlier = log;
                    identity.phase = Phase::Invoke;
                    limit = spec.timeout;
                }
            }
        }
    }

    /// Who a new environment is.
    async fn identity(
        &self,
        id: &EnvironmentId,
        spec: &Arc<FunctionSpec>,
        provisioned: bool,
    ) -> Result<Identity, String> {
        let log_stream = self.host.log_stream_name(spec, id);
        let credentials = self.host.credentials(spec, id).await?;
        let (host, of, stream) = (Arc::clone(&self.host), Arc::clone(spec), log_stream.clone());
        let leftovers = Arc::new(move |lines| host.log(&of, &stream, lines));
        let (id, phase) = (id.clone(), Phase::Init);
        Ok(Identity { id, credentials, log_stream, provisioned, phase, leftovers })
    }
}
