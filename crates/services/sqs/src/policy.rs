//! Queue policies: what is taken for one when it is written.

use std::collections::BTreeMap;
use std::sync::Arc;

use rolecall_authority::bind;
use rolecall_policy::PolicyKind;
use rolecall_store::State;
use rolecall_store::records::sqs::Queue;

use crate::error::SqsError;

/// The largest queue policy in bytes.
const MAX_BYTES: usize = 8192;

/// Reads the text of a queue policy; an empty one removes it.
pub(crate) fn read(text: &str) -> Result<Option<Arc<str>>, SqsError> {
    if text.is_empty() {
        return Ok(None);
    }
    let is_valid = text.len() <= MAX_BYTES && rolecall_policy::validate(PolicyKind::Resource, text).is_ok();
    if is_valid { Ok(Some(Arc::from(text))) } else { Err(invalid()) }
}

/// Sets the policy of the queue. The users and roles that it names must exist.
pub(crate) fn set(queue: &mut Queue, document: Option<Arc<str>>, state: &State) -> Result<(), SqsError> {
    queue.bound_principals = match &document {
        Some(document) => bind(document, state).map_err(|_| invalid())?,
        None => BTreeMap::new(),
    };
    queue.policy = document;
    Ok(())
}

fn invalid() -> SqsError {
    SqsError::AttributeValue("Policy".to_owned())
}
