//! Functions in a VPC: what a request may ask for, and the network interfaces by which a function is connected.
//!
//! Rolecall keeps the whole record of it, in EC2's own words and with EC2's own permissions. It does not carry packets
//! into a VPC yet: a function that is connected runs with the same network as any other.

mod claims;
mod interfaces;
mod request;

pub(crate) use request::AskedNetwork;

use rolecall_store::records::lambda::VpcAttachment;
use rolecall_wire::lambda::VpcConfigResponse;

/// The configuration as AWS shows it; a function that was disconnected shows an empty one.
pub(crate) fn shown(attachment: &VpcAttachment) -> VpcConfigResponse {
    VpcConfigResponse {
        subnet_ids: Some(attachment.subnet_ids.clone()),
        security_group_ids: Some(attachment.security_group_ids.clone()),
        vpc_id: Some(attachment.vpc_id.clone()),
        ipv6_allowed_for_dual_stack: Some(false),
    }
}
