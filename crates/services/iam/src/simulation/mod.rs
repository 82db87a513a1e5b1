//! SimulateCustomPolicy and SimulatePrincipalPolicy: what policies would decide, without anybody asking for it
//! (reference iam.md 7.3). The engine decides as for every request; nothing is looked up of resources.
//!
//! Which inputs AWS refuses is known in part only; where the words are ours, it is said beside them.

mod asked;
mod documents;
mod principal;
mod shape;

use std::sync::Arc;

use rolecall_policy::{LayerPolicies, Level, Policy, Request as Question, resource_policy_kind, simulate};
use rolecall_wire::ServiceError;
use rolecall_wire::iam::{
    EvaluationResult, SimulateCustomPolicyRequest, SimulatePolicyResponse, SimulatePrincipalPolicyRequest,
};

use crate::error::IamError;
use crate::page::page;
use crate::request::Request;
use crate::simulation::asked::{Asked, Given, SimulatedCaller};

/// The policies of the simulated caller.
struct CallerPolicies {
    identity: Vec<Arc<Policy>>,
    boundary: Option<Vec<Arc<Policy>>>,
    service_control: Option<Vec<Level>>,
}

impl Request<'_> {
    /// Simulates policies that the request brings.
    pub(crate) fn simulate_custom_policy(
        &self,
        input: SimulateCustomPolicyRequest,
    ) -> Result<SimulatePolicyResponse, ServiceError> {
        self.allow(self.check_all())?;
        let policies = CallerPolicies {
            identity: documents::identity(&input.policy_input_list)?,
            boundary: documents::boundary(input.permissions_boundary_policy_input_list.as_deref())?,
            service_control: documents::levels(input.ordered_organization_policy_input_list.as_deref())?,
        };
        let caller = input.caller_arn.as_deref().map(SimulatedCaller::user).transpose()?;
        let asked = Asked::read(Given {
            actions: input.action_names,
            resources: input.resource_arns,
            resource_policy: input.resource_policy,
            resource_owner: input.resource_owner,
            context: input.context_entries,
            resource_handling: input.resource_handling_option,
        })?;
        self.simulate_for(caller, &policies, &asked, input.marker.as_deref(), input.max_items)
    }

    /// Simulates the policies of a user, group or role, and those that the request brings beside.
    pub(crate) fn simulate_principal_policy(
        &self,
        input: SimulatePrincipalPolicyRequest,
    ) -> Result<SimulatePolicyResponse, ServiceError> {
        let source = self.allow_simulation_of(&input.policy_source_arn)?;
        let exclusions = input.policy_exclusion_list.unwrap_or_default();
        let mut policies = self.policies_of(&source, &exclusions)?;
        policies.identity.extend(documents::identity(&input.policy_input_list.unwrap_or_default())?);
        if let Some(boundary) = documents::boundary(input.permissions_boundary_policy_input_list.as_deref())?
        {
            policies.boundary = Some(boundary);
        }
        let caller = match input.caller_arn.as_deref() {
            Some(arn) => Some(SimulatedCaller::user(arn)?),
            None => source.caller(),
        };
        let asked = Asked::read(Given {
            actions: input.action_names,
            resources: input.resource_arns,
            resource_policy: input.resource_policy,
            resource_owner: input.resource_owner,
            context: input.context_entries,
            resource_handling: input.resource_handling_option,
        })?;
        self.simulate_for(caller, &policies, &asked, input.marker.as_deref(), input.max_items)
    }

    /// Simulates for the caller, or for AWS's stand-in where nobody needs to be known.
    fn simulate_for(
        &self,
        caller: Option<SimulatedCaller>,
        policies: &CallerPolicies,
        asked: &Asked,
        marker: Option<&str>,
        max_items: Option<i32>,
    ) -> Result<SimulatePolicyResponse, ServiceError> {
        // Whom a resource's policy names, must be known.
        if asked.resource_policy.is_some() && caller.is_none() {
            return Err(IamError::no_simulated_caller().into());
        }
        let caller = caller.unwrap_or_else(|| SimulatedCaller::stub(self.account));
        Ok(answer(policies, &caller, asked, marker, max_items)?)
    }
}

/// A result for each action, in pages.
fn answer(
    policies: &CallerPolicies,
    caller: &SimulatedCaller,
    asked: &Asked,
    marker: Option<&str>,
    max_items: Option<i32>,
) -> Result<SimulatePolicyResponse, IamError> {
    let numbered = asked.actions.iter().enumerate().map(|(number, action)| (format!("{number:08}"), action));
    let page = page(numbered, marker, max_items)?;
    let results = page.items.into_iter().map(|action| evaluate(policies, caller, asked, action));
    Ok(SimulatePolicyResponse {
        evaluation_results: Some(results.collect::<Result<_, _>>()?),
        is_truncated: page.is_truncated,
        marker: page.marker,
    })
}

fn evaluate(
    policies: &CallerPolicies,
    caller: &SimulatedCaller,
    asked: &Asked,
    action: &str,
) -> Result<EvaluationResult, IamError> {
    let context = asked.context_of(caller);
    let first = asked.resources.first().map_or("*", String::as_str);
    // A role's trust policy has another form, and must allow. Without one nothing is known of the resource.
    let (kind, must_allow) = resource_policy_kind(action, first);
    let resource = asked.resource_policy.as_deref();
    let resource = resource.map(|text| documents::compile(kind, "ResourcePolicy", text)).transpose()?;
    let layers = LayerPolicies {
        identity: policies.identity.clone(),
        boundary: policies.boundary.clone(),
        service_control: policies.service_control.clone(),
        resource_must_allow: must_allow && resource.is_some(),
        resource,
        ..LayerPolicies::default()
    };
    let questions = asked.resources.iter().map(|resource| Question {
        principal: &caller.principal,
        action,
        resource,
        resource_account: asked.owner_of(resource),
        context: &context,
    });
    Ok(shape::result(simulate(&questions.collect::<Vec<_>>(), &layers.layers())))
}
