//! Segment documents: what has to be in one (X-Ray segment documents in the developer guide).

use serde_json::{Map, Value};

use crate::trace_id;

/// The largest document in bytes.
const MAX_BYTES: usize = 64 * 1024;

/// The longest name in characters.
const MAX_NAME: usize = 200;

/// Why a document is not taken: the code of `UnprocessedTraceSegments`. `ParseError` and `InvalidTraceId` are seen in
/// public recordings; the others are named alike.
pub(crate) type Code = &'static str;

/// What is known of a document that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Taken {
    pub(crate) trace_id: String,
    pub(crate) id: String,
    /// The time in the trace id, in epoch milliseconds.
    pub(crate) trace_ms: i64,
}

/// A document that was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) id: Option<String>,
    pub(crate) code: Code,
    pub(crate) is_subsegment: bool,
}

impl Refused {
    /// AWS's words.
    pub(crate) fn message(&self) -> String {
        let kind = if self.is_subsegment { "subsegment" } else { "segment" };
        format!("Invalid {kind}. ErrorCode: {}", self.code)
    }
}

/// Looks whether a document can be taken.
///
/// # Errors
/// Why not.
pub(crate) fn check(text: &str, now_ms: i64) -> Result<Taken, Refused> {
    let parsed = serde_json::from_str::<Value>(text).ok();
    let Some(Value::Object(document)) = parsed else {
        return Err(Refused { id: None, code: "ParseError", is_subsegment: false });
    };
    let id = document.get("id").and_then(Value::as_str).map(str::to_owned);
    let is_subsegment = is_subsegment(&document);
    check_members(text, &document, is_subsegment, now_ms).map_err(|code| Refused { id, code, is_subsegment })
}

fn check_members(
    text: &str,
    document: &Map<String, Value>,
    is_subsegment: bool,
    now_ms: i64,
) -> Result<Taken, Code> {
    if text.len() > MAX_BYTES {
        return Err("SegmentTooLarge");
    }
    let id = id_of(document, "id", ("MissingId", "InvalidId"))?;
    let trace_id = text_of(document, "trace_id", ("MissingTraceId", "InvalidTraceId"))?;
    let trace_ms = trace_id::time_of(trace_id).ok_or("InvalidTraceId")?;
    if !trace_id::is_current(trace_ms, now_ms) {
        return Err("InvalidTraceId");
    }
    let name = text_of(document, "name", ("MissingName", "InvalidName"))?;
    if name.is_empty() || name.chars().count() > MAX_NAME {
        return Err("InvalidName");
    }
    if is_subsegment || document.contains_key("parent_id") {
        id_of(document, "parent_id", ("MissingParentId", "InvalidParentId"))?;
    }
    check_times(document)?;
    Ok(Taken { trace_id: trace_id.to_owned(), id: id.to_owned(), trace_ms })
}

fn check_times(document: &Map<String, Value>) -> Result<(), Code> {
    let start = seconds(document, "start_time", "InvalidStartTime")?.ok_or("MissingStartTime")?;
    match seconds(document, "end_time", "InvalidEndTime")? {
        Some(end) if end < start => Err("InvalidEndTime"),
        Some(_) => Ok(()),
        None if document.get("in_progress") == Some(&Value::Bool(true)) => Ok(()),
        None => Err("MissingEndTime"),
    }
}

/// Whether the document is a subsegment that was sent on its own.
pub(crate) fn is_subsegment(document: &Map<String, Value>) -> bool {
    document.get("type").and_then(Value::as_str) == Some("subsegment")
}

fn text_of<'d>(
    document: &'d Map<String, Value>,
    member: &str,
    (missing, invalid): (Code, Code),
) -> Result<&'d str, Code> {
    document.get(member).ok_or(missing)?.as_str().ok_or(invalid)
}

/// An id of 64 bits in sixteen hexadecimal digits.
fn id_of<'d>(document: &'d Map<String, Value>, member: &str, codes: (Code, Code)) -> Result<&'d str, Code> {
    let id = text_of(document, member, codes)?;
    let is_id = id.len() == 16 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_id { Ok(id) } else { Err(codes.1) }
}

fn seconds(document: &Map<String, Value>, member: &str, invalid: Code) -> Result<Option<f64>, Code> {
    let time = document.get(member).map(|time| time.as_f64().filter(|time| *time > 0.0).ok_or(invalid));
    time.transpose()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NOW_MS: i64 = 1_480_615_260_000;

    fn whole() -> Value {
        json!({
            "name": "example.com", "id": "70de5b6f19ff9a0a", "trace_id": "1-58406520-a006649127e371903a2de979",
            "start_time": 1.478293361271E9, "end_time": 1.478293361449E9,
        })
    }

    fn with(changes: Value) -> Result<Taken, Refused> {
        let mut document = whole();
        for (member, value) in changes.as_object().unwrap() {
            document[member] = value.clone();
        }
        let members = document.as_object_mut().unwrap();
        members.retain(|_, value| !value.is_null());
        check(&document.to_string(), NOW_MS)
    }

    #[test]
    fn a_document_with_the_required_members_is_taken() {
        let taken = with(json!({})).unwrap();
        assert_eq!((taken.id.as_str(), taken.trace_ms), ("70de5b6f19ff9a0a", 1_480_615_200_000));
        assert!(with(json!({"end_time": null, "in_progress": true})).is_ok());
        assert!(with(json!({"type": "subsegment", "parent_id": "53995c3f42cd8ad8"})).is_ok());
    }

    #[test]
    fn every_other_is_refused_by_its_code() {
        for (changes, code) in [
            (json!({"id": null}), "MissingId"),
            (json!({"id": "70de"}), "InvalidId"),
            (json!({"trace_id": null}), "MissingTraceId"),
            (json!({"trace_id": "1-x"}), "InvalidTraceId"),
            (json!({"trace_id": "1-50000000-a006649127e371903a2de979"}), "InvalidTraceId"),
            (json!({"name": null}), "MissingName"),
            (json!({"name": ""}), "InvalidName"),
            (json!({"start_time": null}), "MissingStartTime"),
            (json!({"start_time": "now"}), "InvalidStartTime"),
            (json!({"end_time": null}), "MissingEndTime"),
            (json!({"end_time": 1.0}), "InvalidEndTime"),
            (json!({"type": "subsegment"}), "MissingParentId"),
            (json!({"parent_id": 1}), "InvalidParentId"),
            (json!({"metadata": "x".repeat(MAX_BYTES)}), "SegmentTooLarge"),
        ] {
            assert_eq!(with(changes.clone()).map_err(|refused| refused.code), Err(code), "{changes}");
        }
    }

    #[test]
    fn what_is_no_object_has_no_id_to_name() {
        let refused = check("[]", NOW_MS).unwrap_err();
        assert_eq!(
            (refused.id.clone(), refused.message().as_str()),
            (None, "Invalid segment. ErrorCode: ParseError")
        );
        let refused = with(json!({"type": "subsegment"})).unwrap_err();
        assert_eq!(refused.message(), "Invalid subsegment. ErrorCode: MissingParentId");
    }
}
