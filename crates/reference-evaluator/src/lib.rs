//! A second evaluator of IAM policies, so that the first one is not the only witness of what it says.
//!
//! It is written from the reference alone and shares with the engine only the types of a request. It has no index, no
//! cache and no compiled form: every rule stands where the reference tells it, in the reference's order, and what is
//! slow stays slow as long as it is plain. It is not in the program; the engine's differential test asks both and
//! lets no answer differ.

mod condition;
mod decide;
mod document;
mod principal;
mod resource;
mod statement;
mod strict;
mod text;

pub use decide::{Answer, Effect, Policies, ResourcePolicy, decide};
pub use document::{Kind, Policy};

/// The layers of policies, in the order in which a denial is looked for (reference iam.md 5.13).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// Service control policies.
    ServiceControl,
    /// Resource control policies.
    ResourceControl,
    /// The policy of the VPC endpoint.
    Endpoint,
    /// The policy of the resource; for a role, its trust policy.
    Resource,
    /// Identity-based policies.
    Identity,
    /// The permissions boundary.
    Boundary,
    /// Session policies.
    Session,
}
