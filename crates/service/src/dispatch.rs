//! One way in for every call, from outside and from inside.

use std::sync::Arc;

use async_trait::async_trait;
use rolecall_arn::Arn;
use rolecall_authority::Call;
use rolecall_wire::{AnyInput, AnyOutput, ServiceError, ServiceId};

use crate::errors::internal;

/// An AWS service: takes typed calls, checks and performs them.
#[async_trait]
pub trait Service: Send + Sync {
    /// Which service it is.
    fn id(&self) -> ServiceId;

    /// Performs one call, or refuses it in the service's own words.
    async fn handle(&self, call: &Arc<Call>, input: AnyInput) -> Result<AnyOutput, ServiceError>;

    /// Whether the call's caller could do the action on the resource now. Nothing is done.
    ///
    /// Whoever accepts a resource of this service as the target of later calls asks so before. Only the service itself
    /// knows what its resource has to say: its policy, its tags, and whether it is there.
    ///
    /// # Errors
    /// The error of an operation that needs the action: a denial has the status 403, and then it is not told whether
    /// the resource is there.
    fn consider(&self, _call: &Call, action: &str, resource: &Arn) -> Result<(), ServiceError> {
        Err(internal(self.id(), format!("whether {action} on {resource} can be done is not answered here")))
    }
}

/// Hands a typed call to the service that it is for.
#[async_trait]
pub trait Dispatcher: Send + Sync {
    /// Performs the call as its caller.
    async fn dispatch(&self, call: &Arc<Call>, input: AnyInput) -> Result<AnyOutput, ServiceError>;

    /// Asks the service [whether](Service::consider) the caller could do the action. Where nobody answers, it could not.
    fn consider(
        &self,
        service: ServiceId,
        _call: &Call,
        action: &str,
        resource: &Arn,
    ) -> Result<(), ServiceError> {
        Err(internal(service, format!("nobody was there to ask whether {action} on {resource} can be done")))
    }
}
