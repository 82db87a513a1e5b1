//! What the tests of this service share: a house with the service in it, and a network.

use std::sync::Arc;

use rolecall_authority::{Call, Caller, Origin};
use rolecall_ec2::Ec2;
use rolecall_service::Service;
use rolecall_testkit::{ACCOUNT, House};
use rolecall_wire::ec2::{self as wire, Input, Output};
use rolecall_wire::{AnyInput, AnyOutput, ServiceError};

pub struct World {
    pub house: House,
    ec2: Ec2,
}

/// The ids of a network.
pub struct Network {
    pub vpc: String,
    pub subnet: String,
    pub group: String,
    pub rule: String,
    pub interface: String,
}

/// The answer of an operation as root, whose variant is known.
#[macro_export]
macro_rules! answer {
    ($world:expr, $operation:ident, $input:expr) => {
        match $world.ok(rolecall_wire::ec2::Input::$operation($input)).await {
            rolecall_wire::ec2::Output::$operation(answer) => answer,
            other => panic!("{other:?}"),
        }
    };
}

impl World {
    pub async fn new() -> Self {
        let house = House::new().await;
        let ec2 = Ec2::new(Arc::clone(&house.platform));
        World { house, ec2 }
    }

    pub async fn user(&self, name: &str, policy: Option<&str>) -> Caller {
        self.house.add_user(ACCOUNT, name, policy).await
    }

    pub async fn call(&self, caller: &Caller, input: Input) -> Result<Output, ServiceError> {
        self.perform(&self.house.call(caller), input).await
    }

    /// A call as Lambda makes it with a role.
    pub async fn call_of_service(&self, caller: &Caller, input: Input) -> Result<Output, ServiceError> {
        let origin = Origin::Service { source_arn: None, source_account: None };
        let call = self.house.platform.service_call(caller.clone(), self.house.region.clone(), origin);
        self.perform(&Arc::new(call), input).await
    }

    async fn perform(&self, call: &Arc<Call>, input: Input) -> Result<Output, ServiceError> {
        match self.ec2.handle(call, AnyInput::Ec2(input)).await? {
            AnyOutput::Ec2(output) => Ok(output),
            other => panic!("an answer of {}", other.operation_name()),
        }
    }

    /// Performs an operation as root, who may do everything.
    pub async fn ok(&self, input: Input) -> Output {
        let name = input.operation().name();
        self.call(&self.house.root(), input).await.unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// The refusal of an operation by root.
    pub async fn refusal(&self, input: Input) -> (String, String) {
        let error = self.call(&self.house.root(), input).await.expect_err("a refusal");
        (error.code.into_owned(), error.message.unwrap_or_default())
    }

    pub async fn vpc(&self, cidr: &str) -> String {
        let input = wire::CreateVpcRequest { cidr_block: Some(cidr.to_owned()), ..Default::default() };
        answer!(self, CreateVpc, input).vpc.unwrap().vpc_id.unwrap()
    }

    pub async fn subnet(&self, vpc: &str, cidr: &str) -> String {
        answer!(self, CreateSubnet, subnet(vpc, cidr)).subnet.unwrap().subnet_id.unwrap()
    }

    pub async fn group(&self, vpc: &str, name: &str) -> String {
        answer!(self, CreateSecurityGroup, group(vpc, name)).group_id.unwrap()
    }

    pub async fn interface(&self, subnet: &str, group: &str) -> String {
        let interface = answer!(self, CreateNetworkInterface, interface(subnet, group)).network_interface;
        interface.unwrap().network_interface_id.unwrap()
    }

    /// A VPC with a subnet, a group and an interface.
    pub async fn network(&self) -> Network {
        let vpc = self.vpc("10.0.0.0/16").await;
        let subnet = self.subnet(&vpc, "10.0.0.0/24").await;
        let group = self.group(&vpc, "web").await;
        let interface = self.interface(&subnet, &group).await;
        let input = wire::DescribeSecurityGroupRulesRequest {
            filters: Some(vec![filter("group-id", &group)]),
            ..Default::default()
        };
        let rules = answer!(self, DescribeSecurityGroupRules, input).security_group_rules.unwrap();
        let rule = rules[0].security_group_rule_id.clone().unwrap();
        Network { vpc, subnet, group, rule, interface }
    }
}

pub fn subnet(vpc: &str, cidr: &str) -> wire::CreateSubnetRequest {
    wire::CreateSubnetRequest {
        vpc_id: vpc.to_owned(),
        cidr_block: Some(cidr.to_owned()),
        ..Default::default()
    }
}

pub fn group(vpc: &str, name: &str) -> wire::CreateSecurityGroupRequest {
    wire::CreateSecurityGroupRequest {
        vpc_id: Some(vpc.to_owned()),
        group_name: name.to_owned(),
        description: "a group".to_owned(),
        ..Default::default()
    }
}

pub fn interface(subnet: &str, group: &str) -> wire::CreateNetworkInterfaceRequest {
    wire::CreateNetworkInterfaceRequest {
        subnet_id: subnet.to_owned(),
        groups: Some(vec![group.to_owned()]),
        ..Default::default()
    }
}

pub fn filter(name: &str, value: &str) -> wire::Filter {
    wire::Filter { name: Some(name.to_owned()), values: Some(vec![value.to_owned()]) }
}

pub fn permission(protocol: &str, port: i32, cidr: &str) -> wire::IpPermission {
    wire::IpPermission {
        ip_protocol: Some(protocol.to_owned()),
        from_port: Some(port),
        to_port: Some(port),
        ip_ranges: Some(vec![wire::IpRange { cidr_ip: Some(cidr.to_owned()), description: None }]),
        ..Default::default()
    }
}

pub fn tag(key: &str, value: &str) -> wire::Tag {
    wire::Tag { key: Some(key.to_owned()), value: Some(value.to_owned()) }
}

pub fn tags_for(kind: &str, key: &str, value: &str) -> Option<Vec<wire::TagSpecification>> {
    Some(vec![wire::TagSpecification {
        resource_type: Some(kind.to_owned()),
        tags: Some(vec![tag(key, value)]),
    }])
}

pub fn refused(code: &str, message: impl Into<String>) -> (String, String) {
    (code.to_owned(), message.into())
}
