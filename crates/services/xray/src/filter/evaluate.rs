//! Whether a trace is what a filter expression asks for.

use serde_json::Value as Json;

use crate::filter::{Expression, Flag, Operator, ServicePattern, Subject, Value};
use crate::trace::{Node, Trace, end_of, failed, request_of, start_of, status_of, text, visit};

/// Whether the trace is shown.
pub(super) fn matches(expression: &Expression, trace: &Trace) -> bool {
    let all: Vec<&Node> = trace.segments.iter().collect();
    holds(expression, trace, &all)
}

/// Whether the expression holds for the trace, looking at these segments of it.
fn holds(expression: &Expression, trace: &Trace, segments: &[&Node]) -> bool {
    match expression {
        Expression::All(parts) => parts.iter().all(|part| holds(part, trace, segments)),
        Expression::Any(parts) => parts.iter().any(|part| holds(part, trace, segments)),
        Expression::Not(inner) => !holds(inner, trace, segments),
        Expression::Flag(flag) => segments.iter().any(|segment| has(*flag, segment)),
        Expression::Annotated(key) => !annotations(segments, key).is_empty(),
        Expression::Compare(subject, operator, value) => {
            values(subject, trace, segments).iter().any(|found| compare(found, *operator, value))
        }
        Expression::Service(pattern, inner) => segments
            .iter()
            .filter(|segment| is_of(segment, pattern))
            .any(|segment| inner.as_ref().is_none_or(|inner| holds(inner, trace, &[segment]))),
    }
}

fn has(flag: Flag, segment: &Node) -> bool {
    match flag {
        Flag::Ok => status_of(segment).is_some_and(|status| (200..300).contains(&status)),
        Flag::Error => failed(segment, "error"),
        Flag::Fault => failed(segment, "fault"),
        Flag::Throttle => failed(segment, "throttle"),
        Flag::Partial => end_of(segment).is_none(),
    }
}

fn is_of(segment: &Node, pattern: &ServicePattern) -> bool {
    let fits = |wanted: &Option<String>, member| {
        wanted.as_deref().is_none_or(|wanted| text(segment, member) == Some(wanted))
    };
    fits(&pattern.name, "name") && fits(&pattern.kind, "origin")
}

/// All values that the subject has in these segments.
fn values(subject: &Subject, trace: &Trace, segments: &[&Node]) -> Vec<Value> {
    let texts = |read: &dyn Fn(&Node) -> Option<String>| {
        segments.iter().filter_map(|segment| read(segment)).map(Value::Text).collect()
    };
    let request = |member: &'static str| texts(&|node| request_of(node, member).map(str::to_owned));
    match subject {
        Subject::Duration => {
            let (start, end) = trace.span();
            vec![Value::Number(end - start)]
        }
        Subject::ResponseTime => {
            let times = segments.iter().filter_map(|node| Some(end_of(node)? - start_of(node)));
            times.map(Value::Number).collect()
        }
        Subject::HttpStatus => segments
            .iter()
            .filter_map(|node| status_of(node))
            .map(|status| Value::Number(status as f64))
            .collect(),
        Subject::HttpUrl => request("url"),
        Subject::HttpMethod => request("method"),
        Subject::HttpUserAgent => request("user_agent"),
        Subject::HttpClientIp => request("client_ip"),
        Subject::User => texts(&|node| text(node, "user").map(str::to_owned)),
        Subject::Name => texts(&|node| text(node, "name").map(str::to_owned)),
        Subject::Annotation(key) => annotations(segments, key),
    }
}

/// The values of an annotation in these segments and all below them.
fn annotations(segments: &[&Node], key: &str) -> Vec<Value> {
    let mut found = Vec::new();
    for segment in segments {
        visit(segment, &mut |node| {
            let value = node.get("annotations").and_then(|annotations| annotations.get(key));
            found.extend(value.and_then(|value| match value {
                Json::String(text) => Some(Value::Text(text.clone())),
                Json::Number(number) => number.as_f64().map(Value::Number),
                Json::Bool(truth) => Some(Value::Truth(*truth)),
                _ => None,
            }));
        });
    }
    found
}

/// Values of different types are never equal, and nothing else of each other.
fn compare(found: &Value, operator: Operator, wanted: &Value) -> bool {
    match (found, wanted) {
        (Value::Text(found), Value::Text(wanted)) => match operator {
            Operator::Equal => found == wanted,
            Operator::NotEqual => found != wanted,
            Operator::Contains => found.contains(wanted.as_str()),
            Operator::BeginsWith => found.starts_with(wanted.as_str()),
            Operator::EndsWith => found.ends_with(wanted.as_str()),
            _ => false,
        },
        (Value::Number(found), Value::Number(wanted)) => match operator {
            Operator::Equal => found == wanted,
            Operator::NotEqual => found != wanted,
            Operator::Less => found < wanted,
            Operator::LessOrEqual => found <= wanted,
            Operator::Greater => found > wanted,
            Operator::GreaterOrEqual => found >= wanted,
            _ => false,
        },
        (Value::Truth(found), Value::Truth(wanted)) => match operator {
            Operator::Equal => found == wanted,
            Operator::NotEqual => found != wanted,
            _ => false,
        },
        _ => operator == Operator::NotEqual,
    }
}

#[cfg(test)]
mod tests {
    use crate::filter::Filter;
    use crate::trace::Trace;
    use rolecall_store::TraceSegment;
    use serde_json::json;

    fn trace() -> Trace {
        let documents = [
            json!({
                "id": "a", "name": "front", "origin": "AWS::EC2::Instance", "start_time": 1.0, "end_time": 7.5,
                "user": "ana", "http": {"request": {"url": "http://a/x", "method": "GET"}, "response": {"status": 200}},
            }),
            json!({
                "id": "b", "name": "f", "origin": "AWS::Lambda::Function", "start_time": 2.0, "end_time": 3.0,
                "fault": true, "subsegments": [{"annotations": {"age": 30, "color": "red", "odd": true}}],
            }),
        ];
        let stored = documents.map(|document| TraceSegment {
            trace_id: String::new(),
            id: String::new(),
            trace_ms: 0,
            received_ms: 0,
            document: document.to_string(),
        });
        Trace::of(String::new(), &stored, false)
    }

    #[test]
    fn what_holds_is_shown() {
        for expression in [
            "",
            "ok",
            "fault = true",
            "!error AND NOT throttle",
            "partial = false",
            "responsetime > 6 AND duration <= 6.5",
            "http.status = 200",
            r#"http.url CONTAINS "a/" and http.method = "GET""#,
            r#"http.url BEGINSWITH "http" AND http.url ENDSWITH "x""#,
            r#"user = "ana""#,
            r#"name = "f" OR name = "nobody""#,
            "annotation.age",
            "annotation.age >= 30",
            r#"annotation[color] = "red""#,
            r#"annotation["odd"] = true"#,
            r#"service("f")"#,
            r#"service("f") { fault AND responsetime = 1 }"#,
            r#"service(id(name: "f", type: "AWS::Lambda::Function")) { annotation.color }"#,
            r#"!(service("front") { fault })"#,
        ] {
            let filter = Filter::parse(expression).unwrap_or_else(|error| panic!("{expression}: {error}"));
            assert!(filter.matches(&trace()), "{expression}");
        }
    }

    #[test]
    fn what_does_not_hold_is_not_shown() {
        for expression in [
            "!ok",
            "error",
            "partial",
            "responsetime > 7",
            "annotation.size",
            r#"annotation.age = "30""#,
            r#"user = "ben""#,
            r#"service("front") { fault }"#,
            r#"service(id(type: "AWS::Lambda"))"#,
            "ok AND error OR throttle",
        ] {
            let filter = Filter::parse(expression).unwrap_or_else(|error| panic!("{expression}: {error}"));
            assert!(!filter.matches(&trace()), "{expression}");
        }
    }

    #[test]
    fn what_is_not_understood_is_refused_and_what_is_not_built_by_its_name() {
        for expression in [
            "(",
            "ok AND",
            "= 5",
            "ok ok",
            "responsetime",
            r#"responsetime > "5""#,
            r#"user > "a""#,
            r#"user = "a"#,
            "service()",
            "annotation",
            "annotation.",
            "#",
            "fault > true",
            "ok = 5",
            "user = true",
        ] {
            let refused = Filter::parse(expression).expect_err(expression).to_string();
            assert!(refused.starts_with("Invalid filter expression"), "{expression}: {refused}");
        }
        for (expression, name) in [
            (r#"edge("a", "b")"#, "edge"),
            ("rootcause.fault", "rootcause.fault"),
            (r#"group.name = "g""#, "group.name"),
            ("inferred", "inferred"),
        ] {
            let refused = Filter::parse(expression).expect_err(expression).to_string();
            assert_eq!(refused, format!("The filter keyword {name} is not supported by this server."));
        }
        assert!(Filter::parse(&"(".repeat(100_000)).is_err());
        assert!(Filter::parse(&"!".repeat(100_000)).is_err());
    }
}
