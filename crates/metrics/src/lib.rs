//! What the server counts, in Prometheus's terms.
//!
//! All series are declared in [`Series`](series::Series), with their names, units and labels. Nothing is counted until
//! somebody wants to know it ([`Metrics::switch_on`]): until then each of the calls below is one look at a flag.
//!
//! No label can be made to grow by whoever sends requests. Services, operations, statuses and reasons are sets that the
//! program knows; functions and actions have a series of their own up to a number of them and share the value `other`
//! beyond it (see [`Known`](known::Known)).

mod known;
mod series;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use known::Known;
use series::{
    ActionLabels, DecisionLabels, FunctionLabels, RequestLabels, Series, ServiceLabels, StateLabels,
    ThrottleLabels,
};

/// How many functions have series of their own.
const MOST_FUNCTIONS: usize = 500;
/// How many actions have; AWS has some five hundred for the services that are here.
const MOST_ACTIONS: usize = 1_000;
/// What a caller may have made up has this name.
const NOTHING: &str = "-";

/// The type of the text that [`Metrics::render`] gives.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The counters of one server.
pub struct Metrics {
    is_on: AtomicBool,
    series: Series,
    functions: Known,
    actions: Known,
}

/// A function, as labels tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FunctionName<'a> {
    /// The account that it belongs to.
    pub account: &'a str,
    /// Its region.
    pub region: &'a str,
    /// Its name.
    pub name: &'a str,
}

/// An invocation that has run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Invocation {
    /// How long the handler took.
    pub duration: Duration,
    /// How long the environment took to start, where the invocation started one.
    pub init_duration: Option<Duration>,
    /// Whether it ended with a function error.
    pub is_error: bool,
}

/// What is not counted but looked up when it is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Present {
    /// How many execution environments there are, by state.
    pub environments: Vec<(&'static str, usize)>,
    /// How many events wait in the queue of asynchronous invocations.
    pub waiting_events: usize,
    /// How long the oldest of them has waited.
    pub oldest_event_age: Duration,
}

impl Default for Metrics {
    fn default() -> Self {
        Metrics {
            is_on: AtomicBool::new(false),
            series: Series::default(),
            functions: Known::new(MOST_FUNCTIONS),
            actions: Known::new(MOST_ACTIONS),
        }
    }
}

impl Metrics {
    /// Begins to count.
    pub fn switch_on(&self) {
        self.is_on.store(true, Ordering::Relaxed);
    }

    fn is_on(&self) -> bool {
        self.is_on.load(Ordering::Relaxed)
    }

    /// A request was answered. A request for nothing that is known has neither service nor operation.
    pub fn request(
        &self,
        service: &'static str,
        operation: Option<&'static str>,
        status: u16,
        took: Duration,
    ) {
        if !self.is_on() {
            return;
        }
        let labels = RequestLabels { service, operation: operation.unwrap_or(NOTHING), status };
        self.series.requests.get_or_create(&labels).inc();
        self.series.request_duration.get_or_create(&ServiceLabels { service }).observe(took.as_secs_f64());
    }

    /// A check was decided.
    pub fn decision(&self, action: &str, is_allowed: bool) {
        if !self.is_on() {
            return;
        }
        let decision = if is_allowed { "allow" } else { "deny" };
        self.series.decisions.get_or_create(&DecisionLabels { decision }).inc();
        if !is_allowed {
            let action = if self.actions.admits(action) { action } else { known::OTHER };
            self.series.denials.get_or_create(&ActionLabels { action: action.to_owned() }).inc();
        }
    }

    /// A function was run.
    pub fn invocation(&self, function: FunctionName<'_>, invocation: Invocation) {
        if !self.is_on() {
            return;
        }
        let labels = self.labels(function);
        self.series.invocations.get_or_create(&labels).inc();
        if invocation.is_error {
            self.series.errors.get_or_create(&labels).inc();
        }
        self.series.duration.get_or_create(&labels).observe(invocation.duration.as_secs_f64());
        if let Some(init_duration) = invocation.init_duration {
            self.series.cold_starts.get_or_create(&labels).inc();
            self.series.init_duration.get_or_create(&labels).observe(init_duration.as_secs_f64());
        }
    }

    /// An invocation was refused because too many run, or too many came.
    pub fn throttle(&self, function: FunctionName<'_>, reason: &'static str) {
        if !self.is_on() {
            return;
        }
        let FunctionLabels { account, region, function } = self.labels(function);
        let labels = ThrottleLabels { account, region, function, reason };
        self.series.throttles.get_or_create(&labels).inc();
    }

    /// The text that Prometheus scrapes, in the OpenMetrics format.
    pub fn render(&self, present: &Present) -> String {
        for (state, count) in &present.environments {
            let gauge = self.series.environments.get_or_create(&StateLabels { state }).clone();
            gauge.set(i64::try_from(*count).unwrap_or(i64::MAX));
        }
        self.series.waiting_events.set(i64::try_from(present.waiting_events).unwrap_or(i64::MAX));
        self.series.oldest_event_age.set(present.oldest_event_age.as_secs_f64());
        self.series.render()
    }

    fn labels(&self, function: FunctionName<'_>) -> FunctionLabels {
        let FunctionName { account, region, name } = function;
        let other = FunctionName { account: known::OTHER, region: known::OTHER, name: known::OTHER };
        let is_known = self.functions.admits(&format!("{account}:{region}:{name}"));
        let FunctionName { account, region, name } = if is_known { function } else { other };
        FunctionLabels { account: account.to_owned(), region: region.to_owned(), function: name.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const F: FunctionName<'_> = FunctionName { account: "111122223333", region: "us-east-1", name: "f" };

    fn ran(is_error: bool) -> Invocation {
        let init_duration = Some(Duration::from_millis(120));
        Invocation { duration: Duration::from_millis(3), init_duration, is_error }
    }

    #[test]
    fn everything_that_was_counted_is_in_the_text() {
        let metrics = Metrics::default();
        metrics.switch_on();
        metrics.request("lambda", Some("Invoke"), 200, Duration::from_millis(5));
        metrics.request("unknown", None, 400, Duration::ZERO);
        metrics.decision("lambda:InvokeFunction", true);
        metrics.decision("lambda:DeleteFunction", false);
        metrics.invocation(F, ran(true));
        metrics.throttle(F, "ConcurrentInvocationLimitExceeded");
        let environments = vec![("idle", 2), ("busy", 1)];
        let text = metrics.render(&Present {
            environments,
            waiting_events: 7,
            oldest_event_age: Duration::from_millis(1500),
        });
        let function = r#"account="111122223333",region="us-east-1",function="f""#;
        for line in [
            r#"rolecall_requests_total{service="lambda",operation="Invoke",status="200"} 1"#.to_owned(),
            r#"rolecall_requests_total{service="unknown",operation="-",status="400"} 1"#.to_owned(),
            r#"rolecall_request_duration_seconds_count{service="lambda"} 1"#.to_owned(),
            r#"rolecall_decisions_total{decision="allow"} 1"#.to_owned(),
            r#"rolecall_decisions_total{decision="deny"} 1"#.to_owned(),
            r#"rolecall_denials_total{action="lambda:DeleteFunction"} 1"#.to_owned(),
            format!("rolecall_invocations_total{{{function}}} 1"),
            format!("rolecall_invocation_errors_total{{{function}}} 1"),
            format!("rolecall_cold_starts_total{{{function}}} 1"),
            format!("rolecall_invocation_duration_seconds_bucket{{le=\"0.005\",{function}}} 1"),
            format!("rolecall_throttles_total{{{function},reason=\"ConcurrentInvocationLimitExceeded\"}} 1"),
            r#"rolecall_environments{state="idle"} 2"#.to_owned(),
            "rolecall_waiting_events 7".to_owned(),
            "rolecall_oldest_event_age_seconds 1.5".to_owned(),
            "# UNIT rolecall_invocation_duration_seconds seconds".to_owned(),
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n is not in\n{text}");
        }
        assert!(text.ends_with("# EOF\n"));
    }

    #[test]
    fn nobody_makes_the_text_grow_without_end() {
        let metrics = Metrics::default();
        metrics.switch_on();
        for number in 0..MOST_FUNCTIONS + 50 {
            metrics.invocation(FunctionName { name: &format!("f{number}"), ..F }, ran(false));
            metrics.decision(&format!("lambda:Action{number}"), false);
        }
        metrics.invocation(FunctionName { name: "f0", ..F }, ran(false));
        let text = metrics.render(&Present::default());
        let count = |start: &str| text.lines().filter(|line| line.starts_with(start)).count();
        assert_eq!(count("rolecall_invocations_total{"), MOST_FUNCTIONS + 1);
        let other = r#"rolecall_invocations_total{account="other",region="other",function="other"} 50"#;
        assert!(text.contains(other), "{text}");
        assert!(text.contains("function=\"f0\"} 2"));
        assert_eq!(count("rolecall_denials_total{"), MOST_FUNCTIONS + 50);
    }

    #[test]
    fn nothing_is_counted_while_nobody_asks() {
        let metrics = Metrics::default();
        metrics.invocation(F, ran(false));
        metrics.decision("lambda:InvokeFunction", false);
        assert!(!metrics.render(&Present::default()).contains("111122223333"));
    }
}
