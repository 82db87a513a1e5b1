//! PutTelemetryRecords: what daemons say about their own work. No operation reads it back, on AWS neither: there it
//! becomes figures for the service's operators, and here lines of the server's log.

use rolecall_authority::Call;
use rolecall_wire::{ServiceError, xray as wire};

use crate::XRay;

impl XRay {
    pub(crate) fn put_telemetry_records(
        &self,
        call: &Call,
        input: wire::PutTelemetryRecordsRequest,
    ) -> Result<wire::PutTelemetryRecordsResult, ServiceError> {
        self.authorize(call, "xray:PutTelemetryRecords")?;
        Self::owner(call)?;
        for record in input.telemetry_records {
            let lost = record.segments_spillover_count.unwrap_or_default();
            let rejected = record.segments_rejected_count.unwrap_or_default();
            tracing::debug!(
                caller = %call.caller.arn(),
                received = record.segments_received_count.unwrap_or_default(),
                sent = record.segments_sent_count.unwrap_or_default(),
                "a daemon's telemetry"
            );
            if lost > 0 || rejected > 0 {
                tracing::warn!(caller = %call.caller.arn(), lost, rejected, "a daemon could not deliver all segments");
            }
        }
        Ok(wire::PutTelemetryRecordsResult)
    }
}
