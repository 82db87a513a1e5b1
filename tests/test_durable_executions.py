"""Durable executions: none exists, and every operation says so to those who may know."""

from shlex import quote

import pytest

from support.cli import CliError, aws
from support.errors import refused
from support.policy import allow

WHY = "Rolecall does not have durable functions yet, so there is none."


def execution_arn(house, function: str) -> str:
    """Return the ARN of a durable execution of a function."""
    return f"{house.function_arn(function)}:$LATEST/durable-execution/e/1"


def test_no_execution_is_found(house):
    arn = execution_arn(house, house.function())
    for call in ("get_durable_execution", "get_durable_execution_history", "stop_durable_execution"):
        with refused("ResourceNotFoundException", f"Durable execution not found: {arn}. {WHY}", 404):
            getattr(house.admin.lambda_, call)(DurableExecutionArn=arn)
    with refused("InvalidParameterValueException", f"Durable execution not found: {arn}. {WHY}", 400):
        house.admin.lambda_.checkpoint_durable_execution(DurableExecutionArn=arn, CheckpointToken="dA==")
    with refused("ResourceNotFoundException", f"Callback not found. {WHY}", 404):
        house.admin.lambda_.send_durable_execution_callback_success(CallbackId="Y2FsbGJhY2s=")


def test_a_function_has_no_executions(house):
    client = house.admin.lambda_
    assert client.list_durable_executions_by_function(FunctionName=house.function())["DurableExecutions"] == []
    with refused("ResourceNotFoundException", f"Function not found: {house.function_arn('none')}", 404):
        client.list_durable_executions_by_function(FunctionName="none")


def test_a_right_on_the_function_is_no_right_on_its_executions(house):
    function = house.function()
    arn = execution_arn(house, function)
    narrow = house.user(allow("lambda:*", house.function_arn(function)))
    with refused("AccessDeniedException", status=403):
        narrow.lambda_.get_durable_execution(DurableExecutionArn=arn)
    wide = house.user(allow("lambda:*", house.function_arn(f"{function}:*")))
    with refused("ResourceNotFoundException", status=404):
        wide.lambda_.get_durable_execution(DurableExecutionArn=arn)


def test_a_durable_function_is_refused(house):
    with refused("InvalidParameterValueException", "Rolecall does not have durable functions yet.", 400):
        house.function(DurableConfig={"ExecutionTimeout": 60})


def test_the_command_line_is_told_the_same(house):
    function = house.function()
    get = "lambda get-durable-execution --durable-execution-arn"
    assert aws(house.admin, f"lambda list-durable-executions-by-function --function-name {function}") == {
        "DurableExecutions": []
    }
    with pytest.raises(CliError, match=WHY):
        aws(house.admin, f"{get} {quote(execution_arn(house, function))}")
    with pytest.raises(CliError, match="ValidationException"):
        aws(house.admin, f"{get} no-arn")
