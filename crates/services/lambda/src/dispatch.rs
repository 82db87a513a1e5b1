//! One arm for each operation.

use std::sync::Arc;

use rolecall_authority::Call;
use rolecall_wire::ServiceError;
use rolecall_wire::lambda::{Input, Output};

use crate::service::Lambda;

impl Lambda {
    /// Performs an operation. There is no default arm: an operation that comes into the model does not compile until
    /// somebody has said what it does.
    pub(crate) async fn perform(&self, call: &Arc<Call>, input: Input) -> Result<Output, ServiceError> {
        use {Input as I, Output as O};
        Ok(match input {
            I::AddLayerVersionPermission(input) => {
                O::AddLayerVersionPermission(self.add_layer_version_permission(call, input).await?)
            }
            I::AddPermission(input) => O::AddPermission(self.add_permission(call, input).await?),
            I::CheckpointDurableExecution(_) => return Err(unbuilt("CheckpointDurableExecution")),
            I::CreateAlias(input) => O::CreateAlias(self.create_alias(call, input).await?),
            I::CreateCapacityProvider(_) => return Err(unbuilt("CreateCapacityProvider")),
            I::CreateCodeSigningConfig(_) => return Err(unbuilt("CreateCodeSigningConfig")),
            I::CreateEventSourceMapping(_) => return Err(unbuilt("CreateEventSourceMapping")),
            I::CreateFunction(input) => O::CreateFunction(self.create_function(call, input).await?),
            I::CreateFunctionUrlConfig(_) => return Err(unbuilt("CreateFunctionUrlConfig")),
            I::DeleteAlias(input) => O::DeleteAlias(self.delete_alias(call, input).await?),
            I::DeleteCapacityProvider(_) => return Err(unbuilt("DeleteCapacityProvider")),
            I::DeleteCodeSigningConfig(_) => return Err(unbuilt("DeleteCodeSigningConfig")),
            I::DeleteDurableExecution(_) => return Err(unbuilt("DeleteDurableExecution")),
            I::DeleteEventSourceMapping(_) => return Err(unbuilt("DeleteEventSourceMapping")),
            I::DeleteFunction(input) => O::DeleteFunction(self.delete_function(call, input).await?),
            I::DeleteFunctionCodeSigningConfig(_) => return Err(unbuilt("DeleteFunctionCodeSigningConfig")),
            I::DeleteFunctionConcurrency(input) => {
                O::DeleteFunctionConcurrency(self.delete_function_concurrency(call, input).await?)
            }
            I::DeleteFunctionEventInvokeConfig(_) => return Err(unbuilt("DeleteFunctionEventInvokeConfig")),
            I::DeleteFunctionUrlConfig(_) => return Err(unbuilt("DeleteFunctionUrlConfig")),
            I::DeleteLayerVersion(input) => {
                O::DeleteLayerVersion(self.delete_layer_version(call, input).await?)
            }
            I::DeleteProvisionedConcurrencyConfig(_) => return Err(unbuilt("DeleteProvisionedConcurrencyConfig")),
            I::DeleteResourcePolicy(_) => return Err(unbuilt("DeleteResourcePolicy")),
            I::GetAccountSettings(_) => O::GetAccountSettings(self.get_account_settings(call)?),
            I::GetAlias(input) => O::GetAlias(self.get_alias(call, input)?),
            I::GetCapacityProvider(_) => return Err(unbuilt("GetCapacityProvider")),
            I::GetCodeSigningConfig(_) => return Err(unbuilt("GetCodeSigningConfig")),
            I::GetDurableExecution(_) => return Err(unbuilt("GetDurableExecution")),
            I::GetDurableExecutionHistory(_) => return Err(unbuilt("GetDurableExecutionHistory")),
            I::GetDurableExecutionState(_) => return Err(unbuilt("GetDurableExecutionState")),
            I::GetEventSourceMapping(_) => return Err(unbuilt("GetEventSourceMapping")),
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
            I::GetFunctionEventInvokeConfig(_) => return Err(unbuilt("GetFunctionEventInvokeConfig")),
            I::GetFunctionRecursionConfig(input) => {
                O::GetFunctionRecursionConfig(self.get_function_recursion_config(call, input)?)
            }
            I::GetFunctionScalingConfig(_) => return Err(unbuilt("GetFunctionScalingConfig")),
            I::GetFunctionUrlConfig(_) => return Err(unbuilt("GetFunctionUrlConfig")),
            I::GetLayerVersion(input) => O::GetLayerVersion(self.get_layer_version(call, input)?),
            I::GetLayerVersionByArn(input) => {
                O::GetLayerVersionByArn(self.get_layer_version_by_arn(call, input)?)
            }
            I::GetLayerVersionPolicy(input) => {
                O::GetLayerVersionPolicy(self.get_layer_version_policy(call, input)?)
            }
            I::GetPolicy(input) => O::GetPolicy(self.get_policy(call, input)?),
            I::GetProvisionedConcurrencyConfig(_) => return Err(unbuilt("GetProvisionedConcurrencyConfig")),
            I::GetResourcePolicy(_) => return Err(unbuilt("GetResourcePolicy")),
            I::GetRuntimeManagementConfig(input) => {
                O::GetRuntimeManagementConfig(self.get_runtime_management_config(call, input)?)
            }
            I::Invoke(input) => O::Invoke(self.invoke(call, input).await?),
            I::InvokeAsync(_) => return Err(unbuilt("InvokeAsync")),
            I::InvokeWithResponseStream(_) => return Err(unbuilt("InvokeWithResponseStream")),
            I::ListAliases(input) => O::ListAliases(self.list_aliases(call, input)?),
            I::ListCapacityProviders(_) => return Err(unbuilt("ListCapacityProviders")),
            I::ListCodeSigningConfigs(_) => return Err(unbuilt("ListCodeSigningConfigs")),
            I::ListDurableExecutionsByFunction(_) => return Err(unbuilt("ListDurableExecutionsByFunction")),
            I::ListEventSourceMappings(_) => return Err(unbuilt("ListEventSourceMappings")),
            I::ListFunctionEventInvokeConfigs(_) => return Err(unbuilt("ListFunctionEventInvokeConfigs")),
            I::ListFunctionUrlConfigs(_) => return Err(unbuilt("ListFunctionUrlConfigs")),
            I::ListFunctionVersionsByCapacityProvider(_) => return Err(unbuilt("ListFunctionVersionsByCapacityProvider")),
            I::ListFunctions(input) => O::ListFunctions(self.list_functions(call, input)?),
            I::ListFunctionsByCodeSigningConfig(_) => return Err(unbuilt("ListFunctionsByCodeSigningConfig")),
            I::ListLayerVersions(input) => O::ListLayerVersions(self.list_layer_versions(call, input)?),
            I::ListLayers(input) => O::ListLayers(self.list_layers(call, input)?),
            I::ListProvisionedConcurrencyConfigs(_) => return Err(unbuilt("ListProvisionedConcurrencyConfigs")),
            I::ListTags(input) => O::ListTags(self.list_tags(call, input)?),
            I::ListVersionsByFunction(input) => {
                O::ListVersionsByFunction(self.list_versions_by_function(call, input)?)
            }
            I::PauseDurableExecution(_) => return Err(unbuilt("PauseDurableExecution")),
            I::PublishLayerVersion(input) => {
                O::PublishLayerVersion(self.publish_layer_version(call, input).await?)
            }
            I::PublishVersion(input) => O::PublishVersion(self.publish_version(call, input).await?),
            I::PutFunctionCodeSigningConfig(_) => return Err(unbuilt("PutFunctionCodeSigningConfig")),
            I::PutFunctionConcurrency(input) => {
                O::PutFunctionConcurrency(self.put_function_concurrency(call, input).await?)
            }
            I::PutFunctionEventInvokeConfig(_) => return Err(unbuilt("PutFunctionEventInvokeConfig")),
            I::PutFunctionRecursionConfig(_) => return Err(unbuilt("PutFunctionRecursionConfig")),
            I::PutFunctionScalingConfig(_) => return Err(unbuilt("PutFunctionScalingConfig")),
            I::PutProvisionedConcurrencyConfig(_) => return Err(unbuilt("PutProvisionedConcurrencyConfig")),
            I::PutResourcePolicy(_) => return Err(unbuilt("PutResourcePolicy")),
            I::PutRuntimeManagementConfig(_) => return Err(unbuilt("PutRuntimeManagementConfig")),
            I::RemoveLayerVersionPermission(input) => {
                O::RemoveLayerVersionPermission(self.remove_layer_version_permission(call, input).await?)
            }
            I::RemovePermission(input) => O::RemovePermission(self.remove_permission(call, input).await?),
            I::ResumeDurableExecution(_) => return Err(unbuilt("ResumeDurableExecution")),
            I::SendDurableExecutionCallbackFailure(_) => return Err(unbuilt("SendDurableExecutionCallbackFailure")),
            I::SendDurableExecutionCallbackHeartbeat(_) => return Err(unbuilt("SendDurableExecutionCallbackHeartbeat")),
            I::SendDurableExecutionCallbackSuccess(_) => return Err(unbuilt("SendDurableExecutionCallbackSuccess")),
            I::StopDurableExecution(_) => return Err(unbuilt("StopDurableExecution")),
            I::TagResource(input) => O::TagResource(self.tag_resource(call, input).await?),
            I::UntagResource(input) => O::UntagResource(self.untag_resource(call, input).await?),
            I::UpdateAlias(input) => O::UpdateAlias(self.update_alias(call, input).await?),
            I::UpdateCapacityProvider(_) => return Err(unbuilt("UpdateCapacityProvider")),
            I::UpdateCodeSigningConfig(_) => return Err(unbuilt("UpdateCodeSigningConfig")),
            I::UpdateEventSourceMapping(_) => return Err(unbuilt("UpdateEventSourceMapping")),
            I::UpdateFunctionCode(input) => {
                O::UpdateFunctionCode(self.update_function_code(call, input).await?)
            }
            I::UpdateFunctionConfiguration(input) => {
                O::UpdateFunctionConfiguration(self.update_function_configuration(call, input).await?)
            }
            I::UpdateFunctionEventInvokeConfig(_) => return Err(unbuilt("UpdateFunctionEventInvokeConfig")),
            I::UpdateFunctionUrlConfig(_) => return Err(unbuilt("UpdateFunctionUrlConfig")),
        })
    }
}

/// The answer of an operation whose turn has not come.
fn unbuilt(operation: &str) -> ServiceError {
    rolecall_service::internal(crate::error::SERVICE, &format!("{operation} is not built"))
}
