//! What EC2 answers when it refuses: codes, statuses and words in one place.

use rolecall_wire::{ServiceError, ServiceId};

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Ec2Error {
    /// Everything was in order, and the caller only wanted to know that.
    #[error("Request would have succeeded, but DryRun flag is set.")]
    DryRun,
    /// A caller that belongs to no account owns nothing here.
    #[error("You are not authorized to perform this operation.")]
    NoAccount,
    /// A parameter lacks.
    #[error("The request must contain the parameter {0}")]
    MissingParameter(&'static str),
    /// A parameter that cannot be as it is; the words say which.
    #[error("{0}")]
    InvalidParameterValue(String),
    /// Parameters that do not go together.
    #[error("{0}")]
    InvalidParameterCombination(String),
    /// A security group and a subnet of different VPCs.
    #[error("Security group {group} and subnet {subnet} belong to different networks.")]
    DifferentNetworks {
        /// The security group.
        group: String,
        /// The subnet.
        subnet: String,
    },
    /// What EC2 has and this server has not.
    #[error("Rolecall does not have {0} yet.")]
    Unsupported(&'static str),
    /// No such VPC.
    #[error("The vpc ID '{0}' does not exist")]
    NoVpc(String),
    /// No such subnet.
    #[error("The subnet ID '{0}' does not exist")]
    NoSubnet(String),
    /// No such security group.
    #[error("The security group '{0}' does not exist")]
    NoGroup(String),
    /// No such security group rule.
    #[error("The security group rule ID '{0}' does not exist")]
    NoRule(String),
    /// No such network interface.
    #[error("The networkInterface ID '{0}' does not exist")]
    NoInterface(String),
    /// No such resource to tag.
    #[error("The ID '{0}' is not valid")]
    NoTaggable(String),
    /// An id of another kind.
    #[error("Invalid id: \"{id}\" (expecting \"sg-...\")")]
    MalformedGroupId {
        /// What was given.
        id: String,
    },
    /// There is no default VPC in which a group without a VPC could be.
    #[error("No default VPC for this user")]
    NoDefaultVpc,
    /// The size of a VPC's CIDR block.
    #[error("The CIDR '{0}' is invalid.")]
    VpcRange(String),
    /// A subnet's CIDR block that is too large, too small or not in its VPC.
    #[error("The CIDR '{0}' is invalid.")]
    SubnetRange(String),
    /// Two subnets with the same addresses.
    #[error("The CIDR '{0}' conflicts with another subnet")]
    SubnetConflict(String),
    /// A name that is taken.
    #[error("The security group '{name}' already exists for VPC '{vpc}'")]
    DuplicateGroup {
        /// The name.
        name: String,
        /// The VPC.
        vpc: String,
    },
    /// The default group of a VPC goes with the VPC only.
    #[error("the specified group: \"{0}\" name: \"default\" cannot be deleted by a user")]
    DefaultGroup(String),
    /// A rule that is there already.
    #[error("the specified rule \"{0}\" already exists")]
    DuplicateRule(String),
    /// A rule that is not there.
    #[error("The specified rule does not exist in this security group.")]
    NoSuchRule,
    /// A VPC that is not empty.
    #[error("The vpc '{0}' has dependencies and cannot be deleted.")]
    VpcInUse(String),
    /// A subnet that is not empty.
    #[error("The subnet '{0}' has dependencies and cannot be deleted.")]
    SubnetInUse(String),
    /// A security group that somebody uses.
    #[error("resource {0} has a dependent object")]
    GroupInUse(String),
    /// A network interface that an AWS service uses.
    #[error("Network interface '{0}' is currently in use.")]
    InterfaceInUse(String),
    /// The subnet is full.
    #[error("The specified subnet does not have enough free addresses to satisfy the request.")]
    NoFreeAddress,
    /// Somebody has the address.
    #[error("Address {0} is in use.")]
    AddressInUse(String),
    /// Too many security groups at a network interface.
    #[error("The maximum number of security groups per interface has been reached.")]
    TooManyGroups,
    /// Too many tags.
    #[error("The maximum number of tags per resource is 50.")]
    TooManyTags,
}

impl Ec2Error {
    /// An `InvalidParameterValue` in EC2's usual words.
    pub(crate) fn value(value: &str, parameter: &str, why: &str) -> Self {
        Ec2Error::InvalidParameterValue(format!(
            "Value ({value}) for parameter {parameter} is invalid. {why}"
        ))
    }

    /// AWS's code and status.
    fn code(&self) -> (u16, &'static str) {
        let code = match self {
            Ec2Error::DryRun => return (412, "DryRunOperation"),
            Ec2Error::NoAccount => return (403, "UnauthorizedOperation"),
            Ec2Error::MissingParameter(_) => "MissingParameter",
            Ec2Error::InvalidParameterValue(_) | Ec2Error::InterfaceInUse(_) => "InvalidParameterValue",
            Ec2Error::InvalidParameterCombination(_) => "InvalidParameterCombination",
            Ec2Error::DifferentNetworks { .. } => "InvalidParameter",
            Ec2Error::Unsupported(_) => "UnsupportedOperation",
            Ec2Error::NoVpc(_) => "InvalidVpcID.NotFound",
            Ec2Error::NoSubnet(_) => "InvalidSubnetID.NotFound",
            Ec2Error::NoGroup(_) => "InvalidGroup.NotFound",
            Ec2Error::NoRule(_) => "InvalidSecurityGroupRuleId.NotFound",
            Ec2Error::NoInterface(_) => "InvalidNetworkInterfaceID.NotFound",
            Ec2Error::NoTaggable(_) => "InvalidID",
            Ec2Error::MalformedGroupId { .. } => "InvalidGroupId.Malformed",
            Ec2Error::NoDefaultVpc => "VPCIdNotSpecified",
            Ec2Error::VpcRange(_) => "InvalidVpc.Range",
            Ec2Error::SubnetRange(_) => "InvalidSubnet.Range",
            Ec2Error::SubnetConflict(_) => "InvalidSubnet.Conflict",
            Ec2Error::DuplicateGroup { .. } => "InvalidGroup.Duplicate",
            Ec2Error::DefaultGroup(_) => "CannotDelete",
            Ec2Error::DuplicateRule(_) => "InvalidPermission.Duplicate",
            Ec2Error::NoSuchRule => "InvalidPermission.NotFound",
            Ec2Error::VpcInUse(_) | Ec2Error::SubnetInUse(_) | Ec2Error::GroupInUse(_) => {
                "DependencyViolation"
            }
            Ec2Error::NoFreeAddress => "InsufficientFreeAddressesInSubnet",
            Ec2Error::AddressInUse(_) => "InvalidIPAddress.InUse",
            Ec2Error::TooManyGroups => "SecurityGroupsPerInterfaceLimitExceeded",
            Ec2Error::TooManyTags => "TagLimitExceeded",
        };
        (400, code)
    }
}

impl From<Ec2Error> for ServiceError {
    fn from(error: Ec2Error) -> Self {
        let (status, code) = error.code();
        ServiceError::new(status, code, error.to_string())
    }
}

/// The service of this crate, which common errors are rendered for.
pub(crate) const SERVICE: ServiceId = ServiceId::Ec2;
