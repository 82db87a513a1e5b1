//! AWS Organizations: how this server gets more accounts, who manages them, and the policies that bind them.
//!
//! An account that makes an organization manages it. The accounts that it makes get one role each, which trusts the
//! management account; that is how its administrators get in. Accounts stand in a tree of organizational units. Service
//! and resource control policies that are attached in it bind all accounts below, except the management account. This
//! crate writes them down; what they mean for a call, the authority finds out.

mod account;
mod attachment;
mod children;
mod create_account;
mod dispatch;
mod error;
mod organization;
mod page;
mod policy;
mod policy_type;
mod quota;
mod request;
mod tag;
mod tree;
mod unit;

use std::sync::Arc;

use async_trait::async_trait;
use rolecall_authority::Call;
use rolecall_service::{Platform, Service, internal};
use rolecall_wire::{AnyInput, AnyOutput, ServiceError, ServiceId};

use crate::request::Request;

/// The Organizations service.
pub struct Organizations {
    platform: Arc<Platform>,
}

impl Organizations {
    /// The service on the platform.
    pub fn new(platform: Arc<Platform>) -> Self {
        Organizations { platform }
    }
}

#[async_trait]
impl Service for Organizations {
    fn id(&self) -> ServiceId {
        ServiceId::Organizations
    }

    async fn handle(&self, call: &Arc<Call>, input: AnyInput) -> Result<AnyOutput, ServiceError> {
        let AnyInput::Organizations(input) = input else {
            return Err(internal(
                ServiceId::Organizations,
                "a call for another service was handed to Organizations",
            ));
        };
        let request = Request::new(&self.platform, call, input.operation().name())?;
        Ok(AnyOutput::Organizations(request.dispatch(input).await?))
    }
}
