//! What transactions write that is in no table: texts of log events, segments of traces, explained decisions.

use crate::decisions::StoredDecision;
use crate::log_events::LogChange;
use crate::trace_segments::TraceSegmentBatch;

/// What is to be written beside the tables, in order. The writer keeps that of a batch apart from the state, so that an
/// undo copy of the state never copies the texts of log events.
#[derive(Clone, Default)]
pub(crate) struct Pending {
    pub log_changes: Vec<LogChange>,
    pub trace_segments: Vec<TraceSegmentBatch>,
    pub decisions: Vec<StoredDecision>,
}

impl Pending {
    pub(crate) fn is_empty(&self) -> bool {
        self.log_changes.is_empty() && self.trace_segments.is_empty() && self.decisions.is_empty()
    }

    /// Puts what a later transaction writes behind.
    pub(crate) fn append(&mut self, mut later: Pending) {
        self.log_changes.append(&mut later.log_changes);
        self.trace_segments.append(&mut later.trace_segments);
        self.decisions.append(&mut later.decisions);
    }
}
