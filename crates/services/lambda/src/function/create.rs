//! CreateFunction.

use std::collections::BTreeMap;
use std::sync::Arc;

use rolecall_authority::{Authorized, Call};
use rolecall_store::State;
use rolecall_store::records::Tag;
use rolecall_store::records::lambda::{Code, Function, FunctionVersion, LayerReference as LayerRecord};
use rolecall_wire::ServiceError;
use rolecall_wire::lambda::{CreateFunctionRequest, FunctionConfiguration};

use crate::account::require_storage;
use crate::code::Source;
use crate::error::LambdaError;
use crate::function::shape::PENDING;
use crate::function::{environment, runtime, settings, shape, unbuilt};
use crate::layer::require_size;
use crate::name::{FunctionReference, Key};
use crate::service::Lambda;
use crate::version::publish_latest;

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
        let proof = self.authorize_create(call, &input, &reference)?;
        if reference.qualifier.as_ref().is_some_and(|qualifier| !qualifier.is_latest()) {
            let text = "A function is created by its name alone, without a version or an alias.";
            return Err(LambdaError::InvalidParameter(text.to_owned()).into());
        }
        unbuilt::check_create(&input)?;
        let code = std::mem::take(&mut input.code);
        let draft = Draft::read(&input)?;
        if self.platform.store.read().functions.contains(&key) {
            return Err(already_exists(&key).into());
        }
        self.require_assumable(&input.role, &key).await?;
        let layers = self.find_layers(&reference.region, input.layers.as_deref().unwrap_or_default())?;
        let code = self.take_in_code(call, Source::of_function(code)?).await?;
        require_size(&code, &layers)?;
        let record = draft.into_version(&input, code, layers, self.new_ids());
        let publish = input.publish == Some(true);
        let function = self.new_function(&key, input.tags.unwrap_or_default());
        let revision = self.platform.entropy().uuid();
        let answer = {
            let key = key.clone();
            self.write(proof, move |state| insert(state, &key, function, record, publish.then_some(revision)))
        };
        let answer = answer.await?;
        self.settle_soon(key);
        Ok(answer)
    }

    /// All that the caller must be allowed for a new function (reference lambda.md 1.8).
    fn authorize_create(
        &self,
        call: &Call,
        input: &CreateFunctionRequest,
        reference: &FunctionReference,
    ) -> Result<Authorized, ServiceError> {
        let unqualified = reference.unqualified();
        let tags: Vec<(&str, &str)> =
            input.tags.iter().flatten().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        let layers = input.layers.clone().unwrap_or_default();
        let vpc = input.vpc_config.clone().unwrap_or_default();
        let proof = self.authorize_function_with(call, "lambda:CreateFunction", &unqualified, |check| {
            check
                .request_tags(tags.iter().copied())
                .key_list("lambda:Layer", layers)
                .key_list("lambda:SubnetIds", vpc.subnet_ids.unwrap_or_default())
                .key_list("lambda:SecurityGroupIds", vpc.security_group_ids.unwrap_or_default())
                .key_if("lambda:CodeSigningConfigArn", input.code_signing_config_arn.as_deref())
        })?;
        self.authorize_pass_role(call, &input.role, &reference.key())?;
        if !tags.is_empty() {
            self.authorize_function_with(call, "lambda:TagResource", &unqualified, |check| {
                check.request_tags(tags.iter().copied())
            })?;
        }
        self.authorize_layers(call, input.layers.as_deref().unwrap_or_default())?;
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
    runtime: String,
    handler: String,
    timeout_s: u32,
    memory_mb: u32,
    tmp_mb: u32,
    environment: Option<BTreeMap<String, String>>,
    logging: rolecall_store::records::lambda::LoggingConfig,
}

impl Draft {
    fn read(input: &CreateFunctionRequest) -> Result<Self, LambdaError> {
        let (Some(runtime), Some(handler)) = (input.runtime.clone(), input.handler.clone()) else {
            let text = "Runtime and Handler are mandatory parameters for functions created with deployment packages.";
            return Err(LambdaError::InvalidParameter(text.to_owned()));
        };
        runtime::check(&runtime)?;
        settings::tags(&input.tags.clone().unwrap_or_default())?;
        let environment = input.environment.clone().and_then(|environment| environment.variables);
        let environment = environment.map(rolecall_wire::Sensitive::into_inner);
        environment::check(environment.as_ref().unwrap_or(&BTreeMap::new()))?;
        let tmp = input.ephemeral_storage.as_ref().map(|storage| storage.size);
        Ok(Draft {
            runtime,
            handler,
            timeout_s: settings::timeout(input.timeout)?.unwrap_or(DEFAULT_TIMEOUT_S),
            memory_mb: settings::memory_size(input.memory_size)?.unwrap_or(DEFAULT_MEMORY_MB),
            tmp_mb: settings::ephemeral_storage(tmp)?.unwrap_or(DEFAULT_TMP_MB),
            environment,
            logging: settings::logging(input.logging_config.clone())?.unwrap_or_default(),
        })
    }

    fn into_version(
        self,
        input: &CreateFunctionRequest,
        code: Code,
        layers: Vec<LayerRecord>,
        ids: NewIds,
    ) -> FunctionVersion {
        FunctionVersion {
            version: 0,
            description: input.description.clone().unwrap_or_default(),
            runtime: Some(self.runtime),
            role: input.role.clone(),
            handler: Some(self.handler),
            code,
            timeout_s: self.timeout_s,
            memory_mb: self.memory_mb,
            ephemeral_storage_mb: self.tmp_mb,
            architectures: input.architectures.clone().unwrap_or_else(|| vec!["x86_64".to_owned()]),
            environment: self.environment,
            layers,
            dead_letter_target: None,
            tracing_mode: "PassThrough".to_owned(),
            logging: self.logging,
            revision_id: ids.revision_id,
            last_modified_ms: ids.now_ms,
            state: PENDING.to_owned(),
            last_update_status: None,
            deployment: ids.deployment,
            published_fingerprint: None,
        }
    }
}

fn insert(
    state: &mut State,
    key: &Key,
    function: Function,
    record: FunctionVersion,
    publish: Option<String>,
) -> Result<FunctionConfiguration, LambdaError> {
    if state.functions.contains(key) {
        return Err(already_exists(key));
    }
    require_storage(state, key, record.code.size)?;
    state.functions.put(key.clone(), function);
    state.function_versions.put((key.clone(), 0), record);
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
