//! AddPermission, RemovePermission and GetPolicy. Each is about the policy of one target: the function, a version or
//! an alias (reference lambda.md 2.1).

use std::sync::Arc;

use rolecall_authority::Call;
use rolecall_store::State;
use rolecall_store::records::lambda::ResourcePolicy;
use rolecall_wire::ServiceError;
use rolecall_wire::lambda::{
    AddPermissionRequest, AddPermissionResponse, GetPolicyRequest, GetPolicyResponse,
    RemovePermissionRequest, RemovePermissionResponse,
};
use serde_json::Value;

use crate::alias::cannot_find;
use crate::error::LambdaError;
use crate::name::{FunctionReference, Key, Qualifier, exists, function_not_found};
use crate::permission::principal::{StatementPrincipal, StatementPrincipals};
use crate::permission::{document, principal, statement};
use crate::service::Lambda;

const STALE: LambdaError = LambdaError::StaleRevision("GetPolicy");

impl Lambda {
    pub(crate) async fn add_permission(
        &self,
        call: &Arc<Call>,
        input: AddPermissionRequest,
    ) -> Result<AddPermissionResponse, ServiceError> {
        let reference = Self::reference(call, &input.function_name, input.qualifier.as_deref())?;
        let principal = StatementPrincipal::parse(&input.principal)?;
        let via_url = input.invoked_via_function_url.map(|via| via.to_string());
        let proof = self.authorize_function_with(call, "lambda:AddPermission", &reference, |check| {
            check
                .key("lambda:Principal", input.principal.as_str())
                .key_if("lambda:FunctionUrlAuthType", input.function_url_auth_type.as_deref())
                .key_if("lambda:InvokedViaFunctionUrl", via_url)
        })?;
        statement::check(&input)?;
        if reference.qualifier.as_ref().is_some_and(Qualifier::is_latest) {
            let text = "We currently do not support adding policies for $LATEST.";
            return Err(LambdaError::InvalidParameter(text.to_owned()).into());
        }
        let statement = statement::build(&input, &principal, &reference.arn());
        let answer = AddPermissionResponse { statement: Some(statement.to_string()) };
        let revision = self.platform.entropy().uuid();
        self.write(proof, move |state| {
            require_target(state, &reference)?;
            let key = policy_key(&reference);
            let known = state.function_policies.get(&key).cloned();
            let given = input.revision_id.as_deref();
            let check_revision = || require_revision(given, known.as_deref(), state, &reference);
            let policy = document::add(known.as_deref(), statement, revision, state, check_revision)?;
            state.function_policies.put(key, policy);
            Ok(())
        })
        .await?;
        Ok(answer)
    }

    pub(crate) async fn remove_permission(
        &self,
        call: &Arc<Call>,
        input: RemovePermissionRequest,
    ) -> Result<RemovePermissionResponse, ServiceError> {
        let reference = Self::reference(call, &input.function_name, input.qualifier.as_deref())?;
        let revision = self.platform.entropy().uuid();
        let (target, sid) = (reference.clone(), input.statement_id.clone());
        let basis = move |state: &State| keys_of_statement(state, &target, &sid);
        let decide = |(principals, auth_type): &KeysOfStatement| {
            self.authorize_function_with(call, "lambda:RemovePermission", &reference, |check| {
                let check = match principals {
                    Some(StatementPrincipals::One(principal)) => {
                        check.key("lambda:Principal", principal.as_str())
                    }
                    Some(StatementPrincipals::None) => check.empty_key("lambda:Principal"),
                    None => check,
                };
                check.key_if("lambda:FunctionUrlAuthType", auth_type.as_deref())
            })
        };
        let target = reference.clone();
        self.write_decided(basis, decide, move |state| {
            let key = policy_key(&target);
            let policy = known_policy(state, &target)?;
            let stale = input.revision_id.as_ref().is_some_and(|given| *given != policy.revision_id);
            let check_revision = || if stale { Err(STALE) } else { Ok(()) };
            match document::remove(&policy, &input.statement_id, revision, check_revision)? {
                Some(policy) => state.function_policies.put(key, policy),
                None => {
                    state.function_policies.remove(&key);
                }
            }
            Ok(RemovePermissionResponse)
        })
        .await
    }

    pub(crate) fn get_policy(
        &self,
        call: &Arc<Call>,
        input: GetPolicyRequest,
    ) -> Result<GetPolicyResponse, ServiceError> {
        let reference = Self::reference(call, &input.function_name, input.qualifier.as_deref())?;
        self.authorize_function(call, "lambda:GetPolicy", &reference)?;
        let state = self.platform.store.read();
        let missing = || LambdaError::NotFound("The resource you requested does not exist.".to_owned());
        let policy = state.function_policies.get(&policy_key(&reference)).ok_or_else(missing)?;
        Ok(GetPolicyResponse {
            policy: Some(document::shown(policy, &state)),
            revision_id: Some(policy.revision_id.clone()),
        })
    }
}

/// The principals and the auth type of a statement, where it is there and has them.
type KeysOfStatement = (Option<StatementPrincipals>, Option<String>);

/// What conditions on RemovePermission are about: the statement that is there now (reference lambda.md 2.6).
fn keys_of_statement(state: &State, reference: &FunctionReference, sid: &str) -> KeysOfStatement {
    let policy = state.function_policies.get(&policy_key(reference));
    let Some(statement) = policy.and_then(|policy| document::find(policy, sid, state)) else {
        return (None, None);
    };
    let auth_type =
        statement.pointer("/Condition/StringEquals/lambda:FunctionUrlAuthType").and_then(Value::as_str);
    (principal::context_values(&statement), auth_type.map(str::to_owned))
}

pub(crate) fn policy_key(reference: &FunctionReference) -> (Key, String) {
    (reference.key(), reference.qualifier_text().to_owned())
}

/// Refuses a target that does not exist.
pub(crate) fn require_target(state: &State, reference: &FunctionReference) -> Result<(), LambdaError> {
    if exists(reference, state) {
        return Ok(());
    }
    let alias = reference.qualifier.as_ref().filter(|qualifier| qualifier.is_alias());
    match alias {
        Some(alias) => Err(cannot_find(&reference.key(), alias.as_str())),
        None => Err(function_not_found(&reference.arn())),
    }
}

/// The revision that AddPermission may name: the policy's, or for the first statement of an alias the alias's
/// (reference lambda.md 2.5).
fn require_revision(
    given: Option<&str>,
    policy: Option<&ResourcePolicy>,
    state: &State,
    reference: &FunctionReference,
) -> Result<(), LambdaError> {
    let Some(given) = given else { return Ok(()) };
    let latest = match policy {
        Some(policy) => Some(policy.revision_id.as_str()),
        None => state
            .aliases
            .get(&(reference.key(), reference.qualifier_text().to_owned()))
            .map(|alias| alias.revision_id.as_str()),
    };
    if latest == Some(given) { Ok(()) } else { Err(STALE) }
}

/// The policy that a statement is to be removed from.
fn known_policy(state: &State, reference: &FunctionReference) -> Result<Arc<ResourcePolicy>, LambdaError> {
    let not_found = |text: String| Err(LambdaError::NotFound(text));
    if !state.functions.contains(&reference.key()) {
        return not_found(format!("No policy found for: {}", reference.unqualified_arn()));
    }
    if let Some(alias) = reference.qualifier.as_ref().filter(|qualifier| qualifier.is_alias())
        && !exists(reference, state)
    {
        return Err(cannot_find(&reference.key(), alias.as_str()));
    }
    match state.function_policies.get(&policy_key(reference)) {
        Some(policy) => Ok(Arc::clone(policy)),
        None => not_found("No policy is associated with the given resource.".to_owned()),
    }
}
