//! X-Ray: segments come in, traces come out.
//!
//! Whoever does a piece of work describes it in a segment document; documents with the same trace id make a trace. The
//! documents are kept as they were sent and put together when somebody reads, because they come in any order. Whoever
//! sends them is a caller like any other: nothing in this crate knows of functions.

mod access;
mod batch_get_traces;
mod error;
mod filter;
mod get_trace_summaries;
mod put_trace_segments;
mod sampling;
mod segment;
mod summary;
mod telemetry;
mod trace;
mod trace_id;

use std::sync::Arc;

use async_trait::async_trait;
use rolecall_authority::Call;
use rolecall_service::{Platform, Service};
use rolecall_wire::xray::{Input, Output};
use rolecall_wire::{AnyInput, AnyOutput, ServiceError, ServiceId};

/// The service.
pub struct XRay {
    platform: Arc<Platform>,
}

impl XRay {
    /// The service on the platform's records.
    pub fn new(platform: Arc<Platform>) -> Self {
        XRay { platform }
    }

    async fn perform(&self, call: &Call, input: Input) -> Result<Output, ServiceError> {
        Ok(match input {
            Input::PutTraceSegments(input) => {
                Output::PutTraceSegments(self.put_trace_segments(call, input).await?)
            }
            Input::PutTelemetryRecords(input) => {
                Output::PutTelemetryRecords(self.put_telemetry_records(call, input)?)
            }
            Input::GetSamplingRules(input) => Output::GetSamplingRules(self.get_sampling_rules(call, input)?),
            Input::GetSamplingTargets(input) => {
                Output::GetSamplingTargets(self.get_sampling_targets(call, input)?)
            }
            Input::GetTraceSummaries(input) => {
                Output::GetTraceSummaries(self.get_trace_summaries(call, input).await?)
            }
            Input::BatchGetTraces(input) => Output::BatchGetTraces(self.batch_get_traces(call, input).await?),
        })
    }
}

#[async_trait]
impl Service for XRay {
    fn id(&self) -> ServiceId {
        ServiceId::Xray
    }

    async fn handle(&self, call: &Arc<Call>, input: AnyInput) -> Result<AnyOutput, ServiceError> {
        match input {
            AnyInput::Xray(input) => self.perform(call, input).await.map(AnyOutput::Xray),
            other => Err(rolecall_service::internal(
                ServiceId::Xray,
                format!("{} was sent here", other.operation_name()),
            )),
        }
    }
}
