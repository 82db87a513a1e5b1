//! What a policy document is attached to and where it comes from. The kind decides which elements are legal and how
//! an unfinished ARN is read (reference iam.md 1.2, 1.7).

use serde::{Deserialize, Serialize};

/// What a document is attached to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PolicyKind {
    /// An inline or managed policy of a user, group or role; also a permissions boundary.
    Identity,
    /// The trust policy of a role.
    Trust,
    /// A policy attached to a resource: a function, a bucket, a queue.
    Resource,
    /// A session policy handed to STS.
    Session,
    /// A service control policy of an organization.
    ServiceControl,
    /// A resource control policy of an organization.
    ResourceControl,
    /// The policy of a VPC endpoint.
    Endpoint,
}

impl PolicyKind {
    /// Whether the statements of this kind say whom they are about.
    pub(crate) fn names_principals(self) -> bool {
        matches!(
            self,
            PolicyKind::Trust | PolicyKind::Resource | PolicyKind::ResourceControl | PolicyKind::Endpoint
        )
    }

    /// Whether `NotPrincipal` may be written (reference iam.md 1.2).
    pub(crate) fn allows_not_principal(self) -> bool {
        matches!(self, PolicyKind::Resource | PolicyKind::Endpoint)
    }

    /// Whether each statement must have a `Resource` or `NotResource`. Trust policies must not, and a resource policy
    /// without it is about the resource that it is attached to.
    pub(crate) fn requires_resource(self) -> bool {
        !matches!(self, PolicyKind::Trust | PolicyKind::Resource)
    }
}

/// Where a document comes from, for explanations and messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicySource {
    /// Words for people: `user/ana inline policy own-functions`.
    pub name: String,
    /// The ARN of a managed policy. AWS appends it to the message of an explicit denial (reference iam.md 5.13).
    pub arn: Option<String>,
}

impl PolicySource {
    /// A document that is not a managed policy.
    pub fn inline(name: impl Into<String>) -> Self {
        PolicySource { name: name.into(), arn: None }
    }

    /// A managed policy.
    pub fn managed(name: impl Into<String>, arn: impl Into<String>) -> Self {
        PolicySource { name: name.into(), arn: Some(arn.into()) }
    }
}
