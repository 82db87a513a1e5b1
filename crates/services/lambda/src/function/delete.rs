//! DeleteFunction: a version, or the function with everything that belongs to it.

use std::sync::Arc;

use rolecall_authority::Call;
use rolecall_store::State;
use rolecall_wire::ServiceError;
use rolecall_wire::lambda::{DeleteFunctionRequest, DeleteFunctionResponse};

use crate::error::LambdaError;
use crate::name::{FunctionReference, Key, function_not_found, version_text};
use crate::service::Lambda;

impl Lambda {
    pub(crate) async fn delete_function(
        &self,
        call: &Arc<Call>,
        input: DeleteFunctionRequest,
    ) -> Result<DeleteFunctionResponse, ServiceError> {
        let reference = Self::reference(call, &input.function_name, input.qualifier.as_deref())?;
        let proof = self.authorize_function(call, "lambda:DeleteFunction", &reference)?;
        let whole = reference.qualifier.is_none().then(|| reference.key());
        let key = reference.key();
        let deleted = self.write(proof, move |state| {
            let connected = connected(state, &reference.key());
            delete(state, &reference)?;
            Ok(connected)
        });
        let connected = deleted.await?;
        for (role, interfaces) in connected {
            self.release_soon(role, key.clone(), interfaces);
        }
        if let Some(key) = whole {
            self.retire_function(&key);
        }
        self.provision_soon(key);
        Ok(DeleteFunctionResponse { status_code: Some(204) })
    }
}

fn delete(state: &mut State, reference: &FunctionReference) -> Result<(), LambdaError> {
    let key = reference.key();
    let refuse = |text: &str| Err(LambdaError::InvalidParameter(text.to_owned()));
    if let Some(qualifier) = &reference.qualifier {
        if qualifier.is_alias() {
            return refuse("Deletion of aliases is not currently supported.");
        }
        if qualifier.is_latest() {
            return refuse("$LATEST version cannot be deleted without deleting the function.");
        }
    }
    if !state.functions.contains(&key) {
        return Err(function_not_found(&reference.unqualified_arn()));
    }
    match &reference.qualifier {
        None => {
            delete_all(state, &key);
            Ok(())
        }
        // To delete a version that is not there is no error (reference lambda.md 8.5).
        Some(qualifier) => qualifier.version().map_or(Ok(()), |version| delete_version(state, &key, version)),
    }
}

/// The network interfaces of all versions of a function, with the roles that they were connected with.
fn connected(state: &State, key: &Key) -> Vec<(String, Vec<String>)> {
    let versions =
        state.function_versions.range((key.clone(), 0)..).take_while(|((found, _), _)| found == key);
    let with_role = |version: &Arc<rolecall_store::records::lambda::FunctionVersion>| {
        version.vpc.as_ref().map(|vpc| (version.role.clone(), vpc.interface_ids.clone()))
    };
    versions.filter_map(|(_, version)| with_role(version)).collect()
}

fn delete_version(state: &mut State, key: &Key, version: u64) -> Result<(), LambdaError> {
    let text = version_text(version);
    let uses = |alias: &rolecall_store::records::lambda::Alias| {
        alias.function_version == text || alias.routing.contains_key(&text)
    };
    let users: Vec<String> = crate::alias::of_function(state, key)
        .filter(|(_, alias)| uses(alias))
        .map(|(_, alias)| alias.name.clone())
        .collect();
    if !users.is_empty() {
        return Err(LambdaError::Conflict(format!(
            "Unable to delete version because the following aliases reference it: [{}]",
            users.join(", ")
        )));
    }
    state.function_versions.remove(&(key.clone(), version));
    forget_configurations(state, key, &text);
    state.runtime_management.remove(&(key.clone(), version));
    Ok(())
}

/// Deletes the function with its versions, aliases, URLs and policies (reference lambda.md 2.1-4). Events that were accepted
/// for it stay: their delivery finds that it is gone.
fn delete_all(state: &mut State, key: &Key) {
    let next_version = state.functions.get(key).map_or(1, |function| function.next_version);
    if next_version > 1 {
        state.next_versions.put(key.clone(), next_version);
    }
    state.functions.remove(key);
    for version in keys(state.function_versions.range((key.clone(), 0)..), key) {
        state.function_versions.remove(&version);
    }
    for alias in keys(state.aliases.range((key.clone(), String::new())..), key) {
        state.aliases.remove(&alias);
    }
    crate::url::forget(state, key);
    for policy in keys(state.function_policies.range((key.clone(), String::new())..), key) {
        state.function_policies.remove(&policy);
    }
    for config in keys(state.event_invoke_configs.range((key.clone(), String::new())..), key) {
        state.event_invoke_configs.remove(&config);
    }
    for config in keys(state.provisioned_concurrency.range((key.clone(), String::new())..), key) {
        state.provisioned_concurrency.remove(&config);
    }
    for config in keys(state.runtime_management.range((key.clone(), 0)..), key) {
        state.runtime_management.remove(&config);
    }
}

/// Removes what hangs on a version or an alias: its policy and its configurations.
pub(crate) fn forget_configurations(state: &mut State, key: &Key, qualifier: &str) {
    let record_key = (key.clone(), qualifier.to_owned());
    state.function_policies.remove(&record_key);
    state.event_invoke_configs.remove(&record_key);
    state.provisioned_concurrency.remove(&record_key);
}

fn keys<'s, Q: Clone + 's, V: 's>(
    range: impl Iterator<Item = (&'s (Key, Q), &'s Arc<V>)>,
    key: &Key,
) -> Vec<(Key, Q)> {
    range.take_while(|((found, _), _)| found == key).map(|(found, _)| found.clone()).collect()
}
