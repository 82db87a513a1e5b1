//! All series, declared once: name, help, unit and labels.

use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

/// The upper bounds of the buckets, in seconds: from a warm invocation to the longest that Lambda allows.
const BUCKETS_S: [f64; 14] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0, 900.0];

/// A histogram of times for each set of labels.
pub(crate) type Times<L> = Family<L, Histogram, fn() -> Histogram>;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct RequestLabels {
    pub(crate) service: &'static str,
    pub(crate) operation: &'static str,
    pub(crate) status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct ServiceLabels {
    pub(crate) service: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct DecisionLabels {
    pub(crate) decision: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct ActionLabels {
    pub(crate) action: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct FunctionLabels {
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) function: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct ThrottleLabels {
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) function: String,
    pub(crate) reason: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct StateLabels {
    pub(crate) state: &'static str,
}

/// The series, and the registry that knows them all.
pub(crate) struct Series {
    registry: Registry,
    pub(crate) requests: Family<RequestLabels, Counter>,
    pub(crate) request_duration: Times<ServiceLabels>,
    pub(crate) decisions: Family<DecisionLabels, Counter>,
    pub(crate) denials: Family<ActionLabels, Counter>,
    pub(crate) invocations: Family<FunctionLabels, Counter>,
    pub(crate) errors: Family<FunctionLabels, Counter>,
    pub(crate) throttles: Family<ThrottleLabels, Counter>,
    pub(crate) duration: Times<FunctionLabels>,
    pub(crate) cold_starts: Family<FunctionLabels, Counter>,
    pub(crate) init_duration: Times<FunctionLabels>,
    pub(crate) environments: Family<StateLabels, Gauge>,
    pub(crate) waiting_events: Gauge,
    pub(crate) oldest_event_age: Gauge<f64, AtomicU64>,
}

fn times<L: Clone + std::hash::Hash + Eq>() -> Times<L> {
    Family::<L, Histogram, fn() -> Histogram>::new_with_constructor(|| Histogram::new(BUCKETS_S))
}

impl Default for Series {
    fn default() -> Self {
        let mut series = Series {
            registry: Registry::with_prefix("rolecall"),
            requests: Family::default(),
            request_duration: times(),
            decisions: Family::default(),
            denials: Family::default(),
            invocations: Family::default(),
            errors: Family::default(),
            throttles: Family::default(),
            duration: times(),
            cold_starts: Family::default(),
            init_duration: times(),
            environments: Family::default(),
            waiting_events: Gauge::default(),
            oldest_event_age: Gauge::default(),
        };
        series.register();
        series
    }
}

impl Series {
    #[rustfmt::skip]
    fn register(&mut self) {
        let registry = &mut self.registry;
        // What is counted; the text has `_total` behind each name.
        registry.register("requests", "Requests that were answered, by HTTP status", self.requests.clone());
        registry.register("decisions", "Checks of permissions that were decided", self.decisions.clone());
        registry.register("denials", "Checks of permissions that were denied, by action", self.denials.clone());
        registry.register("invocations", "Invocations that ran", self.invocations.clone());
        registry.register("invocation_errors", "Invocations that ended with a function error", self.errors.clone());
        registry.register("throttles", "Invocations that were refused with status 429, by reason", self.throttles.clone());
        registry.register("cold_starts", "Invocations that started an execution environment", self.cold_starts.clone());
        // Times, in seconds.
        let (request, duration, init) = (self.request_duration.clone(), self.duration.clone(), self.init_duration.clone());
        registry.register_with_unit("request_duration", "From a request's first byte to its answer", Unit::Seconds, request);
        registry.register_with_unit("invocation_duration", "How long handlers took", Unit::Seconds, duration);
        registry.register_with_unit("init_duration", "How long execution environments took to start", Unit::Seconds, init);
        // What there is at the moment.
        registry.register("environments", "Execution environments, by state", self.environments.clone());
        registry.register("waiting_events", "Events that were accepted for asynchronous invocation and have not ended", self.waiting_events.clone());
        registry.register_with_unit("oldest_event_age", "The age of the oldest of them", Unit::Seconds, self.oldest_event_age.clone());
    }

    /// The text of all series.
    pub(crate) fn render(&self) -> String {
        let mut text = String::new();
        // Writing into a string does not fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}
