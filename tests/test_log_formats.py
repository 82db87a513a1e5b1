"""LoggingConfig: JSON logs, their levels, and log groups of one's own (reference lambda.md 7.8)."""

import base64
import json

import pytest

from support.account import invoke, unique
from support.errors import refused
from support.runtimes import newest_node
from support.waiting import eventually


def logged(house, function: str, event: object) -> list[dict | str]:
    """Invoke a function and return the lines of its log; those in JSON parsed."""
    answer = house.admin.lambda_.invoke(FunctionName=function, Payload=json.dumps(event), LogType="Tail")
    lines = base64.b64decode(answer["LogResult"]).decode().splitlines()
    return [json.loads(line) if line.startswith("{") else line for line in lines]


def platform(lines: list[dict | str]) -> dict[str, dict]:
    """Return the platform's records by their type."""
    return {line["type"]: line["record"] for line in lines if isinstance(line, dict) and "type" in line}


def own(lines: list[dict | str]) -> list[dict | str]:
    """Return what the function wrote."""
    return [line for line in lines if isinstance(line, str) or "type" not in line]


@pytest.fixture(scope="module")
def python(house):
    """Return the name of a Python function that logs in JSON from WARN on, the platform everything."""
    config = {"LogFormat": "JSON", "ApplicationLogLevel": "WARN", "SystemLogLevel": "DEBUG"}
    return house.function("python/logging_levels.py", LoggingConfig=config, Timeout=30)


def test_json_is_told_with_its_levels_and_changed_member_by_member(house):
    name = house.function(LoggingConfig={"LogFormat": "JSON"})
    config = house.admin.lambda_.get_function_configuration(FunctionName=name)["LoggingConfig"]
    group = f"/aws/lambda/{name}"
    levels = {"ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO"}
    assert config == {"LogFormat": "JSON", "LogGroup": group, **levels}
    change = {"ApplicationLogLevel": "DEBUG"}
    house.admin.lambda_.update_function_configuration(FunctionName=name, LoggingConfig=change)
    house.wait_until_updated(name)
    config = house.admin.lambda_.get_function_configuration(FunctionName=name)["LoggingConfig"]
    assert config == {"LogFormat": "JSON", "LogGroup": group, **levels, **change}
    text = {"LogFormat": "Text"}
    answer = house.admin.lambda_.update_function_configuration(FunctionName=name, LoggingConfig=text)
    assert answer["LoggingConfig"] == {"LogFormat": "Text", "LogGroup": group}
    house.wait_until_updated(name)
    needs_json = (
        "Log level is not supported when log format is set to Text. Remove log level from your request or change the "
        "log format to JSON and try again."
    )
    with refused("InvalidParameterValueException", needs_json, 400):
        house.admin.lambda_.update_function_configuration(FunctionName=name, LoggingConfig=change)


def test_python_logs_json_from_its_level_on(house, python):
    lines = logged(house, python, {"item": "cup"})
    records = platform(lines)
    assert records["platform.initStart"]["functionName"] == python
    request_id = records["platform.start"]["requestId"]
    assert records["platform.runtimeDone"]["status"] == "success"
    report = records["platform.report"]
    assert (report["requestId"], report["status"]) == (request_id, "success")
    assert {"durationMs", "billedDurationMs", "memorySizeMB", "maxMemoryUsedMB"} <= set(report["metrics"])
    assert "platform.end" not in records
    low, missing = own(lines)
    assert (low["level"], low["message"], low["logger"]) == ("WARNING", "stock of cup is low", "shop")
    assert (low["requestId"], low["item"]) == (request_id, "cup")
    assert (missing["errorType"], missing["errorMessage"]) == ("KeyError", "'cup'")
    assert "raise KeyError" in missing["stackTrace"][0]
    assert missing["location"].startswith("/var/task/logging_levels.py:handler:")


def test_an_error_of_a_python_handler_is_json_as_well(house, python):
    error = own(logged(house, python, {"item": "cup", "fail": True}))[-1]
    assert (error["level"], error["errorType"], error["errorMessage"]) == ("ERROR", "ValueError", "no such item")
    assert error["requestId"]


def test_node_logs_json_from_its_level_on(house):
    config = {"LogFormat": "JSON", "SystemLogLevel": "WARN"}
    name = house.function("node/logging_levels.js", Runtime=newest_node(), LoggingConfig=config, Timeout=30)
    lines = logged(house, name, {"item": "cup", "fail": True})
    assert platform(lines) == {}, "nothing went wrong, as far as the platform can see"
    low, item, missing, error = lines
    assert (low["level"], low["message"]) == ("INFO", "cup is low")
    assert (item["level"], item["message"]) == ("WARN", {"item": "cup"})
    assert (missing["errorType"], missing["errorMessage"]) == ("RangeError", "no stock")
    assert missing["message"].startswith("not found RangeError: no stock")
    assert (error["level"], error["message"]["errorType"]) == ("ERROR", "TypeError")
    assert len({line["requestId"] for line in lines}) == 1


def test_text_logs_stay_text(house):
    name = house.function("python/logging_levels.py", Timeout=30)
    lines = logged(house, name, {"item": "cup"})
    assert any(line.startswith("[WARNING]\t") and line.endswith("\tstock of cup is low") for line in lines), lines
    assert "printed" in lines
    assert not any(isinstance(line, dict) for line in lines)


def test_functions_share_a_log_group_of_their_own(house):
    group = f"/shop/{unique('group')}"
    role = house.role(
        {"Effect": "Allow", "Action": "logs:*", "Resource": f"arn:aws:logs:*:*:log-group:{group}:*"},
        {"Effect": "Allow", "Action": "logs:CreateLogGroup", "Resource": "*"},
    )
    name = house.function(role=role, LoggingConfig={"LogGroup": group})
    invoke(house.admin, name, {"do": "say", "text": "in the shared group"})

    def streams():
        groups = house.admin.logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
        return groups and house.admin.logs.describe_log_streams(logGroupName=group)["logStreams"]

    (stream,) = eventually(streams, timeout_s=60)
    assert f"/{name}[$LATEST][" in stream["logStreamName"]
