//! Puts a trace together: every subsegment that was sent on its own comes below its parent, as AWS shows traces.
//!
//! AWS also infers segments for services that send none, out of the calls to them; those are not made here.

use std::collections::HashMap;

use rolecall_store::TraceSegment;
use serde_json::{Map, Value};

use crate::segment::is_subsegment;

/// A segment or subsegment with all that is below it.
pub(crate) type Node = Map<String, Value>;

/// No tree becomes deeper by putting together; what would be below is shown on its own.
const MAX_DEPTH: usize = 64;

/// A trace as far as its segments have come.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trace {
    pub(crate) id: String,
    /// The segments, in the order in which they came.
    pub(crate) segments: Vec<Node>,
    /// Whether there are more segments than a trace may have.
    pub(crate) limit_exceeded: bool,
    /// How many documents came.
    pub(crate) documents: usize,
    /// When the last document came, in epoch milliseconds.
    pub(crate) received_ms: i64,
}

impl Trace {
    /// The trace of these documents, which were checked when they came.
    pub(crate) fn of(id: String, stored: &[TraceSegment], limit_exceeded: bool) -> Self {
        let mut segments = Vec::new();
        let mut loose: HashMap<String, Vec<Node>> = HashMap::new();
        for segment in stored {
            let Ok(Value::Object(node)) = serde_json::from_str(&segment.document) else { continue };
            match text(&node, "parent_id").filter(|_| is_subsegment(&node)) {
                Some(parent) => loose.entry(parent.to_owned()).or_default().push(node),
                None => segments.push(node),
            }
        }
        for segment in &mut segments {
            graft(segment, &mut loose, 0);
        }
        let mut rest: Vec<Node> = loose.into_values().flatten().collect();
        rest.sort_by(|one, other| start_of(one).total_cmp(&start_of(other)));
        segments.extend(rest);
        let received_ms = stored.iter().map(|segment| segment.received_ms).max().unwrap_or_default();
        Trace { id, segments, limit_exceeded, documents: stored.len(), received_ms }
    }

    /// Calls a function with every segment and subsegment.
    pub(crate) fn visit<'t>(&'t self, mut visitor: impl FnMut(&'t Node)) {
        for segment in &self.segments {
            visit(segment, &mut visitor);
        }
    }

    /// From the first start to the last end, in seconds since 1970.
    pub(crate) fn span(&self) -> (f64, f64) {
        let (mut start, mut end) = (f64::INFINITY, f64::NEG_INFINITY);
        // Nobody checks what is inside a document, so that a part may have no times.
        self.visit(|node| {
            for time in ["start_time", "end_time"] {
                if let Some(time) = node.get(time).and_then(Value::as_f64) {
                    start = start.min(time);
                    end = end.max(time);
                }
            }
        });
        if start.is_finite() { (start, end) } else { (0.0, 0.0) }
    }

    /// The segment that nothing in this trace has called: the first one whose parent is not there.
    pub(crate) fn root(&self) -> Option<&Node> {
        let ids: Vec<&str> = self.segments.iter().filter_map(|segment| text(segment, "id")).collect();
        let is_root =
            |segment: &&Node| text(segment, "parent_id").is_none_or(|parent| !ids.contains(&parent));
        self.segments
            .iter()
            .filter(is_root)
            .min_by(|one, other| start_of(one).total_cmp(&start_of(other)))
            .or(self.segments.first())
    }

    /// Whether a segment has not ended.
    pub(crate) fn is_partial(&self) -> bool {
        self.segments.iter().any(|segment| end_of(segment).is_none())
    }
}

/// Brings the subsegments whose parent is here or below under it.
fn graft(node: &mut Node, loose: &mut HashMap<String, Vec<Node>>, depth: usize) {
    if depth >= MAX_DEPTH {
        return;
    }
    let mut children = match node.remove("subsegments") {
        Some(Value::Array(children)) => children,
        _ => Vec::new(),
    };
    if let Some(sent) = text(node, "id").and_then(|id| loose.remove(id)) {
        children.extend(sent.into_iter().map(|mut child| {
            // Below its parent a subsegment says none of this (recorded).
            for member in ["trace_id", "parent_id", "type"] {
                child.remove(member);
            }
            Value::Object(child)
        }));
    }
    for child in &mut children {
        if let Value::Object(child) = child {
            graft(child, loose, depth + 1);
        }
    }
    if !children.is_empty() {
        node.insert("subsegments".to_owned(), Value::Array(children));
    }
}

/// Calls a function with a segment or subsegment and all below it.
pub(crate) fn visit<'t>(node: &'t Node, visitor: &mut impl FnMut(&'t Node)) {
    visitor(node);
    for child in node.get("subsegments").and_then(Value::as_array).into_iter().flatten() {
        if let Value::Object(child) = child {
            visit(child, visitor);
        }
    }
}

/// A member that is a text.
pub(crate) fn text<'n>(node: &'n Node, member: &str) -> Option<&'n str> {
    node.get(member).and_then(Value::as_str)
}

/// When it began, in seconds since 1970.
pub(crate) fn start_of(node: &Node) -> f64 {
    node.get("start_time").and_then(Value::as_f64).unwrap_or_default()
}

/// When it ended, in seconds since 1970; none where it has not.
pub(crate) fn end_of(node: &Node) -> Option<f64> {
    node.get("end_time").and_then(Value::as_f64)
}

/// The status of the HTTP response.
pub(crate) fn status_of(node: &Node) -> Option<i64> {
    node.get("http")?.get("response")?.get("status")?.as_i64()
}

/// A member of the HTTP request.
pub(crate) fn request_of<'n>(node: &'n Node, member: &str) -> Option<&'n str> {
    node.get("http")?.get("request")?.get(member)?.as_str()
}

/// Whether it failed so: by its own flag, or by its HTTP status.
pub(crate) fn failed(node: &Node, flag: &str) -> bool {
    let by_status = status_of(node).is_some_and(|status| match flag {
        "fault" => (500..600).contains(&status),
        "error" => (400..500).contains(&status),
        "throttle" => status == 429,
        _ => false,
    });
    by_status || node.get(flag) == Some(&Value::Bool(true))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn trace(documents: &[Value]) -> Trace {
        let stored: Vec<TraceSegment> = documents
            .iter()
            .map(|document| TraceSegment {
                trace_id: "1-58406520-a006649127e371903a2de979".to_owned(),
                id: document["id"].as_str().unwrap().to_owned(),
                trace_ms: 0,
                received_ms: 0,
                document: document.to_string(),
            })
            .collect();
        Trace::of(String::new(), &stored, false)
    }

    fn sub(id: &str, parent: &str, start: f64) -> Value {
        json!({"id": id, "parent_id": parent, "type": "subsegment", "name": id, "start_time": start, "end_time": start,
               "trace_id": "t"})
    }

    #[test]
    fn subsegments_come_below_their_parents_in_whatever_order_they_came() {
        let made = trace(&[
            sub("c", "b", 3.0),
            sub("b", "a", 2.0),
            json!({"id": "s", "start_time": 1.0, "end_time": 5.0, "subsegments": [{"id": "a", "start_time": 1.0}]}),
        ]);
        let [segment] = made.segments.as_slice() else { panic!("{:?}", made.segments) };
        let deepest = &segment["subsegments"][0]["subsegments"][0]["subsegments"][0];
        assert_eq!(deepest, &json!({"id": "c", "name": "c", "start_time": 3.0, "end_time": 3.0}));
        assert_eq!(made.span(), (1.0, 5.0));
    }

    #[test]
    fn what_has_no_parent_here_is_shown_on_its_own() {
        let made = trace(&[sub("b", "a", 2.0), sub("x", "y", 1.0), sub("y", "x", 1.0)]);
        let ids: Vec<&str> = made.segments.iter().filter_map(|segment| text(segment, "id")).collect();
        assert_eq!(ids.len(), 3, "{ids:?}");
        assert_eq!(ids.last(), Some(&"b"));
    }

    #[test]
    fn a_chain_of_any_length_overflows_nothing() {
        let mut documents = vec![json!({"id": "0", "start_time": 1.0, "end_time": 2.0})];
        documents
            .extend((1..20_000).map(|index: u32| sub(&index.to_string(), &(index - 1).to_string(), 1.0)));
        let made = trace(&documents);
        let mut seen = 0;
        made.visit(|_| seen += 1);
        assert_eq!(seen, 20_000);
    }

    #[test]
    fn the_root_is_the_segment_without_a_parent_here() {
        let segment = |id: &str, parent: Option<&str>, start: f64| {
            let mut segment = json!({"id": id, "start_time": start, "end_time": start});
            if let Some(parent) = parent {
                segment["parent_id"] = parent.into();
            }
            segment
        };
        let made = trace(&[segment("b", Some("a"), 1.0), segment("a", Some("client"), 2.0)]);
        assert_eq!(made.root().and_then(|root| text(root, "id")), Some("a"));
        assert_eq!(trace(&[]).root(), None);
    }
}
