//! EC2's network: VPCs, subnets, security groups and network interfaces.

use rolecall_arn::{AccountId, Region};
use serde::{Deserialize, Serialize};

use super::Tag;

/// A VPC.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Vpc {
    /// The account.
    pub account: AccountId,
    /// The region.
    pub region: Region,
    /// `vpc-...`
    pub id: String,
    /// Its addresses, for example `10.0.0.0/16`.
    pub cidr: String,
    /// `vpc-cidr-assoc-...`
    pub cidr_association_id: String,
    /// `default` or `dedicated`.
    pub tenancy: String,
    /// Its tags.
    pub tags: Vec<Tag>,
}

/// A subnet of a VPC.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Subnet {
    /// The account.
    pub account: AccountId,
    /// The region.
    pub region: Region,
    /// `subnet-...`
    pub id: String,
    /// The VPC that it is in.
    pub vpc_id: String,
    /// Its addresses.
    pub cidr: String,
    /// The name of its availability zone.
    pub zone: String,
    /// Its tags.
    pub tags: Vec<Tag>,
}

/// A security group with its rules.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SecurityGroup {
    /// The account.
    pub account: AccountId,
    /// The region.
    pub region: Region,
    /// `sg-...`
    pub id: String,
    /// The VPC that it is in.
    pub vpc_id: String,
    /// The name, unique in the VPC.
    pub name: String,
    /// Its description, which never changes.
    pub description: String,
    /// Its rules in the order in which they were made.
    pub rules: Vec<SecurityGroupRule>,
    /// Its tags.
    pub tags: Vec<Tag>,
}

/// A rule of a security group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SecurityGroupRule {
    /// `sgr-...`
    pub id: String,
    /// Whether it is about what leaves.
    pub egress: bool,
    /// `tcp`, `udp`, `icmp`, `icmpv6`, the number of another protocol, or `-1` for all.
    pub protocol: String,
    /// The first port, or the ICMP type; -1 for all.
    pub from_port: i32,
    /// The last port, or the ICMP code; -1 for all.
    pub to_port: i32,
    /// The other side.
    pub peer: RulePeer,
    /// Its description.
    pub description: Option<String>,
    /// Its tags.
    pub tags: Vec<Tag>,
}

/// The other side of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum RulePeer {
    /// IPv4 addresses.
    Ipv4(String),
    /// IPv6 addresses.
    Ipv6(String),
    /// The members of a security group.
    Group(String),
}

/// A network interface.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NetworkInterface {
    /// The account.
    pub account: AccountId,
    /// The region.
    pub region: Region,
    /// `eni-...`
    pub id: String,
    /// The subnet that it is in.
    pub subnet_id: String,
    /// The subnet's VPC.
    pub vpc_id: String,
    /// Its description.
    pub description: String,
    /// `interface`, `efa`, `efa-only`, `branch`, `trunk`, or `lambda`.
    pub interface_type: String,
    /// Its security groups.
    pub group_ids: Vec<String>,
    /// Its private IPv4 addresses; the first is the primary one.
    pub addresses: Vec<String>,
    /// Its hardware address.
    pub mac_address: String,
    /// Who made it, as EC2 shows requesters: a user's unique id, or a role's with the session's name.
    pub requester_id: Option<String>,
    /// Where an AWS service made it for itself: the attachment.
    pub attachment: Option<ServiceAttachment>,
    /// When it was made.
    pub created_ms: i64,
    /// Its tags.
    pub tags: Vec<Tag>,
}

/// The attachment of a network interface that an AWS service uses.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ServiceAttachment {
    /// `ela-attach-...`
    pub id: String,
}
