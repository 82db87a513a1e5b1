//! CreateFunction.

use std::collections::BTreeMap;
use std::sync::Arc;

use rolecall_authority::{Authorized, Call};
use rolecall_store::State;
use rolecall_store::records::Tag;
use rolecall_store::records::lambda::{
    Function, FunctionVersion, LayerReference as LayerRecord, LoggingConfig as LoggingRecord,
};
use rolecall_wire::ServiceError;
use rolecall_wire::lambda::{CreateFunctionRequest, FunctionConfiguration};

use crate::account::require_storage;
use crate::error::LambdaError;
use crate::event::named_target;
use crate::function::package::{Package, Packaged};
use crate::function::shape::PENDING;
use crate::function::{environment, image, runtime, settings, shape, tracing_config, unbuilt};
use crate::layer::require_size;
use crate::name::{FunctionReference, Key};
use crate::service::Lambda;
use crate::signing::require_admitted;
use crate::version::publish_latest;
use crate::vpc::AskedNetwork;

/// What the caller may leave out, as AWS fills it in.
const DEFAULT_TIMEOUT_S: u32 = 3;
const DEFAULT_MEMORY_MB: u32 = 128;
const DEFAULT_TMP_MB: u32 = 512;

impl Lambda {
    pub(crate) async fn create_function(
        &self,
        call: &Arc<Call>,
        mut input: CreateFunctionRequest,
    ) -> Result<FunctionConfiguration, ServiceError> {
        let reference = Self::reference(call, &input.function_name, None)?;
        if call.caller.account().is_some_and(|account| account != reference.account) {
            return Err(LambdaError::SilentlyDenied.into());
        }
        let key = reference.key();
        let network = self.ask_network(call, input.vpc_config.as_ref()).await;
        let proof = self.authorize_create(call, &input, &reference, &network)?;
        if reference.qualifier.as_ref().is_some_and(|qualifier| !qualifier.is_latest()) {
            let text = "A function is created by its name alone, without a version or an alias.";
            return Err(LambdaError::InvalidParameter(text.to_owned()).into());
        }
        unbuilt::check_create(&input)?;
        let draft = Draft::read(&input)?;
        let package = Package::of_create(&mut input);
        if self.platform.store.read().functions.contains(&key) {
            return Err(already_exists(&key).into());
        }
        let signing = input.code_signing_config_arn.take().filter(|arn| !arn.is_empty());
        require_admitted(&self.platform.store.read(), &key, signing.as_deref(), [], self.platform.now_ms())?;
        self.require_assumable(&input.role, &key).await?;
        self.admit_dead_letter(&input.role, &key, named_target(input.dead_letter_config.as_ref())).await?;
        self.admit_tracing(&input.role, &key, tracing_config::mode(input.tracing_config.as_ref())).await?;
        let layers = self.find_layers(&reference.region, input.layers.as_deref().unwrap_or_default())?;
        let packaged = self.take_in_package(call, package?).await?;
        require_size(packaged.code.as_ref(), &layers)?;
        let mut record = draft.into_version(&input, packaged, layers, self.new_ids());
        let connection = self.connect_if(&input.role, &key, network.attachment()?).await?;
        record.vpc = connection.attachment.clone();
        let interfaces = record.vpc.as_ref().map(|vpc| vpc.interface_ids.clone()).unwrap_or_default();
        let publish = input.publish == Some(true);
        let mut function = self.new_function(&key, input.tags.unwrap_or_default());
        function.code_signing_config = signing;
        let revision = self.platform.entropy().uuid();
        let answer = {
            let key = key.clone();
            self.write(proof, move |state| insert(state, &key, function, record, publish.then_some(revision)))
        };
        let answer = match answer.await {
            Ok(answer) => answer,
            Err(refusal) => {
                self.release_soon(input.role, key, interfaces);
                return Err(refusal);
            }
        };
        self.settle_soon(key);
        Ok(answer)
    }

    /// All that the caller must be allowed for a new function (reference lambda.md 1.8).
    fn authorize_create(
        &self,
        call: &Call,
        input: &CreateFunctionRequest,
        reference: &FunctionReference,
        network: &AskedNetwork,
    ) -> Result<Authorized, ServiceError> {
        let unqualified = reference.unqualified();
        let tags: Vec<(&str, &str)> =
            input.tags.iter().flatten().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        let layers = input.layers.clone().unwrap_or_default();
        let proof = self.authorize_function_with(call, "lambda:CreateFunction", &unqualified, |check| {
            network
                .add_keys(check, None)
                .request_tags(tags.iter().copied())
                .key_list("lambda:Layer", layers)
                .key_if("lambda:CodeSigningConfigArn", input.code_signing_config_arn.as_deref())
        })?;
        self.authorize_pass_role(call, &input.role, &reference.key())?;
        if !tags.is_empty() {
            self.authorize_function_with(call, "lambda:TagResource", &unqualified, |check| {
                check.request_tags(tags.iter().copied())
            })?;
        }
        self.authorize_layers(call, input.layers.as_deref().unwrap_or_default())?;
        if let Some(config) = &input.capacity_provider_config {
            let provider = &config.lambda_managed_instances_capacity_provider_config;
            self.authorize_pass_provider(call, &provider.capacity_provider_arn)?;
        }
        if let Some(uri) = &input.code.image_uri {
            self.authorize_image(call, uri, reference.account)?;
        }
        Ok(proof)
    }

    fn new_function(&self, key: &Key, tags: BTreeMap<String, String>) -> Function {
        Function {
            account: key.0,
            region: key.1.clone(),
            name: key.2.clone(),
            created_ms: self.platform.now_ms(),
            next_version: 1,
            tags: tags.into_iter().map(|(key, value)| Tag { key, value }).collect(),
            reserved_concurrency: None,
            code_signing_config: None,
            allows_recursion: false,
        }
    }

    /// What a change of code or configuration needs from clock and randomness.
    pub(crate) fn new_ids(&self) -> NewIds {
        NewIds {
            revision_id: self.platform.entropy().uuid(),
            deployment: self.platform.entropy().uuid(),
            now_ms: self.platform.now_ms(),
        }
    }
}

/// Fresh identifiers and the time, for one change.
pub(crate) struct NewIds {
    /// The new revision.
    pub(crate) revision_id: String,
    /// The new deployment.
    pub(crate) deployment: String,
    /// The time in epoch milliseconds.
    pub(crate) now_ms: i64,
}

/// The values of the request that had to be checked.
struct Draft {
    /// None for a container image, like the handler.
    runtime: Option<String>,
    handler: Option<String>,
    timeout_s: u32,
    memory_mb: u32,
    tmp_mb: u32,
    environment: Option<BTreeMap<String, String>>,
    logging: LoggingRecord,
}

impl Draft {
    fn read(input: &CreateFunctionRequest) -> Result<Self, LambdaError> {
        check_package(input)?;
        settings::tags(&input.tags.clone().unwrap_or_default())?;
        let environment = input.environment.clone().and_then(|environment| environment.variables);
        let environment = environment.map(rolecall_wire::Sensitive::into_inner);
        environment::check(environment.as_ref().unwrap_or(&BTreeMap::new()))?;
        let tmp = input.ephemeral_storage.as_ref().map(|storage| storage.size);
        Ok(Draft {
            runtime: input.runtime.clone(),
            handler: input.handler.clone(),
            timeout_s: settings::timeout(input.timeout)?.unwrap_or(DEFAULT_TIMEOUT_S),
            memory_mb: settings::memory_size(input.memory_size)?.unwrap_or(DEFAULT_MEMORY_MB),
            tmp_mb: settings::ephemeral_storage(tmp)?.unwrap_or(DEFAULT_TMP_MB),
            environment,
            logging: settings::logging(
                LoggingRecord::default(),
                input.logging_config.clone().unwrap_or_default(),
            )?,
        })
    }

    fn into_version(
        self,
        input: &CreateFunctionRequest,
        packaged: Packaged,
        layers: Vec<LayerRecord>,
        ids: NewIds,
    ) -> FunctionVersion {
        FunctionVersion {
            version: 0,
            description: input.description.clone().unwrap_or_default(),
            runtime: self.runtime,
            role: input.role.clone(),
            handler: self.handler,
            code: packaged.code,
            image: packaged.image,
            timeout_s: self.timeout_s,
            memory_mb: self.memory_mb,
            ephemeral_storage_mb: self.tmp_mb,
            architectures: input.architectures.clone().unwrap_or_else(|| vec!["x86_64".to_owned()]),
            environment: self.environment,
            layers,
            dead_letter_target: named_target(input.dead_letter_config.as_ref()).map(str::to_owned),
            tracing_mode: tracing_config::mode(input.tracing_config.as_ref())
                .unwrap_or(tracing_config::PASS_THROUGH)
                .to_owned(),
            logging: self.logging,
            revision_id: ids.revision_id,
            last_modified_ms: ids.now_ms,
            state: PENDING.to_owned(),
            last_update_status: None,
            deployment: ids.deployment,
            vpc: None,
            published_fingerprint: None,
        }
    }
}

/// Refuses what does not go with the kind of the package.
fn check_package(input: &CreateFunctionRequest) -> Result<(), LambdaError> {
    if input.package_type.as_deref() == Some(image::IMAGE) {
        return image::check_create(input);
    }
    let (Some(runtime), Some(_)) = (&input.runtime, &input.handler) else {
        let text =
            "Runtime and Handler are mandatory parameters for functions created with deployment packages.";
        return Err(LambdaError::InvalidParameter(text.to_owned()));
    };
    runtime::check(runtime)?;
    image::check_zip(input.image_config.as_ref())
}

fn insert(
    state: &mut State,
    key: &Key,
    mut function: Function,
    record: FunctionVersion,
    publish: Option<String>,
) -> Result<FunctionConfiguration, LambdaError> {
    if state.functions.contains(key) {
        return Err(already_exists(key));
    }
    let signing = function.code_signing_config.as_deref();
    let artifacts = record.code.iter().chain(record.layers.iter().map(|layer| &layer.code));
    require_admitted(state, key, signing, artifacts, record.last_modified_ms)?;
    require_storage(state, key, record.code.as_ref().map_or(0, |code| code.size))?;
    // AWS gives no version number twice, not even when a function was deleted and is made anew.
    if let Some(next_version) = state.next_versions.get(key) {
        function.next_version = **next_version;
        state.next_versions.remove(key);
    }
    state.functions.put(key.clone(), function);
    state.function_versions.put((key.clone(), 0), record);
    state.interface_claims.remove(key);
    let version = match publish {
        Some(revision) => publish_latest(state, key, None, revision)?,
        None => 0,
    };
    // The answer names the published version, but with the function's own ARN.
    shape::of_state(state, key, None, version)
        .ok_or_else(|| LambdaError::CannotRun("The function is gone.".to_owned()))
}

fn already_exists(key: &Key) -> LambdaError {
    LambdaError::Conflict(format!("Function already exist: {}", key.2))
}
