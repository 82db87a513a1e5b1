"""Capacity providers through boto3 and the AWS CLI: they are remembered; no function runs on one."""

import pytest

from support.account import unique
from support.cli import CliError, aws
from support.errors import denied, refused
from support.policy import allow

NETWORK = {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}


def provider_arn(house, name: str) -> str:
    """Return the ARN of a capacity provider."""
    return f"arn:aws:lambda:us-east-1:{house.id}:capacity-provider:{name}"


def provider(house, client=None, **settings) -> str:
    """Make a capacity provider and return its name."""
    name = settings.pop("CapacityProviderName", None) or unique("provider")
    (client or house.admin.lambda_).create_capacity_provider(
        CapacityProviderName=name,
        VpcConfig=NETWORK,
        PermissionsConfig={"CapacityProviderOperatorRoleArn": house.basic_role},
        **settings,
    )
    return name


def test_a_capacity_provider_lives_from_create_to_delete(house):
    client = house.admin.lambda_
    name = provider(house, Tags={"team": "a"})
    arn = provider_arn(house, name)
    shown = client.get_capacity_provider(CapacityProviderName=arn)["CapacityProvider"]
    assert (shown["CapacityProviderArn"], shown["State"], shown["VpcConfig"]) == (arn, "Active", NETWORK)
    changed = client.update_capacity_provider(
        CapacityProviderName=name, CapacityProviderScalingConfig={"MaxVCpuCount": 30}
    )
    assert changed["CapacityProvider"]["CapacityProviderScalingConfig"] == {"MaxVCpuCount": 30}
    assert client.list_tags(Resource=arn)["Tags"] == {"team": "a"}
    listed = client.list_capacity_providers()["CapacityProviders"]
    assert arn in [one["CapacityProviderArn"] for one in listed]
    assert client.list_function_versions_by_capacity_provider(CapacityProviderName=name)["FunctionVersions"] == []
    deleted = client.delete_capacity_provider(CapacityProviderName=name)
    assert deleted["ResponseMetadata"]["HTTPStatusCode"] == 202
    with refused("ResourceNotFoundException", f"Capacity provider not found: {arn}", 404):
        client.get_capacity_provider(CapacityProviderName=name)


def test_what_is_there_or_wrong_is_refused(house):
    name = provider(house)
    with refused("ResourceConflictException", status=409):
        provider(house, CapacityProviderName=name)
    with refused("ValidationException", status=400):
        provider(house, CapacityProviderName="no name")
    with refused("InvalidParameterValueException", "Rolecall does not have functions on capacity providers yet.", 400):
        house.function(
            CapacityProviderConfig={
                "LambdaManagedInstancesCapacityProviderConfig": {"CapacityProviderArn": provider_arn(house, name)}
            }
        )


def test_a_new_one_needs_the_role_to_be_passed(house):
    user = house.user(allow("lambda:CreateCapacityProvider"))
    with denied("iam:PassRole", house.basic_role):
        provider(house, user.lambda_)
    user = house.user(allow(["lambda:CreateCapacityProvider", "iam:PassRole"]))
    linked = house.role_arn("aws-service-role/lambda.amazonaws.com/AWSServiceRoleForLambda")
    with denied("iam:CreateServiceLinkedRole", linked):
        provider(house, user.lambda_)


def test_the_command_line_makes_one(house):
    name = unique("provider")
    create = (
        f"lambda create-capacity-provider --capacity-provider-name {name} "
        "--vpc-config SubnetIds=subnet-1,SecurityGroupIds=sg-1 "
        f"--permissions-config CapacityProviderOperatorRoleArn={house.basic_role}"
    )
    assert aws(house.admin, create)["CapacityProvider"]["CapacityProviderArn"] == provider_arn(house, name)
    with pytest.raises(CliError, match="ResourceConflictException"):
        aws(house.admin, create)
    with pytest.raises(CliError, match="ValidationException"):
        aws(house.admin, create.replace("subnet-1", "no_subnet"))
    with pytest.raises(CliError, match="Capacity provider not found"):
        aws(house.admin, "lambda get-capacity-provider --capacity-provider-name none")
    with pytest.raises(CliError, match="is not authorized to perform: lambda:CreateCapacityProvider"):
        aws(house.user(), create)
