//! UpdateFunctionConfiguration: what is given replaces what was, what is not given stays.

use std::collections::BTreeMap;
use std::sync::Arc;

use rolecall_authority::{Authorized, Call};
use rolecall_store::State;
use rolecall_store::records::lambda::{
    FunctionVersion, LayerReference as LayerRecord, LoggingConfig as LoggingRecord,
};
use rolecall_wire::ServiceError;
use rolecall_wire::lambda::{FunctionConfiguration, UpdateFunctionConfigurationRequest};

use crate::error::LambdaError;
use crate::function::create::NewIds;
use crate::function::shape::{IN_PROGRESS, configuration};
use crate::function::{environment, latest, lock_for_change, runtime, settings, unbuilt};
use crate::layer::require_size;
use crate::name::{FunctionReference, Key};
use crate::service::Lambda;
use crate::version::require_revision;

impl Lambda {
    pub(crate) async fn update_function_configuration(
        &self,
        call: &Arc<Call>,
        input: UpdateFunctionConfigurationRequest,
    ) -> Result<FunctionConfiguration, ServiceError> {
        let reference = Self::reference(call, &input.function_name, None)?;
        let proof = self.authorize_update(call, &input, &reference)?;
        latest(&self.platform.store.read(), &reference)?;
        unbuilt::check_update(&input)?;
        let mut change = Change::read(&input, self.new_ids())?;
        let key = reference.key();
        lock_for_change(&self.platform.store.read(), &key)?;
        if let Some(role) = &input.role {
            self.require_assumable(role, &key).await?;
        }
        if let Some(layers) = &input.layers {
            change.layers = Some(self.find_layers(&reference.region, layers)?);
        }
        let answer = {
            let key = key.clone();
            self.write(proof, move |state| change.apply(state, &key, input))
        };
        let answer = answer.await?;
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
    ) -> Result<Authorized, ServiceError> {
        let layers = input.layers.clone().unwrap_or_default();
        let vpc = input.vpc_config.clone().unwrap_or_default();
        let proof =
            self.authorize_whole_with(call, "lambda:UpdateFunctionConfiguration", reference, |check| {
                check
                    .key_list("lambda:Layer", layers.iter().cloned())
                    .key_list("lambda:SubnetIds", vpc.subnet_ids.iter().flatten().cloned())
                    .key_list("lambda:SecurityGroupIds", vpc.security_group_ids.iter().flatten().cloned())
            })?;
        if let Some(role) = &input.role {
            self.authorize_pass_role(call, role, &reference.key())?;
        }
        self.authorize_layers(call, input.layers.as_deref().unwrap_or_default())?;
        Ok(proof)
    }
}

/// The values of the request that had to be checked or found.
struct Change {
    timeout_s: Option<u32>,
    memory_mb: Option<u32>,
    tmp_mb: Option<u32>,
    environment: Option<BTreeMap<String, String>>,
    logging: Option<LoggingRecord>,
    layers: Option<Vec<LayerRecord>>,
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
            logging: settings::logging(input.logging_config.clone())?,
            layers: None,
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
        require_revision(input.revision_id.as_deref(), &record.revision_id)?;
        self.set(&mut record, input);
        require_size(&record.code, &record.layers)?;
        let answer = configuration(key, None, &record);
        state.function_versions.put((key.clone(), 0), record);
        Ok(answer)
    }

    fn set(self, record: &mut FunctionVersion, input: UpdateFunctionConfigurationRequest) {
        set(&mut record.timeout_s, self.timeout_s);
        set(&mut record.memory_mb, self.memory_mb);
        set(&mut record.ephemeral_storage_mb, self.tmp_mb);
        set(&mut record.logging, self.logging);
        set(&mut record.layers, self.layers);
        set(&mut record.role, input.role);
        set(&mut record.description, input.description);
        record.environment = self.environment.or(record.environment.take());
        record.runtime = input.runtime.or(record.runtime.take());
        record.handler = input.handler.or(record.handler.take());
        record.revision_id = self.ids.revision_id;
        record.deployment = self.ids.deployment;
        record.last_modified_ms = self.ids.now_ms;
        record.last_update_status = Some(IN_PROGRESS.to_owned());
    }
}

fn set<T>(value: &mut T, new: Option<T>) {
    if let Some(new) = new {
        *value = new;
    }
}
