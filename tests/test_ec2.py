"""VPCs, subnets, security groups and network interfaces through boto3 and the AWS CLI."""

import pytest
from botocore.exceptions import ClientError

from support.account import unique
from support.cli import CliError, aws
from support.errors import denied, refused


@pytest.fixture
def vpc(house):
    """Make a VPC and return its id."""
    return house.admin.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]


@pytest.fixture
def subnet(house, vpc):
    """Make a subnet and return its id."""
    return house.admin.ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]


@pytest.fixture
def group(house, vpc):
    """Make a security group and return its id."""
    return house.admin.ec2.create_security_group(GroupName=unique("group"), Description="d", VpcId=vpc)["GroupId"]


def test_a_network_is_made_described_and_taken_down(house, vpc, subnet, group):
    ec2 = house.admin.ec2
    ec2.get_waiter("vpc_available").wait(VpcIds=[vpc])
    ec2.get_waiter("subnet_available").wait(SubnetIds=[subnet])
    interface = ec2.create_network_interface(SubnetId=subnet, Groups=[group])["NetworkInterface"]
    assert interface["PrivateIpAddress"] == "10.0.0.4"
    found = ec2.describe_network_interfaces(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["NetworkInterfaces"]
    assert [one["NetworkInterfaceId"] for one in found] == [interface["NetworkInterfaceId"]]
    with refused("DependencyViolation", f"The subnet '{subnet}' has dependencies and cannot be deleted.", 400):
        ec2.delete_subnet(SubnetId=subnet)
    ec2.delete_network_interface(NetworkInterfaceId=interface["NetworkInterfaceId"])
    ec2.delete_subnet(SubnetId=subnet)
    ec2.delete_security_group(GroupId=group)
    ec2.delete_vpc(VpcId=vpc)
    with refused("InvalidVpcID.NotFound", f"The vpc ID '{vpc}' does not exist", 400):
        ec2.describe_vpcs(VpcIds=[vpc])


def test_rules_of_a_group(house, group):
    ec2 = house.admin.ec2
    permission = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
    made = ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])["SecurityGroupRules"]
    with refused("InvalidPermission.Duplicate", status=400):
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])
    shown = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissions"]
    assert shown[0]["IpRanges"] == [{"CidrIp": "10.0.0.0/8"}]
    ec2.revoke_security_group_ingress(GroupId=group, SecurityGroupRuleIds=[made[0]["SecurityGroupRuleId"]])
    assert ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissions"] == []


def test_bad_parameters_and_conflicts(house, vpc, subnet):
    ec2 = house.admin.ec2
    with refused("InvalidSubnet.Conflict", "The CIDR '10.0.0.0/25' conflicts with another subnet", 400):
        ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/25")
    with refused("InvalidVpc.Range", status=400):
        ec2.create_vpc(CidrBlock="10.0.0.0/8")
    with refused("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412):
        ec2.delete_subnet(SubnetId=subnet, DryRun=True)
    with refused("InvalidGroup.NotFound", "The security group 'sg-0' does not exist", 400):
        ec2.describe_security_groups(GroupIds=["sg-0"])


def test_tags_are_found(house):
    tags = [{"Key": "team", "Value": unique("team")}]
    made = house.admin.ec2.create_vpc(
        CidrBlock="10.0.0.0/16", TagSpecifications=[{"ResourceType": "vpc", "Tags": tags}]
    )["Vpc"]
    assert made["Tags"] == tags
    found = house.admin.ec2.describe_vpcs(Filters=[{"Name": "tag:team", "Values": [tags[0]["Value"]]}])["Vpcs"]
    assert [one["VpcId"] for one in found] == [made["VpcId"]]


def test_a_denial_names_the_action_and_the_resource(house, vpc):
    nobody = house.user()
    with denied("ec2:DeleteVpc", f"arn:aws:ec2:us-east-1:{house.id}:vpc/{vpc}"):
        nobody.ec2.delete_vpc(VpcId=vpc)
    with pytest.raises(ClientError) as caught:
        house.user().client("ec2", retries={"total_max_attempts": 1}).describe_vpcs()
    assert caught.value.response["Error"]["Code"] == "UnauthorizedOperation"


def test_the_command_line(house, vpc):
    described = aws(house.admin, f"ec2 describe-vpcs --vpc-ids {vpc}")
    assert described["Vpcs"][0]["CidrBlock"] == "10.0.0.0/16"
    with pytest.raises(CliError, match="InvalidSubnetID.NotFound"):
        aws(house.admin, "ec2 delete-subnet --subnet-id subnet-0")
