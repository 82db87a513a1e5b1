//! The policies of one request, owned, for those who read them from files or cases; a server that keeps its policies
//! compiled makes [`Layers`] from its own.

use std::sync::Arc;

use crate::{Layers, Level, Policy, PolicyKind, PolicySource, ResourceLayer, resource_control_applies};

/// All policies that apply to a request. `None` means that the layer does not apply, as in [`Layers`].
///
/// ```
/// use std::sync::Arc;
/// use rolecall_policy::{Context, LayerPolicies, Policy, PolicyKind, PolicySource, Principal, Request, decide};
///
/// let (action, resource) = ("kms:Decrypt", "arn:aws:kms:us-east-1:111122223333:key/k");
/// let text = r#"{"Statement": {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}}"#;
/// let policy = Policy::compile(PolicyKind::Identity, PolicySource::inline("decrypt"), text)?;
/// let mut policies = LayerPolicies::for_request(action, resource, "the key's policy, not given");
/// policies.identity.push(Arc::new(policy));
///
/// let ana = Principal::parse("arn:aws:iam::111122223333:user/ana", "AIDAEXAMPLE")?;
/// let context = Context::new();
/// let request = Request { principal: &ana, action, resource, resource_account: None, context: &context };
/// // A key must allow in its own policy, and this one says nothing.
/// assert!(!decide(&request, &policies.layers()).is_allowed());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct LayerPolicies {
    /// Resource control policies of the resource owner's path, root first.
    pub resource_control: Option<Vec<Level>>,
    /// Service control policies of the caller's path, root first.
    pub service_control: Option<Vec<Level>>,
    /// The policies of the VPC endpoint.
    pub endpoint: Option<Vec<Arc<Policy>>>,
    /// The resource's own policy.
    pub resource: Option<Policy>,
    /// Whether the resource's policy must allow whoever asks, also inside its own account.
    pub resource_must_allow: bool,
    /// The caller's identity-based policies.
    pub identity: Vec<Arc<Policy>>,
    /// The permissions boundary.
    pub boundary: Option<Vec<Arc<Policy>>>,
    /// The session policies.
    pub session: Option<Vec<Arc<Policy>>>,
}

impl LayerPolicies {
    /// No policies yet, for a request of this kind. A resource that must have a policy begins with one that says
    /// nothing, called `name`.
    pub fn for_request(action: &str, resource: &str, name: &str) -> Self {
        let (kind, resource_must_allow) = resource_policy_kind(action, resource);
        let silent = || Policy::silent(kind, PolicySource::inline(name));
        LayerPolicies {
            resource: resource_must_allow.then(silent),
            resource_must_allow,
            ..LayerPolicies::default()
        }
    }

    /// Binds the request by resource control policies, where there are any and AWS applies them to it
    /// ([`resource_control_applies`]).
    pub fn bind_by_resource_control(&mut self, action: &str, resource: &str, levels: Vec<Level>) {
        let applies = !levels.is_empty() && resource_control_applies(action, resource);
        self.resource_control = applies.then_some(levels);
    }

    /// The policies as the engine takes them.
    pub fn layers(&self) -> Layers<'_> {
        Layers {
            resource_control: self.resource_control.as_deref(),
            service_control: self.service_control.as_deref(),
            endpoint: self.endpoint.as_deref(),
            resource: match &self.resource {
                None => ResourceLayer::Absent,
                Some(policy) if self.resource_must_allow => ResourceLayer::Required(policy),
                Some(policy) => ResourceLayer::Policy(policy),
            },
            identity: &self.identity,
            boundary: self.boundary.as_deref(),
            session: self.session.as_deref(),
        }
    }
}

/// The kind of policy that a resource has for an action, and whether it must allow even inside one account. Roles
/// and KMS keys have policies that must (reference iam.md 5.4); what is asked of KMS without a key has none.
pub fn resource_policy_kind(action: &str, resource: &str) -> (PolicyKind, bool) {
    let service = action.split(':').next().unwrap_or_default();
    let is_role = resource.split(':').nth(2) == Some("iam") && resource.contains(":role/");
    if service.eq_ignore_ascii_case("sts") && is_role {
        return (PolicyKind::Trust, true);
    }
    let is_key = resource.split(':').nth(2) == Some("kms") && resource.contains(":key/");
    (PolicyKind::Resource, service.eq_ignore_ascii_case("kms") && is_key)
}
