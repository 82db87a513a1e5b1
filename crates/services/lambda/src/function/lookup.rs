//! Finding a function's versions, and AWS's words where there is none.

use std::sync::Arc;

use rolecall_store::State;
use rolecall_store::records::lambda::{Alias, FunctionVersion};

use crate::error::LambdaError;
use crate::function::shape::{ACTIVE, IN_PROGRESS};
use crate::name::{FunctionReference, Key, LATEST, function_arn, function_not_found};

/// `$LATEST` of the function.
///
/// # Errors
/// [`LambdaError::NotFound`] in AWS's words.
pub(crate) fn latest<'s>(
    state: &'s State,
    reference: &FunctionReference,
) -> Result<&'s Arc<FunctionVersion>, LambdaError> {
    let missing = || function_not_found(&reference.unqualified_arn());
    state.function_versions.get(&(reference.key(), 0)).ok_or_else(missing)
}

/// The version that a reference means, and the alias by which it means it. An alias means the version that most
/// invocations go to.
///
/// # Errors
/// [`LambdaError::NotFound`] with the ARN as it was written.
pub(crate) fn of_reference<'s>(
    state: &'s State,
    reference: &FunctionReference,
) -> Result<(&'s Arc<FunctionVersion>, Option<&'s Arc<Alias>>), LambdaError> {
    let missing = || function_not_found(&reference.arn());
    let key = reference.key();
    let Some(qualifier) = &reference.qualifier else { return Ok((latest(state, reference)?, None)) };
    if let Some(version) = qualifier.version() {
        let record = state.function_versions.get(&(key, version)).ok_or_else(missing)?;
        return Ok((record, None));
    }
    let alias = state.aliases.get(&(key.clone(), qualifier.to_string())).ok_or_else(missing)?;
    let version = version_number(&alias.function_version);
    let record =
        version.and_then(|version| state.function_versions.get(&(key, version))).ok_or_else(missing)?;
    Ok((record, Some(alias)))
}

/// The number of a version by its text: 0 for `$LATEST`, none for a text that AWS would write differently.
pub(crate) fn version_number(text: &str) -> Option<u64> {
    if text == LATEST {
        return Some(0);
    }
    let number: u64 = text.parse().ok()?;
    (number > 0 && number.to_string() == text).then_some(number)
}

/// `$LATEST`, ready to be changed: it is not while it is being made or changed (reference lambda.md 7.3).
///
/// # Errors
/// [`LambdaError::NotFound`] or [`LambdaError::Conflict`].
pub(crate) fn lock_for_change(state: &State, key: &Key) -> Result<FunctionVersion, LambdaError> {
    let arn = function_arn(key, None);
    let record = state.function_versions.get(&(key.clone(), 0)).ok_or_else(|| function_not_found(&arn))?;
    require_active(record)?;
    if record.last_update_status.as_deref() == Some(IN_PROGRESS) {
        return Err(update_in_progress(key));
    }
    Ok(FunctionVersion::clone(record))
}

/// The answer to a change that another change is in the way of.
pub(crate) fn update_in_progress(key: &Key) -> LambdaError {
    let arn = function_arn(key, None);
    LambdaError::Conflict(format!(
        "The operation cannot be performed at this time. An update is in progress for resource: {arn}"
    ))
}

/// Refuses a version that cannot be run: one that is being made, and one from a container image.
///
/// # Errors
/// [`LambdaError::Conflict`] with the state, or the refusal of what Rolecall does not have.
pub(crate) fn require_runnable(record: &FunctionVersion) -> Result<(), LambdaError> {
    require_active(record)?;
    if record.image.is_some() {
        return Err(LambdaError::not_built("a way to run functions from container images"));
    }
    Ok(())
}

/// Refuses while the version is being made.
///
/// # Errors
/// [`LambdaError::Conflict`] with the state.
pub(crate) fn require_active(record: &FunctionVersion) -> Result<(), LambdaError> {
    if record.state == ACTIVE {
        return Ok(());
    }
    Err(LambdaError::Conflict(format!(
        "The operation cannot be performed at this time. The function is currently in the following state: {}",
        record.state
    )))
}
