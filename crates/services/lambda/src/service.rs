//! The service itself: what it is made of, and one arm for each operation.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use rolecall_authority::Call;
use rolecall_runner::EnvironmentHost;
use rolecall_service::{Platform, Service, internal};
use rolecall_wire::lambda::{Input, Output};
use rolecall_wire::{AnyInput, AnyOutput, ServiceError, ServiceId};
use tokio::sync::watch;

use crate::code::{CodeCache, links};
use crate::concurrency::Running;
use crate::error::SERVICE;
use crate::invoke::{ExecutionRoles, FunctionRunner, LogWriters, QueueSignal};

/// AWS Lambda. A copy is the same service.
#[derive(Clone)]
pub struct Lambda {
    pub(crate) platform: Arc<Platform>,
    pub(crate) parts: Arc<Parts>,
}

/// What the service has beside the records.
pub(crate) struct Parts {
    /// Who runs functions.
    pub(crate) runner: OnceLock<Arc<dyn FunctionRunner>>,
    /// Unzipped code.
    pub(crate) code: CodeCache,
    /// How many invocations run.
    pub(crate) running: Running,
    /// Wakes the worker of asynchronous invocations.
    pub(crate) queue: QueueSignal,
    /// Those who bring functions' logs to CloudWatch Logs.
    pub(crate) logs: LogWriters,
    /// Becomes true when the service shuts down.
    pub(crate) stop: watch::Sender<bool>,
}

impl Lambda {
    /// The service on the platform. It runs functions once a runner is [attached](Lambda::attach_runner).
    pub fn new(platform: Arc<Platform>) -> Self {
        let parts = Parts {
            runner: OnceLock::new(),
            code: CodeCache::open(platform.store.path().join("code")),
            running: Running::default(),
            queue: QueueSignal::default(),
            logs: LogWriters::default(),
            stop: watch::Sender::new(false),
        };
        Lambda { platform, parts: Arc::new(parts) }
    }

    /// Who runs the functions, once. Without it every invocation that would run one is refused.
    pub fn attach_runner(&self, runner: Arc<dyn FunctionRunner>) {
        if self.parts.runner.set(runner).is_err() {
            tracing::error!("a runner was attached twice; the first stays");
        }
    }

    /// What the runner asks for credentials and the names of log streams.
    pub fn environment_host(&self) -> Arc<dyn EnvironmentHost> {
        Arc::new(ExecutionRoles::new(Arc::clone(&self.platform)))
    }

    /// Takes up what an earlier process left: functions that were being made or changed, and accepted events that were
    /// not delivered. To be called once, inside the async runtime, when the services are connected.
    pub fn resume(&self) {
        self.resume_settling();
        self.start_async_worker();
    }

    /// Starts no more deliveries of accepted events. To be called before the runner shuts down: what is not delivered
    /// stays for the next start.
    pub fn stop_deliveries(&self) {
        self.parts.stop.send_replace(true);
    }

    /// Starts no more deliveries and waits until the logs that functions have written are delivered. To be called after
    /// the runner has shut down, as its last invocations still write.
    pub async fn shutdown(&self) {
        self.stop_deliveries();
        self.parts.logs.drain().await;
    }

    /// The file behind a link to code that GetFunction or GetLayerVersion gave, while the link is good.
    pub fn code_download(&self, token: &str) -> Option<PathBuf> {
        let blob = links::find(&self.platform.authority, token)?;
        Some(self.platform.store.blobs().path(&blob))
    }
}

#[async_trait]
impl Service for Lambda {
    fn id(&self) -> ServiceId {
        SERVICE
    }

    async fn handle(&self, call: &Arc<Call>, input: AnyInput) -> Result<AnyOutput, ServiceError> {
        let AnyInput::Lambda(input) = input else {
            return Err(internal(SERVICE, "a call for another service came to lambda"));
        };
        self.perform(call, input).await.map(AnyOutput::Lambda)
    }
}

impl Lambda {
    async fn perform(&self, call: &Arc<Call>, input: Input) -> Result<Output, ServiceError> {
        use {Input as I, Output as O};
        Ok(match input {
            I::AddLayerVersionPermission(input) => {
                O::AddLayerVersionPermission(self.add_layer_version_permission(call, input).await?)
            }
            I::AddPermission(input) => O::AddPermission(self.add_permission(call, input).await?),
            I::CreateAlias(input) => O::CreateAlias(self.create_alias(call, input).await?),
            I::CreateFunction(input) => O::CreateFunction(self.create_function(call, input).await?),
            I::DeleteAlias(input) => O::DeleteAlias(self.delete_alias(call, input).await?),
            I::DeleteFunction(input) => O::DeleteFunction(self.delete_function(call, input).await?),
            I::DeleteFunctionConcurrency(input) => {
                O::DeleteFunctionConcurrency(self.delete_function_concurrency(call, input).await?)
            }
            I::DeleteLayerVersion(input) => {
                O::DeleteLayerVersion(self.delete_layer_version(call, input).await?)
            }
            I::GetAccountSettings(_) => O::GetAccountSettings(self.get_account_settings(call)?),
            I::GetAlias(input) => O::GetAlias(self.get_alias(call, input)?),
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
            I::GetFunctionRecursionConfig(input) => {
                O::GetFunctionRecursionConfig(self.get_function_recursion_config(call, input)?)
            }
            I::GetLayerVersion(input) => O::GetLayerVersion(self.get_layer_version(call, input)?),
            I::GetLayerVersionByArn(input) => {
                O::GetLayerVersionByArn(self.get_layer_version_by_arn(call, input)?)
            }
            I::GetLayerVersionPolicy(input) => {
                O::GetLayerVersionPolicy(self.get_layer_version_policy(call, input)?)
            }
            I::GetPolicy(input) => O::GetPolicy(self.get_policy(call, input)?),
            I::GetRuntimeManagementConfig(input) => {
                O::GetRuntimeManagementConfig(self.get_runtime_management_config(call, input)?)
            }
            I::Invoke(input) => O::Invoke(self.invoke(call, input).await?),
            I::ListAliases(input) => O::ListAliases(self.list_aliases(call, input)?),
            I::ListFunctions(input) => O::ListFunctions(self.list_functions(call, input)?),
            I::ListLayerVersions(input) => O::ListLayerVersions(self.list_layer_versions(call, input)?),
            I::ListLayers(input) => O::ListLayers(self.list_layers(call, input)?),
            I::ListTags(input) => O::ListTags(self.list_tags(call, input)?),
            I::ListVersionsByFunction(input) => {
                O::ListVersionsByFunction(self.list_versions_by_function(call, input)?)
            }
            I::PublishLayerVersion(input) => {
                O::PublishLayerVersion(self.publish_layer_version(call, input).await?)
            }
            I::PublishVersion(input) => O::PublishVersion(self.publish_version(call, input).await?),
            I::PutFunctionConcurrency(input) => {
                O::PutFunctionConcurrency(self.put_function_concurrency(call, input).await?)
            }
            I::RemoveLayerVersionPermission(input) => {
                O::RemoveLayerVersionPermission(self.remove_layer_version_permission(call, input).await?)
            }
            I::RemovePermission(input) => O::RemovePermission(self.remove_permission(call, input).await?),
            I::TagResource(input) => O::TagResource(self.tag_resource(call, input).await?),
            I::UntagResource(input) => O::UntagResource(self.untag_resource(call, input).await?),
            I::UpdateAlias(input) => O::UpdateAlias(self.update_alias(call, input).await?),
            I::UpdateFunctionCode(input) => {
                O::UpdateFunctionCode(self.update_function_code(call, input).await?)
            }
            I::UpdateFunctionConfiguration(input) => {
                O::UpdateFunctionConfiguration(self.update_function_configuration(call, input).await?)
            }
        })
    }
}
