//! The six operations on capacity providers.

use std::sync::Arc;

use rolecall_arn::Arn;
use rolecall_authority::{Authorized, Call, Check};
use rolecall_wire::ServiceError;
use rolecall_wire::lambda::{
    CreateCapacityProviderRequest, CreateCapacityProviderResponse, DeleteCapacityProviderRequest,
    DeleteCapacityProviderResponse, GetCapacityProviderRequest, GetCapacityProviderResponse,
    ListCapacityProvidersRequest, ListCapacityProvidersResponse,
    ListFunctionVersionsByCapacityProviderRequest, ListFunctionVersionsByCapacityProviderResponse,
    UpdateCapacityProviderRequest, UpdateCapacityProviderResponse,
};

use crate::capacity_provider::ProviderReference;
use crate::capacity_provider::record::{ACTIVE, DELETING, create, shown, update};
use crate::error::LambdaError;
use crate::function::check_tags;
use crate::name::Key;
use crate::paging::page;
use crate::role::LAMBDA;
use crate::service::Lambda;

impl Lambda {
    pub(crate) async fn create_capacity_provider(
        &self,
        call: &Arc<Call>,
        input: CreateCapacityProviderRequest,
    ) -> Result<CreateCapacityProviderResponse, ServiceError> {
        let reference = ProviderReference::parse(&input.capacity_provider_name, &Self::home(call))?;
        let proof = self.authorize_new_provider(call, &input, &reference)?;
        let is_home = call.caller.account() == Some(reference.account()) && reference.key().1 == call.region;
        if !is_home {
            let text =
                "A capacity provider is created in the account of the caller and the region that is called.";
            return Err(LambdaError::InvalidParameter(text.to_owned()).into());
        }
        if input.kms_key_arn.is_some() {
            return Err(LambdaError::not_built("customer managed KMS keys").into());
        }
        check_tags(input.tags.as_ref().unwrap_or(&std::collections::BTreeMap::new()))?;
        let role = &input.permissions_config.capacity_provider_operator_role_arn;
        self.require_operator(role, &reference).await?;
        let record = create(reference.name(), input, self.platform.now_ms());
        self.write(proof, move |state| {
            if state.capacity_providers.contains(&reference.key()) {
                let text = format!("Capacity provider already exists: {}", reference.arn());
                return Err(LambdaError::Conflict(text));
            }
            let answer = shown(&reference, &record, ACTIVE);
            state.capacity_providers.put(reference.key(), record);
            Ok(CreateCapacityProviderResponse { capacity_provider: Some(answer) })
        })
        .await
    }

    /// All that the caller must be allowed for a new capacity provider (reference lambda.md 1.8). The service-linked
    /// role does not exist here, so the right to make it is always asked for.
    fn authorize_new_provider(
        &self,
        call: &Call,
        input: &CreateCapacityProviderRequest,
        reference: &ProviderReference,
    ) -> Result<Authorized, ServiceError> {
        let (arn, account) = (reference.arn(), reference.account());
        let tags: Vec<(&str, &str)> =
            input.tags.iter().flatten().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        let check = Check::on("lambda:CreateCapacityProvider", &arn, account)
            .request_tags(tags.iter().copied())
            .key_list("lambda:SubnetIds", input.vpc_config.subnet_ids.iter().cloned())
            .key_list("lambda:SecurityGroupIds", input.vpc_config.security_group_ids.iter().cloned());
        let proof = self.authorize(call, check)?;
        if !tags.is_empty() {
            let check = Check::on("lambda:TagResource", &arn, account).request_tags(tags.iter().copied());
            self.authorize(call, check)?;
        }
        let role = &input.permissions_config.capacity_provider_operator_role_arn;
        self.authorize_operator(call, role, reference)?;
        let linked = Arn::iam(account, "role/aws-service-role/lambda.amazonaws.com/AWSServiceRoleForLambda");
        let check = Check::on("iam:CreateServiceLinkedRole", &linked, account);
        self.authorize(call, check.key("iam:AWSServiceName", LAMBDA))?;
        if let Some(key) = &input.kms_key_arn {
            let key: Arn = key.parse().map_err(|_| {
                LambdaError::InvalidParameter(format!("'{key}' is not the ARN of a KMS key."))
            })?;
            let owner = key.account_id().unwrap_or(account);
            self.authorize(call, Check::on("kms:DescribeKey", &key, owner))?;
        }
        Ok(proof)
    }

    pub(crate) fn get_capacity_provider(
        &self,
        call: &Arc<Call>,
        input: GetCapacityProviderRequest,
    ) -> Result<GetCapacityProviderResponse, ServiceError> {
        let reference = ProviderReference::parse(&input.capacity_provider_name, &Self::home(call))?;
        self.authorize_provider(call, "lambda:GetCapacityProvider", &reference)?;
        let state = self.platform.store.read();
        let record = reference.find(&state, &call.region)?;
        Ok(GetCapacityProviderResponse { capacity_provider: Some(shown(&reference, record, ACTIVE)) })
    }

    pub(crate) async fn update_capacity_provider(
        &self,
        call: &Arc<Call>,
        input: UpdateCapacityProviderRequest,
    ) -> Result<UpdateCapacityProviderResponse, ServiceError> {
        let reference = ProviderReference::parse(&input.capacity_provider_name, &Self::home(call))?;
        let proof = self.authorize_provider(call, "lambda:UpdateCapacityProvider", &reference)?;
        let (now_ms, region) = (self.platform.now_ms(), call.region.clone());
        self.write(proof, move |state| {
            let record = update(reference.find(state, &region)?.clone(), input, now_ms);
            let answer = shown(&reference, &record, ACTIVE);
            state.capacity_providers.put(reference.key(), record);
            Ok(UpdateCapacityProviderResponse { capacity_provider: Some(answer) })
        })
        .await
    }

    pub(crate) async fn delete_capacity_provider(
        &self,
        call: &Arc<Call>,
        input: DeleteCapacityProviderRequest,
    ) -> Result<DeleteCapacityProviderResponse, ServiceError> {
        let reference = ProviderReference::parse(&input.capacity_provider_name, &Self::home(call))?;
        let proof = self.authorize_provider(call, "lambda:DeleteCapacityProvider", &reference)?;
        let region = call.region.clone();
        self.write(proof, move |state| {
            let answer = shown(&reference, reference.find(state, &region)?, DELETING);
            state.capacity_providers.remove(&reference.key());
            Ok(DeleteCapacityProviderResponse { capacity_provider: Some(answer) })
        })
        .await
    }

    pub(crate) fn list_capacity_providers(
        &self,
        call: &Arc<Call>,
        input: ListCapacityProvidersRequest,
    ) -> Result<ListCapacityProvidersResponse, ServiceError> {
        self.authorize(call, Check::on_all("lambda:ListCapacityProviders"))?;
        let Some(account) = call.caller.account() else {
            return Ok(ListCapacityProvidersResponse::default());
        };
        let state = self.platform.store.read();
        let first: Key = (account, call.region.clone(), String::new());
        let wanted = input.state.as_deref().is_none_or(|state| state == ACTIVE);
        let here = state
            .capacity_providers
            .range(first.clone()..)
            .take_while(|(key, _)| wanted && (&key.0, &key.1) == (&first.0, &first.1))
            .map(|(key, record)| (key.2.clone(), shown(&ProviderReference::of(key), record, ACTIVE)));
        let (providers, next_marker) = page(here, input.marker.as_deref(), input.max_items)?;
        Ok(ListCapacityProvidersResponse { capacity_providers: Some(providers), next_marker })
    }

    /// No function version is on a capacity provider, as functions that ask for one are refused.
    pub(crate) fn list_function_versions_by_capacity_provider(
        &self,
        call: &Arc<Call>,
        input: ListFunctionVersionsByCapacityProviderRequest,
    ) -> Result<ListFunctionVersionsByCapacityProviderResponse, ServiceError> {
        let reference = ProviderReference::parse(&input.capacity_provider_name, &Self::home(call))?;
        self.authorize_provider(call, "lambda:ListFunctionVersionsByCapacityProvider", &reference)?;
        reference.find(&self.platform.store.read(), &call.region)?;
        Ok(ListFunctionVersionsByCapacityProviderResponse {
            capacity_provider_arn: Some(reference.arn().to_string()),
            function_versions: Some(Vec::new()),
            next_marker: None,
        })
    }

    /// Whether the call may put a function on the capacity provider (reference lambda.md 1.8).
    pub(crate) fn authorize_pass_provider(&self, call: &Call, arn: &str) -> Result<(), ServiceError> {
        let reference = ProviderReference::parse(arn, &Self::home(call))?;
        self.authorize_provider(call, "lambda:PassCapacityProvider", &reference).map(drop)
    }

    fn authorize_provider(
        &self,
        call: &Call,
        action: &str,
        reference: &ProviderReference,
    ) -> Result<Authorized, ServiceError> {
        let state = self.platform.store.read();
        let mut check = Check::on(action, &reference.arn(), reference.account());
        if let Some(record) = state.capacity_providers.get(&reference.key()) {
            check = check.resource_tags(&record.tags);
        }
        self.authorize(call, check)
    }
}
