//! Which function has which code signing configuration: put, get, delete, and the list of a configuration's functions.

use std::sync::Arc;

use rolecall_authority::Call;
use rolecall_store::State;
use rolecall_wire::ServiceError;
use rolecall_wire::lambda::{
    DeleteFunctionCodeSigningConfigRequest, DeleteFunctionCodeSigningConfigResponse,
    GetFunctionCodeSigningConfigRequest, GetFunctionCodeSigningConfigResponse,
    ListFunctionsByCodeSigningConfigRequest, ListFunctionsByCodeSigningConfigResponse,
    PutFunctionCodeSigningConfigRequest, PutFunctionCodeSigningConfigResponse,
};

use crate::concurrency::require_unqualified;
use crate::function::{image, latest};
use crate::name::{FunctionReference, Key, function_arn};
use crate::paging::page;
use crate::service::Lambda;
use crate::signing::ConfigReference;
use crate::signing::configuration::find;
use crate::signing::reference::of_function;

impl Lambda {
    /// Both the function and the configuration must be allowed (reference lambda.md 1.8).
    pub(crate) async fn put_function_code_signing_config(
        &self,
        call: &Arc<Call>,
        input: PutFunctionCodeSigningConfigRequest,
    ) -> Result<PutFunctionCodeSigningConfigResponse, ServiceError> {
        let action = "lambda:PutFunctionCodeSigningConfig";
        let reference = Self::reference(call, &input.function_name, None)?;
        let config = ConfigReference::parse(&input.code_signing_config_arn)?;
        let arn = config.arn().to_string();
        let proof = self.authorize_whole_with(call, action, &reference, |check| {
            check.key("lambda:CodeSigningConfigArn", arn.as_str())
        })?;
        self.authorize_config_with(call, action, &config, |check| {
            check.key("lambda:CodeSigningConfigArn", arn.as_str())
        })?;
        require_unqualified(&reference)?;
        self.write(proof, move |state| {
            // A configuration that is missing is told before a function that is (recorded on AWS).
            of_function(state, &reference.key(), &arn)?;
            image::check_signing(latest(state, &reference)?)?;
            set(state, &reference, Some(arn.clone()));
            Ok(PutFunctionCodeSigningConfigResponse {
                code_signing_config_arn: Some(arn),
                function_name: Some(reference.name),
            })
        })
        .await
    }

    /// A function without a configuration is answered with nothing (recorded on AWS).
    pub(crate) fn get_function_code_signing_config(
        &self,
        call: &Arc<Call>,
        input: GetFunctionCodeSigningConfigRequest,
    ) -> Result<GetFunctionCodeSigningConfigResponse, ServiceError> {
        let reference = Self::reference(call, &input.function_name, None)?;
        self.authorize_whole(call, "lambda:GetFunctionCodeSigningConfig", &reference)?;
        require_unqualified(&reference)?;
        let state = self.platform.store.read();
        latest(&state, &reference)?;
        let function = state.functions.get(&reference.key());
        let arn = function.and_then(|function| function.code_signing_config.clone());
        Ok(GetFunctionCodeSigningConfigResponse {
            function_name: arn.is_some().then_some(reference.name),
            code_signing_config_arn: arn,
        })
    }

    pub(crate) async fn delete_function_code_signing_config(
        &self,
        call: &Arc<Call>,
        input: DeleteFunctionCodeSigningConfigRequest,
    ) -> Result<DeleteFunctionCodeSigningConfigResponse, ServiceError> {
        let reference = Self::reference(call, &input.function_name, None)?;
        let proof = self.authorize_whole(call, "lambda:DeleteFunctionCodeSigningConfig", &reference)?;
        require_unqualified(&reference)?;
        self.write(proof, move |state| {
            latest(state, &reference)?;
            set(state, &reference, None);
            Ok(DeleteFunctionCodeSigningConfigResponse)
        })
        .await
    }

    pub(crate) fn list_functions_by_code_signing_config(
        &self,
        call: &Arc<Call>,
        input: ListFunctionsByCodeSigningConfigRequest,
    ) -> Result<ListFunctionsByCodeSigningConfigResponse, ServiceError> {
        let reference = ConfigReference::parse(&input.code_signing_config_arn)?;
        self.authorize_config(call, "lambda:ListFunctionsByCodeSigningConfig", &reference)?;
        let state = self.platform.store.read();
        find(&state, &reference, &call.region)?;
        let arns =
            functions_of(&state, &reference).map(|key| (key.2.clone(), function_arn(key, None).to_string()));
        let (arns, next_marker) = page(arns, input.marker.as_deref(), input.max_items)?;
        Ok(ListFunctionsByCodeSigningConfigResponse { next_marker, function_arns: Some(arns) })
    }
}

/// The functions that have the configuration, by name.
pub(super) fn functions_of<'s>(
    state: &'s State,
    reference: &ConfigReference,
) -> impl Iterator<Item = &'s Key> + use<'s> {
    let (account, region, _) = reference.key();
    let arn = reference.arn().to_string();
    let here = state.functions.range((account, region.clone(), String::new())..);
    here.take_while(move |(key, _)| (key.0, &key.1) == (account, &region))
        .filter(move |(_, function)| function.code_signing_config.as_deref() == Some(arn.as_str()))
        .map(|(key, _)| key)
}

fn set(state: &mut State, reference: &FunctionReference, arn: Option<String>) {
    state.functions.update(&reference.key(), |function| function.code_signing_config = arn);
}
