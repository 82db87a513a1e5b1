//! Making the execution environments that are provisioned, and what is known of them.
//!
//! What is to be is in the records; what there is, is in memory only, as environments do not outlive the process. Every
//! change of a configuration or an alias, and every start of the server, brings the one in line with the other.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use rolecall_runner::HoldFailure;
use rolecall_store::records::lambda::FunctionVersion;

use crate::invoke::Deployment;
use crate::name::Key;
use crate::provisioned::share::shares;
use crate::service::Lambda;

/// How far a configuration has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stage {
    /// Environments are being started.
    InProgress,
    /// All of them are ready.
    Ready,
    /// They cannot be had; the reason is for the caller.
    Failed(String),
}

/// What is known of provisioned environments.
#[derive(Clone, Default)]
pub(crate) struct Provisioned(Arc<Mutex<Known>>);

#[derive(Default)]
struct Known {
    /// By function and qualifier: the number of the last change, and how far it has come.
    progress: HashMap<(Key, String), (u64, Stage)>,
    /// How many changes there were.
    changes: u64,
    /// What is held of each function, changed by one at a time.
    held: HashMap<Key, Arc<tokio::sync::Mutex<Held>>>,
}

/// The environments that are held, by their key.
type Held = BTreeMap<String, u32>;

impl Provisioned {
    /// How far the configuration has come. One that nobody has looked at yet is in progress.
    pub(super) fn progress(&self, key: &Key, qualifier: &str) -> Stage {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let progress = known.progress.get(&(key.clone(), qualifier.to_owned()));
        progress.map_or(Stage::InProgress, |(_, progress)| progress.clone())
    }

    /// Notes that the qualifiers of a function, and no others, are provisioned anew, and returns the change's number.
    fn begin(&self, key: &Key, qualifiers: impl Iterator<Item = String>) -> u64 {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.changes += 1;
        let change = known.changes;
        known.progress.retain(|(function, _), _| function != key);
        let begun = qualifiers.map(|qualifier| ((key.clone(), qualifier), (change, Stage::InProgress)));
        known.progress.extend(begun);
        change
    }

    /// Notes how a change ended, unless there was another since.
    fn end(&self, key: &Key, qualifier: &str, change: u64, progress: Stage) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = known.progress.get_mut(&(key.clone(), qualifier.to_owned()))
            && entry.0 == change
        {
            entry.1 = progress;
        }
    }

    fn has_held(&self, key: &Key) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).held.contains_key(key)
    }

    fn held(&self, key: &Key) -> Arc<tokio::sync::Mutex<Held>> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.held.entry(key.clone()).or_default())
    }
}

impl Lambda {
    /// Makes the environments that an earlier process had.
    pub(crate) fn resume_provisioning(&self) {
        let state = self.platform.store.read();
        let mut functions: Vec<Key> =
            state.provisioned_concurrency.iter().map(|((key, _), _)| key.clone()).collect();
        functions.dedup();
        for key in functions {
            self.provision_soon(key);
        }
    }

    /// Brings the environments of a function in line with its configurations and aliases, soon. From now on the
    /// configurations are in progress.
    pub(crate) fn provision_soon(&self, key: Key) {
        let wanted = shares(&self.platform.store.read(), &key);
        if wanted.is_empty() && !self.parts.provisioned.has_held(&key) {
            return;
        }
        let change = self.parts.provisioned.begin(&key, wanted.into_keys());
        let lambda = self.clone();
        tokio::spawn(async move { lambda.provision(&key, change).await });
    }

    async fn provision(&self, key: &Key, change: u64) {
        let held = self.parts.provisioned.held(key);
        let mut held = held.lock().await;
        let wanted = shares(&self.platform.store.read(), key);
        let mut by_version: BTreeMap<u64, u32> = BTreeMap::new();
        for (version, count) in wanted.values().flatten() {
            *by_version.entry(*version).or_default() += count;
        }
        let failures = self.hold(key, &by_version, &mut held).await;
        for (qualifier, shared) in &wanted {
            let failure = shared.iter().find_map(|(version, _)| failures.get(version));
            let progress = failure.map_or(Stage::Ready, |reason| Stage::Failed(reason.clone()));
            self.parts.provisioned.end(key, qualifier, change, progress);
        }
    }

    /// Holds so many environments of each version and no others; returns why not, by version.
    async fn hold(&self, key: &Key, wanted: &BTreeMap<u64, u32>, held: &mut Held) -> BTreeMap<u64, String> {
        let mut failures = BTreeMap::new();
        let mut kept = Held::new();
        for (version, count) in wanted {
            let record = self.platform.store.read().function_versions.get(&(key.clone(), *version)).cloned();
            // A version that is gone takes its configuration with it.
            let Some(record) = record else { continue };
            let deployment = Deployment::of(key, &record);
            let name = deployment.to_string();
            match self.hold_version(&deployment, &record, *count, held.get(&name).copied()).await {
                Ok(()) => {
                    kept.insert(name, *count);
                }
                Err(reason) => {
                    tracing::info!(deployment = name, reason, "provisioned concurrency cannot be had");
                    failures.insert(*version, reason);
                }
            }
        }
        for name in held.keys().filter(|name| !kept.contains_key(*name)) {
            if let Some(runner) = self.parts.runner.get() {
                runner.release(name).await;
            }
        }
        *held = kept;
        failures
    }

    async fn hold_version(
        &self,
        deployment: &Deployment,
        record: &FunctionVersion,
        count: u32,
        before: Option<u32>,
    ) -> Result<(), String> {
        if before == Some(count) {
            return Ok(());
        }
        let runner = self.parts.runner.get().ok_or("This server runs no functions.")?;
        let spec = self.spec(deployment, record).await.map_err(|error| error.to_string())?;
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        runner.hold(Arc::new(spec), count).await.map_err(|failure| match failure {
            // AWS's word for code that does not initialise.
            HoldFailure::Initialization(_) => "FUNCTION_ERROR_INIT_FAILURE".to_owned(),
            failure => failure.to_string(),
        })
    }
}
