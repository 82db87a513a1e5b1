//! Who may use a layer version: AddLayerVersionPermission and its companions (reference lambda.md 2.8, 8.2).

use std::sync::Arc;

use rolecall_authority::Call;
use rolecall_store::State;
use rolecall_store::records::lambda::{LayerVersion, ResourcePolicy};
use rolecall_wire::ServiceError;
use rolecall_wire::lambda::{
    AddLayerVersionPermissionRequest, AddLayerVersionPermissionResponse, GetLayerVersionPolicyRequest,
    GetLayerVersionPolicyResponse, RemoveLayerVersionPermissionRequest, RemoveLayerVersionPermissionResponse,
};
use serde_json::{Value, json};

use crate::error::LambdaError;
use crate::layer::version::require_number;
use crate::name::LayerReference;
use crate::permission::document;
use crate::permission::principal::StatementPrincipal;
use crate::permission::statement::grant;
use crate::service::Lambda;

const STALE: LambdaError = LambdaError::StaleRevision("GetLayerPolicy");

impl Lambda {
    pub(crate) async fn add_layer_version_permission(
        &self,
        call: &Arc<Call>,
        input: AddLayerVersionPermissionRequest,
    ) -> Result<AddLayerVersionPermissionResponse, ServiceError> {
        let layer = LayerReference::parse(&input.layer_name, &Self::home(call))?;
        let action = "lambda:AddLayerVersionPermission";
        let proof = self.authorize_layer_version(call, action, &layer, input.version_number)?;
        let version = require_number(input.version_number)?;
        let statement = build(&input, &layer, version)?;
        let revision = self.platform.entropy().uuid();
        let answer = AddLayerVersionPermissionResponse {
            statement: Some(statement.to_string()),
            revision_id: Some(revision.clone()),
        };
        self.write(proof, move |state| {
            let record = find(state, &layer, version)?;
            let known = record.policy.as_ref();
            let check_revision = || require_revision(input.revision_id.as_deref(), known);
            let policy = document::add(known, statement, revision, state, check_revision)?;
            set_policy(state, &layer, version, Some(policy));
            Ok(())
        })
        .await?;
        Ok(answer)
    }

    pub(crate) async fn remove_layer_version_permission(
        &self,
        call: &Arc<Call>,
        input: RemoveLayerVersionPermissionRequest,
    ) -> Result<RemoveLayerVersionPermissionResponse, ServiceError> {
        let layer = LayerReference::parse(&input.layer_name, &Self::home(call))?;
        let action = "lambda:RemoveLayerVersionPermission";
        let proof = self.authorize_layer_version(call, action, &layer, input.version_number)?;
        let version = require_number(input.version_number)?;
        let revision = self.platform.entropy().uuid();
        self.write(proof, move |state| {
            let record = find(state, &layer, version)?;
            let known = record.policy.as_ref().ok_or_else(no_policy)?;
            let check_revision = || require_revision(input.revision_id.as_deref(), Some(known));
            let policy = document::remove(known, &input.statement_id, revision, check_revision)?;
            set_policy(state, &layer, version, policy);
            Ok(RemoveLayerVersionPermissionResponse)
        })
        .await
    }

    pub(crate) fn get_layer_version_policy(
        &self,
        call: &Arc<Call>,
        input: GetLayerVersionPolicyRequest,
    ) -> Result<GetLayerVersionPolicyResponse, ServiceError> {
        let layer = LayerReference::parse(&input.layer_name, &Self::home(call))?;
        self.authorize_layer_version(call, "lambda:GetLayerVersionPolicy", &layer, input.version_number)?;
        let version = require_number(input.version_number)?;
        let state = self.platform.store.read();
        let record = find(&state, &layer, version)?;
        let policy = record.policy.as_ref().ok_or_else(no_policy)?;
        Ok(GetLayerVersionPolicyResponse {
            policy: Some(document::shown(policy, &state)),
            revision_id: Some(policy.revision_id.clone()),
        })
    }
}

fn build(
    input: &AddLayerVersionPermissionRequest,
    layer: &LayerReference,
    version: u64,
) -> Result<Value, LambdaError> {
    let principal = StatementPrincipal::parse(&input.principal)?;
    if input.organization_id.is_some() && principal != StatementPrincipal::Anyone {
        let text = "OrganizationId can be given only when Principal is '*'.";
        return Err(LambdaError::InvalidParameter(text.to_owned()));
    }
    let target = layer.version_arn(version);
    let mut statement = grant(&input.statement_id, principal.to_value(), &input.action, &target);
    if let Some(organization) = &input.organization_id {
        let condition = json!({ "StringEquals": { "aws:PrincipalOrgID": organization } });
        statement.insert("Condition".to_owned(), condition);
    }
    Ok(Value::Object(statement))
}

fn find(state: &State, layer: &LayerReference, version: u64) -> Result<Arc<LayerVersion>, LambdaError> {
    let missing =
        || LambdaError::NotFound(format!("Layer version {} does not exist.", layer.version_arn(version)));
    state.layer_versions.get(&(layer.key(), version)).cloned().ok_or_else(missing)
}

fn set_policy(state: &mut State, layer: &LayerReference, version: u64, policy: Option<ResourcePolicy>) {
    state.layer_versions.update(&(layer.key(), version), |record| record.policy = policy);
}

fn require_revision(given: Option<&str>, policy: Option<&ResourcePolicy>) -> Result<(), LambdaError> {
    match given {
        Some(given) if policy.is_none_or(|policy| policy.revision_id != given) => Err(STALE),
        _ => Ok(()),
    }
}

fn no_policy() -> LambdaError {
    LambdaError::NotFound("No policy is associated with the given resource.".to_owned())
}
