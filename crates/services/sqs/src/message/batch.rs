//! What all batches have in common: up to ten entries with ids of their own, of which each succeeds or fails alone.

use std::collections::BTreeSet;

use rolecall_wire::sqs::BatchResultErrorEntry;

use crate::error::SqsError;

/// How many entries a batch has at most.
const MAX_ENTRIES: usize = 10;
/// The longest id of an entry.
const MAX_ID: usize = 80;

/// Checks the ids of a batch's entries.
pub(crate) fn check<'a>(
    ids: impl ExactSizeIterator<Item = &'a String>,
    entry: &'static str,
) -> Result<(), SqsError> {
    match ids.len() {
        0 => return Err(SqsError::EmptyBatch(entry)),
        1..=MAX_ENTRIES => {}
        more => return Err(SqsError::TooManyEntries(more)),
    }
    let mut seen = BTreeSet::new();
    for id in ids {
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        if !(1..=MAX_ID).contains(&id.len()) || !id.bytes().all(legal) {
            return Err(SqsError::EntryId);
        }
        if !seen.insert(id) {
            return Err(SqsError::RepeatedId(id.clone()));
        }
    }
    Ok(())
}

/// The answers of a batch, each list none where it would be empty.
pub(crate) struct Sorted<T> {
    /// The ids of the entries that went well, with what became of them.
    pub(crate) successful: Option<Vec<(String, T)>>,
    /// The entries that did not.
    pub(crate) failed: Option<Vec<BatchResultErrorEntry>>,
}

/// Tells the entries that went well from those that did not.
pub(crate) fn sort<T>(results: impl IntoIterator<Item = (String, Result<T, SqsError>)>) -> Sorted<T> {
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    for (id, result) in results {
        match result {
            Ok(value) => good.push((id, value)),
            Err(error) => bad.push(BatchResultErrorEntry {
                id: Some(id),
                sender_fault: Some(true),
                code: Some(error.entry_code().to_owned()),
                message: Some(error.to_string()),
            }),
        }
    }
    Sorted { successful: (!good.is_empty()).then_some(good), failed: (!bad.is_empty()).then_some(bad) }
}
