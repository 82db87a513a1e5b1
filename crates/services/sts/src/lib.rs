//! AWS Security Token Service: who calls, temporary credentials for roles, users and whom users let in, and what denials
//! said.
//!
//! AssumeRole is the only way to a role, for people and for this program's own services alike: Lambda gets the
//! credentials of an execution role by calling it as `lambda.amazonaws.com`, and the role's trust policy decides.

mod assume_role;
mod authorization_message;
mod caller_identity;
mod credentials;
mod error;
mod federation_token;
mod last_used;
mod role;
mod session_policies;
mod session_tags;
mod session_token;

use std::sync::Arc;

use async_trait::async_trait;
use rolecall_authority::{Call, session_limit};
use rolecall_service::{Platform, Service, internal};
use rolecall_wire::sts::{Input, Output};
use rolecall_wire::{AnyInput, AnyOutput, ServiceError, ServiceId};

/// The STS service.
pub struct Sts {
    platform: Arc<Platform>,
}

impl Sts {
    /// The service on the platform.
    pub fn new(platform: Arc<Platform>) -> Self {
        Sts { platform }
    }
}

#[async_trait]
impl Service for Sts {
    fn id(&self) -> ServiceId {
        ServiceId::Sts
    }

    async fn handle(&self, call: &Arc<Call>, input: AnyInput) -> Result<AnyOutput, ServiceError> {
        let AnyInput::Sts(input) = input else {
            return Err(internal(ServiceId::Sts, "a call for another service was handed to STS"));
        };
        session_limit(&call.caller, "sts", input.operation().name())
            .map_err(|limit| ServiceError::new(403, "AccessDenied", limit.to_string()))?;
        Ok(AnyOutput::Sts(match input {
            Input::AssumeRole(input) => Output::AssumeRole(self.assume_role(call, input).await?),
            Input::DecodeAuthorizationMessage(input) => {
                Output::DecodeAuthorizationMessage(self.decode_authorization_message(call, &input)?)
            }
            Input::GetFederationToken(input) => {
                Output::GetFederationToken(self.get_federation_token(call, input)?)
            }
            Input::GetCallerIdentity(_) => Output::GetCallerIdentity(caller_identity::of(call)?),
            Input::GetSessionToken(input) => Output::GetSessionToken(self.get_session_token(call, &input)?),
        }))
    }
}
