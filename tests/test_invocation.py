"""Invoke in all its forms, and what a function sees while it runs."""

import base64
import json
import re
import urllib.request

import pytest

from support.account import invoke, unique
from support.errors import denied, refused
from support.policy import allow
from support.waiting import eventually


@pytest.fixture(scope="module")
def probe(house):
    """Return the name of a function that does what it is told."""
    return house.function(Timeout=10)


@pytest.mark.parametrize("event", [None, 0, "text", [1, 2], {"a": {"b": "ä"}}, {}, 1.5, True])
def test_an_event_goes_in_and_comes_back(house, probe, event):
    assert invoke(house.admin, probe, event) == event


def test_the_answer_of_an_invocation(house, probe):
    answer = house.admin.lambda_.invoke(FunctionName=probe, Payload=b'{"a": 1}')
    assert (answer["StatusCode"], answer["ExecutedVersion"]) == (200, "$LATEST")
    assert "FunctionError" not in answer
    assert "LogResult" not in answer
    headers = answer["ResponseMetadata"]["HTTPHeaders"]
    assert headers["content-type"] == "application/json"
    assert headers["x-amzn-requestid"] == answer["ResponseMetadata"]["RequestId"]
    assert headers["x-amzn-remapped-content-length"] == "0"
    trace = r"Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0;Lineage=1:[0-9a-f]{8}:0"
    assert re.fullmatch(trace, headers["x-amzn-trace-id"])


def test_a_dry_run_checks_and_runs_nothing(house, probe):
    before = invoke(house.admin, probe, {"do": "describe"})
    answer = house.admin.lambda_.invoke(FunctionName=probe, InvocationType="DryRun")
    assert (answer["StatusCode"], answer["Payload"].read()) == (204, b"")
    after = invoke(house.admin, probe, {"do": "describe"})
    assert (after["pid"], after["count"]) == (before["pid"], before["count"] + 1)
    with denied("lambda:InvokeFunction", house.function_arn(probe)):
        house.user().lambda_.invoke(FunctionName=probe, InvocationType="DryRun")


def test_an_event_is_accepted_and_run_later(house, probe):
    marker = unique("marker")
    answer = house.admin.lambda_.invoke(
        FunctionName=probe, InvocationType="Event", Payload=json.dumps({"do": "say", "text": marker})
    )
    assert (answer["StatusCode"], answer["Payload"].read()) == (202, b"")
    assert "ExecutedVersion" not in answer
    eventually(lambda: marker in [line.strip() for line in house.log_lines(probe)])


def test_the_tail_of_the_log_comes_with_the_answer(house, probe):
    event = json.dumps({"do": "say", "text": "in the tail"})
    answer = house.admin.lambda_.invoke(FunctionName=probe, LogType="Tail", Payload=event)
    tail = base64.b64decode(answer["LogResult"]).decode()
    request = answer["ResponseMetadata"]["RequestId"]
    assert f"START RequestId: {request} Version: $LATEST\n" in tail
    assert "in the tail\n" in tail
    assert f"END RequestId: {request}\n" in tail
    assert re.search(rf"REPORT RequestId: {request}\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\t", tail)


def test_a_long_log_is_cut_to_its_last_four_kilobytes(house, probe):
    event = json.dumps({"do": "say", "text": "x" * 10_000})
    answer = house.admin.lambda_.invoke(FunctionName=probe, LogType="Tail", Payload=event)
    assert len(base64.b64decode(answer["LogResult"])) == 4096


def failure(house, function: str, event: dict) -> dict:
    """Invoke a function that fails and return its error."""
    answer = house.admin.lambda_.invoke(FunctionName=function, Payload=json.dumps(event))
    assert (answer["StatusCode"], answer["FunctionError"]) == (200, "Unhandled")
    error = json.loads(answer["Payload"].read())
    return error | {"id": answer["ResponseMetadata"]["RequestId"]}


def test_an_exception_is_told(house, probe):
    error = failure(house, probe, {"do": "fail", "text": "as intended"})
    assert (error["errorMessage"], error["errorType"], error["requestId"]) == ("as intended", "ValueError", error["id"])
    assert any('probe.py", line' in line and "fail" in line for line in error["stackTrace"])


def test_an_ending_process_is_told_and_replaced(house, probe):
    error = failure(house, probe, {"do": "leave", "code": 7})
    assert error["errorType"] == "Runtime.ExitError"
    assert error["errorMessage"] == f"RequestId: {error['id']} Error: Runtime exited with error: exit status 7"
    assert invoke(house.admin, probe, "again") == "again"
    error = failure(house, probe, {"do": "leave", "code": 0})
    assert error["errorMessage"] == f"RequestId: {error['id']} Error: Runtime exited without providing a reason"


def test_a_function_that_takes_too_long_is_ended(house):
    function = house.function(Timeout=1)
    error = failure(house, function, {"do": "sleep", "seconds": 30})
    assert error["errorType"] == "Sandbox.Timedout"
    assert error["errorMessage"] == f"RequestId: {error['id']} Error: Task timed out after 1.00 seconds"
    assert invoke(house.admin, function, "again") == "again"


def test_code_that_cannot_be_loaded_is_told(house):
    function = house.function(Handler="missing.handler")
    error = failure(house, function, {})
    assert error["errorType"] == "Runtime.ImportModuleError"
    assert "missing" in error["errorMessage"]
    function = house.function(Handler="probe.missing")
    assert failure(house, function, {})["errorType"] == "Runtime.HandlerNotFound"


def test_an_event_that_is_not_json_is_refused(house, probe):
    with refused("InvalidRequestContentException", status=400) as refusal:
        house.admin.lambda_.invoke(FunctionName=probe, Payload=b"{")
    start = "Could not parse request body into json: Could not parse payload into json: "
    assert refusal.message.startswith(start)


def test_an_event_that_is_too_large_is_refused(house, probe):
    with refused("RequestEntityTooLargeException", status=413):
        house.admin.lambda_.invoke(FunctionName=probe, Payload=json.dumps("x" * (6 * 1024 * 1024 + 200)))


def test_what_a_function_sees(house):
    function = house.function(Environment={"Variables": {"COLOUR": "blue", "EMPTY": ""}}, MemorySize=192, Timeout=9)
    seen = invoke(house.admin, function, {"do": "describe"})
    environment = seen["environment"]
    assert (environment["COLOUR"], environment["EMPTY"]) == ("blue", "")
    assert environment["AWS_LAMBDA_FUNCTION_NAME"] == seen["name"] == function
    assert environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "192" == str(seen["memory"])
    assert environment["AWS_LAMBDA_FUNCTION_VERSION"] == seen["version"] == "$LATEST"
    assert environment["AWS_LAMBDA_LOG_GROUP_NAME"] == seen["log_group"] == f"/aws/lambda/{function}"
    assert environment["AWS_LAMBDA_LOG_STREAM_NAME"] == seen["log_stream"]
    assert environment["AWS_REGION"] == environment["AWS_DEFAULT_REGION"] == "us-east-1"
    assert environment["AWS_ACCESS_KEY_ID"].startswith("ASIA")
    assert environment["LAMBDA_TASK_ROOT"]
    assert environment["_HANDLER"] == "probe.handler"
    assert seen["arn"] == house.function_arn(function)
    assert 0 < seen["remaining_ms"] <= 9000


def test_a_function_does_not_see_the_servers_environment(house, probe):
    environment = invoke(house.admin, probe, {"do": "describe"})["environment"]
    assert not {"HOME", "USER", "CARGO_HOME", "PYTEST_CURRENT_TEST"} & set(environment)


def test_a_warm_environment_is_used_again(house):
    function = house.function()
    first, second = (invoke(house.admin, function, {"do": "describe"}) for _ in range(2))
    assert (first["pid"], first["count"], first["log_stream"]) == (second["pid"], 1, second["log_stream"])
    assert second["count"] == 2


def test_an_update_ends_warm_environments(house):
    function = house.function()
    assert invoke(house.admin, function, {"do": "describe"})["count"] == 1
    house.admin.lambda_.update_function_configuration(
        FunctionName=function, Environment={"Variables": {"COLOUR": "green"}}
    )
    house.wait_until_updated(function)
    seen = invoke(house.admin, function, {"do": "describe"})
    assert (seen["count"], seen["environment"]["COLOUR"]) == (1, "green")


def test_reserved_concurrency_of_zero_stops_a_function(house):
    function = house.function()
    house.admin.lambda_.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=0)
    with refused("TooManyRequestsException", "Rate Exceeded.", 429) as refusal:
        house.admin.lambda_.invoke(FunctionName=function)
    assert refusal.response["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
    house.admin.lambda_.delete_function_concurrency(FunctionName=function)
    assert invoke(house.admin, function, 1) == 1


def test_the_same_account_may_open_a_function_with_its_policy_alone(house):
    function = house.function()
    user = house.user()
    with denied("lambda:InvokeFunction"):
        user.lambda_.invoke(FunctionName=function)
    house.admin.lambda_.add_permission(
        FunctionName=function, StatementId="user", Action="lambda:InvokeFunction", Principal=user.arn
    )
    assert invoke(user, function, 1) == 1


def test_code_is_downloaded_through_its_link(house):
    function = house.function()
    reader = house.user(allow("lambda:GetFunction"))
    answer = reader.lambda_.get_function(FunctionName=function)
    with urllib.request.urlopen(answer["Code"]["Location"], timeout=30) as download:
        content = download.read()
    assert content.startswith(b"PK")
    assert len(content) == answer["Configuration"]["CodeSize"]
