//! From the typed input to the operation: one arm for each.

use rolecall_authority::Call;
use rolecall_wire::ServiceError;
use rolecall_wire::ec2::{Input, Output};

use crate::Ec2;

impl Ec2 {
    pub(crate) async fn perform(&self, call: &Call, input: Input) -> Result<Output, ServiceError> {
        use Input as I;
        use Output as O;
        Ok(match input {
            I::CreateVpc(input) => O::CreateVpc(self.create_vpc(call, input).await?),
            I::DescribeVpcs(input) => O::DescribeVpcs(self.describe_vpcs(call, input)?),
            I::DeleteVpc(input) => O::DeleteVpc(self.delete_vpc(call, input).await?),
            I::CreateSubnet(input) => O::CreateSubnet(self.create_subnet(call, input).await?),
            I::DescribeSubnets(input) => O::DescribeSubnets(self.describe_subnets(call, input)?),
            I::DeleteSubnet(input) => O::DeleteSubnet(self.delete_subnet(call, input).await?),
            I::DescribeAvailabilityZones(input) => {
                O::DescribeAvailabilityZones(self.describe_availability_zones(call, input)?)
            }
            I::CreateSecurityGroup(input) => {
                O::CreateSecurityGroup(self.create_security_group(call, input).await?)
            }
            I::DescribeSecurityGroups(input) => {
                O::DescribeSecurityGroups(self.describe_security_groups(call, input)?)
            }
            I::GetSecurityGroupsForVpc(input) => {
                O::GetSecurityGroupsForVpc(self.get_security_groups_for_vpc(call, input)?)
            }
            I::DeleteSecurityGroup(input) => {
                O::DeleteSecurityGroup(self.delete_security_group(call, input).await?)
            }
            I::AuthorizeSecurityGroupIngress(input) => {
                O::AuthorizeSecurityGroupIngress(self.authorize_ingress(call, input).await?)
            }
            I::AuthorizeSecurityGroupEgress(input) => {
                O::AuthorizeSecurityGroupEgress(self.authorize_egress(call, input).await?)
            }
            I::RevokeSecurityGroupIngress(input) => {
                O::RevokeSecurityGroupIngress(self.revoke_ingress(call, input).await?)
            }
            I::RevokeSecurityGroupEgress(input) => {
                O::RevokeSecurityGroupEgress(self.revoke_egress(call, input).await?)
            }
            I::DescribeSecurityGroupRules(input) => {
                O::DescribeSecurityGroupRules(self.describe_security_group_rules(call, input)?)
            }
            I::CreateNetworkInterface(input) => {
                O::CreateNetworkInterface(self.create_network_interface(call, input).await?)
            }
            I::DescribeNetworkInterfaces(input) => {
                O::DescribeNetworkInterfaces(self.describe_network_interfaces(call, input)?)
            }
            I::DeleteNetworkInterface(input) => {
                O::DeleteNetworkInterface(self.delete_network_interface(call, input).await?)
            }
            I::AssignPrivateIpAddresses(input) => {
                O::AssignPrivateIpAddresses(self.assign_private_ip_addresses(call, input).await?)
            }
            I::UnassignPrivateIpAddresses(input) => {
                O::UnassignPrivateIpAddresses(self.unassign_private_ip_addresses(call, input).await?)
            }
            I::CreateTags(input) => O::CreateTags(self.create_tags(call, input).await?),
            I::DescribeTags(input) => O::DescribeTags(self.describe_tags(call, input)?),
            I::DeleteTags(input) => O::DeleteTags(self.delete_tags(call, input).await?),
        })
    }
}
