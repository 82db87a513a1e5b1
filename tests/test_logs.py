"""CloudWatch Logs, used directly."""

import time

import pytest

from support.account import unique
from support.errors import denied, refused
from support.policy import allow


@pytest.fixture
def stream(house):
    """Return a log group and a stream in it."""
    group, stream = f"/test/{unique('group')}", "stream"
    house.admin.logs.create_log_group(logGroupName=group, tags={"colour": "blue"})
    house.admin.logs.create_log_stream(logGroupName=group, logStreamName=stream)
    return {"logGroupName": group, "logStreamName": stream}


def test_events_are_read_back_in_order(house, stream):
    now = int(time.time() * 1000)
    events = [{"timestamp": now + number, "message": f"line {number}"} for number in range(20)]
    house.admin.logs.put_log_events(**stream, logEvents=events)
    read = house.admin.logs.get_log_events(**stream, startFromHead=True)["events"]
    assert [(event["timestamp"], event["message"]) for event in read] == [
        (event["timestamp"], event["message"]) for event in events
    ]
    last = house.admin.logs.get_log_events(**stream, limit=3)["events"]
    assert [event["message"] for event in last] == ["line 17", "line 18", "line 19"]


def test_events_are_filtered(house, stream):
    now = int(time.time() * 1000)
    lines = ["ERROR one", "INFO two", "ERROR three"]
    events = [{"timestamp": now + number, "message": line} for number, line in enumerate(lines)]
    house.admin.logs.put_log_events(**stream, logEvents=events)
    group = stream["logGroupName"]
    found = house.admin.logs.filter_log_events(logGroupName=group, filterPattern="ERROR")["events"]
    assert [event["message"] for event in found] == ["ERROR one", "ERROR three"]


def test_a_right_may_be_for_one_group(house, stream):
    group = stream["logGroupName"]
    writer = house.user(allow("logs:PutLogEvents", f"arn:aws:logs:us-east-1:{house.id}:log-group:{group}:*"))
    events = [{"timestamp": int(time.time() * 1000), "message": "hello"}]
    writer.logs.put_log_events(**stream, logEvents=events)
    with denied("logs:PutLogEvents"):
        writer.logs.put_log_events(logGroupName="/another", logStreamName="stream", logEvents=events)


def test_what_does_not_exist_or_exists_already(house, stream):
    group = stream["logGroupName"]
    with refused("ResourceAlreadyExistsException", "The specified log group already exists", 400):
        house.admin.logs.create_log_group(logGroupName=group)
    with refused("ResourceNotFoundException", "The specified log group does not exist.", 400):
        house.admin.logs.get_log_events(logGroupName="/missing", logStreamName="stream")
    with refused("ResourceNotFoundException", "The specified log stream does not exist.", 400):
        house.admin.logs.get_log_events(logGroupName=group, logStreamName="missing")
