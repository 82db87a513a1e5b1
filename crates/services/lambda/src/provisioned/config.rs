//! The operations on provisioned concurrency, and AWS's words (recorded answers of reference lambda.md 8.5).

use std::sync::Arc;

use rolecall_authority::Call;
use rolecall_store::State;
use rolecall_store::records::function_config::ProvisionedConcurrency;
use rolecall_wire::ServiceError;
use rolecall_wire::lambda::{
    DeleteProvisionedConcurrencyConfigRequest, DeleteProvisionedConcurrencyConfigResponse,
    GetProvisionedConcurrencyConfigRequest, GetProvisionedConcurrencyConfigResponse,
    ListProvisionedConcurrencyConfigsRequest, ListProvisionedConcurrencyConfigsResponse,
    ProvisionedConcurrencyConfigListItem, PutProvisionedConcurrencyConfigRequest,
    PutProvisionedConcurrencyConfigResponse,
};

use crate::error::LambdaError;
use crate::function::{latest, of_reference, require_runnable};
use crate::name::{FunctionReference, Key, function_arn};
use crate::paging::page;
use crate::permission::require_target;
use crate::provisioned::allocation::Stage;
use crate::provisioned::limits::require_room;
use crate::service::Lambda;
use crate::time::timestamp_seconds;

impl Lambda {
    pub(crate) async fn put_provisioned_concurrency_config(
        &self,
        call: &Arc<Call>,
        input: PutProvisionedConcurrencyConfigRequest,
    ) -> Result<PutProvisionedConcurrencyConfigResponse, ServiceError> {
        let reference = Self::reference(call, &input.function_name, Some(&input.qualifier))?;
        let proof = self.authorize_function(call, "lambda:PutProvisionedConcurrencyConfig", &reference)?;
        let unpublished =
            "Provisioned Concurrency Configs cannot be applied to unpublished function versions.";
        refuse_latest(&reference, unpublished)?;
        let config = ProvisionedConcurrency {
            requested: u32::try_from(input.provisioned_concurrent_executions).unwrap_or_default(),
            last_modified_ms: self.platform.now_ms(),
        };
        let record_key = (reference.key(), reference.qualifier_text().to_owned());
        let (key, last_modified) = (reference.key(), timestamp_seconds(config.last_modified_ms));
        self.write(proof, move |state| {
            require_target(state, &reference)?;
            require_runnable(of_reference(state, &reference)?.0)?;
            require_no_overlap(state, &record_key)?;
            require_room(state, &record_key.0, &record_key.1, config.requested)?;
            state.provisioned_concurrency.put(record_key, config);
            Ok(())
        })
        .await?;
        self.provision_soon(key);
        Ok(PutProvisionedConcurrencyConfigResponse {
            requested_provisioned_concurrent_executions: Some(input.provisioned_concurrent_executions),
            allocated_provisioned_concurrent_executions: Some(0),
            available_provisioned_concurrent_executions: Some(0),
            status: Some("IN_PROGRESS".to_owned()),
            status_reason: None,
            last_modified: Some(last_modified),
        })
    }

    pub(crate) fn get_provisioned_concurrency_config(
        &self,
        call: &Arc<Call>,
        input: GetProvisionedConcurrencyConfigRequest,
    ) -> Result<GetProvisionedConcurrencyConfigResponse, ServiceError> {
        let reference = Self::reference(call, &input.function_name, Some(&input.qualifier))?;
        self.authorize_function(call, "lambda:GetProvisionedConcurrencyConfig", &reference)?;
        refuse_latest(&reference, MUST_BE_PUBLISHED)?;
        let state = self.platform.store.read();
        require_target(&state, &reference)?;
        let (key, qualifier) = (reference.key(), reference.qualifier_text());
        let config = state.provisioned_concurrency.get(&(key.clone(), qualifier.to_owned()));
        let config = config.ok_or(LambdaError::NoProvisionedConcurrency)?;
        let shown = self.provisioned_item(&key, qualifier, config);
        Ok(GetProvisionedConcurrencyConfigResponse {
            requested_provisioned_concurrent_executions: shown.requested_provisioned_concurrent_executions,
            available_provisioned_concurrent_executions: shown.available_provisioned_concurrent_executions,
            allocated_provisioned_concurrent_executions: shown.allocated_provisioned_concurrent_executions,
            status: shown.status,
            status_reason: shown.status_reason,
            last_modified: shown.last_modified,
        })
    }

    /// To delete what is not there is no error, as long as the version or alias is.
    pub(crate) async fn delete_provisioned_concurrency_config(
        &self,
        call: &Arc<Call>,
        input: DeleteProvisionedConcurrencyConfigRequest,
    ) -> Result<DeleteProvisionedConcurrencyConfigResponse, ServiceError> {
        let reference = Self::reference(call, &input.function_name, Some(&input.qualifier))?;
        let proof = self.authorize_function(call, "lambda:DeleteProvisionedConcurrencyConfig", &reference)?;
        refuse_latest(&reference, MUST_BE_PUBLISHED)?;
        let key = reference.key();
        self.write(proof, move |state| {
            require_target(state, &reference)?;
            let record_key = (reference.key(), reference.qualifier_text().to_owned());
            state.provisioned_concurrency.remove(&record_key);
            Ok(())
        })
        .await?;
        self.provision_soon(key);
        Ok(DeleteProvisionedConcurrencyConfigResponse)
    }

    pub(crate) fn list_provisioned_concurrency_configs(
        &self,
        call: &Arc<Call>,
        input: ListProvisionedConcurrencyConfigsRequest,
    ) -> Result<ListProvisionedConcurrencyConfigsResponse, ServiceError> {
        let reference = Self::reference(call, &input.function_name, None)?;
        self.authorize_whole(call, "lambda:ListProvisionedConcurrencyConfigs", &reference)?;
        let state = self.platform.store.read();
        latest(&state, &reference)?;
        let key = reference.key();
        let listed = state
            .provisioned_concurrency
            .range((key.clone(), String::new())..)
            .take_while(|((found, _), _)| *found == key)
            .map(|((_, qualifier), config)| {
                (qualifier.clone(), self.provisioned_item(&key, qualifier, config))
            });
        let (configs, next_marker) = page(listed, input.marker.as_deref(), input.max_items)?;
        Ok(ListProvisionedConcurrencyConfigsResponse {
            provisioned_concurrency_configs: Some(configs),
            next_marker,
        })
    }

    fn provisioned_item(
        &self,
        key: &Key,
        qualifier: &str,
        config: &ProvisionedConcurrency,
    ) -> ProvisionedConcurrencyConfigListItem {
        let requested = i32::try_from(config.requested).ok();
        let (status, reason, allocated) = match self.parts.provisioned.progress(key, qualifier) {
            Stage::InProgress => ("IN_PROGRESS", None, Some(0)),
            Stage::Ready => ("READY", None, requested),
            Stage::Failed(reason) => ("FAILED", Some(reason), Some(0)),
        };
        ProvisionedConcurrencyConfigListItem {
            function_arn: Some(function_arn(key, Some(qualifier)).to_string()),
            requested_provisioned_concurrent_executions: requested,
            available_provisioned_concurrent_executions: allocated,
            allocated_provisioned_concurrent_executions: allocated,
            status: Some(status.to_owned()),
            status_reason: reason,
            last_modified: Some(timestamp_seconds(config.last_modified_ms)),
        }
    }
}

const MUST_BE_PUBLISHED: &str = "The function resource provided must be an alias or a published version.";

fn refuse_latest(reference: &FunctionReference, text: &str) -> Result<(), LambdaError> {
    match &reference.qualifier {
        Some(qualifier) if qualifier.is_latest() => Err(LambdaError::InvalidParameter(text.to_owned())),
        _ => Ok(()),
    }
}

/// A version is provisioned by itself or through an alias, not both.
fn require_no_overlap(state: &State, (key, qualifier): &(Key, String)) -> Result<(), LambdaError> {
    let has_config =
        |qualifier: &str| state.provisioned_concurrency.contains(&(key.clone(), qualifier.to_owned()));
    if let Some(alias) = state.aliases.get(&(key.clone(), qualifier.clone())) {
        let mut versions = alias.routing.keys().chain([&alias.function_version]);
        if versions.any(|version| has_config(version)) {
            return Err(LambdaError::Conflict(
                "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version"
                    .to_owned(),
            ));
        }
        return Ok(());
    }
    let mut aliases = crate::alias::of_function(state, key);
    let points_here = |alias: &rolecall_store::records::lambda::Alias| {
        alias.function_version == *qualifier || alias.routing.contains_key(qualifier)
    };
    if aliases.any(|(name, alias)| points_here(alias) && has_config(name)) {
        return Err(LambdaError::Conflict(
            "Version is pointed by a Provisioned Concurrency alias".to_owned(),
        ));
    }
    Ok(())
}
