//! Telemetry of one environment: what the platform, the function and the extensions say, on its way to those extensions
//! that subscribed to it by the Telemetry API or the older Logs API.
//!
//! Nothing here waits for a subscriber: each has a queue of limited size and a task that empties it, and what does not
//! fit is dropped and counted.

mod api;
mod connection;
mod delivery;
mod subscription;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::record::Record;
pub(super) use api::respond;
pub(super) use connection::{Dial, Dialer};
use delivery::Queue;
use subscription::Subscription;

/// The most that is kept for subscribers that may still come, in bytes.
const BACKLOG_MAX: usize = 1 << 20;

/// Which of the two APIs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Api {
    Telemetry,
    Logs,
}

/// What an event is about; the types of a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Category {
    Platform,
    Function,
    Extension,
}

impl Category {
    const ALL: [Self; 3] = [Self::Platform, Self::Function, Self::Extension];

    fn as_str(self) -> &'static str {
        match self {
            Self::Platform => "platform",
            Self::Function => "function",
            Self::Extension => "extension",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|category| category.as_str() == name)
    }
}

/// One event, as JSON.
#[derive(Debug, Clone)]
struct Event {
    category: Category,
    /// The only API that has it, where it is one.
    only: Option<Api>,
    text: Arc<str>,
}

/// The subscribers of one environment.
pub(super) struct Telemetry {
    desk: Mutex<Desk>,
    /// Whether anybody listens or may come to listen.
    listening: AtomicBool,
    dialer: Dialer,
}

#[derive(Default)]
struct Desk {
    /// What was said before somebody subscribed; nothing once nobody can any more.
    backlog: Option<Vec<Event>>,
    backlog_bytes: usize,
    subscribers: Vec<Subscriber>,
    /// Ends with this value.
    deliveries: JoinSet<()>,
}

struct Subscriber {
    name: String,
    api: Api,
    types: Vec<Category>,
    queue: Arc<Queue>,
}

impl Subscriber {
    fn offer(&self, event: &Event) {
        if self.types.contains(&event.category) && event.only.is_none_or(|only| only == self.api) {
            self.queue.push(Arc::clone(&event.text));
        }
    }
}

impl Telemetry {
    /// Telemetry whose subscribers are reached through the sockets that the receiver is asked for, or directly where the
    /// environment has the host's network.
    pub(super) fn new(sandboxed: bool) -> (Self, mpsc::UnboundedReceiver<Dial>) {
        let (dialer, dials) = Dialer::new(sandboxed);
        let desk = Desk { backlog: Some(Vec::new()), ..Desk::default() };
        (Self { desk: Mutex::new(desk), listening: AtomicBool::new(true), dialer }, dials)
    }

    /// Lets nobody subscribe from now on.
    pub(super) fn close(&self) {
        let mut desk = self.lock();
        desk.backlog = None;
        self.listening.store(!desk.subscribers.is_empty(), Ordering::Release);
    }

    /// From now on everything is delivered at once.
    pub(super) fn hurry(&self) {
        self.lock().subscribers.iter().for_each(|subscriber| subscriber.queue.hurry());
    }

    /// Waits until everything is delivered, or cannot be.
    pub(super) async fn delivered(&self) {
        let queues: Vec<_> = self.lock().subscribers.iter().map(|one| Arc::clone(&one.queue)).collect();
        for queue in queues {
            queue.emptied().await;
        }
    }

    /// Tells what the platform says.
    pub(super) fn platform(&self, record: &Record<'_>, time: jiff::Timestamp) {
        if self.listening.load(Ordering::Acquire) {
            let only = record.only_api();
            self.tell(Event { category: Category::Platform, only, text: record.json(time).into() });
        }
    }

    /// Tells what the function or an extension has written: JSON as it is where the log is JSON, else as text.
    pub(super) fn line(&self, category: Category, text: &str, json: bool) {
        if !self.listening.load(Ordering::Acquire) {
            return;
        }
        let time = jiff::Timestamp::now();
        let is_object =
            json && text.starts_with('{') && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
        let record = match is_object {
            true => text.to_owned(),
            // A string always serialises.
            false => serde_json::to_string(text).unwrap_or_default(),
        };
        let text = format!(r#"{{"time":"{time:.3}","type":"{}","record":{record}}}"#, category.as_str());
        self.tell(Event { category, only: None, text: text.into() });
    }

    fn tell(&self, event: Event) {
        let mut desk = self.lock();
        desk.subscribers.iter().for_each(|subscriber| subscriber.offer(&event));
        let size = desk.backlog_bytes + event.text.len();
        if let Some(backlog) = &mut desk.backlog
            && size <= BACKLOG_MAX
        {
            backlog.push(event);
            desk.backlog_bytes = size;
        }
    }

    /// Adds a subscriber, in the place of an earlier subscription of the same extension. It hears what was said before.
    fn subscribe(&self, name: &str, api: Api, subscription: Subscription) -> Result<(), Closed> {
        let mut desk = self.lock();
        let Some(backlog) = &desk.backlog else { return Err(Closed) };
        let Subscription { types, buffering, destination } = subscription;
        let queue = Arc::new(Queue::new(buffering));
        let subscriber = Subscriber { name: name.to_owned(), api, types, queue: Arc::clone(&queue) };
        backlog.iter().for_each(|event| subscriber.offer(event));
        desk.subscribers.retain(|other| other.name != name || other.api != api);
        desk.subscribers.push(subscriber);
        desk.deliveries.spawn(delivery::deliver(queue, destination, self.dialer.clone()));
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Nobody can subscribe any more.
struct Closed;
