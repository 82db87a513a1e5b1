//! BatchGetTraces: whole traces.

use rolecall_authority::Call;
use rolecall_service::internal;
use rolecall_store::TraceOwner;
use rolecall_wire::{ServiceError, ServiceId, xray as wire};
use serde_json::Value;

use crate::XRay;
use crate::error::XRayError;
use crate::put_trace_segments::RETENTION_MS;
use crate::trace::{Trace, text};
use crate::trace_id;

/// The most traces of one call, as on AWS.
const MAX_TRACES: usize = 5;

/// The most that a trace's documents may have, in bytes, as on AWS; the rest is not shown, and the answer says so.
const MAX_TRACE_BYTES: usize = 500 * 1024;

impl XRay {
    pub(crate) async fn batch_get_traces(
        &self,
        call: &Call,
        input: wire::BatchGetTracesRequest,
    ) -> Result<wire::BatchGetTracesResult, ServiceError> {
        self.authorize(call, "xray:BatchGetTraces")?;
        let owner = Self::owner(call)?;
        if input.next_token.is_some() {
            return Err(XRayError::InvalidToken.into());
        }
        if input.trace_ids.is_empty() || input.trace_ids.len() > MAX_TRACES {
            return Err(XRayError::invalid(format!("TraceIds must have 1 to {MAX_TRACES} ids")).into());
        }
        if let Some(wrong) = input.trace_ids.iter().find(|id| trace_id::time_of(id).is_none()) {
            return Err(XRayError::invalid(format!("Invalid trace id: {wrong}")).into());
        }
        let (mut traces, mut unprocessed) = (Vec::new(), Vec::new());
        for id in input.trace_ids {
            match self.trace(&owner, id.clone()).await? {
                Some(trace) => traces.push(shown(&trace)),
                None => unprocessed.push(id),
            }
        }
        let unprocessed_trace_ids = Some(unprocessed);
        Ok(wire::BatchGetTracesResult { traces: Some(traces), unprocessed_trace_ids, next_token: None })
    }

    /// A trace of the owner; none where nothing of it is kept.
    pub(crate) async fn trace(&self, owner: &TraceOwner, id: String) -> Result<Option<Trace>, ServiceError> {
        let keep_from_ms = self.platform.now_ms() - RETENTION_MS;
        let found = self
            .platform
            .store
            .trace_segments(owner.clone(), id.clone(), keep_from_ms, MAX_TRACE_BYTES)
            .await;
        let (segments, is_whole) = found.map_err(|error| internal(ServiceId::Xray, error))?;
        Ok((!segments.is_empty()).then(|| Trace::of(id, &segments, !is_whole)))
    }
}

fn shown(trace: &Trace) -> wire::Trace {
    let (start, end) = trace.span();
    let segments = trace.segments.iter().map(|node| wire::Segment {
        id: text(node, "id").map(str::to_owned),
        document: Some(Value::Object(node.clone()).to_string()),
    });
    wire::Trace {
        id: Some(trace.id.clone()),
        duration: Some(to_milliseconds(end - start)),
        limit_exceeded: Some(trace.limit_exceeded),
        segments: Some(segments.collect()),
    }
}

/// Seconds to the millisecond, as AWS shows durations.
pub(crate) fn to_milliseconds(seconds: f64) -> f64 {
    (seconds * 1000.0).round() / 1000.0
}
