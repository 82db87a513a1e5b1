"""Execution environments that are ready before any event comes."""

import pytest

from support.account import invoke
from support.bundle import bundle
from support.cli import CliError, aws
from support.errors import denied, refused
from support.policy import allow
from support.waiting import eventually

# Says how its environment began, and whether this is its first event.
CODE = "import os\nbegun = os.environ['AWS_LAMBDA_INITIALIZATION_TYPE']\ndef handler(event, context):\n    return begun\n"


@pytest.fixture
def function(house):
    """Return a function with version 1 and the alias `live` of it."""
    name = house.function(bundle({"probe.py": CODE}))
    publish(house, name)
    house.admin.lambda_.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    return name


def publish(house, function: str) -> None:
    """Publish version 1 and wait until it is active."""
    house.admin.lambda_.publish_version(FunctionName=function)
    waiter = house.admin.lambda_.get_waiter("published_version_active")
    waiter.wait(FunctionName=function, Qualifier="1", WaiterConfig={"Delay": 0.05, "MaxAttempts": 400})


def provision(client, function: str, qualifier: str, count: int = 1) -> dict:
    """Ask for provisioned concurrency."""
    return client.put_provisioned_concurrency_config(
        FunctionName=function, Qualifier=qualifier, ProvisionedConcurrentExecutions=count
    )


def settled(client, function: str, qualifier: str) -> dict:
    """Return the configuration once it is no longer in progress."""

    def look():
        seen = client.get_provisioned_concurrency_config(FunctionName=function, Qualifier=qualifier)
        return seen["Status"] != "IN_PROGRESS" and seen

    return eventually(look)


def test_an_environment_is_ready_before_the_first_event(house, function):
    client = house.admin.lambda_
    accepted = provision(client, function, "live", 2)
    assert accepted["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert (accepted["Status"], accepted["AllocatedProvisionedConcurrentExecutions"]) == ("IN_PROGRESS", 0)
    ready = settled(client, function, "live")
    assert (ready["Status"], ready["AvailableProvisionedConcurrentExecutions"]) == ("READY", 2)
    assert invoke(house.admin, f"{function}:live") == "provisioned-concurrency"
    assert invoke(house.admin, function) == "on-demand"
    (listed,) = client.list_provisioned_concurrency_configs(FunctionName=function)["ProvisionedConcurrencyConfigs"]
    assert listed["FunctionArn"] == house.function_arn(f"{function}:live")
    client.delete_provisioned_concurrency_config(FunctionName=function, Qualifier="live")
    missing = "No Provisioned Concurrency Config found for this function"
    with refused("ProvisionedConcurrencyConfigNotFoundException", missing, 404):
        client.get_provisioned_concurrency_config(FunctionName=function, Qualifier="live")


def test_code_that_does_not_start_has_failed(house):
    client = house.admin.lambda_
    broken = house.function(bundle({"probe.py": "import no_such_module\n"}))
    publish(house, broken)
    provision(client, broken, "1")
    failed = settled(client, broken, "1")
    assert (failed["Status"], failed["StatusReason"]) == ("FAILED", "FUNCTION_ERROR_INIT_FAILURE")


def test_what_is_refused(house, function):
    client = house.admin.lambda_
    with refused("ValidationException", status=400):
        provision(house.admin.client("lambda", parameter_validation=False), function, "1", 0)
    with refused("ResourceNotFoundException", f"Cannot find alias arn: {house.function_arn(f'{function}:no')}", 404):
        provision(client, function, "no")
    latest = "Provisioned Concurrency Configs cannot be applied to unpublished function versions."
    with refused("InvalidParameterValueException", latest, 400):
        provision(client, function, "$LATEST")
    provision(client, function, "1")
    overlap = "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version"
    with refused("ResourceConflictException", overlap, 409):
        provision(client, function, "live")
    lower = " ReservedConcurrentExecutions  0 should not be lower than function's total provisioned concurrency [1]."
    with refused("InvalidParameterValueException", lower, 400):
        client.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=0)


def test_a_right_on_the_function_is_none_on_its_version(house, function):
    arn = house.function_arn(function)
    caller = house.user(allow("lambda:PutProvisionedConcurrencyConfig", arn))
    with denied("lambda:PutProvisionedConcurrencyConfig", f"{arn}:1"):
        provision(caller.lambda_, function, "1")
    provision(house.user(allow("lambda:PutProvisionedConcurrencyConfig", f"{arn}:1")).lambda_, function, "1")


def test_the_command_line(house, function):
    of_one = f"--function-name {function} --qualifier 1"
    aws(house.admin, f"lambda put-provisioned-concurrency-config {of_one} --provisioned-concurrent-executions 1")
    assert aws(house.admin, f"lambda get-provisioned-concurrency-config {of_one}")
    assert aws(house.admin, f"lambda list-provisioned-concurrency-configs --function-name {function}")
    aws(house.admin, f"lambda delete-provisioned-concurrency-config {of_one}")
    with pytest.raises(CliError, match="ProvisionedConcurrencyConfigNotFoundException"):
        aws(house.admin, f"lambda get-provisioned-concurrency-config {of_one}")
