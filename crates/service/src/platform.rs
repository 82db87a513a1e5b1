//! What all services share.

use std::sync::{Arc, OnceLock};

use rolecall_arn::{Arn, Region};
use rolecall_authority::{Authority, Call, Caller, Clock, Entropy, Origin};
use rolecall_store::Store;
use rolecall_wire::{AnyInput, AnyOutput, ServiceError, ServiceId};

use crate::dispatch::Dispatcher;
use crate::errors::internal;

/// How this server is set up, as far as services show it.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The region of callers that do not say one.
    pub region: Region,
    /// `http://127.0.0.1:4566`: where links in answers point.
    pub endpoint: String,
}

/// What all services share: the records, the authority, the way to each other.
pub struct Platform {
    /// The records.
    pub store: Arc<Store>,
    /// Who decides.
    pub authority: Arc<Authority>,
    /// How the server is set up.
    pub settings: Settings,
    dispatcher: OnceLock<Arc<dyn Dispatcher>>,
}

impl Platform {
    /// A platform whose services cannot call each other until they are [connected](Platform::connect).
    pub fn new(store: Arc<Store>, authority: Arc<Authority>, settings: Settings) -> Arc<Self> {
        Arc::new(Platform { store, authority, settings, dispatcher: OnceLock::new() })
    }

    /// Connects the services with each other, once, when all are made.
    pub fn connect(&self, dispatcher: Arc<dyn Dispatcher>) {
        if self.dispatcher.set(dispatcher).is_err() {
            tracing::error!("the services were connected twice; the first connection stays");
        }
    }

    /// The clock.
    pub fn clock(&self) -> &dyn Clock {
        self.authority.clock()
    }

    /// The time in epoch milliseconds.
    pub fn now_ms(&self) -> i64 {
        self.clock().now_ms()
    }

    /// The randomness.
    pub fn entropy(&self) -> &dyn Entropy {
        self.authority.entropy()
    }

    /// Calls an operation of another service.
    ///
    /// # Errors
    /// The other service's own error.
    pub async fn call(
        &self,
        call: &Arc<Call>,
        input: impl Into<AnyInput>,
    ) -> Result<AnyOutput, ServiceError> {
        let input = input.into();
        match self.dispatcher.get() {
            Some(dispatcher) => dispatcher.dispatch(call, input).await,
            None => Err(internal(input.service(), "the services are not connected")),
        }
    }

    /// Asks another service whether the call's caller could do the action on its resource. Nothing is done.
    ///
    /// # Errors
    /// Those of [`Service::consider`](crate::Service::consider).
    pub fn consider(
        &self,
        service: ServiceId,
        call: &Call,
        action: &str,
        resource: &Arn,
    ) -> Result<(), ServiceError> {
        match self.dispatcher.get() {
            Some(dispatcher) => dispatcher.consider(service, call, action, resource),
            None => Err(internal(service, "the services are not connected")),
        }
    }

    /// A new call that a service makes: as `caller`, on behalf of a resource where one is given.
    pub fn service_call(&self, caller: Caller, region: Region, origin: Origin) -> Call {
        Call::new(caller, region, self.entropy().uuid(), self.now_ms(), origin)
    }
}
