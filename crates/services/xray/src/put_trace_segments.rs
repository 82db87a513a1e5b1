//! PutTraceSegments: takes documents in, and says which it did not take.

use rolecall_authority::{Authorized, Call};
use rolecall_service::store_failed;
use rolecall_store::{TraceOwner, TraceSegment, TraceSegmentBatch};
use rolecall_wire::{ServiceError, ServiceId, xray as wire};

use crate::XRay;
use crate::error::XRayError;
use crate::segment::{Refused, check};

/// Traces are kept for 30 days, as on AWS, in milliseconds.
pub(crate) const RETENTION_MS: i64 = 30 * 24 * 60 * 60 * 1000;

/// The documents of an account in a region take at most so many bytes; the oldest make room. AWS limits the rate at
/// which they come instead.
const MAX_BYTES: i64 = 256 << 20;

/// The most documents of one call.
const MAX_DOCUMENTS: usize = 50;

impl XRay {
    pub(crate) async fn put_trace_segments(
        &self,
        call: &Call,
        input: wire::PutTraceSegmentsRequest,
    ) -> Result<wire::PutTraceSegmentsResult, ServiceError> {
        let proof = self.authorize(call, "xray:PutTraceSegments")?;
        let owner = Self::owner(call)?;
        let documents = input.trace_segment_documents;
        if documents.is_empty() || documents.len() > MAX_DOCUMENTS {
            let words = format!("TraceSegmentDocuments must have 1 to {MAX_DOCUMENTS} documents");
            return Err(XRayError::invalid(words).into());
        }
        let now_ms = self.platform.now_ms();
        let (mut segments, mut unprocessed) = (Vec::new(), Vec::new());
        for document in documents {
            match check(&document, now_ms) {
                Ok(taken) => segments.push(TraceSegment {
                    trace_id: taken.trace_id,
                    id: taken.id,
                    trace_ms: taken.trace_ms,
                    received_ms: now_ms,
                    document,
                }),
                Err(refused) => unprocessed.push(shown(&refused)),
            }
        }
        if !segments.is_empty() {
            self.keep_segments(proof, owner, segments, now_ms).await?;
        }
        Ok(wire::PutTraceSegmentsResult { unprocessed_trace_segments: Some(unprocessed) })
    }

    async fn keep_segments(
        &self,
        _proof: Authorized,
        owner: TraceOwner,
        segments: Vec<TraceSegment>,
        now_ms: i64,
    ) -> Result<(), ServiceError> {
        let batch =
            TraceSegmentBatch { owner, segments, keep_from_ms: now_ms - RETENTION_MS, max_bytes: MAX_BYTES };
        let written = self.platform.store.write(move |state| {
            state.put_trace_segments(batch);
            Ok(())
        });
        written.await.map_err(|failure| store_failed(ServiceId::Xray, failure))
    }
}

fn shown(refused: &Refused) -> wire::UnprocessedTraceSegment {
    wire::UnprocessedTraceSegment {
        id: refused.id.clone(),
        error_code: Some(refused.code.to_owned()),
        message: Some(refused.message()),
    }
}
