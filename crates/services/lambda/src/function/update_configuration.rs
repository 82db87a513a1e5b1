//! UpdateFunctionConfiguration: what is given replaces what was, what is not given stays.

use std::collections::BTreeMap;
use std::sync::Arc;

use rolecall_authority::{Authorized, Call};
use rolecall_store::State;
use rolecall_store::records::lambda::{FunctionVersion, LayerReference as LayerRecord, VpcAttachment};
use rolecall_wire::ServiceError;
use rolecall_wire::lambda::{FunctionConfiguration, UpdateFunctionConfigurationRequest};

use crate::error::LambdaError;
use crate::event::named_target;
use crate::function::create::NewIds;
use crate::function::shape::{IN_PROGRESS, configuration};
use crate::function::{
    environment, image, latest, lock_for_change, runtime, settings, tracing_config, unbuilt,
    update_in_progress,
};
use crate::layer::require_size;
use crate::name::{FunctionReference, Key};
use crate::service::Lambda;
use crate::signing::require_admitted;
use crate::version::require_revision;
use crate::vpc::AskedNetwork;

impl Lambda {
    pub(crate) async fn update_function_configuration(
        &self,
        call: &Arc<Call>,
        input: UpdateFunctionConfigurationRequest,
    ) -> Result<FunctionConfiguration, ServiceError> {
        let reference = Self::reference(call, &input.function_name, None)?;
        let network = self.ask_network(call, input.vpc_config.as_ref()).await;
        let proof = self.authorize_update(call, &input, &reference, &network)?;
        latest(&self.platform.store.read(), &reference)?;
        unbuilt::check_update(&input)?;
        let mut change = Change::read(&input, self.new_ids())?;
        let key = reference.key();
        let current = lock_for_change(&self.platform.store.read(), &key)?;
        if let Some(role) = &input.role {
            self.require_assumable(role, &key).await?;
        }
        let role = input.role.as_ref().unwrap_or(&current.role);
        self.admit_dead_letter(role, &key, wanted_target(&input, &current)).await?;
        // Another role must be allowed what the one before was.
        let mode = tracing_config::mode(input.tracing_config.as_ref())
            .or(input.role.as_ref().map(|_| current.tracing_mode.as_str()));
        self.admit_tracing(role, &key, mode).await?;
        if let Some(layers) = &input.layers {
            change.layers = Some(self.find_layers(&reference.region, layers)?);
        }
        let role = role.clone();
        let before = current.vpc.clone().unwrap_or_default();
        // Another role must be allowed what the one before was.
        let wanted = network.attachment()?.or(input.role.as_ref().and(current.vpc.clone()));
        let connection = self.connect_if(&role, &key, wanted).await?;
        change.admitted_for = current.deployment;
        change.vpc = connection.attachment.clone();
        let made = change.vpc.clone().unwrap_or_default();
        let answer = {
            let key = key.clone();
            self.write(proof, move |state| change.apply(state, &key, input)).await
        };
        // Whichever were not to be used after all, those from before or the new ones.
        self.release_soon(role, key.clone(), [before.interface_ids, made.interface_ids].concat());
        let answer = answer?;
        self.retire_latest(&key);
        self.settle_soon(key);
        Ok(answer)
    }

    /// All that the caller must be allowed (reference lambda.md 1.8). The layers in the context are those of this
    /// request, never those that are attached already (reference lambda.md 1.7).
    fn authorize_update(
        &self,
        call: &Call,
        input: &UpdateFunctionConfigurationRequest,
        reference: &FunctionReference,
        network: &AskedNetwork,
    ) -> Result<Authorized, ServiceError> {
        let layers = input.layers.clone().unwrap_or_default();
        let stored =
            latest(&self.platform.store.read(), reference).ok().and_then(|latest| latest.vpc.clone());
        let proof =
            self.authorize_whole_with(call, "lambda:UpdateFunctionConfiguration", reference, |check| {
                let check = check.key_list("lambda:Layer", layers.iter().cloned());
                network.add_keys(check, stored.as_ref())
            })?;
        if let Some(role) = &input.role {
            self.authorize_pass_role(call, role, &reference.key())?;
        }
        self.authorize_layers(call, input.layers.as_deref().unwrap_or_default())?;
        if let Some(config) = &input.capacity_provider_config {
            let provider = &config.lambda_managed_instances_capacity_provider_config;
            self.authorize_pass_provider(call, &provider.capacity_provider_arn)?;
        }
        Ok(proof)
    }
}

/// The values of the request that had to be checked or found.
struct Change {
    timeout_s: Option<u32>,
    memory_mb: Option<u32>,
    tmp_mb: Option<u32>,
    environment: Option<BTreeMap<String, String>>,
    layers: Option<Vec<LayerRecord>>,
    vpc: Option<VpcAttachment>,
    /// The deployment whose role and network the checks before the write were about.
    admitted_for: String,
    ids: NewIds,
}

impl Change {
    fn read(input: &UpdateFunctionConfigurationRequest, ids: NewIds) -> Result<Self, LambdaError> {
        if let Some(runtime) = &input.runtime {
            runtime::check(runtime)?;
        }
        let environment = input.environment.clone().map(|environment| {
            environment.variables.map(rolecall_wire::Sensitive::into_inner).unwrap_or_default()
        });
        environment::check(environment.as_ref().unwrap_or(&BTreeMap::new()))?;
        Ok(Change {
            timeout_s: settings::timeout(input.timeout)?,
            memory_mb: settings::memory_size(input.memory_size)?,
            tmp_mb: settings::ephemeral_storage(
                input.ephemeral_storage.as_ref().map(|storage| storage.size),
            )?,
            environment,
            layers: None,
            vpc: None,
            admitted_for: String::new(),
            ids,
        })
    }

    fn apply(
        self,
        state: &mut State,
        key: &Key,
        input: UpdateFunctionConfigurationRequest,
    ) -> Result<FunctionConfiguration, LambdaError> {
        let mut record = lock_for_change(state, key)?;
        if record.deployment != self.admitted_for {
            return Err(update_in_progress(key));
        }
        require_revision(input.revision_id.as_deref(), &record.revision_id)?;
        check_package(&record, &input)?;
        let signing = state.functions.get(key).and_then(|function| function.code_signing_config.as_deref());
        let layers = self.layers.iter().flatten().map(|layer| &layer.code);
        require_admitted(state, key, signing, layers, self.ids.now_ms)?;
        if let Some(logging) = &input.logging_config {
            record.logging = settings::logging(record.logging, logging.clone())?;
        }
        self.set(&mut record, input);
        require_size(record.code.as_ref(), &record.layers)?;
        let answer = configuration(key, None, &record);
        state.function_versions.put((key.clone(), 0), record);
        state.interface_claims.remove(key);
        Ok(answer)
    }

    fn set(self, record: &mut FunctionVersion, input: UpdateFunctionConfigurationRequest) {
        set(&mut record.timeout_s, self.timeout_s);
        set(&mut record.memory_mb, self.memory_mb);
        set(&mut record.ephemeral_storage_mb, self.tmp_mb);
        set(&mut record.tracing_mode, tracing_config::mode(input.tracing_config.as_ref()).map(str::to_owned));
        set(&mut record.layers, self.layers);
        record.vpc = self.vpc.or(record.vpc.take());
        set(&mut record.role, input.role);
        set(&mut record.description, input.description);
        if let (Some(image), Some(config)) = (&mut record.image, &input.image_config) {
            image.config = image::record(config);
        }
        // An empty name clears it (reference lambda.md 7.6-11).
        if input.dead_letter_config.as_ref().is_some_and(|config| config.target_arn.is_some()) {
            record.dead_letter_target = named_target(input.dead_letter_config.as_ref()).map(str::to_owned);
        }
        record.environment = self.environment.or(record.environment.take());
        record.runtime = input.runtime.or(record.runtime.take());
        record.handler = input.handler.or(record.handler.take());
        record.revision_id = self.ids.revision_id;
        record.deployment = self.ids.deployment;
        record.last_modified_ms = self.ids.now_ms;
        record.last_update_status = Some(IN_PROGRESS.to_owned());
    }
}

/// The dead-letter target that the role must be allowed: the one given, or the one that stays where the role does not.
fn wanted_target<'a>(
    input: &'a UpdateFunctionConfigurationRequest,
    current: &'a FunctionVersion,
) -> Option<&'a str> {
    let config = input.dead_letter_config.as_ref();
    if config.is_some_and(|config| config.target_arn.is_some()) {
        return named_target(config);
    }
    input.role.as_ref().and(current.dead_letter_target.as_deref())
}

/// Refuses what does not go with the kind of the package.
fn check_package(
    record: &FunctionVersion,
    input: &UpdateFunctionConfigurationRequest,
) -> Result<(), LambdaError> {
    if record.image.is_none() {
        return image::check_zip(input.image_config.as_ref());
    }
    let layers = input.layers.as_ref().is_some_and(|layers| !layers.is_empty());
    image::check_change(input.runtime.is_some() || input.handler.is_some() || layers)
}

fn set<T>(value: &mut T, new: Option<T>) {
    if let Some(new) = new {
        *value = new;
    }
}
