//! Versions: PublishVersion, ListVersionsByFunction, and what publishing is.

use std::sync::Arc;

use data_encoding::HEXLOWER;
use rolecall_authority::Call;
use rolecall_store::State;
use rolecall_store::records::lambda::FunctionVersion;
use rolecall_wire::ServiceError;
use rolecall_wire::lambda::{
    FunctionConfiguration, ListVersionsByFunctionRequest, ListVersionsByFunctionResponse,
    PublishVersionRequest,
};
use sha2::{Digest, Sha256};

use crate::error::LambdaError;
use crate::function::shape::{PENDING, code_sha256, listed, of_state};
use crate::function::{latest, lock_for_change};
use crate::name::{Key, function_arn, function_not_found, version_text};
use crate::paging::page;
use crate::service::Lambda;

impl Lambda {
    pub(crate) async fn publish_version(
        &self,
        call: &Arc<Call>,
        input: PublishVersionRequest,
    ) -> Result<FunctionConfiguration, ServiceError> {
        let reference = Self::reference(call, &input.function_name, None)?;
        let proof = self.authorize_whole(call, "lambda:PublishVersion", &reference)?;
        latest(&self.platform.store.read(), &reference)?;
        if input.publish_to.is_some() {
            return Err(LambdaError::not_built("PublishTo").into());
        }
        let key = reference.key();
        let revision = self.platform.entropy().uuid();
        let answer = {
            let key = key.clone();
            self.write(proof, move |state| publish(state, &key, input, revision))
        };
        let answer = answer.await?;
        self.settle_soon(key);
        Ok(answer)
    }

    pub(crate) fn list_versions_by_function(
        &self,
        call: &Arc<Call>,
        input: ListVersionsByFunctionRequest,
    ) -> Result<ListVersionsByFunctionResponse, ServiceError> {
        let reference = Self::reference(call, &input.function_name, None)?;
        self.authorize_function(call, "lambda:ListVersionsByFunction", &reference)?;
        let state = self.platform.store.read();
        latest(&state, &reference)?;
        let key = reference.key();
        let shown = of_function(&state, &key)
            .map(|(number, record)| (number, listed(&key, Some(&version_text(number)), record)));
        let (versions, next_marker) = page(shown, input.marker.as_deref(), input.max_items)?;
        Ok(ListVersionsByFunctionResponse { next_marker, versions: Some(versions) })
    }
}

fn publish(
    state: &mut State,
    key: &Key,
    input: PublishVersionRequest,
    revision: String,
) -> Result<FunctionConfiguration, LambdaError> {
    let latest = lock_for_change(state, key)?;
    require_revision(input.revision_id.as_deref(), &latest.revision_id)?;
    let actual = code_sha256(&latest).unwrap_or_default();
    if let Some(given) = input.code_sha256.filter(|given| *given != actual) {
        return Err(LambdaError::InvalidParameter(format!(
            "CodeSHA256 ({given}) is different from current CodeSHA256 in $LATEST ({actual}). Please try again with the \
             CodeSHA256 in $LATEST."
        )));
    }
    let version = publish_latest(state, key, input.description, revision)?;
    let qualifier = version_text(version);
    of_state(state, key, Some(&qualifier), version)
        .ok_or_else(|| function_not_found(&function_arn(key, None)))
}

/// Makes a version of `$LATEST` as it is, which gets the new revision, and returns its number. Where nothing has
/// changed since the newest version, that one's number is returned and nothing is made.
///
/// # Errors
/// [`LambdaError::NotFound`] where the function is gone.
pub(crate) fn publish_latest(
    state: &mut State,
    key: &Key,
    description: Option<String>,
    revision: String,
) -> Result<u64, LambdaError> {
    let missing = || function_not_found(&function_arn(key, None));
    let latest = state.function_versions.get(&(key.clone(), 0)).ok_or_else(missing)?;
    let fingerprint = fingerprint(latest);
    let newest = of_function(state, key).last().filter(|(number, _)| *number > 0);
    if let Some((number, record)) = newest
        && record.published_fingerprint.as_deref() == Some(&fingerprint)
    {
        return Ok(number);
    }
    let mut function =
        state.functions.get(key).map(|function| function.as_ref().clone()).ok_or_else(missing)?;
    let mut latest = FunctionVersion::clone(latest);
    let number = function.next_version;
    let published = FunctionVersion {
        version: number,
        description: description.unwrap_or_else(|| latest.description.clone()),
        state: PENDING.to_owned(),
        // A version that is being made has no update to report (recorded answers of PublishVersion).
        last_update_status: None,
        published_fingerprint: Some(fingerprint),
        ..latest.clone()
    };
    function.next_version += 1;
    latest.revision_id = revision;
    state.functions.put(key.clone(), function);
    state.function_versions.put((key.clone(), 0), latest);
    state.function_versions.put((key.clone(), number), published);
    Ok(number)
}

/// `$LATEST` and the versions of a function in the order of their numbers.
pub(crate) fn of_function<'s>(
    state: &'s State,
    key: &'s Key,
) -> impl Iterator<Item = (u64, &'s Arc<FunctionVersion>)> {
    let all = state.function_versions.range((key.clone(), 0)..);
    all.take_while(move |((found, _), _)| found == key).map(|((_, number), record)| (*number, record))
}

/// A hash over all that a caller can set: two versions with the same are the same.
fn fingerprint(record: &FunctionVersion) -> String {
    let settled = FunctionVersion {
        version: 0,
        revision_id: String::new(),
        last_modified_ms: 0,
        state: String::new(),
        last_update_status: None,
        deployment: String::new(),
        published_fingerprint: None,
        ..record.clone()
    };
    HEXLOWER.encode(&Sha256::digest(serde_json::to_vec(&settled).unwrap_or_default()))
}

/// Refuses a revision id that is given and not the latest.
///
/// # Errors
/// [`LambdaError::StaleRevision`].
pub(crate) fn require_revision(given: Option<&str>, latest: &str) -> Result<(), LambdaError> {
    match given {
        Some(given) if given != latest => Err(LambdaError::StaleRevision("GetFunction/GetAlias")),
        _ => Ok(()),
    }
}
