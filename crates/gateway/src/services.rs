//! All services of this server, each under its id.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use rolecall_arn::Arn;
use rolecall_authority::Call;
use rolecall_service::{Dispatcher, Service, internal};
use rolecall_wire::{AnyInput, AnyOutput, ServiceError, ServiceId};

/// What is logged of a call for a service that is not among them.
const NOT_STARTED: &str = "this service was not started";

/// The services, as one dispatcher.
pub struct Services(BTreeMap<ServiceId, Arc<dyn Service>>);

impl Services {
    /// These services.
    pub fn new(services: impl IntoIterator<Item = Arc<dyn Service>>) -> Self {
        Services(services.into_iter().map(|service| (service.id(), service)).collect())
    }
}

#[async_trait]
impl Dispatcher for Services {
    async fn dispatch(&self, call: &Arc<Call>, input: AnyInput) -> Result<AnyOutput, ServiceError> {
        match self.0.get(&input.service()) {
            Some(service) => service.handle(call, input).await,
            None => Err(internal(input.service(), NOT_STARTED)),
        }
    }

    fn consider(
        &self,
        service: ServiceId,
        call: &Call,
        action: &str,
        resource: &Arn,
    ) -> Result<(), ServiceError> {
        match self.0.get(&service) {
            Some(found) => found.consider(call, action, resource),
            None => Err(internal(service, NOT_STARTED)),
        }
    }
}
