//! Running a case: its documents become layers, its request is decided, and the outcome is laid beside what was
//! expected.

use std::sync::Arc;

use serde_json::Value;

use super::{Case, CaseError, DeniedBy, Fields, LevelField, PrincipalField};
use crate::{
    Context, ContextValue, Decision, Explanation, LayerPolicies, Level, Policy, PolicyKind, PolicySource,
    Principal, PrincipalError, Request, StatementRef, decide, explain, resource_policy_kind,
};

/// What came out of a case.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The decision.
    pub decision: Decision,
    /// The decision with its reasons.
    pub explanation: Explanation,
    /// What is not as the case expects, in words; empty when the case passes.
    pub differences: Vec<String>,
}

impl Case {
    /// Decides the case. `is_wildcard_only` tells the actions that have no resource; the case's own word goes first.
    ///
    /// # Errors
    /// When the principal is none, or a document cannot be compiled.
    pub fn run(&self, is_wildcard_only: &dyn Fn(&str) -> bool) -> Result<Outcome, CaseError> {
        let fields = &self.fields;
        let refused = |reason: String| CaseError { id: self.id.clone(), reason };
        let mut context: Context = fields.context.iter().map(|(key, value)| (key, value.clone())).collect();
        let principal = principal(&fields.principal, &context).map_err(refused)?;
        principal.add_context_keys(&mut context);
        let wildcard_only = fields.wildcard_only_action.unwrap_or_else(|| is_wildcard_only(&fields.action));
        let resource = if wildcard_only { "*" } else { &fields.resource };
        let policies = policies(fields, resource).map_err(refused)?;
        let request = Request {
            principal: &principal,
            action: &fields.action,
            resource,
            resource_account: fields.resource_account,
            context: &context,
        };
        let layers = policies.layers();
        let decision = decide(&request, &layers);
        let explanation = explain(&request, &layers);
        let differences = differences(fields, &request, &decision);
        Ok(Outcome { decision, explanation, differences })
    }
}

fn principal(field: &PrincipalField, context: &Context) -> Result<Principal, String> {
    match field {
        PrincipalField::Text(text) => caller(text, context).map_err(|error| error.to_string()),
        PrincipalField::Typed { kind } if kind == "Anonymous" => Ok(Principal::Anonymous),
        PrincipalField::Typed { kind } => Err(format!("there is no principal type '{kind}'")),
    }
}

/// Makes the caller of an ARN or a service's name. The context can tell what an ARN does not: the unique id in
/// `aws:userid`, and the path of a role in `aws:PrincipalArn`.
///
/// # Errors
/// When the text names no caller.
pub fn caller(text: &str, context: &Context) -> Result<Principal, PrincipalError> {
    let single = |key: &str| match context.get(key) {
        Some(ContextValue::One(value)) => Some(value.as_str()),
        _ => None,
    };
    let fallback = if text.contains(":user/") { "AIDACASE777777777777" } else { "AROACASE777777777777" };
    let unique_id = single("aws:userid").and_then(|id| id.split(':').next()).unwrap_or(fallback);
    let mut principal = Principal::parse(text, unique_id)?;
    if let Principal::RoleSession { role_arn, .. } = &mut principal
        && let Some(with_path) =
            single("aws:PrincipalArn").and_then(|arn| arn.parse::<rolecall_arn::Arn>().ok())
        && with_path.account() == role_arn.account()
        && with_path.resource().rsplit('/').next() == role_arn.resource().rsplit('/').next()
    {
        *role_arn = with_path;
    }
    Ok(principal)
}

/// The documents of a case, compiled. An empty list is the same as an absent field, and resource control policies do
/// not apply to services that they do not cover.
fn policies(fields: &Fields, resource: &str) -> Result<LayerPolicies, String> {
    let mut policies = LayerPolicies::for_request(&fields.action, resource, "resourcePolicy");
    if let Some(document) = &fields.resource_policy {
        let (kind, _) = resource_policy_kind(&fields.action, resource);
        policies.resource = Some(compile(kind, "resourcePolicy".to_owned(), document)?);
    }
    let session = match &fields.session_policy {
        None => &[],
        Some(Value::Array(documents)) => documents.as_slice(),
        Some(document) => std::slice::from_ref(document),
    };
    let rcps = levels(PolicyKind::ResourceControl, "rcps", &fields.rcps)?;
    policies.bind_by_resource_control(&fields.action, resource, rcps);
    policies.service_control = unless_empty(levels(PolicyKind::ServiceControl, "scps", &fields.scps)?);
    policies.endpoint =
        unless_empty(list(PolicyKind::Endpoint, "endpointPolicies", &fields.endpoint_policies)?);
    policies.identity = list(PolicyKind::Identity, "identityPolicies", &fields.identity_policies)?;
    policies.boundary =
        unless_empty(list(PolicyKind::Identity, "permissionBoundaries", &fields.permission_boundaries)?);
    policies.session = unless_empty(list(PolicyKind::Session, "sessionPolicy", session)?);
    Ok(policies)
}

fn unless_empty<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}

fn levels(kind: PolicyKind, field: &str, levels: &[LevelField]) -> Result<Vec<Level>, String> {
    let level = |level: &LevelField| {
        let policies = list(kind, &format!("{field}.{}", level.id), &level.policies)?;
        Ok(Level { id: level.id.clone(), policies })
    };
    levels.iter().map(level).collect()
}

fn list(kind: PolicyKind, field: &str, documents: &[Value]) -> Result<Vec<Arc<Policy>>, String> {
    let named = documents.iter().enumerate();
    named.map(|(at, document)| compile(kind, format!("{field}[{at}]"), document).map(Arc::new)).collect()
}

fn compile(kind: PolicyKind, name: String, document: &Value) -> Result<Policy, String> {
    let text = document.to_string();
    Policy::compile(kind, PolicySource::inline(name.clone()), &text)
        .map_err(|error| format!("{name}: {error}"))
}

fn differences(fields: &Fields, request: &Request<'_>, decision: &Decision) -> Vec<String> {
    let expected = &fields.expected;
    let mut differences = Vec::new();
    if !expected.decision.covers(decision.effect()) {
        differences.push(format!("expected {:?}, decided {:?}", expected.decision, decision.effect()));
    }
    let denied_by = decision.denied_by().map(DeniedBy::of);
    if expected.denied_by.is_some() && expected.denied_by != denied_by {
        differences.push(format!("expected denial by {:?}, denied by {denied_by:?}", expected.denied_by));
    }
    if let Some(statements) = &expected.statements {
        differences.extend(statement_difference(statements, decision.determining()));
    }
    let message = decision.message(request);
    if expected.message.as_ref().is_some_and(|expected| *expected != message) {
        differences.push(format!("expected message {:?}, got {message:?}", expected.message));
    }
    differences
}

/// The order of statements says nothing. A statement can be called by its `Sid` or by its place.
fn statement_difference(expected: &[String], decided: &[StatementRef]) -> Option<String> {
    let by_place = |statement: &StatementRef| format!("{}#{}", statement.policy().name, statement.index);
    let by_sid = |statement: &StatementRef| {
        statement
            .sid()
            .map_or_else(|| by_place(statement), |sid| format!("{}#{sid}", statement.policy().name))
    };
    let is =
        |name: &String, statement: &StatementRef| *name == by_place(statement) || *name == by_sid(statement);
    let all_decided = expected.iter().all(|name| decided.iter().any(|statement| is(name, statement)));
    let all_expected = decided.iter().all(|statement| expected.iter().any(|name| is(name, statement)));
    if all_decided && all_expected {
        return None;
    }
    let decided: Vec<String> = decided.iter().map(by_sid).collect();
    Some(format!("expected statements {expected:?}, decided by {decided:?}"))
}
