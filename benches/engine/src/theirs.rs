//! The other engines, with the same policies and requests. Everything that can be made before a decision is made
//! before it: parsed policies, requests, entities, contexts.

use std::collections::{HashMap, HashSet};
use std::hint::black_box;

use anyhow::{Result, anyhow};
use awsim_iam_policy::{AuthzRequest, ContextValue, EvalContext, PolicyDocument, evaluate};
use cedar_policy::{
    Authorizer, Context, Entities, Entity, EntityUid, PolicySet, Request, RestrictedExpression,
};

use crate::scale::{ACCOUNT, ACTION, CALLER, CONTEXT, NAME, Scale};

/// Cedar.
pub struct Cedar {
    authorizer: Authorizer,
    policies: PolicySet,
    entities: Entities,
    requests: Vec<Request>,
    expected: cedar_policy::Decision,
}

impl Cedar {
    /// Parses the policies of a size.
    ///
    /// # Errors
    /// When Cedar refuses them.
    pub fn new(scale: &Scale) -> Result<Self> {
        let policies: PolicySet = scale.cedar().parse().map_err(|error| anyhow!("{error}"))?;
        let caller = uid("User", NAME)?;
        let name = HashMap::from([("name".to_owned(), RestrictedExpression::new_string(NAME.to_owned()))]);
        let mut entities = vec![Entity::new(caller.clone(), name, HashSet::new())?];
        let mut requests = Vec::new();
        for resource in scale.resources() {
            let function = uid("Function", &resource)?;
            let group = uid("Group", resource.strip_suffix("-ana").unwrap_or(&resource))?;
            let owner = RestrictedExpression::new_string(NAME.to_owned());
            let attributes = HashMap::from([("owner".to_owned(), owner)]);
            entities.push(Entity::new(function.clone(), attributes, HashSet::from([group]))?);
            requests.push(Request::new(caller.clone(), uid("Action", ACTION)?, function, context()?, None)?);
        }
        let expected = if scale.hit { cedar_policy::Decision::Allow } else { cedar_policy::Decision::Deny };
        let entities = Entities::from_entities(entities, None)?;
        Ok(Cedar { authorizer: Authorizer::new(), policies, entities, requests, expected })
    }

    /// One decision.
    pub fn decide(&self, turn: usize) -> bool {
        let request = &self.requests[turn % self.requests.len()];
        let response = self.authorizer.is_authorized(black_box(request), &self.policies, &self.entities);
        black_box(response).decision() == self.expected
    }
}

fn uid(kind: &str, id: &str) -> Result<EntityUid> {
    Ok(EntityUid::from_type_name_and_id(kind.parse()?, id.parse()?))
}

fn context() -> Result<Context> {
    let [(_, team), (_, address), (_, now)] = CONTEXT;
    Ok(Context::from_pairs([
        ("team".to_owned(), RestrictedExpression::new_string(team.to_owned())),
        ("sourceIp".to_owned(), RestrictedExpression::new_ip(address)),
        ("now".to_owned(), RestrictedExpression::new_datetime(now)),
    ])?)
}

/// awsim-iam-policy.
pub struct Awsim {
    policies: Vec<PolicyDocument>,
    context: HashMap<String, ContextValue>,
    resources: Vec<String>,
    expected: awsim_iam_policy::Decision,
}

impl Awsim {
    /// Parses the policy of a size.
    ///
    /// # Errors
    /// When it is refused.
    pub fn new(scale: &Scale) -> Result<Self> {
        let string = |(key, value): (&str, &str)| (key.to_owned(), ContextValue::String(value.to_owned()));
        let expected = match scale.hit {
            true => awsim_iam_policy::Decision::Allow,
            false => awsim_iam_policy::Decision::ImplicitDeny,
        };
        Ok(Awsim {
            policies: vec![awsim_iam_policy::parse(&scale.document())?],
            context: CONTEXT.into_iter().map(string).collect(),
            resources: scale.resources(),
            expected,
        })
    }

    /// One decision.
    pub fn decide(&self, turn: usize) -> bool {
        let request = AuthzRequest {
            principal_arn: CALLER,
            principal_account: ACCOUNT,
            action: ACTION,
            resource_arn: &self.resources[turn % self.resources.len()],
            context: &self.context,
        };
        let policies = EvalContext { identity_policies: &self.policies, ..EvalContext::default() };
        black_box(evaluate(black_box(&request), black_box(&policies))) == self.expected
    }
}
