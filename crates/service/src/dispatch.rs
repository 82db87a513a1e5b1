//! One way in for every call, from outside and from inside.

use std::sync::Arc;

use async_trait::async_trait;
use rolecall_authority::Call;
use rolecall_wire::{AnyInput, AnyOutput, ServiceError, ServiceId};

/// An AWS service: takes typed calls, checks and performs them.
#[async_trait]
pub trait Service: Send + Sync {
    /// Which service it is.
    fn id(&self) -> ServiceId;

    /// Performs one call, or refuses it in the service's own words.
    async fn handle(&self, call: &Arc<Call>, input: AnyInput) -> Result<AnyOutput, ServiceError>;
}

/// Hands a typed call to the service that it is for.
#[async_trait]
pub trait Dispatcher: Send + Sync {
    /// Performs the call as its caller.
    async fn dispatch(&self, call: &Arc<Call>, input: AnyInput) -> Result<AnyOutput, ServiceError>;
}
