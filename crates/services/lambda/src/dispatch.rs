//! One arm for each operation.

use std::sync::Arc;

use rolecall_authority::Call;
use rolecall_wire::ServiceError;
use rolecall_wire::lambda::{Input, Output};

use crate::service::Lambda;

impl Lambda {
    /// Performs an operation. There is no default arm: an operation that comes into the model does not compile until
    /// somebody has said what it does.
    ///
    /// An operation that waits for something has a place of its own on the heap. Otherwise every call, of the smallest
    /// operation too, would carry room for the largest about: a hundred kilobytes to copy for each request.
    pub(crate) async fn perform(&self, call: &Arc<Call>, input: Input) -> Result<Output, ServiceError> {
        use {Input as I, Output as O};
        Ok(match input {
            I::AddLayerVersionPermission(input) => {
                O::AddLayerVersionPermission(Box::pin(self.add_layer_version_permission(call, input)).await?)
            }
            I::AddPermission(input) => O::AddPermission(Box::pin(self.add_permission(call, input)).await?),
            I::CheckpointDurableExecution(input) => return Err(self.on_execution(call, &input)),
            I::CreateAlias(input) => O::CreateAlias(Box::pin(self.create_alias(call, input)).await?),
            I::CreateCapacityProvider(input) => {
                O::CreateCapacityProvider(Box::pin(self.create_capacity_provider(call, input)).await?)
            }
            I::CreateCodeSigningConfig(input) => {
                O::CreateCodeSigningConfig(Box::pin(self.create_code_signing_config(call, input)).await?)
            }
            I::CreateEventSourceMapping(input) => {
                O::CreateEventSourceMapping(Box::pin(self.create_event_source_mapping(call, input)).await?)
            }
            I::CreateFunction(input) => O::CreateFunction(Box::pin(self.create_function(call, input)).await?),
            I::CreateFunctionUrlConfig(input) => {
                O::CreateFunctionUrlConfig(Box::pin(self.create_function_url_config(call, input)).await?)
            }
            I::DeleteAlias(input) => O::DeleteAlias(Box::pin(self.delete_alias(call, input)).await?),
            I::DeleteCapacityProvider(input) => {
                O::DeleteCapacityProvider(Box::pin(self.delete_capacity_provider(call, input)).await?)
            }
            I::DeleteCodeSigningConfig(input) => {
                O::DeleteCodeSigningConfig(Box::pin(self.delete_code_signing_config(call, input)).await?)
            }
            I::DeleteDurableExecution(input) => return Err(self.on_execution(call, &input)),
            I::DeleteEventSourceMapping(input) => {
                O::DeleteEventSourceMapping(Box::pin(self.delete_event_source_mapping(call, input)).await?)
            }
            I::DeleteFunction(input) => O::DeleteFunction(Box::pin(self.delete_function(call, input)).await?),
            I::DeleteFunctionCodeSigningConfig(input) => O::DeleteFunctionCodeSigningConfig(
                Box::pin(self.delete_function_code_signing_config(call, input)).await?,
            ),
            I::DeleteFunctionConcurrency(input) => {
                O::DeleteFunctionConcurrency(Box::pin(self.delete_function_concurrency(call, input)).await?)
            }
            I::DeleteFunctionEventInvokeConfig(input) => O::DeleteFunctionEventInvokeConfig(
                Box::pin(self.delete_function_event_invoke_config(call, input)).await?,
            ),
            I::DeleteFunctionUrlConfig(input) => {
                O::DeleteFunctionUrlConfig(Box::pin(self.delete_function_url_config(call, input)).await?)
            }
            I::DeleteLayerVersion(input) => {
                O::DeleteLayerVersion(Box::pin(self.delete_layer_version(call, input)).await?)
            }
            I::DeleteProvisionedConcurrencyConfig(input) => O::DeleteProvisionedConcurrencyConfig(
                Box::pin(self.delete_provisioned_concurrency_config(call, input)).await?,
            ),
            I::DeleteResourcePolicy(input) => {
                O::DeleteResourcePolicy(Box::pin(self.delete_resource_policy(call, input)).await?)
            }
            I::GetAccountSettings(_) => O::GetAccountSettings(self.get_account_settings(call)?),
            I::GetAlias(input) => O::GetAlias(self.get_alias(call, input)?),
            I::GetCapacityProvider(input) => O::GetCapacityProvider(self.get_capacity_provider(call, input)?),
            I::GetCodeSigningConfig(input) => {
                O::GetCodeSigningConfig(self.get_code_signing_config(call, input)?)
            }
            I::GetDurableExecution(input) => return Err(self.on_execution(call, &input)),
            I::GetDurableExecutionHistory(input) => return Err(self.on_execution(call, &input)),
            I::GetDurableExecutionState(input) => return Err(self.on_execution(call, &input)),
            I::GetEventSourceMapping(input) => {
                O::GetEventSourceMapping(self.get_event_source_mapping(call, input)?)
            }
            I::GetFunction(input) => O::GetFunction(self.get_function(call, input)?),
            I::GetFunctionCodeSigningConfig(input) => {
                O::GetFunctionCodeSigningConfig(self.get_function_code_signing_config(call, input)?)
            }
            I::GetFunctionConcurrency(input) => {
                O::GetFunctionConcurrency(self.get_function_concurrency(call, input)?)
            }
            I::GetFunctionConfiguration(input) => {
                O::GetFunctionConfiguration(self.get_function_configuration(call, input)?)
            }
            I::GetFunctionEventInvokeConfig(input) => {
                O::GetFunctionEventInvokeConfig(self.get_function_event_invoke_config(call, input)?)
            }
            I::GetFunctionRecursionConfig(input) => {
                O::GetFunctionRecursionConfig(self.get_function_recursion_config(call, input)?)
            }
            I::GetFunctionScalingConfig(input) => {
                O::GetFunctionScalingConfig(self.get_function_scaling_config(call, input)?)
            }
            I::GetFunctionUrlConfig(input) => {
                O::GetFunctionUrlConfig(self.get_function_url_config(call, input)?)
            }
            I::GetLayerVersion(input) => O::GetLayerVersion(self.get_layer_version(call, input)?),
            I::GetLayerVersionByArn(input) => {
                O::GetLayerVersionByArn(self.get_layer_version_by_arn(call, input)?)
            }
            I::GetLayerVersionPolicy(input) => {
                O::GetLayerVersionPolicy(self.get_layer_version_policy(call, input)?)
            }
            I::GetPolicy(input) => O::GetPolicy(self.get_policy(call, input)?),
            I::GetProvisionedConcurrencyConfig(input) => {
                O::GetProvisionedConcurrencyConfig(self.get_provisioned_concurrency_config(call, input)?)
            }
            I::GetResourcePolicy(input) => O::GetResourcePolicy(self.get_resource_policy(call, input)?),
            I::GetRuntimeManagementConfig(input) => {
                O::GetRuntimeManagementConfig(self.get_runtime_management_config(call, input)?)
            }
            I::Invoke(input) => O::Invoke(Box::pin(self.invoke(call, input)).await?),
            I::InvokeAsync(input) => O::InvokeAsync(Box::pin(self.invoke_async(call, input)).await?),
            I::InvokeWithResponseStream(input) => {
                O::InvokeWithResponseStream(Box::pin(self.invoke_with_response_stream(call, input)).await?)
            }
            I::ListAliases(input) => O::ListAliases(self.list_aliases(call, input)?),
            I::ListCapacityProviders(input) => {
                O::ListCapacityProviders(self.list_capacity_providers(call, input)?)
            }
            I::ListCodeSigningConfigs(input) => {
                O::ListCodeSigningConfigs(self.list_code_signing_configs(call, input)?)
            }
            I::ListDurableExecutionsByFunction(input) => {
                O::ListDurableExecutionsByFunction(self.list_durable_executions_by_function(call, input)?)
            }
            I::ListEventSourceMappings(input) => {
                O::ListEventSourceMappings(self.list_event_source_mappings(call, input)?)
            }
            I::ListFunctionEventInvokeConfigs(input) => {
                O::ListFunctionEventInvokeConfigs(self.list_function_event_invoke_configs(call, input)?)
            }
            I::ListFunctionUrlConfigs(input) => {
                O::ListFunctionUrlConfigs(self.list_function_url_configs(call, input)?)
            }
            I::ListFunctionVersionsByCapacityProvider(input) => O::ListFunctionVersionsByCapacityProvider(
                self.list_function_versions_by_capacity_provider(call, input)?,
            ),
            I::ListFunctions(input) => O::ListFunctions(self.list_functions(call, input)?),
            I::ListFunctionsByCodeSigningConfig(input) => {
                O::ListFunctionsByCodeSigningConfig(self.list_functions_by_code_signing_config(call, input)?)
            }
            I::ListLayerVersions(input) => O::ListLayerVersions(self.list_layer_versions(call, input)?),
            I::ListLayers(input) => O::ListLayers(self.list_layers(call, input)?),
            I::ListProvisionedConcurrencyConfigs(input) => {
                O::ListProvisionedConcurrencyConfigs(self.list_provisioned_concurrency_configs(call, input)?)
            }
            I::ListTags(input) => O::ListTags(self.list_tags(call, input)?),
            I::ListVersionsByFunction(input) => {
                O::ListVersionsByFunction(self.list_versions_by_function(call, input)?)
            }
            I::PauseDurableExecution(input) => return Err(self.on_execution(call, &input)),
            I::PublishLayerVersion(input) => {
                O::PublishLayerVersion(Box::pin(self.publish_layer_version(call, input)).await?)
            }
            I::PublishVersion(input) => O::PublishVersion(Box::pin(self.publish_version(call, input)).await?),
            I::PutFunctionCodeSigningConfig(input) => O::PutFunctionCodeSigningConfig(
                Box::pin(self.put_function_code_signing_config(call, input)).await?,
            ),
            I::PutFunctionConcurrency(input) => {
                O::PutFunctionConcurrency(Box::pin(self.put_function_concurrency(call, input)).await?)
            }
            I::PutFunctionEventInvokeConfig(input) => O::PutFunctionEventInvokeConfig(
                Box::pin(self.put_function_event_invoke_config(call, input)).await?,
            ),
            I::PutFunctionRecursionConfig(input) => O::PutFunctionRecursionConfig(
                Box::pin(self.put_function_recursion_config(call, input)).await?,
            ),
            I::PutFunctionScalingConfig(input) => {
                O::PutFunctionScalingConfig(self.put_function_scaling_config(call, input)?)
            }
            I::PutProvisionedConcurrencyConfig(input) => O::PutProvisionedConcurrencyConfig(
                Box::pin(self.put_provisioned_concurrency_config(call, input)).await?,
            ),
            I::PutResourcePolicy(input) => {
                O::PutResourcePolicy(Box::pin(self.put_resource_policy(call, input)).await?)
            }
            I::PutRuntimeManagementConfig(input) => O::PutRuntimeManagementConfig(
                Box::pin(self.put_runtime_management_config(call, input)).await?,
            ),
            I::RemoveLayerVersionPermission(input) => O::RemoveLayerVersionPermission(
                Box::pin(self.remove_layer_version_permission(call, input)).await?,
            ),
            I::RemovePermission(input) => {
                O::RemovePermission(Box::pin(self.remove_permission(call, input)).await?)
            }
            I::ResumeDurableExecution(input) => return Err(self.on_execution(call, &input)),
            I::SendDurableExecutionCallbackFailure(input) => return Err(self.on_callback(call, &input)),
            I::SendDurableExecutionCallbackHeartbeat(input) => return Err(self.on_callback(call, &input)),
            I::SendDurableExecutionCallbackSuccess(input) => return Err(self.on_callback(call, &input)),
            I::StopDurableExecution(input) => return Err(self.on_execution(call, &input)),
            I::TagResource(input) => O::TagResource(Box::pin(self.tag_resource(call, input)).await?),
            I::UntagResource(input) => O::UntagResource(Box::pin(self.untag_resource(call, input)).await?),
            I::UpdateAlias(input) => O::UpdateAlias(Box::pin(self.update_alias(call, input)).await?),
            I::UpdateCapacityProvider(input) => {
                O::UpdateCapacityProvider(Box::pin(self.update_capacity_provider(call, input)).await?)
            }
            I::UpdateCodeSigningConfig(input) => {
                O::UpdateCodeSigningConfig(Box::pin(self.update_code_signing_config(call, input)).await?)
            }
            I::UpdateEventSourceMapping(input) => {
                O::UpdateEventSourceMapping(Box::pin(self.update_event_source_mapping(call, input)).await?)
            }
            I::UpdateFunctionCode(input) => {
                O::UpdateFunctionCode(Box::pin(self.update_function_code(call, input)).await?)
            }
            I::UpdateFunctionConfiguration(input) => O::UpdateFunctionConfiguration(
                Box::pin(self.update_function_configuration(call, input)).await?,
            ),
            I::UpdateFunctionEventInvokeConfig(input) => O::UpdateFunctionEventInvokeConfig(
                Box::pin(self.update_function_event_invoke_config(call, input)).await?,
            ),
            I::UpdateFunctionUrlConfig(input) => {
                O::UpdateFunctionUrlConfig(Box::pin(self.update_function_url_config(call, input)).await?)
            }
        })
    }
}
