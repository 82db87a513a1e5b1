//! The IAM policy language: parse with positions, validate, compile, decide, explain.
//!
//! [`decide`] takes a [`Request`] and the [`Layers`] of policies that apply to it and answers a [`Decision`];
//! [`explain`] is the same evaluation with a recorder switched on. Documents enter through [`validate`], which answers
//! what AWS would answer when they are written, and [`Policy::compile`], which reads what is stored. The crate does no
//! input or output and reads no clock: the time is a value of the [`Context`].

mod action;
pub mod cases;
mod condition;
mod context;
mod decision;
mod document;
mod error;
mod evaluate;
mod explanation;
mod index;
mod json;
mod kind;
mod layers;
pub mod lint;
mod pattern;
mod policy;
mod principal;
mod principal_element;
mod request;
mod resource;
mod statement;
mod template;
mod validate;

pub use context::{Context, ContextValue};
pub use decision::{Decision, Effect, StatementRef};
pub use error::{PolicyError, Span};
pub use evaluate::decide;
pub use explanation::{
    ConditionRecord, Element, ElementMismatch, Explanation, LayerOutcome, LayerPart, Missing, NearMiss,
    RequestRecord, StatementRecord, explain,
};
pub use kind::{PolicyKind, PolicySource};
pub use layers::{LayerKind, Layers, Level, ResourceLayer};
pub use policy::{Policy, StatementInfo};
pub use principal::{Principal, PrincipalError};
pub use request::Request;
pub use statement::StatementEffect;
pub use validate::{resource_control_covers, validate};
