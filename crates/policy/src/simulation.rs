//! The output of SimulateCustomPolicy and SimulatePrincipalPolicy (reference iam.md 7.3), made from the same evaluation
//! as every decision. AWS's simulator has one habit that its decisions do not have and that is not repeated here: it
//! takes NumericNotEquals on what is no number for false.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Serialize;

use crate::context_keys::{context_keys, missing};
use crate::error::Span;
use crate::evaluate::{Finding, Findings, evaluate};
use crate::explanation::Recorded;
use crate::{Decision, Effect, LayerKind, Layers, Level, Policy, Request, ResourceLayer, StatementRef};

/// What the simulator puts for `aws:userid` when it is not told who calls.
pub const STUB_USER_ID: &str = "STUB_PRINCIPAL_FOR_POLICY_SIMULATOR";

/// `EvalDecision`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum SimulatedDecision {
    /// The request would be allowed.
    Allowed,
    /// A statement would deny it.
    ExplicitDeny,
    /// Nothing would allow it.
    ImplicitDeny,
}

/// One `EvaluationResult`: an action on some resources.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct SimulationResult {
    /// The action.
    pub eval_action_name: String,
    /// The resource; `*` where there are several, for which AWS prints a template out of its tables.
    pub eval_resource_name: String,
    /// The decision; over several resources the hardest of theirs.
    pub eval_decision: SimulatedDecision,
    /// The statements that decided.
    pub matched_statements: Vec<MatchedStatement>,
    /// Condition keys that the policies ask for and the request does not have. With resources these are told for each.
    pub missing_context_values: Vec<String>,
    /// What the service control policies say, where there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organizations_decision_detail: Option<OrganizationsDecisionDetail>,
    /// What the permissions boundary says, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permissions_boundary_decision_detail: Option<PermissionsBoundaryDecisionDetail>,
    /// What each side of a request between two accounts says; empty inside one account, absent without resource.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eval_decision_details: Option<BTreeMap<&'static str, SimulatedDecision>>,
    /// The results by resource, where resources were asked about.
    pub resource_specific_results: Vec<ResourceSpecificResult>,
}

/// The result for one of several resources.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ResourceSpecificResult {
    /// The resource.
    pub eval_resource_name: String,
    /// The decision.
    pub eval_resource_decision: SimulatedDecision,
    /// The statements that decided.
    pub matched_statements: Vec<MatchedStatement>,
    /// Condition keys that the policies ask for and the request does not have.
    pub missing_context_values: Vec<String>,
    /// As in [`SimulationResult`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eval_decision_details: Option<BTreeMap<&'static str, SimulatedDecision>>,
    /// As in [`SimulationResult`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permissions_boundary_decision_detail: Option<PermissionsBoundaryDecisionDetail>,
}

/// What the service control policies say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct OrganizationsDecisionDetail {
    /// Whether every level allows and none denies.
    pub allowed_by_organizations: bool,
}

/// What the permissions boundary says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PermissionsBoundaryDecisionDetail {
    /// Whether it allows and does not deny.
    pub allowed_by_permissions_boundary: bool,
}

/// A statement that decided, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct MatchedStatement {
    /// The name of the policy's source; IAM calls the documents of a request `PolicyInputList.1` and so on.
    pub source_policy_id: String,
    /// `IAM Policy`, `Resource Policy` or `Permissions Boundary Policy`.
    pub source_policy_type: &'static str,
    /// Just after the token before the statement.
    pub start_position: Position,
    /// Just after the statement.
    pub end_position: Position,
}

/// A place in a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Position {
    /// From 1.
    pub line: u32,
    /// In characters, from 1.
    pub column: u32,
}

/// Simulates an action on each of the requests' resources; all requests have the same action and caller.
///
/// ```
/// use rolecall_policy::{
///     Context, Layers, Policy, PolicyKind, PolicySource, Principal, Request, SimulatedDecision, simulate,
/// };
///
/// let text = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}}"#;
/// let source = PolicySource::inline("PolicyInputList.1");
/// let identity = [Policy::compile(PolicyKind::Identity, source, text)?.into()];
/// let principal = Principal::parse("arn:aws:iam::111122223333:user/ana", "AIDAEXAMPLE").unwrap();
/// let request = Request {
///     principal: &principal,
///     action: "s3:GetObject",
///     resource: "arn:aws:s3:::bucket/key",
///     resource_account: None,
///     context: &Context::new(),
/// };
/// let result = simulate(&[request], &Layers { identity: &identity, ..Layers::default() });
/// assert_eq!(result.eval_decision, SimulatedDecision::Allowed);
/// assert_eq!(result.matched_statements[0].source_policy_id, "PolicyInputList.1");
/// # Ok::<(), rolecall_policy::PolicyError>(())
/// ```
pub fn simulate(requests: &[Request<'_>], layers: &Layers<'_>) -> SimulationResult {
    let keys = context_keys(policies(layers));
    let answers: Vec<Answer> = requests.iter().map(|request| Answer::to(request, layers)).collect();
    let hardest = answers.iter().min_by_key(|answer| hardness(answer.decision)).cloned().unwrap_or_default();
    let names = |request: &Request<'_>| request.resource.to_owned();
    let has_resources = requests.iter().any(|request| request.resource != "*");
    let missing_in = |request: &Request<'_>| missing(keys.clone(), request.context);
    SimulationResult {
        eval_action_name: requests.first().map(|request| request.action.to_owned()).unwrap_or_default(),
        eval_resource_name: match requests {
            [request] => names(request),
            _ => "*".to_owned(),
        },
        eval_decision: hardest.decision,
        matched_statements: hardest.statements.clone(),
        missing_context_values: match requests {
            [request] if !has_resources => missing_in(request),
            _ => Vec::new(),
        },
        organizations_decision_detail: hardest.organizations,
        permissions_boundary_decision_detail: hardest.boundary,
        eval_decision_details: hardest.details.clone(),
        resource_specific_results: requests
            .iter()
            .zip(answers)
            .filter(|_| has_resources)
            .map(|(request, answer)| ResourceSpecificResult {
                eval_resource_name: names(request),
                eval_resource_decision: answer.decision,
                matched_statements: answer.statements,
                missing_context_values: missing_in(request),
                eval_decision_details: answer.details,
                permissions_boundary_decision_detail: answer.boundary,
            })
            .collect(),
    }
}

/// What is told of one request.
#[derive(Clone)]
struct Answer {
    decision: SimulatedDecision,
    statements: Vec<MatchedStatement>,
    organizations: Option<OrganizationsDecisionDetail>,
    boundary: Option<PermissionsBoundaryDecisionDetail>,
    details: Option<BTreeMap<&'static str, SimulatedDecision>>,
}

impl Default for Answer {
    /// The answer to no request: nothing allows it.
    fn default() -> Self {
        Answer {
            decision: SimulatedDecision::ImplicitDeny,
            statements: Vec::new(),
            organizations: None,
            boundary: None,
            details: None,
        }
    }
}

impl Answer {
    fn to(request: &Request<'_>, layers: &Layers<'_>) -> Self {
        let (findings, decision) = evaluate(request, layers, &mut Recorded::default());
        let scp = &findings.service_control;
        let organizations =
            scp.applies.then(|| OrganizationsDecisionDetail { allowed_by_organizations: passes(scp) });
        let mut answer = Answer { decision: word(&decision), organizations, ..Answer::default() };
        // When the organization denies, the simulator tells nothing else.
        if decision.denied_by() == Some(LayerKind::ServiceControl) {
            return answer;
        }
        let boundary = &findings.boundary;
        answer.boundary = boundary
            .applies
            .then(|| PermissionsBoundaryDecisionDetail { allowed_by_permissions_boundary: passes(boundary) });
        answer.statements =
            decision.determining().iter().map(|statement| matched(&findings, statement)).collect();
        answer.details = details(request, &findings);
        answer
    }
}

fn word(decision: &Decision) -> SimulatedDecision {
    match decision.effect() {
        Effect::Allowed => SimulatedDecision::Allowed,
        Effect::ExplicitlyDenied => SimulatedDecision::ExplicitDeny,
        Effect::ImplicitlyDenied => SimulatedDecision::ImplicitDeny,
    }
}

fn hardness(decision: SimulatedDecision) -> u8 {
    match decision {
        SimulatedDecision::ExplicitDeny => 0,
        SimulatedDecision::ImplicitDeny => 1,
        SimulatedDecision::Allowed => 2,
    }
}

fn passes(finding: &Finding<'_>) -> bool {
    finding.allowed && !finding.denied
}

/// What each side says of a request between two accounts.
fn details(
    request: &Request<'_>,
    findings: &Findings<'_>,
) -> Option<BTreeMap<&'static str, SimulatedDecision>> {
    if request.owner() == request.principal.account() {
        return (request.resource != "*").then(BTreeMap::new);
    }
    let sides = [&findings.identity, &findings.resource, &findings.boundary];
    let side = |finding: &&Finding<'_>| {
        let decision = match (!finding.denied, finding.allowed) {
            (false, _) => SimulatedDecision::ExplicitDeny,
            (true, true) => SimulatedDecision::Allowed,
            (true, false) => SimulatedDecision::ImplicitDeny,
        };
        (type_of(finding.layer), decision)
    };
    let is_asked = |finding: &&&Finding<'_>| finding.layer != LayerKind::Boundary || finding.applies;
    Some(sides.iter().filter(is_asked).map(side).collect())
}

/// AWS's words, which are not those of its documentation.
fn type_of(layer: LayerKind) -> &'static str {
    match layer {
        LayerKind::Resource | LayerKind::Trust => "Resource Policy",
        LayerKind::Boundary => "Permissions Boundary Policy",
        _ => "IAM Policy",
    }
}

fn matched(findings: &Findings<'_>, statement: &StatementRef) -> MatchedStatement {
    let text = findings.policy(statement).map_or("", Policy::text);
    let Range { start, end } = statement.span().start..statement.span().end;
    MatchedStatement {
        source_policy_id: statement.policy().name.clone(),
        source_policy_type: type_of(statement.layer),
        start_position: position(text, start_of(text, start)),
        end_position: position(text, end),
    }
}

/// Where AWS says that a statement begins: in a list just after the token before it, alone just after its own brace.
fn start_of(text: &str, start: usize) -> usize {
    let before = text.get(..start).unwrap_or_default();
    let tokens = before.trim_end_matches([' ', '\t', '\r', '\n', ',']);
    if tokens.ends_with(['[', '}']) { tokens.len() } else { start + 1 }
}

fn position(text: &str, at: usize) -> Position {
    let Span { line, column, .. } = Span::locate(text, &(at..at));
    Position { line, column }
}

/// The policies of all layers.
fn policies<'a>(layers: &Layers<'a>) -> Vec<&'a Policy> {
    let levels = |levels: Option<&'a [Level]>| levels.into_iter().flatten().flat_map(|level| &level.policies);
    let resource = match layers.resource {
        ResourceLayer::Absent => None,
        ResourceLayer::Policy(policy) | ResourceLayer::Required(policy) => Some(policy),
    };
    levels(layers.resource_control)
        .chain(levels(layers.service_control))
        .chain(layers.endpoint.into_iter().flatten())
        .chain(layers.identity)
        .chain(layers.boundary.into_iter().flatten())
        .chain(layers.session.into_iter().flatten())
        .map(AsRef::as_ref)
        .chain(resource)
        .collect()
}
