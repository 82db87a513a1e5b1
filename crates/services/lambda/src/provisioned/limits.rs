//! How much provisioned concurrency there may be: within a function's reservation, or of what nobody has reserved.

use rolecall_store::State;

use crate::concurrency::{ACCOUNT_CONCURRENCY, MIN_UNRESERVED, reserve_of_others};
use crate::error::LambdaError;
use crate::name::Key;

/// The provisioned concurrency of all versions and aliases of a function.
pub(crate) fn provisioned_by(state: &State, key: &Key) -> u32 {
    let of_function = state.provisioned_concurrency.range((key.clone(), String::new())..);
    of_function
        .take_while(|((found, _), _)| found == key)
        .map(|(_, config)| config.requested)
        .fold(0, u32::saturating_add)
}

/// Refuses more than there is, in AWS's words.
pub(super) fn require_room(
    state: &State,
    key: &Key,
    qualifier: &str,
    wanted: u32,
) -> Result<(), LambdaError> {
    let before = state.provisioned_concurrency.get(&(key.clone(), qualifier.to_owned()));
    let own = before.map_or(0, |config| config.requested);
    let total = provisioned_by(state, key).saturating_sub(own).saturating_add(wanted);
    let reserved = state.functions.get(key).and_then(|function| function.reserved_concurrency);
    if let Some(reserved) = reserved {
        if total <= reserved {
            return Ok(());
        }
        return Err(LambdaError::InvalidParameter(
            "Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function"
                .to_owned(),
        ));
    }
    let unreserved = ACCOUNT_CONCURRENCY.saturating_sub(reserve_of_others(state, key));
    if total > unreserved {
        return Err(LambdaError::InvalidWithoutType(format!(
            "Specified ConcurrentExecutions for function is greater than account's unreserved concurrency [{unreserved}]."
        )));
    }
    if unreserved - total < MIN_UNRESERVED {
        return Err(LambdaError::InvalidWithoutType(format!(
            "Specified ConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its \
             minimum value of [{MIN_UNRESERVED}]."
        )));
    }
    Ok(())
}
