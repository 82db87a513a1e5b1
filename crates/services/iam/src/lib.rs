//! AWS Identity and Access Management: users, groups, roles, managed policies and access keys.
//!
//! Every operation has the same order: find what the request names, check the permission on its ARN, and only then
//! say whether it exists. What changes records goes through [`request::Request::write`], which takes the proof of the
//! check. IAM is global: its records have an account and no region.

mod access_key;
mod account;
mod attachment;
mod boundary;
mod dispatch;
mod document;
mod entity;
mod error;
mod group;
mod inline_policy;
mod managed;
mod membership;
mod page;
mod path;
mod policy;
mod policy_entities;
mod policy_version;
mod quota;
mod request;
mod role;
mod role_update;
mod simulation;
mod summary;
mod tag;
mod user;
mod user_update;

use std::sync::Arc;

use async_trait::async_trait;
use rolecall_authority::{Call, session_limit};
use rolecall_service::{Platform, Service, internal};
use rolecall_wire::{AnyInput, AnyOutput, ServiceError, ServiceId};

use crate::request::Request;

/// The IAM service.
pub struct Iam {
    platform: Arc<Platform>,
}

impl Iam {
    /// The service on the platform.
    pub fn new(platform: Arc<Platform>) -> Self {
        Iam { platform }
    }
}

#[async_trait]
impl Service for Iam {
    fn id(&self) -> ServiceId {
        ServiceId::Iam
    }

    async fn handle(&self, call: &Arc<Call>, input: AnyInput) -> Result<AnyOutput, ServiceError> {
        let AnyInput::Iam(input) = input else {
            return Err(internal(ServiceId::Iam, "a call for another service was handed to IAM"));
        };
        let operation = input.operation().name();
        session_limit(&call.caller, "iam", operation)
            .map_err(|limit| ServiceError::new(403, "InvalidClientTokenId", limit.to_string()))?;
        let request = Request::new(&self.platform, call, operation)?;
        Ok(AnyOutput::Iam(request.perform(input).await?))
    }
}
