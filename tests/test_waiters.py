"""Every waiter of boto3 that people use with functions ends when the thing is there."""

import pytest

from support.account import packed, unique
from support.runtimes import newest_python

QUICK = {"Delay": 0.05, "MaxAttempts": 400}


def create_without_waiting(house) -> str:
    """Create a function and return its name at once."""
    name = unique("function")
    answer = house.admin.lambda_.create_function(
        FunctionName=name,
        Runtime=newest_python(),
        Handler="probe.handler",
        Role=house.basic_role,
        Code={"ZipFile": packed("python/probe.py")},
    )
    assert (answer["State"], answer["StateReasonCode"]) == ("Pending", "Creating")
    return name


@pytest.mark.parametrize("waiter", ["function_exists", "function_active", "function_active_v2"])
def test_a_new_function_is_waited_for(house, waiter):
    name = create_without_waiting(house)
    house.admin.lambda_.get_waiter(waiter).wait(FunctionName=name, WaiterConfig=QUICK)
    assert house.admin.lambda_.get_function(FunctionName=name)["Configuration"]["FunctionName"] == name


@pytest.mark.parametrize("waiter", ["function_updated", "function_updated_v2"])
def test_an_update_is_waited_for(house, waiter):
    name = house.function()
    answer = house.admin.lambda_.update_function_configuration(FunctionName=name, Timeout=7)
    assert answer["LastUpdateStatus"] == "InProgress"
    house.admin.lambda_.get_waiter(waiter).wait(FunctionName=name, WaiterConfig=QUICK)
    configuration = house.admin.lambda_.get_function_configuration(FunctionName=name)
    assert (configuration["LastUpdateStatus"], configuration["Timeout"]) == ("Successful", 7)


def test_a_published_version_is_waited_for(house):
    name = house.function()
    version = house.admin.lambda_.publish_version(FunctionName=name)["Version"]
    waiter = house.admin.lambda_.get_waiter("published_version_active")
    waiter.wait(FunctionName=name, Qualifier=version, WaiterConfig=QUICK)


def test_buckets_and_objects_are_waited_for(house):
    s3, name = house.admin.s3, unique("bucket")
    s3.get_waiter("bucket_not_exists").wait(Bucket=name, WaiterConfig=QUICK)
    s3.create_bucket(Bucket=name)
    s3.get_waiter("bucket_exists").wait(Bucket=name, WaiterConfig=QUICK)
    s3.get_waiter("object_not_exists").wait(Bucket=name, Key="key", WaiterConfig=QUICK)
    s3.put_object(Bucket=name, Key="key", Body=b"")
    s3.get_waiter("object_exists").wait(Bucket=name, Key="key", WaiterConfig=QUICK)


def test_roles_users_and_policies_are_waited_for(house):
    iam = house.admin.iam
    role = house.role()
    iam.get_waiter("role_exists").wait(RoleName=role.rsplit("/", 1)[1], WaiterConfig=QUICK)
    iam.get_waiter("user_exists").wait(UserName=house.user().name, WaiterConfig=QUICK)
    policy = house.managed_policy({"Effect": "Allow", "Action": "s3:*", "Resource": "*"})
    iam.get_waiter("policy_exists").wait(PolicyArn=policy, WaiterConfig=QUICK)
