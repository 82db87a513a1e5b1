//! The order of decision (reference iam.md 5).

use std::collections::BTreeSet;

use rolecall_arn::AccountId;
use rolecall_policy::{ContextValue, Principal, Request};

use crate::Layer;
use crate::document::Policy;
use crate::principal::Reach;
use crate::statement;

/// All policies that a request meets. `None` means that a layer does not apply.
#[derive(Debug, Clone, Default)]
pub struct Policies {
    /// Resource control policies by level, root first.
    pub resource_control: Option<Vec<Vec<Policy>>>,
    /// Service control policies by level, root first.
    pub service_control: Option<Vec<Vec<Policy>>>,
    /// The documents of the VPC endpoint.
    pub endpoint: Option<Vec<Policy>>,
    /// The policy of the resource.
    pub resource: Option<ResourcePolicy>,
    /// Identity-based policies.
    pub identity: Vec<Policy>,
    /// Permissions boundaries, each of which must allow.
    pub boundary: Option<Vec<Policy>>,
    /// Session policies.
    pub session: Option<Vec<Policy>>,
}

/// What the resource says.
#[derive(Debug, Clone)]
pub struct ResourcePolicy {
    /// Its policy.
    pub policy: Policy,
    /// Whether it must allow even inside one account (reference iam.md 5.4).
    pub must_allow: bool,
}

/// How a request ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It may go ahead.
    Allowed,
    /// Something that had to allow it did not.
    ImplicitlyDenied,
    /// A statement denies it.
    ExplicitlyDenied,
}

/// The answer to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// How it ends.
    pub effect: Effect,
    /// The layer that is named for a denial.
    pub denied_by: Option<Layer>,
    /// The statements that decided: the policy's name and the place in it.
    pub statements: BTreeSet<(String, usize)>,
}

type Statements = BTreeSet<(String, usize)>;

impl Answer {
    fn allowed(statements: Statements) -> Answer {
        Answer { effect: Effect::Allowed, denied_by: None, statements }
    }

    fn denied(layer: Layer) -> Answer {
        Answer { effect: Effect::ImplicitlyDenied, denied_by: Some(layer), statements: Statements::new() }
    }
}

/// Decides a request.
pub fn decide(request: &Request<'_>, policies: &Policies) -> Answer {
    let nobody_may =
        Answer { effect: Effect::ImplicitlyDenied, denied_by: None, statements: Statements::new() };
    if is_beyond_credentials(request) {
        return nobody_may;
    }
    let answer = by_policies(request, policies);
    if answer.effect == Effect::Allowed && edits_what_is_of_aws(request) { nobody_may } else { answer }
}

/// Edits of AWS's managed policies and reserved roles, and of the trust policies of service-linked roles, which IAM
/// refuses although policies allow them (reference iam.md 5.6). What reads, iam:PassRole and the making of a
/// role are no edits.
fn edits_what_is_of_aws(request: &Request<'_>) -> bool {
    let action = request.action.to_ascii_lowercase();
    let Some(operation) = action.strip_prefix("iam:") else { return false };
    let parts: Vec<&str> = request.resource.splitn(6, ':').collect();
    let ["arn", "aws", "iam", "", account, entity] = parts[..] else { return false };
    let edits_nothing = ["get", "list", "generate", "simulate", "passrole", "createrole"];
    let reads = edits_nothing.iter().any(|word| operation.starts_with(word));
    let of_aws =
        (account == "aws" && entity.starts_with("policy/")) || entity.starts_with("role/aws-reserved/");
    let trust = entity.starts_with("role/aws-service-role/") && operation == "updateassumerolepolicy";
    (of_aws && !reads) || trust
}

fn by_policies(request: &Request<'_>, policies: &Policies) -> Answer {
    if needs_no_permission(request) {
        return Answer::allowed(Statements::new());
    }
    let policies = &applicable(request.principal, policies);
    if let Some(answer) = explicit_denial(request, policies) {
        return answer;
    }
    for (layer, levels) in [
        (Layer::ServiceControl, &policies.service_control),
        (Layer::ResourceControl, &policies.resource_control),
    ] {
        if !each_allows(levels.as_deref(), request) {
            return Answer::denied(layer);
        }
    }
    if !allows_if_any(policies.endpoint.as_deref(), request) {
        return Answer::denied(Layer::Endpoint);
    }
    let of_account = match request.principal {
        // A provider has an account, but whom it sends is nobody there yet (reference iam.md 3.5, 5.9).
        Principal::Federated { .. } => None,
        caller => caller.account(),
    };
    match of_account {
        None => by_resource_alone(request, policies),
        Some(account) if account == owner(request, account) => inside_one_account(request, policies),
        Some(_) => across_accounts(request, policies),
    }
}

/// Calls that the kind of credentials rules out (reference iam.md 5.6, 5.7). Credentials of GetSessionToken are those of a
/// user or root user whose context tells of multi-factor authentication, or of its absence (3.5).
fn is_beyond_credentials(request: &Request<'_>) -> bool {
    let action = request.action.to_ascii_lowercase();
    let mfa = request.context.get("aws:MultiFactorAuthPresent");
    let with_mfa = matches!(mfa, Some(ContextValue::One(value)) if value.eq_ignore_ascii_case("true"));
    let (calls_sts, calls_iam) =
        (action.starts_with("sts:"), action.starts_with("iam:") && action != "iam:passrole");
    let assuming =
        matches!(&*action, "sts:assumerole" | "sts:tagsession" | "sts:setsourceidentity" | "sts:setcontext");
    match request.principal {
        Principal::Root { .. } if action == "sts:assumerole" => true,
        Principal::RoleSession { .. } => {
            action == "sts:getsessiontoken" || action == "sts:getfederationtoken"
        }
        Principal::FederatedUser { .. } => (calls_sts && action != "sts:getcalleridentity") || calls_iam,
        Principal::User { .. } | Principal::Root { .. } if mfa.is_some() => {
            (calls_sts && !assuming && action != "sts:getcalleridentity") || (calls_iam && !with_mfa)
        }
        _ => false,
    }
}

/// Calls that no policy can deny (reference iam.md 5.6).
fn needs_no_permission(request: &Request<'_>) -> bool {
    let is = |action: &str| request.action.eq_ignore_ascii_case(action);
    match request.principal {
        Principal::Anonymous | Principal::Federated { .. } => false,
        Principal::User { .. } | Principal::Root { .. } if is("sts:GetSessionToken") => true,
        _ => is("sts:GetCallerIdentity"),
    }
}

/// Leaves out the layers that do not apply to the caller (reference iam.md 5.2, 5.6).
fn applicable(caller: &Principal, policies: &Policies) -> Policies {
    let mut policies = policies.clone();
    if matches!(caller, Principal::Anonymous | Principal::Service { .. } | Principal::Federated { .. }) {
        policies.service_control = None;
        policies.identity = Vec::new();
        policies.boundary = None;
        policies.session = None;
    }
    if matches!(caller, Principal::Root { .. }) {
        policies.identity = Vec::new();
        policies.boundary = None;
    }
    if is_service_linked(caller) {
        policies.service_control = None;
        policies.resource_control = None;
    }
    policies
}

fn is_service_linked(caller: &Principal) -> bool {
    matches!(caller, Principal::RoleSession { role_arn, .. }
        if role_arn.resource().starts_with("role/aws-service-role/"))
}

/// The account of the resource: as it is told, else from the ARN, else the caller's.
fn owner(request: &Request<'_>, caller: AccountId) -> AccountId {
    let in_arn = request.resource.split(':').nth(4).and_then(|account| account.parse().ok());
    request.resource_account.or(in_arn).unwrap_or(caller)
}

/// The first layer in order that denies is named, with all its statements that deny (reference iam.md 5.13).
fn explicit_denial(request: &Request<'_>, policies: &Policies) -> Option<Answer> {
    let levels = |levels: &Option<Vec<Vec<Policy>>>| levels.iter().flatten().flatten().cloned().collect();
    let list = |list: &Option<Vec<Policy>>| list.iter().flatten().cloned().collect();
    let in_order: [(Layer, Vec<Policy>); 7] = [
        (Layer::ServiceControl, levels(&policies.service_control)),
        (Layer::ResourceControl, levels(&policies.resource_control)),
        (Layer::Endpoint, list(&policies.endpoint)),
        (Layer::Resource, policies.resource.iter().map(|resource| resource.policy.clone()).collect()),
        (Layer::Identity, policies.identity.clone()),
        (Layer::Boundary, list(&policies.boundary)),
        (Layer::Session, list(&policies.session)),
    ];
    let has_boundary = policies.boundary.is_some();
    for (layer, documents) in in_order {
        // The owner's root user can always reach the policy of a bucket, and a session of AssumeRoot that of a queue
        // (reference iam.md 5.6).
        let of_assumed_root = policies.session.is_some();
        if layer == Layer::Resource && reaches_own_policy(request, of_assumed_root) {
            continue;
        }
        let statements = denials(&documents, request, has_boundary);
        if !statements.is_empty() {
            return Some(Answer { effect: Effect::ExplicitlyDenied, denied_by: Some(layer), statements });
        }
    }
    None
}

fn reaches_own_policy(request: &Request<'_>, of_assumed_root: bool) -> bool {
    let Principal::Root { account } = request.principal else { return false };
    let of_buckets = ["s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"];
    let of_queues = ["sqs:GetQueueAttributes", "sqs:SetQueueAttributes"];
    let is_in = |actions: &[&str]| actions.iter().any(|action| request.action.eq_ignore_ascii_case(action));
    owner(request, *account) == *account && (is_in(&of_buckets) || (of_assumed_root && is_in(&of_queues)))
}

/// All statements that deny. A document that cannot be read denies as a whole.
fn denials(documents: &[Policy], request: &Request<'_>, has_boundary: bool) -> Statements {
    let mut found = Statements::new();
    for policy in documents {
        let Ok(statements) = &*policy.statements else {
            found.insert((policy.name.to_string(), 0));
            continue;
        };
        for (at, statement) in statements.iter().enumerate() {
            if statement::denies(policy, statement, request, has_boundary) {
                found.insert((policy.name.to_string(), at));
            }
        }
    }
    found
}

/// All statements that allow at least as far as asked.
fn grants(documents: &[Policy], request: &Request<'_>, reach: Reach) -> Statements {
    let mut found = Statements::new();
    for policy in documents {
        for (at, statement) in policy.statements.iter().flatten().enumerate() {
            if statement::allows(policy, statement, request).is_some_and(|granted| granted >= reach) {
                found.insert((policy.name.to_string(), at));
            }
        }
    }
    found
}

/// Whether a layer of united documents allows, or does not apply.
fn allows_if_any(documents: Option<&[Policy]>, request: &Request<'_>) -> bool {
    documents.is_none_or(|documents| !grants(documents, request, Reach::Account).is_empty())
}

/// Whether each level of an organization allows, or the layer does not apply. No level at all allows nothing.
fn each_allows(levels: Option<&[Vec<Policy>]>, request: &Request<'_>) -> bool {
    levels.is_none_or(|levels| {
        !levels.is_empty() && levels.iter().all(|level| !grants(level, request, Reach::Account).is_empty())
    })
}

/// Whether every boundary allows, or there is none.
fn boundary_allows(request: &Request<'_>, policies: &Policies) -> bool {
    let boundaries = policies.boundary.as_ref();
    let alone: Option<Vec<Vec<Policy>>> =
        boundaries.map(|boundaries| boundaries.iter().map(|one| vec![one.clone()]).collect());
    each_allows(alone.as_deref(), request)
}

/// Whether the session policies allow. A federated user without any is allowed nothing (reference iam.md 5.2). The
/// root user has some only in a session of AssumeRoot, whose task denies and never has to allow (5.6); such a session
/// without a task is allowed nothing.
fn session_allows(request: &Request<'_>, policies: &Policies) -> bool {
    let is_assumed_root = matches!(request.context.get("aws:AssumedRoot"),
        Some(ContextValue::One(value)) if value.eq_ignore_ascii_case("true"));
    let must_have = match request.principal {
        Principal::Root { .. } if policies.session.is_some() => return true,
        Principal::Root { .. } => is_assumed_root,
        Principal::FederatedUser { .. } => true,
        _ => false,
    };
    match policies.session.as_deref() {
        None => !must_have,
        session => allows_if_any(session, request),
    }
}

fn resource_grants(request: &Request<'_>, policies: &Policies, reach: Reach) -> Statements {
    let Some(resource) = &policies.resource else { return Statements::new() };
    grants(std::slice::from_ref(&resource.policy), request, reach)
}

/// Callers without account, which only the resource can let in (reference iam.md 5.6).
fn by_resource_alone(request: &Request<'_>, policies: &Policies) -> Answer {
    let statements = resource_grants(request, policies, Reach::Unlimited);
    if statements.is_empty() { Answer::denied(Layer::Resource) } else { Answer::allowed(statements) }
}

/// The caller's own account owns the resource (reference iam.md 5.2 to 5.4).
fn inside_one_account(request: &Request<'_>, policies: &Policies) -> Answer {
    let unlimited = resource_grants(request, policies, Reach::Unlimited);
    if !unlimited.is_empty() {
        return Answer::allowed(unlimited);
    }
    let limited = resource_grants(request, policies, Reach::Limited);
    let delegated = resource_grants(request, policies, Reach::Account);
    let must_allow = policies.resource.as_ref().is_some_and(|resource| resource.must_allow);
    if must_allow && delegated.is_empty() {
        return Answer::denied(Layer::Resource);
    }
    let is_root = matches!(request.principal, Principal::Root { .. });
    let identity = grants(&policies.identity, request, Reach::Account);
    if limited.is_empty() && identity.is_empty() && !is_root {
        return Answer::denied(Layer::Identity);
    }
    if !boundary_allows(request, policies) {
        return Answer::denied(Layer::Boundary);
    }
    if !session_allows(request, policies) {
        return Answer::denied(Layer::Session);
    }
    if !limited.is_empty() {
        return Answer::allowed(limited);
    }
    let with_resource = if must_allow { delegated } else { Statements::new() };
    Answer::allowed(identity.union(&with_resource).cloned().collect())
}

/// Another account owns the resource: both sides must allow (reference iam.md 5.5).
fn across_accounts(request: &Request<'_>, policies: &Policies) -> Answer {
    let identity = grants(&policies.identity, request, Reach::Account);
    if identity.is_empty() && !matches!(request.principal, Principal::Root { .. }) {
        return Answer::denied(Layer::Identity);
    }
    let reaches = [Reach::Unlimited, Reach::Limited, Reach::Account];
    let by_reach = reaches.map(|reach| resource_grants(request, policies, reach));
    // Those that grant most are named, although all grant the same here.
    let Some(resource) = by_reach.into_iter().find(|grants| !grants.is_empty()) else {
        return Answer::denied(Layer::Resource);
    };
    if !boundary_allows(request, policies) {
        return Answer::denied(Layer::Boundary);
    }
    if !session_allows(request, policies) {
        return Answer::denied(Layer::Session);
    }
    Answer::allowed(identity.union(&resource).cloned().collect())
}
