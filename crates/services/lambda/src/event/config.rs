//! The configuration of asynchronous invocation of a function, version or alias: its operations (reference lambda.md
//! 7.6-3).

use std::sync::Arc;

use rolecall_authority::{Authorized, Call};
use rolecall_store::State;
use rolecall_store::records::function_config::EventInvokeConfig;
use rolecall_wire::lambda::{
    DeleteFunctionEventInvokeConfigRequest, DeleteFunctionEventInvokeConfigResponse, DestinationConfig,
    FunctionEventInvokeConfig, GetFunctionEventInvokeConfigRequest, ListFunctionEventInvokeConfigsRequest,
    ListFunctionEventInvokeConfigsResponse, OnFailure, OnSuccess, PutFunctionEventInvokeConfigRequest,
    UpdateFunctionEventInvokeConfigRequest,
};
use rolecall_wire::{ServiceError, Timestamp};

use crate::error::LambdaError;
use crate::name::{FunctionReference, Key, LATEST, exists, function_arn};
use crate::paging::page;
use crate::service::Lambda;

/// How long an event is kept where nothing else was said, in seconds: six hours.
const DEFAULT_MAX_AGE_S: u32 = 6 * 3600;
/// How often a failing function is tried again where nothing else was said.
const DEFAULT_MAX_RETRIES: u32 = 2;

/// What holds for the events of a function, version or alias.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    /// How often a failing function is tried again.
    pub(crate) max_retries: u32,
    /// How old an event may become, in milliseconds.
    pub(crate) max_age_ms: i64,
}

impl Limits {
    /// The limits of a configuration; AWS's own where there is none.
    pub(crate) fn of(config: Option<&EventInvokeConfig>) -> Self {
        let max_age_s = config.and_then(|config| config.max_age_s).unwrap_or(DEFAULT_MAX_AGE_S);
        Limits {
            max_retries: config.and_then(|config| config.max_retries).unwrap_or(DEFAULT_MAX_RETRIES),
            max_age_ms: i64::from(max_age_s) * 1000,
        }
    }
}

/// What a request wants to set; a destination that is empty is cleared, and one that is not given is not touched.
struct Wanted {
    max_retries: Option<i32>,
    max_age_s: Option<i32>,
    destinations: DestinationConfig,
}

impl Wanted {
    fn read(
        max_retries: Option<i32>,
        max_age_s: Option<i32>,
        destinations: Option<DestinationConfig>,
    ) -> Result<Self, LambdaError> {
        if max_retries.is_none() && max_age_s.is_none() && destinations.is_none() {
            let text = "You must specify at least one of error handling or destination setting.";
            return Err(LambdaError::InvalidParameter(text.to_owned()));
        }
        Ok(Wanted { max_retries, max_age_s, destinations: destinations.unwrap_or_default() })
    }

    fn apply(self, mut config: EventInvokeConfig, now_ms: i64) -> EventInvokeConfig {
        let number = |value: Option<i32>| value.and_then(|value| u32::try_from(value).ok());
        let set = |old: &mut Option<String>, new: Option<String>| {
            if let Some(new) = new {
                *old = Some(new).filter(|new| !new.is_empty());
            }
        };
        config.max_retries = number(self.max_retries).or(config.max_retries);
        config.max_age_s = number(self.max_age_s).or(config.max_age_s);
        set(&mut config.on_success, self.destinations.on_success.and_then(|success| success.destination));
        set(&mut config.on_failure, self.destinations.on_failure.and_then(|failure| failure.destination));
        config.last_modified_ms = now_ms;
        config
    }
}

impl Lambda {
    /// What was set before and is not named is removed.
    pub(crate) async fn put_function_event_invoke_config(
        &self,
        call: &Arc<Call>,
        input: PutFunctionEventInvokeConfigRequest,
    ) -> Result<FunctionEventInvokeConfig, ServiceError> {
        let reference = Self::reference(call, &input.function_name, input.qualifier.as_deref())?;
        let proof = self.authorize_function(call, "lambda:PutFunctionEventInvokeConfig", &reference)?;
        require_function(&self.platform.store.read(), &reference)?;
        let (retries, age) = (input.maximum_retry_attempts, input.maximum_event_age_in_seconds);
        let wanted = Wanted::read(retries, age, input.destination_config)?;
        self.set_event_invoke_config(proof, reference, wanted, |_| Ok(EventInvokeConfig::default())).await
    }

    /// What was set before and is not named stays.
    pub(crate) async fn update_function_event_invoke_config(
        &self,
        call: &Arc<Call>,
        input: UpdateFunctionEventInvokeConfigRequest,
    ) -> Result<FunctionEventInvokeConfig, ServiceError> {
        let reference = Self::reference(call, &input.function_name, input.qualifier.as_deref())?;
        let proof = self.authorize_function(call, "lambda:UpdateFunctionEventInvokeConfig", &reference)?;
        require_function(&self.platform.store.read(), &reference)?;
        let (retries, age) = (input.maximum_retry_attempts, input.maximum_event_age_in_seconds);
        let wanted = Wanted::read(retries, age, input.destination_config)?;
        let known = reference.clone();
        let before = move |state: &State| found(state, &known).cloned();
        before(&self.platform.store.read())?;
        self.set_event_invoke_config(proof, reference, wanted, before).await
    }

    async fn set_event_invoke_config(
        &self,
        proof: Authorized,
        reference: FunctionReference,
        wanted: Wanted,
        before: impl FnOnce(&State) -> Result<EventInvokeConfig, LambdaError> + Send + 'static,
    ) -> Result<FunctionEventInvokeConfig, ServiceError> {
        let admitted = self.admit_destinations(&reference, &wanted.destinations).await?;
        let now_ms = self.platform.now_ms();
        self.write(proof, move |state| {
            require_function(state, &reference)?;
            admitted.iter().try_for_each(|role| role.require_current(state, &reference))?;
            let config = wanted.apply(before(state)?, now_ms);
            let key = config_key(&reference);
            let answer = shown(&key.0, &key.1, &config);
            state.event_invoke_configs.put(key, config);
            Ok(answer)
        })
        .await
    }

    pub(crate) fn get_function_event_invoke_config(
        &self,
        call: &Arc<Call>,
        input: GetFunctionEventInvokeConfigRequest,
    ) -> Result<FunctionEventInvokeConfig, ServiceError> {
        let reference = Self::reference(call, &input.function_name, input.qualifier.as_deref())?;
        self.authorize_function(call, "lambda:GetFunctionEventInvokeConfig", &reference)?;
        let state = self.platform.store.read();
        let config = found(&state, &reference)?;
        let (key, qualifier) = config_key(&reference);
        Ok(shown(&key, &qualifier, config))
    }

    pub(crate) async fn delete_function_event_invoke_config(
        &self,
        call: &Arc<Call>,
        input: DeleteFunctionEventInvokeConfigRequest,
    ) -> Result<DeleteFunctionEventInvokeConfigResponse, ServiceError> {
        let reference = Self::reference(call, &input.function_name, input.qualifier.as_deref())?;
        let proof = self.authorize_function(call, "lambda:DeleteFunctionEventInvokeConfig", &reference)?;
        self.write(proof, move |state| {
            found(state, &reference)?;
            state.event_invoke_configs.remove(&config_key(&reference));
            Ok(DeleteFunctionEventInvokeConfigResponse)
        })
        .await
    }

    pub(crate) fn list_function_event_invoke_configs(
        &self,
        call: &Arc<Call>,
        input: ListFunctionEventInvokeConfigsRequest,
    ) -> Result<ListFunctionEventInvokeConfigsResponse, ServiceError> {
        let reference = Self::reference(call, &input.function_name, None)?;
        self.authorize_function(call, "lambda:ListFunctionEventInvokeConfigs", &reference)?;
        let state = self.platform.store.read();
        require_function(&state, &reference.unqualified())?;
        let key = reference.key();
        let all = state.event_invoke_configs.range((key.clone(), String::new())..);
        let listed = all
            .take_while(|((found, _), _)| *found == key)
            .map(|((_, qualifier), config)| (qualifier.clone(), shown(&key, qualifier, config)));
        let (configs, next_marker) = page(listed, input.marker.as_deref(), input.max_items)?;
        Ok(ListFunctionEventInvokeConfigsResponse {
            function_event_invoke_configs: Some(configs),
            next_marker,
        })
    }
}

/// The configuration of exactly what the reference names: none is inherited.
pub(crate) fn of_reference<'s>(
    state: &'s State,
    reference: &FunctionReference,
) -> Option<&'s EventInvokeConfig> {
    state.event_invoke_configs.get(&config_key(reference)).map(Arc::as_ref)
}

/// A function without qualifier and its `$LATEST` have one configuration.
fn config_key(reference: &FunctionReference) -> (Key, String) {
    let qualifier = reference.qualifier.as_ref().map_or(LATEST, |qualifier| qualifier.as_str());
    (reference.key(), qualifier.to_owned())
}

fn found<'s>(state: &'s State, reference: &FunctionReference) -> Result<&'s EventInvokeConfig, LambdaError> {
    let missing = || {
        let (key, qualifier) = config_key(reference);
        let arn = function_arn(&key, Some(&qualifier));
        LambdaError::NotFound(format!("The function {arn} doesn't have an EventInvokeConfig"))
    };
    of_reference(state, reference).ok_or_else(missing)
}

fn require_function(state: &State, reference: &FunctionReference) -> Result<(), LambdaError> {
    if exists(reference, state) {
        return Ok(());
    }
    Err(LambdaError::NotFound("The function doesn't exist.".to_owned()))
}

/// Both destinations are always there, empty where none was set (recorded answers).
fn shown(key: &Key, qualifier: &str, config: &EventInvokeConfig) -> FunctionEventInvokeConfig {
    let number = |value: Option<u32>| value.and_then(|value| i32::try_from(value).ok());
    FunctionEventInvokeConfig {
        last_modified: Some(Timestamp(config.last_modified_ms)),
        function_arn: Some(function_arn(key, Some(qualifier)).to_string()),
        maximum_retry_attempts: number(config.max_retries),
        maximum_event_age_in_seconds: number(config.max_age_s),
        destination_config: Some(DestinationConfig {
            on_success: Some(OnSuccess { destination: config.on_success.clone() }),
            on_failure: Some(OnFailure { destination: config.on_failure.clone() }),
        }),
    }
}
