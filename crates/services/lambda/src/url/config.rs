//! The five operations on the URL of a function or alias. A version has none, nor has an explicit `$LATEST`, which the
//! model's patterns see to (reference lambda.md 1.2-7).

use std::sync::Arc;

use rolecall_authority::{Authorized, Call, Check};
use rolecall_store::State;
use rolecall_store::records::function_url::{FunctionUrl, FunctionUrlTarget};
use rolecall_wire::ServiceError;
use rolecall_wire::lambda::{
    CreateFunctionUrlConfigRequest, CreateFunctionUrlConfigResponse, DeleteFunctionUrlConfigRequest,
    DeleteFunctionUrlConfigResponse, GetFunctionUrlConfigRequest, GetFunctionUrlConfigResponse,
    ListFunctionUrlConfigsRequest, ListFunctionUrlConfigsResponse, UpdateFunctionUrlConfigRequest,
    UpdateFunctionUrlConfigResponse,
};

use crate::error::LambdaError;
use crate::name::{FunctionReference, Key, exists};
use crate::paging::page;
use crate::service::Lambda;
use crate::url::{cors, shape};

/// The characters and the length of a URL's id.
const ID_CHARACTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
const ID_LENGTH: usize = 32;

/// How results are sent where nothing is said.
const BUFFERED: &str = "BUFFERED";

impl Lambda {
    pub(crate) async fn create_function_url_config(
        &self,
        call: &Arc<Call>,
        input: CreateFunctionUrlConfigRequest,
    ) -> Result<CreateFunctionUrlConfigResponse, ServiceError> {
        let reference = Self::reference(call, &input.function_name, input.qualifier.as_deref())?;
        let proof = self.authorize_url(
            call,
            "lambda:CreateFunctionUrlConfig",
            &reference,
            Some(input.auth_type.as_str()),
        )?;
        let cors = input.cors.map(cors::record).transpose()?;
        let now_ms = self.platform.now_ms();
        let url = FunctionUrl {
            id: self.platform.entropy().text(ID_CHARACTERS, ID_LENGTH),
            auth_type: input.auth_type,
            invoke_mode: input.invoke_mode.clone().unwrap_or_else(|| BUFFERED.to_owned()),
            cors,
            created_ms: now_ms,
            modified_ms: now_ms,
        };
        let answer = CreateFunctionUrlConfigResponse {
            // The answer has the mode only where the request had it (reference lambda.md 3.6-12).
            invoke_mode: input.invoke_mode,
            ..shape::created(&self.platform.settings, &reference, &url)
        };
        self.write(proof, move |state| create(state, &reference, url)).await?;
        Ok(answer)
    }

    pub(crate) async fn update_function_url_config(
        &self,
        call: &Arc<Call>,
        input: UpdateFunctionUrlConfigRequest,
    ) -> Result<UpdateFunctionUrlConfigResponse, ServiceError> {
        let reference = Self::reference(call, &input.function_name, input.qualifier.as_deref())?;
        let action = "lambda:UpdateFunctionUrlConfig";
        let decide = |stored: &Option<String>| {
            let auth_type = input.auth_type.as_ref().or(stored.as_ref());
            self.authorize_url(call, action, &reference, auth_type.map(String::as_str))
        };
        let (target, given, now_ms) = (reference.clone(), input.clone(), self.platform.now_ms());
        let url = self.write_decided(auth_type_of(&reference), decide, move |state| {
            let cors = given.cors.map(cors::record).transpose()?;
            require_target(state, &target)?;
            let old = state.function_urls.get(&key_of(&target)).ok_or_else(missing)?;
            let url = FunctionUrl {
                auth_type: given.auth_type.unwrap_or_else(|| old.auth_type.clone()),
                invoke_mode: given.invoke_mode.unwrap_or_else(|| old.invoke_mode.clone()),
                cors: cors.or_else(|| old.cors.clone()),
                modified_ms: now_ms,
                ..FunctionUrl::clone(old)
            };
            state.function_urls.put(key_of(&target), url.clone());
            Ok(url)
        });
        let url = url.await?;
        Ok(UpdateFunctionUrlConfigResponse {
            // As CreateFunctionUrlConfig answers it (reference lambda.md 3.6-12; recorded).
            invoke_mode: input.invoke_mode,
            ..shape::updated(&self.platform.settings, &reference, &url)
        })
    }

    /// The configuration of a URL can be read also when its alias is gone (reference lambda.md 3.6-9).
    pub(crate) fn get_function_url_config(
        &self,
        call: &Arc<Call>,
        input: GetFunctionUrlConfigRequest,
    ) -> Result<GetFunctionUrlConfigResponse, ServiceError> {
        let reference = Self::reference(call, &input.function_name, input.qualifier.as_deref())?;
        let auth_type = self.stored_auth_type(&reference);
        self.authorize_url(call, "lambda:GetFunctionUrlConfig", &reference, auth_type.as_deref())?;
        let state = self.platform.store.read();
        let url = state.function_urls.get(&key_of(&reference)).ok_or_else(missing)?;
        Ok(shape::read(&self.platform.settings, &reference, url))
    }

    pub(crate) async fn delete_function_url_config(
        &self,
        call: &Arc<Call>,
        input: DeleteFunctionUrlConfigRequest,
    ) -> Result<DeleteFunctionUrlConfigResponse, ServiceError> {
        let reference = Self::reference(call, &input.function_name, input.qualifier.as_deref())?;
        let decide = |stored: &Option<String>| {
            self.authorize_url(call, "lambda:DeleteFunctionUrlConfig", &reference, stored.as_deref())
        };
        let key = key_of(&reference);
        self.write_decided(auth_type_of(&reference), decide, move |state| {
            let url = state.function_urls.get(&key).cloned().ok_or_else(missing)?;
            state.function_url_ids.remove(&url.id);
            state.function_urls.remove(&key);
            Ok(DeleteFunctionUrlConfigResponse)
        })
        .await
    }

    pub(crate) fn list_function_url_configs(
        &self,
        call: &Arc<Call>,
        input: ListFunctionUrlConfigsRequest,
    ) -> Result<ListFunctionUrlConfigsResponse, ServiceError> {
        let reference = Self::reference(call, &input.function_name, None)?;
        let auth_type = self.stored_auth_type(&reference.unqualified());
        self.authorize_whole_with(call, "lambda:ListFunctionUrlConfigs", &reference, |check| {
            check.key_if("lambda:FunctionUrlAuthType", auth_type.as_deref())
        })?;
        let state = self.platform.store.read();
        let key = reference.key();
        if !state.functions.contains(&key) {
            return Err(no_function().into());
        }
        let settings = &self.platform.settings;
        let shown = of_function(&state, &key)
            .map(|(qualifier, url)| (qualifier.clone(), shape::listed(settings, &key, qualifier, url)));
        let (configs, next_marker) = page(shown, input.marker.as_deref(), input.max_items)?;
        Ok(ListFunctionUrlConfigsResponse { function_url_configs: Some(configs), next_marker })
    }

    /// The right to an operation on a URL: on the function, or on the alias that the request names.
    fn authorize_url(
        &self,
        call: &Call,
        action: &str,
        reference: &FunctionReference,
        auth_type: Option<&str>,
    ) -> Result<Authorized, ServiceError> {
        let arn = reference.arn();
        self.authorize_function_with(call, action, reference, |check: Check<'_>| {
            check.key("lambda:FunctionArn", arn.as_str()).key_if("lambda:FunctionUrlAuthType", auth_type)
        })
    }

    /// What the conditions of an operation that names no auth type are about: the one that is configured.
    fn stored_auth_type(&self, reference: &FunctionReference) -> Option<String> {
        auth_type_of(reference)(&self.platform.store.read())
    }
}

/// The same as what a change is decided on.
fn auth_type_of(reference: &FunctionReference) -> impl Fn(&State) -> Option<String> + Clone + Send + use<> {
    let key = key_of(reference);
    move |state| state.function_urls.get(&key).map(|url| url.auth_type.clone())
}

/// Forgets all URLs of a function that is deleted.
pub(crate) fn forget(state: &mut State, function: &Key) {
    let urls: Vec<(String, String)> =
        of_function(state, function).map(|(qualifier, url)| (qualifier.clone(), url.id.clone())).collect();
    for (qualifier, id) in urls {
        state.function_urls.remove(&(function.clone(), qualifier));
        state.function_url_ids.remove(&id);
    }
}

fn create(state: &mut State, reference: &FunctionReference, url: FunctionUrl) -> Result<(), LambdaError> {
    require_target(state, reference)?;
    let key = key_of(reference);
    if state.function_urls.contains(&key) {
        let arn = reference.arn();
        return Err(LambdaError::Conflict(format!(
            "Failed to create function url config for [functionArn = {arn}]. Error message:  FunctionUrlConfig exists \
             for this Lambda function"
        )));
    }
    let target = FunctionUrlTarget { function: key.0.clone(), qualifier: key.1.clone() };
    state.function_url_ids.put(url.id.clone(), target);
    state.function_urls.put(key, url);
    Ok(())
}

/// The URLs of a function in the order of their aliases, its own first.
fn of_function<'s>(
    state: &'s State,
    key: &'s Key,
) -> impl Iterator<Item = (&'s String, &'s Arc<FunctionUrl>)> {
    let all = state.function_urls.range((key.clone(), String::new())..);
    all.take_while(move |((found, _), _)| found == key).map(|((_, qualifier), url)| (qualifier, url))
}

fn key_of(reference: &FunctionReference) -> (Key, String) {
    (reference.key(), reference.qualifier_text().to_owned())
}

fn require_target(state: &State, reference: &FunctionReference) -> Result<(), LambdaError> {
    if exists(reference, state) { Ok(()) } else { Err(no_function()) }
}

fn no_function() -> LambdaError {
    LambdaError::NotFound("Function does not exist".to_owned())
}

fn missing() -> LambdaError {
    LambdaError::NotFound("The resource you requested does not exist.".to_owned())
}
