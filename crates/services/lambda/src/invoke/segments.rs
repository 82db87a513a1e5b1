//! The segments that Lambda itself sends for a traced invocation, in the form that X-Ray shows of them (recorded).
//!
//! One segment is the service's, of origin `AWS::Lambda`: from the acceptance of the event to the answer. Below it is
//! the function's, of origin `AWS::Lambda::Function`, with the subsegments Initialization, Invocation and Overhead. What
//! the function sends itself comes below Invocation: its id is the parent in the trace header that the function gets.
//! An asynchronous event has between them a subsegment for its wait and for each attempt.

use std::time::Duration;

use rolecall_authority::Entropy;
use rolecall_runner::FunctionResult;
use serde_json::{Map, Value, json};

use crate::invoke::trace_header::{TraceHeader, segment_id};
use crate::name::{Key, function_arn};

/// The way of an event, for its trace.
#[derive(Debug, Clone)]
pub(crate) struct EventTrace {
    /// The header as it is at the function's door; of an asynchronous event its parent is the service's segment.
    pub(crate) header: TraceHeader,
    /// The segment that called.
    pub(crate) upstream: Option<String>,
    /// When Lambda got the event, in epoch milliseconds.
    pub(crate) received_ms: i64,
    /// Which attempt of an asynchronous event it is, from 1.
    pub(crate) attempt: Option<u32>,
}

/// The segments of an invocation that is about to run.
pub(crate) struct Segments {
    trace: EventTrace,
    service: String,
    attempt: String,
    function: String,
    invocation: String,
    began_us: i64,
}

/// When an invocation ran, and how long.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Timing {
    /// When the event was handed to the runtime, in microseconds since 1970.
    pub(crate) started_us: i64,
    /// How long the handler took.
    pub(crate) duration: Duration,
    /// How long the environment took to start, where this invocation started it.
    pub(crate) init_duration: Option<Duration>,
}

/// What came of an invocation.
pub(crate) struct Ended<'r> {
    pub(crate) function: &'r Key,
    pub(crate) request_id: &'r str,
    pub(crate) result: &'r FunctionResult,
    pub(crate) timing: Timing,
    /// When it was over, in epoch microseconds.
    pub(crate) ended_us: i64,
}

impl Segments {
    /// The segments, where the event is traced.
    pub(crate) fn of(trace: &EventTrace, entropy: &dyn Entropy, now_ms: i64) -> Option<Self> {
        if !trace.header.is_sampled() {
            return None;
        }
        let id = || segment_id(entropy);
        let given = trace.header.parent.clone().filter(|_| trace.attempt.is_some());
        Some(Segments {
            trace: trace.clone(),
            service: given.unwrap_or_else(id),
            attempt: id(),
            function: id(),
            invocation: id(),
            began_us: now_ms * 1000,
        })
    }

    /// The header that the function gets.
    pub(crate) fn header(&self) -> String {
        let header = TraceHeader { parent: Some(self.invocation.clone()), ..self.trace.header.clone() };
        header.to_text()
    }

    /// The documents, once the invocation is over.
    pub(crate) fn documents(&self, ended: &Ended<'_>, entropy: &dyn Entropy) -> Vec<String> {
        let error = error_of(ended.result);
        let mut documents = vec![self.service_segment(ended, error.is_some())];
        if let Some(number) = self.trace.attempt {
            if number == 1 {
                documents.push(self.part(
                    "Dwell Time",
                    &segment_id(entropy),
                    self.received_us(),
                    self.began_us,
                ));
            }
            let mut attempt =
                self.part(&format!("Attempt #{number}"), &self.attempt, self.began_us, ended.ended_us);
            flag(&mut attempt, error.is_some());
            documents.push(attempt);
        }
        documents.push(self.function_segment(ended, error, entropy));
        documents.into_iter().map(|document| Value::Object(document).to_string()).collect()
    }

    fn service_segment(&self, ended: &Ended<'_>, is_fault: bool) -> Map<String, Value> {
        let status = if self.trace.attempt.is_some() { 202 } else { 200 };
        let mut segment = self.segment(ended, &self.service, self.received_us(), ended.ended_us);
        if let Some(upstream) = &self.trace.upstream {
            segment.insert("parent_id".to_owned(), json!(upstream));
        }
        segment.insert("http".to_owned(), json!({"response": {"status": status}}));
        segment.insert("aws".to_owned(), json!({"request_id": ended.request_id}));
        segment.insert("origin".to_owned(), json!("AWS::Lambda"));
        segment.insert("resource_arn".to_owned(), json!(function_arn(ended.function, None).to_string()));
        // An error of an asynchronous event is the attempt's: the service has taken the event.
        flag(&mut segment, is_fault && self.trace.attempt.is_none());
        segment
    }

    fn function_segment(
        &self,
        ended: &Ended<'_>,
        error: Option<Value>,
        entropy: &dyn Entropy,
    ) -> Map<String, Value> {
        let arn = function_arn(ended.function, None).to_string();
        let timing = ended.timing;
        let done_us = timing.started_us + micros(timing.duration);
        let part = |name: &str, id: String, start_us: i64, end_us: i64| {
            json!({"id": id, "name": name, "start_time": seconds(start_us), "end_time": seconds(end_us),
                   "aws": {"function_arn": arn}})
        };
        let mut parts = Vec::new();
        if let Some(init) = timing.init_duration {
            let id = segment_id(entropy);
            parts.push(part("Initialization", id, timing.started_us - micros(init), timing.started_us));
        }
        let mut invocation = part("Invocation", self.invocation.clone(), timing.started_us, done_us);
        if let (Some(error), Value::Object(invocation)) = (&error, &mut invocation) {
            flag(invocation, true);
            invocation.insert("cause".to_owned(), error.clone());
        }
        parts.push(invocation);
        parts.push(part("Overhead", segment_id(entropy), done_us, ended.ended_us.max(done_us)));
        let mut segment = self.segment(ended, &self.function, timing.started_us, ended.ended_us.max(done_us));
        let parent = if self.trace.attempt.is_some() { &self.attempt } else { &self.service };
        segment.insert("parent_id".to_owned(), json!(parent));
        segment.insert(
            "aws".to_owned(),
            json!({"account_id": ended.function.0.to_string(), "function_arn": arn,
                   "resource_names": [ended.function.2]}),
        );
        segment.insert("origin".to_owned(), json!("AWS::Lambda::Function"));
        flag(&mut segment, error.is_some());
        if let Some(error) = error {
            segment.insert("cause".to_owned(), error);
        }
        segment.insert("subsegments".to_owned(), Value::Array(parts));
        segment
    }

    fn segment(&self, ended: &Ended<'_>, id: &str, start_us: i64, end_us: i64) -> Map<String, Value> {
        let mut segment = Map::new();
        segment.insert("id".to_owned(), json!(id));
        segment.insert("name".to_owned(), json!(ended.function.2));
        segment.insert("start_time".to_owned(), json!(seconds(start_us)));
        segment.insert("trace_id".to_owned(), json!(self.trace.header.root));
        segment.insert("end_time".to_owned(), json!(seconds(end_us.max(start_us))));
        segment
    }

    /// A subsegment of the service's segment that is sent on its own.
    fn part(&self, name: &str, id: &str, start_us: i64, end_us: i64) -> Map<String, Value> {
        let mut part = Map::new();
        for (member, value) in [
            ("id", json!(id)),
            ("name", json!(name)),
            ("type", json!("subsegment")),
            ("parent_id", json!(self.service)),
            ("trace_id", json!(self.trace.header.root)),
            ("start_time", json!(seconds(start_us))),
            ("end_time", json!(seconds(end_us.max(start_us)))),
        ] {
            part.insert(member.to_owned(), value);
        }
        part
    }

    fn received_us(&self) -> i64 {
        self.trace.received_ms * 1000
    }
}

fn flag(segment: &mut Map<String, Value>, is_fault: bool) {
    if is_fault {
        segment.insert("fault".to_owned(), json!(true));
    }
}

/// The cause of a fault, out of the error document.
fn error_of(result: &FunctionResult) -> Option<Value> {
    let FunctionResult::Error { payload, .. } = result else { return None };
    let document: Value = serde_json::from_slice(payload).unwrap_or_default();
    let text = |member: &str| document.get(member).and_then(Value::as_str).unwrap_or_default().to_owned();
    Some(json!({"exceptions": [{"message": text("errorMessage"), "type": text("errorType")}]}))
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

fn seconds(us: i64) -> f64 {
    us as f64 / 1_000_000.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use rolecall_authority::SystemEntropy;
    use rolecall_runner::FunctionErrorKind;

    fn trace(attempt: Option<u32>) -> EventTrace {
        let header = "Root=1-6aba3a9c-0ad723aa6f28be0c1799046b;Parent=4bc416e7d2fef21a;Sampled=1";
        EventTrace {
            header: TraceHeader::parse(header),
            upstream: Some("53995c3f42cd8ad8".to_owned()),
            received_ms: 1_000,
            attempt,
        }
    }

    fn documents(trace: &EventTrace, result: &FunctionResult) -> Vec<Value> {
        let segments = Segments::of(trace, &SystemEntropy, 1_500).unwrap();
        let function = ("111122223333".parse().unwrap(), "eu-west-1".parse().unwrap(), "f".to_owned());
        let timing = Timing {
            started_us: 2_000_000,
            duration: Duration::from_millis(250),
            init_duration: Some(Duration::from_millis(400)),
        };
        let ended = Ended { function: &function, request_id: "r", result, timing, ended_us: 2_300_000 };
        let texts = segments.documents(&ended, &SystemEntropy);
        texts.iter().map(|text| serde_json::from_str(text).unwrap()).collect()
    }

    #[test]
    fn an_invocation_has_the_services_segment_and_the_functions_below_it() {
        let made = documents(&trace(None), &FunctionResult::Success(Bytes::new()));
        let [service, function] = made.as_slice() else { panic!("{made:?}") };
        assert_eq!(
            (&service["origin"], &service["parent_id"]),
            (&json!("AWS::Lambda"), &json!("53995c3f42cd8ad8"))
        );
        assert_eq!((&service["start_time"], &service["end_time"]), (&json!(1.0), &json!(2.3)));
        assert_eq!(function["parent_id"], service["id"]);
        let parts: Vec<_> = function["subsegments"].as_array().unwrap().iter().collect();
        let times: Vec<_> = parts
            .iter()
            .map(|part| (part["name"].as_str().unwrap(), &part["start_time"], &part["end_time"]))
            .collect();
        assert_eq!(
            times,
            [
                ("Initialization", &json!(1.6), &json!(2.0)),
                ("Invocation", &json!(2.0), &json!(2.25)),
                ("Overhead", &json!(2.25), &json!(2.3)),
            ]
        );
        assert_eq!(function.get("fault"), None);
    }

    #[test]
    fn an_error_is_a_fault_with_its_cause() {
        let payload = Bytes::from_static(br#"{"errorMessage":"no","errorType":"Exception"}"#);
        let error = FunctionResult::Error { payload, kind: FunctionErrorKind::Unhandled };
        let made = documents(&trace(None), &error);
        assert_eq!((&made[0]["fault"], &made[1]["fault"]), (&json!(true), &json!(true)));
        assert_eq!(made[1]["cause"]["exceptions"][0], json!({"message": "no", "type": "Exception"}));
    }

    #[test]
    fn an_asynchronous_event_has_its_wait_and_its_attempts_below_one_segment() {
        let first = documents(&trace(Some(1)), &FunctionResult::Success(Bytes::new()));
        let second = documents(&trace(Some(2)), &FunctionResult::Success(Bytes::new()));
        let names = |made: &[Value]| -> Vec<String> {
            made.iter().map(|document| document["name"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(names(&first), ["f", "Dwell Time", "Attempt #1", "f"]);
        assert_eq!(names(&second), ["f", "Attempt #2", "f"]);
        assert_eq!(first[0]["id"], json!("4bc416e7d2fef21a"));
        assert_eq!((&first[0]["id"], &first[0]["http"]), (&second[0]["id"], &second[0]["http"]));
        assert_eq!(first[2]["parent_id"], first[0]["id"]);
        assert_eq!(first[3]["parent_id"], first[2]["id"]);
    }

    #[test]
    fn what_is_not_sampled_has_no_segments() {
        let mut unsampled = trace(None);
        unsampled.header.sampled = Some(false);
        assert!(Segments::of(&unsampled, &SystemEntropy, 0).is_none());
    }
}
