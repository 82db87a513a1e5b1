//! The authority itself: what it is made of.

use std::sync::Arc;

use rolecall_arn::AccountId;
use rolecall_metrics::Metrics;
use rolecall_policy::Level;
use rolecall_sigv4::SigningKeyCache;
use rolecall_store::{Secret, Store, StoreError};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::clock::{Clock, Entropy};
use crate::decisions::{DecisionId, DecisionRecord};
use crate::organization::OrganizationCache;
use crate::policies::PolicyCache;
use crate::seal::{Purpose, SealingKey};
use crate::session::{IssuedSession, Session};

/// Authenticates and authorises every call of this program.
pub struct Authority {
    store: Arc<Store>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    sealing_key: SealingKey,
    policies: PolicyCache,
    organizations: OrganizationCache,
    signing_keys: SigningKeyCache,
    metrics: Metrics,
}

/// How many signing keys are kept; each key id has one a day for each region and service.
const SIGNING_KEYS: usize = 4096;

impl Authority {
    /// An authority over the records of the store.
    ///
    /// # Errors
    /// The system's error where the session key cannot be read or made.
    pub fn open(
        store: Arc<Store>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> std::io::Result<Self> {
        let sealing_key = SealingKey::open(&store.path().join("session-key"), entropy.as_ref())?;
        let signing_keys = SigningKeyCache::new(SIGNING_KEYS);
        Ok(Authority {
            store,
            clock,
            entropy,
            sealing_key,
            policies: PolicyCache::default(),
            organizations: OrganizationCache::default(),
            signing_keys,
            metrics: Metrics::default(),
        })
    }

    /// What the server counts. It is here because everything that counts has the authority at hand.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Makes the token for a session; none where it cannot be written down, which does not happen.
    pub fn issue(&self, session: Session) -> Option<IssuedSession> {
        let token = self.seal(Purpose::Session, &session)?;
        Some(IssuedSession { session, token })
    }

    /// Seals a value into a token for the purpose; none where it cannot be written down, which does not happen.
    pub fn seal(&self, purpose: Purpose, value: &impl Serialize) -> Option<Secret> {
        self.sealing_key.seal(purpose, value, self.entropy.as_ref())
    }

    /// What a token carries; none where this server did not make it for this purpose, or it was altered.
    pub fn unseal<T: DeserializeOwned>(&self, purpose: Purpose, token: &str) -> Option<T> {
        self.sealing_key.unseal(purpose, token)
    }

    /// The whole explanation of a decision. Before it is shown to anybody, [`DecisionRecord::seen_by`] leaves of it what
    /// the reader's account may see.
    ///
    /// # Errors
    /// [`StoreError`] where the database cannot be asked.
    pub async fn explanation(&self, id: &DecisionId) -> Result<Option<DecisionRecord>, StoreError> {
        let mut stored = self.store.decision(id.as_str().to_owned()).await?;
        if stored.is_none() {
            // The answer that carries the id may have been faster than the writing down.
            self.store.settle().await?;
            stored = self.store.decision(id.as_str().to_owned()).await?;
        }
        let parse =
            |body: &str| serde_json::from_str(body).map_err(|error| StoreError::Database(error.to_string()));
        stored.map(|stored| parse(&stored.body)).transpose()
    }

    /// The service control policies that bind the account's callers, by level; none where no organization's do.
    pub fn service_control(&self, account: AccountId) -> Option<Vec<Level>> {
        let policies = self.organizations.of_account(account, &self.policies, &self.store.read())?;
        policies.service_control.clone()
    }

    /// The clock.
    pub fn clock(&self) -> &dyn Clock {
        self.clock.as_ref()
    }

    /// The randomness.
    pub fn entropy(&self) -> &dyn Entropy {
        self.entropy.as_ref()
    }

    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    pub(crate) fn signing_keys(&self) -> &SigningKeyCache {
        &self.signing_keys
    }

    pub(crate) fn organizations(&self) -> &OrganizationCache {
        &self.organizations
    }

    pub(crate) fn policies(&self) -> &PolicyCache {
        &self.policies
    }
}
