"""Functions in a VPC: the interfaces that come and go, and who may do what."""

import time

import pytest

from support.account import invoke, unique
from support.cli import CliError, aws
from support.errors import refused

CONNECT = {
    "Effect": "Allow",
    "Action": ["ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DeleteNetworkInterface"],
    "Resource": "*",
}


@pytest.fixture
def network(house):
    """Make a VPC with a subnet and a group, and return the function's configuration for it."""
    ec2 = house.admin.ec2
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(GroupName=unique("group"), Description="d", VpcId=vpc)["GroupId"]
    return {"SubnetIds": [subnet], "SecurityGroupIds": [group]}


def interfaces(house, network) -> list[dict]:
    """Return the network interfaces in the network."""
    only = [{"Name": "subnet-id", "Values": network["SubnetIds"]}]
    return house.admin.ec2.describe_network_interfaces(Filters=only)["NetworkInterfaces"]


def test_a_function_is_connected_runs_and_is_disconnected(house, network):
    function = house.function(role=house.role(CONNECT), VpcConfig=network)
    shown = house.admin.lambda_.get_function_configuration(FunctionName=function)["VpcConfig"]
    assert shown["SubnetIds"] == network["SubnetIds"] and shown["VpcId"].startswith("vpc-")
    assert interfaces(house, network)[0]["Description"].startswith(f"AWS Lambda VPC ENI-{function}-")
    assert invoke(house.admin, function, {"do": "echo"}) is not None
    empty = {"SubnetIds": [], "SecurityGroupIds": []}
    house.admin.lambda_.update_function_configuration(FunctionName=function, VpcConfig=empty)
    house.wait_until_updated(function)
    for _ in range(100):
        if not interfaces(house, network):
            break
        time.sleep(0.05)
    assert interfaces(house, network) == []
    house.admin.ec2.delete_subnet(SubnetId=network["SubnetIds"][0])


def test_the_role_needs_its_rights(house, network):
    message = "The provided execution role does not have permissions to call CreateNetworkInterface on EC2"
    with refused("InvalidParameterValueException", message, 400):
        house.function(VpcConfig=network)
    assert interfaces(house, network) == []


def test_the_managed_policy_is_enough(house, network):
    managed = "arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"
    assert house.function(role=house.role(managed=(managed,)), VpcConfig=network)


def test_missing_and_malformed_ids(house, network):
    role = house.role(CONNECT)
    message = (
        "Error occurred while DescribeSubnets. EC2 Error Code: InvalidSubnetID.NotFound. "
        "EC2 Error Message: The subnet ID 'subnet-0' does not exist"
    )
    with refused("InvalidParameterValueException", message, 400):
        house.function(role=role, VpcConfig=network | {"SubnetIds": ["subnet-0"]})
    with refused("ValidationException", status=400):
        house.function(role=role, VpcConfig=network | {"SubnetIds": ["bad-id"]})
    with pytest.raises(CliError, match="must coexist"):
        subnet = network["SubnetIds"][0]
        function = house.function()
        aws(house.admin, f"lambda update-function-configuration --function-name {function} --vpc-config SubnetIds={subnet}")
