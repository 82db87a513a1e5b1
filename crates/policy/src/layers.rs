//! The layers of policies that a request passes through. Each layer has a form of its own because each combines its
//! documents in a way of its own (reference iam.md 5.2).

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::Policy;

/// One level of an organization: the root, an organizational unit or the account, with what is attached there.
#[derive(Debug, Clone)]
pub struct Level {
    /// What the level is called: `r-ab12`, `ou-ab12-cdefgh34`, an account id.
    pub id: String,
    /// The attached policies, AWS's own full-access policies included: nothing is implied.
    pub policies: Vec<Arc<Policy>>,
}

/// What the resource itself says.
#[derive(Debug, Clone, Copy)]
pub enum ResourceLayer<'a> {
    /// The resource has no policy. A caller from another account then has no way in.
    Absent,
    /// A policy that may grant on its own (reference iam.md 5.3).
    Policy(&'a Policy),
    /// A policy that must allow even in the same account: role trust policies and KMS key policies
    /// (reference iam.md 5.4).
    Required(&'a Policy),
}

impl<'a> ResourceLayer<'a> {
    pub(crate) fn policy(self) -> Option<&'a Policy> {
        match self {
            ResourceLayer::Absent => None,
            ResourceLayer::Policy(policy) | ResourceLayer::Required(policy) => Some(policy),
        }
    }
}

/// All policies that apply to a request. `None` means that the layer does not apply; an empty list means that it
/// applies and allows nothing.
#[derive(Debug, Clone, Copy)]
pub struct Layers<'a> {
    /// Resource control policies of the resource owner's path, root first. Each level must allow.
    pub resource_control: Option<&'a [Level]>,
    /// Service control policies of the caller's path, root first. Each level must allow.
    pub service_control: Option<&'a [Level]>,
    /// The policy of the VPC endpoint that the request came through; several documents are united.
    pub endpoint: Option<&'a [Arc<Policy>]>,
    /// The resource's own policy.
    pub resource: ResourceLayer<'a>,
    /// The caller's identity-based policies, those of groups included; united.
    pub identity: &'a [Arc<Policy>],
    /// The permissions boundary. AWS has at most one; several must all allow.
    pub boundary: Option<&'a [Arc<Policy>]>,
    /// The session policies; united.
    pub session: Option<&'a [Arc<Policy>]>,
}

impl Default for Layers<'_> {
    fn default() -> Self {
        Layers {
            resource_control: None,
            service_control: None,
            endpoint: None,
            resource: ResourceLayer::Absent,
            identity: &[],
            boundary: None,
            session: None,
        }
    }
}

/// The name of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum LayerKind {
    /// Resource control policies.
    ResourceControl,
    /// Service control policies.
    ServiceControl,
    /// The VPC endpoint policy.
    Endpoint,
    /// The resource-based policy.
    Resource,
    /// The trust policy of a role.
    Trust,
    /// Identity-based policies.
    Identity,
    /// The permissions boundary.
    Boundary,
    /// Session policies.
    Session,
}

impl LayerKind {
    /// AWS's words for a policy of this layer, as the access-denied messages use them (reference iam.md 5.13).
    pub fn words(self) -> &'static str {
        match self {
            LayerKind::ResourceControl => "resource control policy",
            LayerKind::ServiceControl => "service control policy",
            LayerKind::Endpoint => "VPC endpoint policy",
            LayerKind::Resource => "resource-based policy",
            LayerKind::Trust => "role trust policy",
            LayerKind::Identity => "identity-based policy",
            LayerKind::Boundary => "permissions boundary",
            LayerKind::Session => "session policy",
        }
    }

    /// Whether AWS names the denying managed policy of this layer in the message (reference iam.md 5.13).
    pub(crate) fn shows_policy_arn(self) -> bool {
        !matches!(self, LayerKind::Endpoint | LayerKind::Resource | LayerKind::Trust)
    }
}

impl fmt::Display for LayerKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.words())
    }
}
