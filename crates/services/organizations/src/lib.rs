//! AWS Organizations: how this server gets more accounts, and who manages them.
//!
//! An account that makes an organization manages it. The accounts that it makes get one role each, which trusts the
//! management account; that is how its administrators get in.

mod account;
mod create_account;
mod error;
mod organization;
mod page;
mod request;

use std::sync::Arc;

use async_trait::async_trait;
use rolecall_authority::Call;
use rolecall_service::{Platform, Service, internal};
use rolecall_wire::organizations::{Input, Output};
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
        Ok(AnyOutput::Organizations(match input {
            Input::CreateOrganization(input) => {
                Output::CreateOrganization(request.create_organization(input).await?)
            }
            Input::DescribeOrganization(_) => Output::DescribeOrganization(request.describe_organization()?),
            Input::ListRoots(input) => Output::ListRoots(request.list_roots(&input)?),
            Input::CreateAccount(input) => Output::CreateAccount(request.create_account(input).await?),
            Input::DescribeCreateAccountStatus(input) => {
                Output::DescribeCreateAccountStatus(request.describe_create_account_status(&input)?)
            }
            Input::ListAccounts(input) => Output::ListAccounts(request.list_accounts(&input)?),
            Input::DescribeAccount(input) => Output::DescribeAccount(request.describe_account(&input)?),
        }))
    }
}
