//! The check that stands before every act.

use std::borrow::Cow;
use std::sync::Arc;

use rolecall_arn::{AccountId, Arn};
use rolecall_policy::{
    Context, ContextValue, Layers, Policy, PolicyKind, Request, ResourceLayer, decide, explain,
    resource_control_applies,
};
use rolecall_store::records::Tag;
use rolecall_store::{State, StoredDecision};

use crate::authority::Authority;
use crate::call::{Call, Origin};
use crate::context::{Parties, USUAL_KEYS, add_global_keys};
use crate::decisions::{DecisionId, DecisionRecord};
use crate::organization::{OrganizationPlace, OrganizationPolicies};
use crate::policies::HolderPolicies;
use crate::principals::{BoundPrincipals, effective_document};

/// The policy of the resource that a check is about.
#[derive(Clone, Copy, Default)]
pub enum ResourcePolicyRef<'a> {
    /// It has none.
    #[default]
    Absent,
    /// A policy that may grant beside the caller's own.
    Policy {
        /// The policy's name, for explanations.
        name: &'a str,
        /// The document.
        document: &'a Arc<str>,
        /// The unique ids of those whom it names.
        bound: &'a BoundPrincipals,
    },
    /// A role's trust policy, which must allow.
    Trust {
        /// The policy's name, for explanations.
        name: &'a str,
        /// The document.
        document: &'a Arc<str>,
        /// The unique ids of those whom it names.
        bound: &'a BoundPrincipals,
    },
}

/// What is to be allowed: an action on a resource, with the condition keys that the operation brings.
pub struct Check<'a> {
    action: &'a str,
    resource: String,
    resource_account: Option<AccountId>,
    context: Context,
    resource_policy: ResourcePolicyRef<'a>,
    encodes_denial: bool,
}

impl<'a> Check<'a> {
    /// An action on a resource that the account owns.
    pub fn on(action: &'a str, resource: &Arn, owner: AccountId) -> Self {
        Check {
            action,
            resource: resource.to_string(),
            resource_account: Some(owner),
            context: Context::with_capacity(USUAL_KEYS),
            resource_policy: ResourcePolicyRef::Absent,
            encodes_denial: false,
        }
    }

    /// An action that has no resource: only a policy's `Resource: "*"` covers it.
    pub fn on_all(action: &'a str) -> Self {
        Check {
            action,
            resource: "*".to_owned(),
            resource_account: None,
            context: Context::with_capacity(USUAL_KEYS),
            resource_policy: ResourcePolicyRef::Absent,
            encodes_denial: false,
        }
    }

    /// Adds a single-valued condition key.
    #[must_use]
    pub fn key(mut self, key: &str, value: impl Into<String>) -> Self {
        self.context.set(key, ContextValue::One(value.into()));
        self
    }

    /// Adds a single-valued condition key, where there is a value.
    #[must_use]
    pub fn key_if(self, key: &str, value: Option<impl Into<String>>) -> Self {
        match value {
            Some(value) => self.key(key, value),
            None => self,
        }
    }

    /// Adds a multivalued condition key; an empty list leaves it absent.
    #[must_use]
    pub fn key_list(mut self, key: &str, values: impl IntoIterator<Item = String>) -> Self {
        let values: Vec<String> = values.into_iter().collect();
        if !values.is_empty() {
            self.context.set(key, ContextValue::Many(values));
        }
        self
    }

    /// Adds a condition key that is there and has no value: nothing equals it, and it is not null.
    #[must_use]
    pub fn empty_key(mut self, key: &str) -> Self {
        self.context.set(key, ContextValue::Many(Vec::new()));
        self
    }

    /// Adds `aws:ResourceTag/KEY` for every tag of the resource.
    #[must_use]
    pub fn resource_tags<'t>(mut self, tags: impl IntoIterator<Item = &'t Tag>) -> Self {
        for tag in tags {
            self = self.key(&format!("aws:ResourceTag/{}", tag.key), tag.value.as_str());
        }
        self
    }

    /// Adds `aws:RequestTag/KEY` and `aws:TagKeys` for the tags of the request.
    #[must_use]
    pub fn request_tags<'t>(mut self, tags: impl IntoIterator<Item = (&'t str, &'t str)>) -> Self {
        let mut keys = Vec::new();
        for (key, value) in tags {
            self = self.key(&format!("aws:RequestTag/{key}"), value);
            keys.push(key.to_owned());
        }
        self.key_list("aws:TagKeys", keys)
    }

    /// A denial comes with an encoded message.
    #[must_use]
    pub fn encoding_denial(mut self) -> Self {
        self.encodes_denial = true;
        self
    }

    /// Brings the resource's own policy.
    #[must_use]
    pub fn resource_policy(mut self, policy: ResourcePolicyRef<'a>) -> Self {
        self.resource_policy = policy;
        self
    }
}

/// The proof that a call was allowed an action on a resource. Only [`Authority::authorize`] makes it.
#[derive(Debug)]
pub struct Authorized {
    action: String,
    resource: String,
}

impl Authorized {
    /// The action.
    pub fn action(&self) -> &str {
        &self.action
    }

    /// The resource's ARN, or `*`.
    pub fn resource(&self) -> &str {
        &self.resource
    }
}

/// A call was not allowed.
#[derive(Debug, Clone)]
pub struct Denied {
    /// AWS's message: `User: ... is not authorized to perform: ...`.
    pub message: String,
    /// The caller's ARN.
    pub caller: String,
    /// The action.
    pub action: String,
    /// The resource's ARN, or `*`.
    pub resource: String,
    /// AWS's words for the reason, the end of the message.
    pub reason: String,
    /// The id under which the explanation is found.
    pub decision: DecisionId,
    /// The encoded message, where the check asked for one.
    pub encoded_message: Option<String>,
}

/// The layers that apply to a check, held while it is decided.
struct Collected {
    holder: Arc<HolderPolicies>,
    session: Option<Vec<Arc<Policy>>>,
    resource: Option<Arc<Policy>>,
    /// What the organization of the caller's account says.
    caller_organization: Option<Arc<OrganizationPolicies>>,
    /// What the organization of the resource's owner says.
    owner_organization: Option<Arc<OrganizationPolicies>>,
    /// What the organization says of the account in whose behalf a service calls.
    source_organization: Option<Arc<OrganizationPolicies>>,
    /// Whether resource control policies may speak of the action.
    resource_control: bool,
}

impl Authority {
    /// Decides whether the call may do what the check says.
    ///
    /// # Errors
    /// [`Denied`], with AWS's message and the id of the explanation.
    pub fn authorize(&self, call: &Call, check: Check<'_>) -> Result<Authorized, Denied> {
        let state = self.store().read();
        let collected = self.collect(call, &check, &state);
        let Check { action, resource, resource_account, mut context, resource_policy, encodes_denial } =
            check;
        let owner = resource_account.or(call.caller.account());
        let tags = caller_tags(call, &collected.holder);
        let parties = Parties {
            tags: &tags,
            owner,
            caller_place: place(&collected.caller_organization),
            owner_place: place(&collected.owner_organization),
            source_place: place(&collected.source_organization),
        };
        add_global_keys(&mut context, call, &parties);
        let request = Request {
            principal: &call.caller.principal,
            action,
            resource: &resource,
            resource_account: owner,
            context: &context,
        };
        let layers = Layers {
            resource_control: collected
                .owner_organization
                .as_ref()
                .filter(|_| collected.resource_control)
                .and_then(|policies| policies.resource_control.as_deref()),
            service_control: collected
                .caller_organization
                .as_ref()
                .and_then(|policies| policies.service_control.as_deref()),
            endpoint: None,
            resource: match (&collected.resource, resource_policy) {
                (None, _) | (_, ResourcePolicyRef::Absent) => ResourceLayer::Absent,
                (Some(policy), ResourcePolicyRef::Policy { .. }) => ResourceLayer::Policy(policy),
                (Some(policy), ResourcePolicyRef::Trust { .. }) => ResourceLayer::Required(policy),
            },
            identity: &collected.holder.identity,
            boundary: collected.holder.boundary.as_deref(),
            session: collected.session.as_deref(),
        };
        let decision = decide(&request, &layers);
        self.metrics().decision(action, decision.is_allowed());
        if decision.is_allowed() {
            if call.explain {
                self.keep(call, &request, &layers);
            }
            tracing::debug!(action, ?resource, "allowed");
            return Ok(Authorized { action: action.to_owned(), resource });
        }
        let record = self.keep(call, &request, &layers);
        let denied = Denied {
            message: decision.message(&request),
            caller: call.caller.arn(),
            action: action.to_owned(),
            reason: decision.reason(action),
            encoded_message: encodes_denial.then(|| self.encode_message(&record)).flatten(),
            decision: record.id,
            resource: resource.clone(),
        };
        // The resource is quoted: an object's key may hold line feeds, and one line must stay one denial.
        tracing::info!(
            request_id = %call.request_id, caller = %denied.caller, action, resource = ?denied.resource,
            decision = %denied.decision, reason = %denied.reason, "denied"
        );
        Err(denied)
    }

    fn collect(&self, call: &Call, check: &Check<'_>, state: &State) -> Collected {
        let policies = self.policies();
        let resource = match check.resource_policy {
            ResourcePolicyRef::Absent => None,
            ResourcePolicyRef::Policy { name, document, bound } => {
                let document = effective_document(document, bound, state);
                Some(policies.compile(PolicyKind::Resource, name.to_owned(), None, &document))
            }
            ResourcePolicyRef::Trust { name, document, bound } => {
                let document = effective_document(document, bound, state);
                Some(policies.compile(PolicyKind::Trust, name.to_owned(), None, &document))
            }
        };
        let owner = check.resource_account.or(call.caller.account());
        let source = match &call.origin {
            Origin::Service { source_account, .. } => *source_account,
            Origin::Http { .. } => None,
        };
        let organization = |account| self.organizations().of_account(account, policies, state);
        Collected {
            caller_organization: call.caller.account().and_then(organization),
            owner_organization: owner.and_then(organization),
            source_organization: source.and_then(organization),
            resource_control: resource_control_applies(check.action, &check.resource),
            holder: policies.of_caller(&call.caller, state),
            session: policies.of_session(&call.caller, state),
            resource,
        }
    }

    /// Keeps the explanation of a decision and notes its id with the call.
    fn keep(&self, call: &Call, request: &Request<'_>, layers: &Layers<'_>) -> DecisionRecord {
        let id = DecisionId::new(self.entropy().uuid());
        let record = DecisionRecord {
            id: id.clone(),
            request_id: call.request_id.clone(),
            time_ms: call.time_ms,
            accounts: call.caller.account().into_iter().chain(request.resource_account).collect(),
            caller_account: call.caller.account(),
            explanation: explain(request, layers),
        };
        match serde_json::to_string(&record) {
            Ok(body) => {
                self.store().keep_decision(StoredDecision {
                    id: id.as_str().to_owned(),
                    time_ms: call.time_ms,
                    body,
                });
            }
            Err(error) => tracing::error!(%error, decision = %id, "an explanation could not be written down"),
        }
        call.note_decision(id);
        record
    }
}

fn place(organization: &Option<Arc<OrganizationPolicies>>) -> Option<&OrganizationPlace> {
    organization.as_ref().and_then(|organization| organization.place.as_ref())
}

/// The tags that `aws:PrincipalTag` shows: a session's own win over the role's or user's (reference iam.md 4.1).
fn caller_tags<'a>(call: &Call, holder: &'a HolderPolicies) -> Cow<'a, [Tag]> {
    let mut tags = Cow::Borrowed(holder.tags.as_slice());
    let session_tags = call.caller.session.as_ref().map(|session| session.holder.tags()).unwrap_or_default();
    if !session_tags.is_empty() {
        let session_tags = session_tags.iter().cloned();
        rolecall_store::records::merge_tags(tags.to_mut(), session_tags, |old, new| {
            old.eq_ignore_ascii_case(new)
        });
    }
    tags
}
