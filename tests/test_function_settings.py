"""Recursion, runtime management, scaling, and the older form of asynchronous invocation."""

import json
import re

import pytest

from support.account import unique
from support.cli import CliError, aws
from support.errors import denied, refused
from support.policy import allow
from support.waiting import eventually


@pytest.fixture(scope="module")
def function(house):
    """Return a function with version 1."""
    name = house.function()
    house.admin.lambda_.publish_version(FunctionName=name)
    return name


def passes(house, function: str) -> list[int]:
    """Return the passes of a loop, as the function printed them."""
    found = [re.match(r"pass (\d+) .*Lineage=(\d+):", line) for line in house.log_lines(function)]
    assert all(match[1] == match[2] for match in found if match), "the lineage counts the passes"
    return sorted(int(match[1]) for match in found if match)


@pytest.mark.parametrize(("recursive_loop", "last"), [("Terminate", 16), ("Allow", 18)])
def test_a_loop_ends_after_sixteen_passes_unless_it_is_allowed(house, recursive_loop, last):
    name, client = unique("loop"), house.admin.lambda_
    role = house.role(
        allow("lambda:InvokeFunction", house.function_arn(name)),
        managed=("arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",),
    )
    house.function("python/loop.py", role=role, FunctionName=name)
    assert client.get_function_recursion_config(FunctionName=name)["RecursiveLoop"] == "Terminate"
    client.put_function_recursion_config(FunctionName=name, RecursiveLoop=recursive_loop)
    assert client.get_function_recursion_config(FunctionName=name)["RecursiveLoop"] == recursive_loop
    client.invoke(FunctionName=name, InvocationType="Event", Payload=json.dumps({"pass": 1, "last": 18}))
    eventually(lambda: len(passes(house, name)) >= last, timeout_s=60)
    assert passes(house, name) == list(range(1, last + 1))


def test_a_bad_recursion_setting_a_missing_function_and_a_denial(house, function):
    lenient = house.admin.client("lambda", parameter_validation=False)
    message = (
        "1 validation error detected: Value 'InvalidValue' at 'recursiveLoop' failed to satisfy constraint: "
        "Member must satisfy enum value set: [Terminate, Allow]"
    )
    with refused("ValidationException", message, 400):
        lenient.put_function_recursion_config(FunctionName=function, RecursiveLoop="InvalidValue")
    with refused("ResourceNotFoundException", f"Function not found: {house.function_arn('missing')}", 404):
        lenient.put_function_recursion_config(FunctionName="missing", RecursiveLoop="Allow")
    arn = house.function_arn(function)
    caller = house.user(allow("lambda:PutFunctionRecursionConfig", f"{arn}:*"))
    with denied("lambda:PutFunctionRecursionConfig", arn):
        caller.lambda_.put_function_recursion_config(FunctionName=function, RecursiveLoop="Allow")


def test_runtime_management(house, function):
    client, arn = house.admin.lambda_, house.function_arn(function)
    put = client.put_runtime_management_config(FunctionName=function, Qualifier="1", UpdateRuntimeOn="FunctionUpdate")
    assert (put["UpdateRuntimeOn"], put["FunctionArn"]) == ("FunctionUpdate", f"{arn}:1")
    got = client.get_runtime_management_config(FunctionName=function, Qualifier="1")
    assert got["UpdateRuntimeOn"] == "FunctionUpdate"
    assert client.get_runtime_management_config(FunctionName=function)["UpdateRuntimeOn"] == "Auto"
    with refused("InvalidParameterValueException", status=400):
        client.put_runtime_management_config(FunctionName=function, UpdateRuntimeOn="Manual")
    with refused("ResourceNotFoundException", f"Function not found: {arn}:77", 404):
        client.put_runtime_management_config(FunctionName=function, Qualifier="77", UpdateRuntimeOn="Auto")
    with denied("lambda:PutRuntimeManagementConfig", arn):
        house.user().lambda_.put_runtime_management_config(FunctionName=function, UpdateRuntimeOn="Auto")


def test_scaling_is_for_functions_with_a_capacity_provider(house, function):
    client = house.admin.lambda_
    with refused("InvalidParameterValueException", status=400) as refusal:
        client.get_function_scaling_config(FunctionName=function, Qualifier="1")
    assert "with a capacity provider only" in refusal.message
    with refused("ResourceNotFoundException", status=404):
        client.put_function_scaling_config(FunctionName=function, Qualifier="77")
    with refused("ValidationException", status=400):
        client.get_function_scaling_config(FunctionName=function, Qualifier="live")


def test_the_older_asynchronous_invocation(house):
    function, client = house.function(), house.admin.lambda_
    answer = client.invoke_async(FunctionName=function, InvokeArgs=b'{"do": "say", "text": "older"}')
    assert answer["Status"] == 202
    eventually(lambda: "older" in "".join(house.log_lines(function)))
    with refused("InvalidRequestContentException", status=400):
        client.invoke_async(FunctionName=function, InvokeArgs=b"{")
    with refused("RequestEntityTooLargeException", status=413):
        client.invoke_async(FunctionName=function, InvokeArgs=b'"' + b"x" * 262_143 + b'"')
    caller = house.user(allow("lambda:InvokeAsync"))
    with denied("lambda:InvokeFunction", house.function_arn(function)):
        caller.lambda_.invoke_async(FunctionName=function, InvokeArgs=b"{}")


def test_the_command_line(house, function):
    name = f"--function-name {function}"
    aws(house.admin, f"lambda put-function-recursion-config {name} --recursive-loop Allow")
    assert aws(house.admin, f"lambda get-function-recursion-config {name}") == {"RecursiveLoop": "Allow"}
    managed = aws(house.admin, f"lambda put-runtime-management-config {name} --update-runtime-on Auto")
    assert aws(house.admin, f"lambda get-runtime-management-config {name}") == managed
    for command in ("get-function-scaling-config", "put-function-scaling-config"):
        with pytest.raises(CliError, match="InvalidParameterValueException"):
            aws(house.admin, f"lambda {command} {name} --qualifier 1")
