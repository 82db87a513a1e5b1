//! PutResourcePolicy, GetResourcePolicy and DeleteResourcePolicy: the policy of a function, version or alias as one
//! document (reference lambda.md 2.7).
//!
//! They say the same as AddPermission, RemovePermission and GetPolicy in other words, so that whoever may not use those
//! may not use these either (reference lambda.md 1.8).

use std::collections::BTreeMap;
use std::sync::Arc;

use rolecall_authority::{Authorized, Call, bind};
use rolecall_policy::{PolicyError, function_policy};
use rolecall_store::State;
use rolecall_store::records::lambda::ResourcePolicy;
use rolecall_wire::ServiceError;
use rolecall_wire::lambda::{
    DeleteResourcePolicyRequest, DeleteResourcePolicyResponse, GetResourcePolicyRequest,
    GetResourcePolicyResponse, PutResourcePolicyRequest, PutResourcePolicyResponse,
};

use crate::error::LambdaError;
use crate::name::FunctionReference;
use crate::permission::function::{policy_key, require_target};
use crate::permission::{document, principal, whole};
use crate::service::Lambda;

impl Lambda {
    pub(crate) async fn put_resource_policy(
        &self,
        call: &Arc<Call>,
        input: PutResourcePolicyRequest,
    ) -> Result<PutResourcePolicyResponse, ServiceError> {
        let reference = target(call, &input.resource_arn)?;
        let document = canonical(&input.policy, reference.arn().as_str());
        let revision = self.platform.entropy().uuid();
        let target = reference.clone();
        let basis = move |state: &State| stored_principals(state, &target);
        let decide = |replaced: &Vec<String>| self.authorize_put(call, &reference, &input.policy, replaced);
        let (target, given) = (reference.clone(), input.revision_id.clone());
        self.write_decided(basis, decide, move |state| {
            let (answered, shown) = document?;
            require_target(state, &target)?;
            require_revision(state, &target, given.as_deref())?;
            let policy = bound(shown, revision.clone(), state)?;
            state.function_policies.put(policy_key(&target), policy);
            Ok(PutResourcePolicyResponse { policy: Some(answered), revision_id: Some(revision) })
        })
        .await
    }

    pub(crate) fn get_resource_policy(
        &self,
        call: &Arc<Call>,
        input: GetResourcePolicyRequest,
    ) -> Result<GetResourcePolicyResponse, ServiceError> {
        let reference = target(call, &input.resource_arn)?;
        self.authorize_function(call, "lambda:GetResourcePolicy", &reference)?;
        self.authorize_function(call, "lambda:GetPolicy", &reference)?;
        let state = self.platform.store.read();
        let missing = || LambdaError::NotFound("The resource you requested does not exist.".to_owned());
        let policy = state.function_policies.get(&policy_key(&reference)).ok_or_else(missing)?;
        Ok(GetResourcePolicyResponse {
            policy: Some(document::shown(policy, &state)),
            revision_id: Some(policy.revision_id.clone()),
        })
    }

    /// To delete a policy that is not there, of a function that may not be there either, is no error.
    pub(crate) async fn delete_resource_policy(
        &self,
        call: &Arc<Call>,
        input: DeleteResourcePolicyRequest,
    ) -> Result<DeleteResourcePolicyResponse, ServiceError> {
        let reference = target(call, &input.resource_arn)?;
        let target = reference.clone();
        let basis = move |state: &State| stored_principals(state, &target);
        let decide = |known: &Vec<String>| {
            let proof = self.authorize_each(call, "lambda:DeleteResourcePolicy", &reference, known)?;
            self.authorize_each(call, "lambda:RemovePermission", &reference, known)?;
            Ok(proof)
        };
        let target = reference.clone();
        self.write_decided(basis, decide, move |state| {
            require_revision(state, &target, input.revision_id.as_deref())?;
            state.function_policies.remove(&policy_key(&target));
            Ok(DeleteResourcePolicyResponse)
        })
        .await
    }

    /// All that the caller must be allowed for a new document: to let in whom it names, and to remove whom it replaces.
    fn authorize_put(
        &self,
        call: &Call,
        reference: &FunctionReference,
        policy: &str,
        replaced: &[String],
    ) -> Result<Authorized, ServiceError> {
        let named = whole::named_principals(policy);
        let proof = self.authorize_each(call, "lambda:PutResourcePolicy", reference, &named)?;
        self.authorize_each(call, "lambda:AddPermission", reference, &named)?;
        self.authorize_each(call, "lambda:RemovePermission", reference, replaced)?;
        Ok(proof)
    }

    /// Whether the call may do the action with each of the principals in `lambda:Principal`. AWS does not say what the
    /// key holds for a document that names several; one that may not be let in must not pass beside one that may.
    fn authorize_each(
        &self,
        call: &Call,
        action: &str,
        reference: &FunctionReference,
        principals: &[String],
    ) -> Result<Authorized, ServiceError> {
        let Some((first, others)) = principals.split_first() else {
            return self.authorize_function(call, action, reference);
        };
        let allowed = |principal: &String| {
            self.authorize_function_with(call, action, reference, |check| {
                check.key("lambda:Principal", principal.as_str())
            })
        };
        let proof = allowed(first)?;
        for principal in others {
            allowed(principal)?;
        }
        Ok(proof)
    }
}

/// Whom the policy that is there lets in.
fn stored_principals(state: &State, reference: &FunctionReference) -> Vec<String> {
    let policy = state.function_policies.get(&policy_key(reference));
    policy.map(|policy| whole::named_principals(&document::shown(policy, state))).unwrap_or_default()
}

/// The function, version or alias whose ARN it is. Runtimes, whose ARNs the model admits too, belong to another API.
fn target(call: &Call, arn: &str) -> Result<FunctionReference, LambdaError> {
    if arn.contains(":runtime/") {
        return Err(LambdaError::not_built("policies of custom runtimes"));
    }
    Lambda::reference(call, arn, None)
}

/// The document as it is answered, and as it is shown from then on.
fn canonical(text: &str, target: &str) -> Result<(String, String), LambdaError> {
    let refusal = |error: PolicyError| LambdaError::InvalidParameter(error.message().to_owned());
    function_policy::validate(text, target).map_err(refusal)?;
    let answered = function_policy::stored(text).map_err(refusal)?;
    let shown = function_policy::shown(&answered).map_err(refusal)?;
    Ok((answered, shown))
}

/// The document with the unique ids of the users and roles that it names.
fn bound(document: String, revision_id: String, state: &State) -> Result<ResourcePolicy, LambdaError> {
    if document.len() > document::MAX_BYTES {
        return Err(LambdaError::PolicyTooLong(document.len()));
    }
    let bound_principals: BTreeMap<String, String> =
        bind(&document, state).map_err(|_| principal::invalid())?;
    Ok(ResourcePolicy { document: Arc::from(document), bound_principals, revision_id })
}

/// Refuses a revision id that is not the policy's, or that is given where there is no policy.
fn require_revision(
    state: &State,
    reference: &FunctionReference,
    given: Option<&str>,
) -> Result<(), LambdaError> {
    let latest =
        state.function_policies.get(&policy_key(reference)).map(|policy| policy.revision_id.as_str());
    if given.is_none() || given == latest { Ok(()) } else { Err(LambdaError::StaleDocument) }
}
