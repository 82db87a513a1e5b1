//! Which execution environments are started when: a few at a time, so that each gets enough of the processors to
//! initialise within its time. The others wait for their turn, and no time runs for them yet.
//!
//! Whoever has somebody waiting for an answer goes before what nobody waits for, and the functions take turns, so that
//! one with many events does not keep the others waiting. An environment that becomes idle in the meantime is as good as
//! a start: whoever waits for one of its function is told.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

use crate::spec::Urgency;

/// How many environments are started at once for each processor.
const STARTS_PER_PROCESSOR: usize = 2;

/// A start that takes longer waits for something rather than computes: its place goes to the next.
const LONGEST_HOLD: Duration = Duration::from_secs(3);

/// Admits starts.
pub(crate) struct Admission {
    places: usize,
    line: Mutex<Line>,
}

/// What somebody who waited is told.
pub(crate) enum Called {
    /// It may start an environment.
    Start(Turn),
    /// There may be an environment that can be used again.
    LookAgain,
}

#[derive(Default)]
struct Line {
    /// The starts that are under way.
    starting: usize,
    /// Those of them for which nobody waits.
    starting_unhurried: usize,
    callers: Turns,
    unhurried: Turns,
}

/// Who waits, function by function.
#[derive(Default)]
struct Turns {
    order: VecDeque<String>,
    waiting: HashMap<String, VecDeque<oneshot::Sender<Called>>>,
}

/// The right to start one environment. It ends when this is dropped, or after a while.
pub(crate) struct Turn(Arc<Place>);

struct Place {
    admission: Arc<Admission>,
    urgency: Urgency,
    is_given_back: AtomicBool,
}

impl Admission {
    /// Admits as many starts at once as the machine's processors can bring forward.
    pub(crate) fn of_this_machine() -> Arc<Self> {
        let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self::new(processors * STARTS_PER_PROCESSOR)
    }

    fn new(places: usize) -> Arc<Self> {
        Arc::new(Self { places, line: Mutex::default() })
    }

    /// Waits for the turn to start an environment of this function, or for one that can be used again.
    pub(crate) async fn wait(self: &Arc<Self>, key: &str, urgency: Urgency) -> Called {
        let called = {
            let mut line = self.lock();
            if line.admit(self.places, urgency) {
                return Called::Start(self.turn(urgency));
            }
            line.turns(urgency).join(key)
        };
        // The sender is only ever dropped with the admission itself, which this borrows.
        called.await.unwrap_or(Called::LookAgain)
    }

    /// Waits for the turn to start an environment of this function that is to be held, whatever becomes idle.
    pub(crate) async fn wait_to_hold(self: &Arc<Self>, key: &str) -> Turn {
        // In a line of its own, so that it hears of no idle environment in the place of somebody who could use it.
        let key = format!("{key} held");
        loop {
            if let Called::Start(turn) = self.wait(&key, Urgency::Queue).await {
                return turn;
            }
        }
    }

    /// Tells one who waits for this function that an environment of it has become idle.
    pub(crate) fn tell_idle(&self, key: &str) {
        loop {
            let mut line = self.lock();
            let waiting = line.callers.leave(key).or_else(|| line.unhurried.leave(key));
            drop(line);
            // One that has gone away hears nothing, so that another is told.
            if waiting.is_none_or(|waiting| waiting.send(Called::LookAgain).is_ok()) {
                return;
            }
        }
    }

    /// How many environments are being started, and how many starts wait for their turn.
    pub(crate) fn counts(&self) -> (usize, usize) {
        let line = self.lock();
        (line.starting, line.callers.count() + line.unhurried.count())
    }

    fn turn(self: &Arc<Self>, urgency: Urgency) -> Turn {
        let place =
            Arc::new(Place { admission: Arc::clone(self), urgency, is_given_back: AtomicBool::new(false) });
        let held = Arc::downgrade(&place);
        tokio::spawn(async move {
            tokio::time::sleep(LONGEST_HOLD).await;
            if let Some(place) = held.upgrade() {
                place.give_back();
            }
        });
        Turn(place)
    }

    /// Gives free places to those whose turn it is.
    fn call_next(self: &Arc<Self>) {
        loop {
            let mut line = self.lock();
            let Some((urgency, waiting)) = line.next(self.places) else { return };
            drop(line);
            // One that has gone away drops its turn, and with it gives the place back; then this is called again.
            drop(waiting.send(Called::Start(self.turn(urgency))));
        }
    }

    fn lock(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    fn give_back(&self) {
        if !self.is_given_back.swap(true, Ordering::Relaxed) {
            self.admission.lock().release(self.urgency);
            self.admission.call_next();
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.give_back();
    }
}

impl Line {
    /// Takes a place if there is one. One place stays free of starts that nobody waits for.
    fn admit(&mut self, places: usize, urgency: Urgency) -> bool {
        let is_free = self.starting < places;
        let most_unhurried = places.saturating_sub(1).max(1);
        match urgency {
            Urgency::Caller if is_free => {}
            Urgency::Queue if is_free && self.starting_unhurried < most_unhurried => {
                self.starting_unhurried += 1;
            }
            _ => return false,
        }
        self.starting += 1;
        true
    }

    fn release(&mut self, urgency: Urgency) {
        self.starting = self.starting.saturating_sub(1);
        if urgency == Urgency::Queue {
            self.starting_unhurried = self.starting_unhurried.saturating_sub(1);
        }
    }

    /// Who is next, with the place taken for it.
    fn next(&mut self, places: usize) -> Option<(Urgency, oneshot::Sender<Called>)> {
        for urgency in [Urgency::Caller, Urgency::Queue] {
            if !self.turns(urgency).order.is_empty() && self.admit(places, urgency) {
                return self.turns(urgency).next().map(|waiting| (urgency, waiting));
            }
        }
        None
    }

    fn turns(&mut self, urgency: Urgency) -> &mut Turns {
        match urgency {
            Urgency::Caller => &mut self.callers,
            Urgency::Queue => &mut self.unhurried,
        }
    }
}

impl Turns {
    fn join(&mut self, key: &str) -> oneshot::Receiver<Called> {
        let (sender, receiver) = oneshot::channel();
        match self.waiting.get_mut(key) {
            Some(waiting) => waiting.push_back(sender),
            None => {
                self.order.push_back(key.to_owned());
                self.waiting.insert(key.to_owned(), VecDeque::from([sender]));
            }
        }
        receiver
    }

    /// The first of the function whose turn it is; the function's next is behind the other functions.
    fn next(&mut self) -> Option<oneshot::Sender<Called>> {
        let key = self.order.pop_front()?;
        let waiting = self.waiting.get_mut(&key)?;
        let first = waiting.pop_front();
        if waiting.is_empty() {
            self.waiting.remove(&key);
        } else {
            self.order.push_back(key);
        }
        first
    }

    fn count(&self) -> usize {
        self.waiting.values().map(VecDeque::len).sum()
    }

    /// The first of this function.
    fn leave(&mut self, key: &str) -> Option<oneshot::Sender<Called>> {
        let waiting = self.waiting.get_mut(key)?;
        let first = waiting.pop_front();
        if waiting.is_empty() {
            self.waiting.remove(key);
            self.order.retain(|waiting| waiting != key);
        }
        first
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::task::{JoinHandle, yield_now};

    /// Lets somebody wait, and returns once it does.
    async fn waiting(admission: &Arc<Admission>, key: &'static str, urgency: Urgency) -> JoinHandle<Called> {
        let admission = Arc::clone(admission);
        let waiting = tokio::spawn(async move { admission.wait(key, urgency).await });
        yield_now().await;
        waiting
    }

    fn started(called: Called) -> Turn {
        match called {
            Called::Start(turn) => turn,
            Called::LookAgain => panic!("nothing has become idle"),
        }
    }

    #[tokio::test]
    async fn callers_go_first_and_functions_take_turns() {
        let admission = Admission::new(1);
        let first = started(admission.wait("f", Urgency::Queue).await);
        let mut order = Vec::new();
        for (name, key, urgency) in [
            ("event 1 of f", "f", Urgency::Queue),
            ("event 2 of f", "f", Urgency::Queue),
            ("event 1 of g", "g", Urgency::Queue),
            ("caller 1 of f", "f", Urgency::Caller),
            ("caller 2 of f", "f", Urgency::Caller),
            ("caller 1 of g", "g", Urgency::Caller),
        ] {
            order.push((name, waiting(&admission, key, urgency).await));
        }
        drop(first);
        let mut seen = Vec::new();
        while !order.is_empty() {
            yield_now().await;
            let called = order.iter().position(|(_, waiting)| waiting.is_finished()).unwrap();
            let (name, waiting) = order.remove(called);
            seen.push(name);
            drop(started(waiting.await.unwrap()));
        }
        assert_eq!(
            seen,
            [
                "caller 1 of f",
                "caller 1 of g",
                "caller 2 of f",
                "event 1 of f",
                "event 1 of g",
                "event 2 of f",
            ]
        );
    }

    #[tokio::test]
    async fn a_place_is_kept_for_callers() {
        let admission = Admission::new(3);
        let events = [
            started(admission.wait("f", Urgency::Queue).await),
            started(admission.wait("f", Urgency::Queue).await),
        ];
        let third = waiting(&admission, "f", Urgency::Queue).await;
        assert!(!third.is_finished());
        let caller = started(admission.wait("f", Urgency::Caller).await);
        drop(caller);
        yield_now().await;
        assert!(!third.is_finished(), "the place was the caller's");
        drop(events);
        drop(started(third.await.unwrap()));
    }

    #[tokio::test]
    async fn who_waits_takes_what_becomes_idle() {
        let admission = Admission::new(1);
        let _busy = started(admission.wait("f", Urgency::Caller).await);
        let gone = waiting(&admission, "f", Urgency::Caller).await;
        gone.abort();
        assert!(gone.await.is_err());
        let event = waiting(&admission, "f", Urgency::Queue).await;
        let other = waiting(&admission, "g", Urgency::Caller).await;
        admission.tell_idle("f");
        assert!(matches!(event.await.unwrap(), Called::LookAgain));
        assert!(!other.is_finished());
        admission.tell_idle("f");
    }

    #[tokio::test]
    async fn who_goes_away_gives_the_turn_to_the_next() {
        let admission = Admission::new(1);
        let busy = started(admission.wait("f", Urgency::Caller).await);
        let gone = waiting(&admission, "f", Urgency::Caller).await;
        let next = waiting(&admission, "g", Urgency::Caller).await;
        gone.abort();
        assert!(gone.await.is_err());
        drop(busy);
        drop(started(next.await.unwrap()));
        drop(started(admission.wait("f", Urgency::Caller).await));
    }

    #[tokio::test(start_paused = true)]
    async fn a_start_that_takes_long_keeps_nobody() {
        let admission = Admission::new(1);
        let slow = started(admission.wait("f", Urgency::Caller).await);
        let began = tokio::time::Instant::now();
        let next = started(admission.wait("f", Urgency::Caller).await);
        assert_eq!(began.elapsed(), LONGEST_HOLD);
        drop(slow);
        let third = waiting(&admission, "f", Urgency::Caller).await;
        assert!(!third.is_finished(), "the slow one gave its place back once");
        drop(next);
        drop(started(third.await.unwrap()));
    }
}
