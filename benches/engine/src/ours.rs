//! The engine that is measured.

use std::hint::black_box;
use std::sync::Arc;

use anyhow::{Result, anyhow};
use rolecall_policy::{
    Context, Effect, Layers, Policy, PolicyKind, PolicySource, Principal, Request, decide,
};

use crate::scale::{ACTION, CALLER, CONTEXT, Scale};

/// A compiled policy and requests to it.
pub struct Ours {
    policies: Vec<Arc<Policy>>,
    principal: Principal,
    context: Context,
    resources: Vec<String>,
    expected: Effect,
}

impl Ours {
    /// Compiles the policy of a size.
    ///
    /// # Errors
    /// When it cannot be compiled.
    pub fn new(scale: &Scale) -> Result<Self> {
        let policy = compile(PolicyKind::Identity, &scale.document())?;
        let principal = Principal::parse(CALLER, "AIDAEXAMPLE")?;
        let mut context: Context = CONTEXT.into_iter().collect();
        principal.add_context_keys(&mut context);
        let expected = if scale.hit { Effect::Allowed } else { Effect::ImplicitlyDenied };
        Ok(Ours { policies: vec![policy], principal, context, resources: scale.resources(), expected })
    }

    /// One decision.
    pub fn decide(&self, turn: usize) -> bool {
        let request = Request {
            principal: &self.principal,
            action: ACTION,
            resource: &self.resources[turn % self.resources.len()],
            resource_account: self.principal.account(),
            context: &self.context,
        };
        let layers = Layers { identity: &self.policies, ..Layers::default() };
        black_box(decide(black_box(&request), black_box(&layers))).effect() == self.expected
    }
}

/// Compiles a document.
///
/// # Errors
/// When it is no policy of the kind.
pub fn compile(kind: PolicyKind, document: &str) -> Result<Arc<Policy>> {
    let policy = Policy::compile(kind, PolicySource::inline("policy"), document);
    Ok(Arc::new(policy.map_err(|error| anyhow!("{error}"))?))
}
