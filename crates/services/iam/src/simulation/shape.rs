//! The results as answers have them.

use rolecall_policy::{
    MatchedStatement, OrganizationsDecisionDetail, PermissionsBoundaryDecisionDetail, SimulatedDecision,
    SimulationResult,
};
use rolecall_wire::iam as wire;

/// The result for an action.
pub(super) fn result(result: SimulationResult) -> wire::EvaluationResult {
    wire::EvaluationResult {
        eval_action_name: Some(result.eval_action_name),
        eval_resource_name: Some(result.eval_resource_name),
        eval_decision: Some(word(result.eval_decision)),
        matched_statements: statements(result.matched_statements),
        missing_context_values: Some(result.missing_context_values),
        organizations_decision_detail: result.organizations_decision_detail.map(organizations),
        permissions_boundary_decision_detail: result.permissions_boundary_decision_detail.map(boundary),
        eval_decision_details: details(result.eval_decision_details),
        resource_specific_results: Some(result.resource_specific_results.into_iter().map(specific).collect()),
    }
}

fn specific(result: rolecall_policy::ResourceSpecificResult) -> wire::ResourceSpecificResult {
    wire::ResourceSpecificResult {
        eval_resource_name: Some(result.eval_resource_name),
        eval_resource_decision: Some(word(result.eval_resource_decision)),
        matched_statements: statements(result.matched_statements),
        missing_context_values: Some(result.missing_context_values),
        eval_decision_details: details(result.eval_decision_details),
        permissions_boundary_decision_detail: result.permissions_boundary_decision_detail.map(boundary),
    }
}

fn word(decision: SimulatedDecision) -> String {
    match decision {
        SimulatedDecision::Allowed => "allowed",
        SimulatedDecision::ExplicitDeny => "explicitDeny",
        SimulatedDecision::ImplicitDeny => "implicitDeny",
    }
    .to_owned()
}

fn statements(matched: Vec<MatchedStatement>) -> Option<Vec<wire::Statement>> {
    let position = |position: rolecall_policy::Position| wire::Position {
        line: i32::try_from(position.line).ok(),
        column: i32::try_from(position.column).ok(),
    };
    let statement = |statement: MatchedStatement| wire::Statement {
        source_policy_id: Some(statement.source_policy_id),
        source_policy_type: Some(statement.source_policy_type.to_owned()),
        start_position: Some(position(statement.start_position)),
        end_position: Some(position(statement.end_position)),
    };
    Some(matched.into_iter().map(statement).collect())
}

fn organizations(detail: OrganizationsDecisionDetail) -> wire::OrganizationsDecisionDetail {
    wire::OrganizationsDecisionDetail { allowed_by_organizations: Some(detail.allowed_by_organizations) }
}

fn boundary(detail: PermissionsBoundaryDecisionDetail) -> wire::PermissionsBoundaryDecisionDetail {
    wire::PermissionsBoundaryDecisionDetail {
        allowed_by_permissions_boundary: Some(detail.allowed_by_permissions_boundary),
    }
}

type Details<K, V> = Option<std::collections::BTreeMap<K, V>>;

fn details(details: Details<&'static str, SimulatedDecision>) -> Details<String, String> {
    details.map(|sides| sides.into_iter().map(|(side, said)| (side.to_owned(), word(said))).collect())
}
