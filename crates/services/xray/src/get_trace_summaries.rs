//! GetTraceSummaries: finds traces by time and by a filter expression.

use data_encoding::BASE64URL_NOPAD;
use rolecall_authority::Call;
use rolecall_service::internal;
use rolecall_store::{TraceOwner, TraceQuery, TraceTime};
use rolecall_wire::{ServiceError, ServiceId, Timestamp, xray as wire};

use crate::XRay;
use crate::error::XRayError;
use crate::filter::Filter;
use crate::put_trace_segments::RETENTION_MS;
use crate::summary::summary;
use crate::trace_id;

/// The longest time range, as on AWS, in milliseconds.
const MAX_RANGE_MS: i64 = 24 * 60 * 60 * 1000;

/// The most summaries of one answer.
const MAX_SUMMARIES: usize = 100;

/// The most traces that one call looks at; the next call goes on where this one ended.
const MAX_SCANNED: usize = 1_000;

/// How many traces are looked up at once.
const CHUNK: usize = 100;

/// What has been found on the way.
#[derive(Default)]
struct Found {
    summaries: Vec<wire::TraceSummary>,
    scanned: usize,
    /// The last trace that was looked at, where there may be more.
    next: Option<(i64, String)>,
}

impl XRay {
    pub(crate) async fn get_trace_summaries(
        &self,
        call: &Call,
        input: wire::GetTraceSummariesRequest,
    ) -> Result<wire::GetTraceSummariesResult, ServiceError> {
        self.authorize(call, "xray:GetTraceSummaries")?;
        let owner = Self::owner(call)?;
        let filter = Filter::parse(input.filter_expression.as_deref().unwrap_or_default())?;
        let query = query_of(&owner, &input, self.platform.now_ms())?;
        let found = self.find(&owner, query, &filter).await?;
        Ok(wire::GetTraceSummariesResult {
            trace_summaries: Some(found.summaries),
            approximate_time: Some(input.end_time),
            traces_processed_count: Some(i64::try_from(found.scanned).unwrap_or(i64::MAX)),
            next_token: found.next.map(|last| token_of(&last)),
        })
    }

    async fn find(
        &self,
        owner: &TraceOwner,
        mut query: TraceQuery,
        filter: &Filter,
    ) -> Result<Found, ServiceError> {
        let mut found = Found::default();
        loop {
            let traces = self.platform.store.traces(query.clone()).await;
            let traces = traces.map_err(|error| internal(ServiceId::Xray, error))?;
            let is_last = traces.len() < query.limit;
            for (time_ms, id) in traces {
                found.scanned += 1;
                query.after = Some((time_ms, id.clone()));
                if let Some(trace) = self.trace(owner, id).await?.filter(|trace| filter.matches(trace)) {
                    found.summaries.push(summary(&trace, owner.0));
                }
                if found.summaries.len() == MAX_SUMMARIES || found.scanned == MAX_SCANNED {
                    found.next = query.after;
                    return Ok(found);
                }
            }
            if is_last {
                return Ok(found);
            }
        }
    }
}

/// The traces that a request is about.
fn query_of(
    owner: &TraceOwner,
    input: &wire::GetTraceSummariesRequest,
    now_ms: i64,
) -> Result<TraceQuery, XRayError> {
    let (Timestamp(from_ms), Timestamp(until_ms)) = (input.start_time, input.end_time);
    if from_ms >= until_ms {
        return Err(XRayError::invalid("StartTime must be before EndTime"));
    }
    if until_ms - from_ms > MAX_RANGE_MS {
        return Err(XRayError::invalid("Time range cannot be longer than 24 hours"));
    }
    if input.sampling_strategy.is_some() {
        return Err(XRayError::NotBuilt("SamplingStrategy".to_owned()));
    }
    let time = match input.time_range_type.as_deref() {
        None | Some("TraceId") => TraceTime::Trace,
        Some("Event") => TraceTime::Received,
        Some(other) => return Err(XRayError::NotBuilt(format!("The TimeRangeType {other}"))),
    };
    Ok(TraceQuery {
        owner: owner.clone(),
        time,
        from_ms,
        until_ms,
        keep_from_ms: now_ms - RETENTION_MS,
        after: input.next_token.as_deref().map(parse_token).transpose()?,
        limit: CHUNK,
    })
}

/// The trace id says its time itself.
fn token_of((_, id): &(i64, String)) -> String {
    BASE64URL_NOPAD.encode(id.as_bytes())
}

fn parse_token(token: &str) -> Result<(i64, String), XRayError> {
    let bytes = BASE64URL_NOPAD.decode(token.as_bytes()).map_err(|_| XRayError::InvalidToken)?;
    let id = String::from_utf8(bytes).map_err(|_| XRayError::InvalidToken)?;
    let time_ms = trace_id::time_of(&id).ok_or(XRayError::InvalidToken)?;
    Ok((time_ms, id))
}
