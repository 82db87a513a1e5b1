//! What the tests of this service share: a house with the service in it.

use std::sync::Arc;

use rolecall_authority::Caller;
use rolecall_service::Service;
use rolecall_testkit::{ACCOUNT, House};
use rolecall_wire::xray::{self as wire, Input, Output};
use rolecall_wire::{AnyInput, AnyOutput, ServiceError};
use rolecall_xray::XRay;
use serde_json::{Value, json};

pub struct World {
    pub house: House,
    xray: XRay,
}

impl World {
    pub async fn new() -> Self {
        let house = House::new().await;
        let xray = XRay::new(Arc::clone(&house.platform));
        World { house, xray }
    }

    pub fn now_ms(&self) -> i64 {
        self.house.platform.now_ms()
    }

    pub async fn user(&self, name: &str, policy: Option<&str>) -> Caller {
        self.house.add_user(ACCOUNT, name, policy).await
    }

    pub async fn call(&self, caller: &Caller, input: Input) -> Result<Output, ServiceError> {
        match self.xray.handle(&self.house.call(caller), AnyInput::Xray(input)).await? {
            AnyOutput::Xray(output) => Ok(output),
            other => panic!("an answer of {}", other.operation_name()),
        }
    }

    /// Performs an operation as root, who may do everything.
    pub async fn ok(&self, input: Input) -> Output {
        let name = input.operation().name();
        self.call(&self.house.root(), input).await.unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// A new trace id of this time.
    pub fn trace_id(&self) -> String {
        let unique = self.house.platform.entropy().text(b"0123456789abcdef", 24);
        format!("1-{:08x}-{unique}", self.now_ms() / 1000)
    }

    /// Puts documents as root; what was not taken.
    pub async fn put(&self, documents: &[Value]) -> Vec<wire::UnprocessedTraceSegment> {
        match self.ok(put(documents)).await {
            Output::PutTraceSegments(answer) => answer.unprocessed_trace_segments.unwrap(),
            other => panic!("{other:?}"),
        }
    }
}

pub fn put(documents: &[Value]) -> Input {
    let trace_segment_documents = documents.iter().map(Value::to_string).collect();
    Input::PutTraceSegments(wire::PutTraceSegmentsRequest { trace_segment_documents })
}

/// A segment of one second that began at the time in seconds.
pub fn segment(trace_id: &str, id: &str, start: f64) -> Value {
    json!({"trace_id": trace_id, "id": id, "name": "work", "start_time": start, "end_time": start + 1.0})
}
