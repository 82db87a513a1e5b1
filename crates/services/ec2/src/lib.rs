//! The part of EC2 that Lambda's VPC configuration needs: VPCs, subnets, security groups and network interfaces.
//!
//! These are records with EC2's rules about them; no packet is carried by them. An account begins with no VPC at all,
//! like an AWS account whose default VPC was deleted: what a function is connected to is always something that somebody
//! made and was allowed to make.

mod access;
mod address;
mod authorize_rules;
mod cidr;
mod describe_rules;
mod dispatch;
mod error;
mod filter;
mod id;
mod interface;
mod interface_view;
mod page;
mod revoke_rules;
mod rule;
mod rule_view;
mod security_group;
mod subnet;
mod tag;
mod tag_specification;
mod vpc;
mod zone;

use std::sync::Arc;

use async_trait::async_trait;
use rolecall_authority::Call;
use rolecall_service::{Platform, Service};
use rolecall_wire::{AnyInput, AnyOutput, ServiceError, ServiceId};

/// The service.
pub struct Ec2 {
    platform: Arc<Platform>,
}

impl Ec2 {
    /// The service on the platform's records.
    pub fn new(platform: Arc<Platform>) -> Self {
        Ec2 { platform }
    }
}

#[async_trait]
impl Service for Ec2 {
    fn id(&self) -> ServiceId {
        ServiceId::Ec2
    }

    async fn handle(&self, call: &Arc<Call>, input: AnyInput) -> Result<AnyOutput, ServiceError> {
        match input {
            AnyInput::Ec2(input) => self.perform(call, input).await.map(AnyOutput::Ec2),
            other => Err(rolecall_service::internal(
                ServiceId::Ec2,
                format!("{} was sent here", other.operation_name()),
            )),
        }
    }
}
