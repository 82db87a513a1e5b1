//! The crate awsim-iam-policy. It knows users, roles and sessions inside accounts, one boundary, one session policy,
//! one document at each level of service control policies, and resource policies that may grant on their own.

use std::collections::HashMap;

use awsim_iam_policy::{
    AuthzRequest, ContextValue, Decision, EvalContext, PolicyDocument, evaluate, parse_value,
};
use rolecall_policy::Principal;
use serde_json::Value;

use crate::Opinion;
use crate::case::Case;

/// Puts a case to the engine.
pub(crate) fn ask(case: &Case) -> Opinion {
    answer(case).map_or_else(Opinion::CannotBeAsked, |decision| {
        let word = match decision {
            Decision::Allow => "allowed",
            Decision::ExplicitDeny => "explicitDeny",
            Decision::ImplicitDeny => "implicitDeny",
        };
        Opinion::Decision(word.to_owned())
    })
}

fn answer(case: &Case) -> Result<Decision, String> {
    let principal = match &case.principal {
        None => return Err("federated callers".to_owned()),
        Some(Principal::Anonymous | Principal::Service { .. }) => {
            return Err("callers without account".to_owned());
        }
        Some(principal) => principal.caller_arn(),
    };
    if is_required(case) {
        return Err("policies of resources that must allow (roles, keys)".to_owned());
    }
    if case.owner() != case.resource().split(':').nth(4).unwrap_or_default()
        && case.owner() != case.caller_account()
    {
        return Err("the account of a resource whose ARN has none".to_owned());
    }
    for field in ["rcps", "endpointPolicies"] {
        if !case.field(field).is_null() {
            return Err(format!("`{field}`"));
        }
    }
    let identity = documents(&case.documents("identityPolicies"))?;
    let boundary = at_most_one(case, "permissionBoundaries")?;
    let session = at_most_one(case, "sessionPolicy")?;
    let resource = at_most_one(case, "resourcePolicy")?;
    let scps = service_control(case)?;
    let context = context(case);
    let request = AuthzRequest {
        principal_arn: &principal,
        principal_account: &case.caller_account(),
        action: case.text("action"),
        resource_arn: case.resource(),
        context: &context,
    };
    let policies = EvalContext {
        identity_policies: &identity,
        permissions_boundary: boundary.as_ref(),
        resource_policy: resource.as_ref(),
        scps: &scps,
        session_policy: session.as_ref(),
    };
    Ok(evaluate(&request, &policies))
}

fn is_required(case: &Case) -> bool {
    let service = case.text("action").split(':').next().unwrap_or_default();
    let is_role = case.resource().contains(":role/") && service.eq_ignore_ascii_case("sts");
    is_role || service.eq_ignore_ascii_case("kms")
}

fn service_control(case: &Case) -> Result<Vec<PolicyDocument>, String> {
    let levels = case.levels("scps");
    if levels.iter().any(|(_, documents)| documents.len() != 1) {
        return Err("levels of `scps` with no or several documents".to_owned());
    }
    documents(&levels.into_iter().flat_map(|(_, documents)| documents).collect::<Vec<_>>())
}

fn at_most_one(case: &Case, field: &str) -> Result<Option<PolicyDocument>, String> {
    let mut found = documents(&case.documents(field))?;
    if found.len() > 1 {
        return Err(format!("several documents in `{field}`"));
    }
    Ok(found.pop())
}

fn documents(values: &[Value]) -> Result<Vec<PolicyDocument>, String> {
    let parse = |value| parse_value(value).map_err(|_| "documents that it does not read".to_owned());
    values.iter().map(parse).collect()
}

fn context(case: &Case) -> HashMap<String, ContextValue> {
    let value = |value: &rolecall_policy::ContextValue| match value {
        rolecall_policy::ContextValue::One(value) => ContextValue::String(value.clone()),
        rolecall_policy::ContextValue::Many(values) => ContextValue::StringList(values.clone()),
    };
    case.context.iter().map(|(key, given)| (key.to_owned(), value(given))).collect()
}
