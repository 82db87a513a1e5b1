//! The invocation record that a destination gets (reference lambda.md 7.6-5). The order of its members is AWS's.

use bytes::Bytes;
use rolecall_store::records::lambda::AsyncInvocation;
use rolecall_wire::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::event::delivery::Ending;
use crate::name::{LATEST, function_arn};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct InvocationRecord<'a> {
    version: &'static str,
    timestamp: String,
    request_context: RequestContext<'a>,
    request_payload: Box<RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_context: Option<ResponseContext<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_payload: Option<Box<RawValue>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RequestContext<'a> {
    request_id: &'a str,
    function_arn: String,
    condition: &'a str,
    approximate_invoke_count: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResponseContext<'a> {
    status_code: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    executed_version: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    function_error: Option<&'a str>,
}

/// The record of an invocation that has ended.
///
/// # Errors
/// None that can be made to happen: that JSON cannot be written.
pub(crate) fn write(
    invocation: &AsyncInvocation,
    event: &[u8],
    ending: &Ending,
    now_ms: i64,
) -> serde_json::Result<Bytes> {
    let response = ending.response.as_ref();
    let payload = response.and_then(|response| response.payload.as_ref());
    let qualifier = invocation.qualifier.as_deref().unwrap_or(LATEST);
    let record = InvocationRecord {
        version: "1.0",
        timestamp: Timestamp(now_ms).to_iso8601_ms(),
        request_context: RequestContext {
            request_id: &invocation.request_id,
            function_arn: function_arn(&invocation.function, Some(qualifier)).to_string(),
            condition: ending.condition,
            approximate_invoke_count: ending.invoke_count,
        },
        request_payload: json(event)?,
        response_context: response.map(|response| ResponseContext {
            status_code: response.status_code,
            executed_version: response.executed_version.as_deref(),
            function_error: response.function_error.as_deref(),
        }),
        response_payload: payload.map(|payload| json(payload)).transpose()?,
    };
    serde_json::to_vec(&record).map(Bytes::from)
}

/// JSON as it is, so that no number changes; what is no JSON (a custom runtime may answer anything) as a text.
fn json(bytes: &[u8]) -> serde_json::Result<Box<RawValue>> {
    let text = String::from_utf8_lossy(bytes);
    match serde_json::from_str::<Box<RawValue>>(text.trim()) {
        Ok(value) => Ok(value),
        Err(_) => serde_json::value::to_raw_value(&text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::delivery::Response;
    use rolecall_arn::{AccountId, Region};
    use rolecall_store::BlobId;

    fn invocation() -> AsyncInvocation {
        AsyncInvocation {
            request_id: "r".to_owned(),
            function: (AccountId::from_number(1), Region::global(), "f".to_owned()),
            qualifier: None,
            payload: BlobId::of(b"{}"),
            accepted_ms: 0,
            attempts: 0,
            next_attempt_ms: 0,
            client_context: None,
            throttles: 0,
            trace: None,
            trace_parent: None,
            is_recursive: false,
        }
    }

    #[test]
    fn a_record_has_awss_members_in_awss_order() {
        let response = Response {
            status_code: 200,
            executed_version: Some("$LATEST".to_owned()),
            function_error: Some("Unhandled".to_owned()),
            payload: Some(Bytes::from_static(b"not json")),
        };
        let ending = Ending { condition: "RetriesExhausted", invoke_count: 3, response: Some(response) };
        let text = write(&invocation(), br#"{"n":1.10}"#, &ending, 1_795_411_140_000).unwrap();
        assert_eq!(
            text,
            r#"{"version":"1.0","timestamp":"2026-11-23T05:19:00.000Z","requestContext":{"requestId":"r","functionArn":"arn:aws:lambda:us-east-1:000000000001:function:f:$LATEST","condition":"RetriesExhausted","approximateInvokeCount":3},"requestPayload":{"n":1.10},"responseContext":{"statusCode":200,"executedVersion":"$LATEST","functionError":"Unhandled"},"responsePayload":"not json"}"#
        );
    }

    #[test]
    fn what_never_ran_has_no_response() {
        let ending = Ending { condition: "ZeroReservedConcurrency", invoke_count: 0, response: None };
        let text = write(&invocation(), b"{}", &ending, 0).unwrap();
        assert!(text.ends_with(br#""approximateInvokeCount":0},"requestPayload":{}}"#));
    }
}
