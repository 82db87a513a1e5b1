#![doc = include_str!("../README.md")]

mod action;
pub mod cases;
pub mod choices;
mod condition;
mod context;
mod context_keys;
mod decision;
mod document;
mod error;
mod evaluate;
mod explanation;
mod fixed_limit;
pub mod function_policy;
mod hash;
mod index;
mod json;
mod kind;
mod layer_policies;
mod layers;
pub mod lint;
mod pattern;
mod policy;
mod principal;
mod principal_element;
mod principal_keys;
mod request;
mod resource;
mod resource_control;
mod simulation;
mod statement;
mod template;
mod validate;

pub use context::{Context, ContextValue};
pub use context_keys::context_keys;
pub use decision::{Decision, Effect, StatementRef};
pub use error::{PolicyError, Span};
pub use evaluate::decide;
pub use explanation::{
    AuthorizationMessage, ConditionRecord, Element, ElementMismatch, Explanation, Items, LayerOutcome,
    LayerPart, MessageCondition, MessageContext, MessagePrincipal, MessageStatement, MessageValue, Missing,
    NearMiss, RequestRecord, StatementRecord, explain,
};
pub use fixed_limit::FixedLimit;
pub use kind::{PolicyKind, PolicySource};
pub use layer_policies::{LayerPolicies, resource_policy_kind};
pub use layers::{LayerKind, Layers, Level, ResourceLayer};
pub use policy::{Policy, StatementInfo};
pub use principal::{Principal, PrincipalError, SHARED_PROVIDERS};
pub use request::Request;
pub use resource_control::{resource_control_applies, resource_control_covers};
pub use simulation::{
    MatchedStatement, OrganizationsDecisionDetail, PermissionsBoundaryDecisionDetail, Position,
    ResourceSpecificResult, STUB_USER_ID, SimulatedDecision, SimulationResult, simulate,
};
pub use statement::StatementEffect;
pub use validate::validate;
