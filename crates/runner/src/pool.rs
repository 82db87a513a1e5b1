//! Which environments there are: warm ones waiting by function, busy ones, and how many there may be.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::environment::Environment;
use crate::spec::{EnvironmentId, FunctionSpec, Urgency};

/// All environments of a server.
pub(crate) struct Pool {
    capacity: usize,
    max_age: Duration,
    shelf: Mutex<Shelf>,
}

#[derive(Default)]
struct Shelf {
    /// By the function's key; the one used last is at the end and used first.
    idle: HashMap<String, Vec<Idle>>,
    busy: HashMap<EnvironmentId, Busy>,
    /// How many environments of a function are to be there always, by its key.
    held: HashMap<String, Held>,
    closing: bool,
}

struct Held {
    spec: Arc<FunctionSpec>,
    count: usize,
}

struct Idle {
    since: Instant,
    environment: Arc<Environment>,
}

struct Busy {
    key: String,
    /// Whether the environment is not to be used again.
    retired: bool,
    /// Nothing while it starts.
    environment: Option<Arc<Environment>>,
}

/// Why it gets nothing.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NoPlace {
    Throttled,
    Closing,
}

/// The right to one environment. Dropped without [`Lease::give_back`], the environment is forgotten and thereby ends.
pub(crate) struct Lease {
    pool: Arc<Pool>,
    id: EnvironmentId,
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.pool.lock().busy.remove(&self.id);
    }
}

impl Lease {
    pub(crate) fn id(&self) -> &EnvironmentId {
        &self.id
    }

    /// Says which environment was started.
    pub(crate) fn started(&self, environment: &Arc<Environment>) {
        if let Some(busy) = self.pool.lock().busy.get_mut(&self.id) {
            busy.environment = Some(Arc::clone(environment));
        }
    }

    /// Puts a healthy environment back, unless it was retired in the meantime.
    pub(crate) fn give_back(self, environment: &Arc<Environment>) {
        let mut shelf = self.pool.lock();
        let closing = shelf.closing;
        let Some(busy) = shelf.busy.remove(&self.id) else { return };
        if busy.retired || closing || environment.has_ended() {
            return;
        }
        let idle = Idle { since: Instant::now(), environment: Arc::clone(environment) };
        shelf.idle.entry(busy.key).or_default().push(idle);
        drop(shelf);
        environment.rest();
    }
}

impl Pool {
    pub(crate) fn new(capacity: usize, max_age: Duration) -> Arc<Self> {
        Arc::new(Self { capacity, max_age, shelf: Mutex::new(Shelf::default()) })
    }

    /// How many environments there may be.
    pub(crate) fn capacity(&self) -> usize {
        self.capacity
    }

    /// A warm environment of this function, if there is one.
    pub(crate) fn take_warm(
        self: &Arc<Self>,
        key: &str,
    ) -> Result<Option<(Lease, Arc<Environment>)>, NoPlace> {
        let mut shelf = self.lock();
        if shelf.closing {
            return Err(NoPlace::Closing);
        }
        // Dropped after the lock is released.
        let mut dismissed = Vec::new();
        while let Some(idle) = shelf.pop(key) {
            if idle.environment.has_ended() || idle.environment.age() > self.max_age {
                dismissed.push(idle);
                continue;
            }
            let lease = self.lease(&mut shelf, key, idle.environment.id.clone());
            lease_started(&mut shelf, &lease, &idle.environment);
            return Ok(Some((lease, idle.environment)));
        }
        drop(shelf);
        Ok(None)
    }

    /// The right to start an environment of this function, whether or not there is a warm one. When all places are
    /// taken, the environment that has been idle longest makes room. A tenth of the places is not for what comes out of
    /// a queue, so that many events leave room for callers.
    pub(crate) fn take_new(self: &Arc<Self>, key: &str, urgency: Urgency) -> Result<Lease, NoPlace> {
        let capacity = match urgency {
            Urgency::Caller => self.capacity,
            Urgency::Queue => self.capacity - self.capacity / 10,
        };
        let mut shelf = self.lock();
        if shelf.closing {
            return Err(NoPlace::Closing);
        }
        let dismissed = shelf.make_room(capacity)?;
        let lease = self.lease(&mut shelf, key, EnvironmentId::random());
        drop(shelf);
        drop(dismissed);
        Ok(lease)
    }

    /// Holds so many environments of the function from now on.
    pub(crate) fn hold(&self, spec: &Arc<FunctionSpec>, count: usize) {
        let held = Held { spec: Arc::clone(spec), count };
        self.lock().held.insert(spec.key.clone(), held);
    }

    /// Holds no environments of the function any more.
    pub(crate) fn release(&self, key: &str) {
        self.lock().held.remove(key);
    }

    /// The functions whose environments are held.
    pub(crate) fn held(&self) -> Vec<Arc<FunctionSpec>> {
        self.lock().held.values().map(|held| Arc::clone(&held.spec)).collect()
    }

    /// How many environments are to be held and are not there. Those that are too old are given up for it.
    pub(crate) fn missing(&self, key: &str) -> usize {
        let mut shelf = self.lock();
        if shelf.closing {
            return 0;
        }
        let mut dismissed = Vec::new();
        if let Some(idle) = shelf.idle.get_mut(key) {
            let is_good =
                |idle: &Idle| !idle.environment.has_ended() && idle.environment.age() <= self.max_age;
            let (good, bad) = std::mem::take(idle).into_iter().partition::<Vec<_>, _>(is_good);
            *idle = good;
            dismissed = bad;
        }
        let missing = shelf.held_count(key).saturating_sub(shelf.count(key));
        drop(shelf);
        drop(dismissed);
        missing
    }

    fn lease(self: &Arc<Self>, shelf: &mut Shelf, key: &str, id: EnvironmentId) -> Lease {
        let busy = Busy { key: key.to_owned(), retired: false, environment: None };
        shelf.busy.insert(id.clone(), busy);
        Lease { pool: Arc::clone(self), id }
    }

    /// Idle environments of these functions end now, busy ones after their invocation.
    pub(crate) fn retire(&self, key_prefix: &str) -> Vec<Arc<Environment>> {
        let mut shelf = self.lock();
        shelf.held.retain(|key, _| !key.starts_with(key_prefix));
        for busy in shelf.busy.values_mut().filter(|busy| busy.key.starts_with(key_prefix)) {
            busy.retired = true;
        }
        let keys: Vec<String> =
            shelf.idle.keys().filter(|key| key.starts_with(key_prefix)).cloned().collect();
        let retired = keys.iter().filter_map(|key| shelf.idle.remove(key)).flatten();
        retired.map(|idle| idle.environment).collect()
    }

    /// Forgets environments that have been idle for too long or have ended.
    pub(crate) fn reclaim(&self, idle_timeout: Duration) {
        let mut dismissed = Vec::new();
        let mut shelf = self.lock();
        let Shelf { idle, held, .. } = &mut *shelf;
        for (key, environments) in idle {
            let mut to_keep = held.get(key).map_or(0, |held| held.count);
            let (keep, dismiss) = std::mem::take(environments).into_iter().partition::<Vec<_>, _>(|idle| {
                let is_held = to_keep > 0;
                to_keep = to_keep.saturating_sub(1);
                (is_held || idle.since.elapsed() < idle_timeout) && !idle.environment.has_ended()
            });
            *environments = keep;
            dismissed.extend(dismiss);
        }
        shelf.idle.retain(|_, environments| !environments.is_empty());
        drop(shelf);
    }

    /// How many environments there are: busy, whether they start or work, and idle.
    pub(crate) fn counts(&self) -> (usize, usize) {
        let shelf = self.lock();
        (shelf.busy.len(), shelf.idle_count())
    }

    /// Lets nobody in any more.
    pub(crate) fn close(&self) {
        self.lock().closing = true;
    }

    pub(crate) fn busy_count(&self) -> usize {
        self.lock().busy.len()
    }

    /// Every environment there is, forgotten by the pool.
    pub(crate) fn clear(&self) -> Vec<Arc<Environment>> {
        let mut shelf = self.lock();
        let idle = std::mem::take(&mut shelf.idle).into_values().flatten().map(|idle| idle.environment);
        let busy = std::mem::take(&mut shelf.busy).into_values().filter_map(|busy| busy.environment);
        idle.chain(busy).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn lease_started(shelf: &mut Shelf, lease: &Lease, environment: &Arc<Environment>) {
    if let Some(busy) = shelf.busy.get_mut(&lease.id) {
        busy.environment = Some(Arc::clone(environment));
    }
}

impl Shelf {
    fn pop(&mut self, key: &str) -> Option<Idle> {
        let environments = self.idle.get_mut(key)?;
        let idle = environments.pop();
        if environments.is_empty() {
            self.idle.remove(key);
        }
        idle
    }

    fn idle_count(&self) -> usize {
        self.idle.values().map(Vec::len).sum()
    }

    /// How many environments of the function there are.
    fn count(&self, key: &str) -> usize {
        let busy = self.busy.values().filter(|busy| busy.key == key && !busy.retired).count();
        busy + self.idle.get(key).map_or(0, Vec::len)
    }

    fn held_count(&self, key: &str) -> usize {
        self.held.get(key).map_or(0, |held| held.count)
    }

    /// Sees to it that one more environment may be started; says which one has to go for it.
    fn make_room(&mut self, capacity: usize) -> Result<Option<Idle>, NoPlace> {
        if self.busy.len() + self.idle_count() < capacity {
            return Ok(None);
        }
        self.pop_oldest().map(Some).ok_or(NoPlace::Throttled)
    }

    /// The environment that has been idle longest, but for those that are held.
    fn pop_oldest(&mut self) -> Option<Idle> {
        let oldest = self
            .idle
            .iter()
            .filter(|(key, _)| self.count(key) > self.held_count(key))
            .filter_map(|(key, environments)| Some((environments.first()?.since, key.clone())))
            .min_by_key(|(since, _)| *since)?;
        let environments = self.idle.get_mut(&oldest.1)?;
        let idle = environments.remove(0);
        if environments.is_empty() {
            self.idle.remove(&oldest.1);
        }
        Some(idle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_run_out_and_come_back() {
        let pool = Pool::new(1, Duration::from_secs(1));
        let take = |key| pool.take_new(key, Urgency::Caller);
        let place = take("f").unwrap_or_else(|_| panic!("there is a place"));
        assert_eq!(take("g").err(), Some(NoPlace::Throttled));
        drop(place);
        assert!(take("g").is_ok());
    }

    #[test]
    fn many_events_leave_places_for_callers() {
        let pool = Pool::new(10, Duration::from_secs(1));
        let events: Vec<_> = (0..9).map(|_| pool.take_new("f", Urgency::Queue).ok()).collect();
        assert!(events.iter().all(Option::is_some));
        assert_eq!(pool.take_new("f", Urgency::Queue).err(), Some(NoPlace::Throttled));
        assert!(pool.take_new("f", Urgency::Caller).is_ok());
    }

    #[test]
    fn a_closed_pool_lets_nobody_in() {
        let pool = Pool::new(1, Duration::from_secs(1));
        pool.close();
        assert_eq!(pool.take_warm("f").err(), Some(NoPlace::Closing));
        assert_eq!(pool.take_new("f", Urgency::Caller).err(), Some(NoPlace::Closing));
    }
}
