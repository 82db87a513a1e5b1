"""InvokeWithResponseStream, read by botocore's own decoder of event streams."""

import base64
import json
import time

import pytest

from support.account import assumed
from support.cli import CliError, aws
from support.errors import denied, refused
from support.policy import allow
from support.runtimes import newest_node


@pytest.fixture(scope="module")
def streams(house):
    """Return the name of a Node.js function that streams."""
    return house.function("node/streams.js", Runtime=newest_node(), Timeout=2)


def stream(house, function, event=None, **settings):
    """Return the answer, the chunks and the last event of an invocation."""
    answer = house.admin.lambda_.invoke_with_response_stream(
        FunctionName=function, Payload=json.dumps(event or {}), **settings
    )
    events = list(answer["EventStream"])
    assert [name for event in events for name in event] == ["PayloadChunk"] * (len(events) - 1) + ["InvokeComplete"]
    return answer, [event["PayloadChunk"]["Payload"] for event in events[:-1]], events[-1]["InvokeComplete"]


def test_the_answer_of_a_streamed_invocation(house, streams):
    answer, chunks, end = stream(house, streams, {"pause": 50}, LogType="Tail")
    assert (answer["StatusCode"], answer["ExecutedVersion"]) == (200, "$LATEST")
    assert answer["ResponseStreamContentType"] == "application/vnd.amazon.eventstream"
    headers = answer["ResponseMetadata"]["HTTPHeaders"]
    assert headers["x-amzn-remapped-content-type"] == "text/plain"
    assert chunks == [b"one", b"two", b"three"]
    assert "ErrorCode" not in end
    assert b"all words are written" in base64.b64decode(end["LogResult"])


def test_chunks_come_as_they_are_written(house, streams):
    answer = house.admin.lambda_.invoke_with_response_stream(
        FunctionName=streams, Payload=json.dumps({"pause": 400, "words": "one,two"})
    )
    times = [time.monotonic() for _ in answer["EventStream"]]
    assert times[1] - times[0] > 0.2


def test_a_function_that_does_not_stream_is_one_chunk(house):
    name = house.function()
    _, chunks, end = stream(house, name, {"a": [1, 2]})
    assert [json.loads(chunk) for chunk in chunks] == [{"a": [1, 2]}]
    assert end == {}


@pytest.mark.parametrize(
    ("event", "chunks", "code", "details"),
    [
        ({"throw": "early"}, [], "Unhandled", "early"),
        ({"words": "some", "fail": "late"}, [b"some"], "TypeError", "late"),
        ({"words": "some", "exit": 3, "pause": 50}, [b"some"], "Runtime.ExitError", "exit status 3"),
        ({"words": "some", "sleep": 60_000}, [b"some"], "Sandbox.Timedout", "Task timed out after 2.00 seconds"),
    ],
)
def test_how_a_function_ended_is_in_the_last_event(house, streams, event, chunks, code, details):
    _, seen, end = stream(house, streams, event)
    assert (seen, end["ErrorCode"]) == (chunks, code)
    assert details in end["ErrorDetails"]


def test_a_large_response_arrives_whole(house):
    patient = house.function("node/streams.js", Runtime=newest_node(), Timeout=60)
    words = ",".join(["x" * 1_000_000] * 5)
    _, chunks, _ = stream(house, patient, {"words": words})
    assert b"".join(chunks) == b"x" * 5_000_000


def test_a_plain_invocation_gets_it_whole(house, streams):
    payload = house.admin.lambda_.invoke(FunctionName=streams, Payload=b"{}")["Payload"].read()
    assert payload == b"onetwothree"


def test_what_is_wrong_before_the_first_byte_is_an_ordinary_error(house, streams):
    missing = house.function_arn("missing")
    with refused("ResourceNotFoundException", f"Function not found: {missing}:$LATEST", 404):
        house.admin.lambda_.invoke_with_response_stream(FunctionName="missing")
    with refused("InvalidRequestContentException", status=400):
        house.admin.lambda_.invoke_with_response_stream(FunctionName=streams, Payload=b"no json")
    with denied("lambda:InvokeFunction", house.function_arn(streams)):
        house.user().lambda_.invoke_with_response_stream(FunctionName=streams)


def test_a_dry_run_is_run_all_the_same(house, streams):
    plain = house.admin.lambda_.invoke_with_response_stream(FunctionName=streams)
    dry = house.admin.lambda_.invoke_with_response_stream(FunctionName=streams, InvocationType="DryRun")
    assert (dry["StatusCode"], dry["ExecutedVersion"]) == (200, plain["ExecutedVersion"])
    assert [list(event) for event in dry["EventStream"]] == [list(event) for event in plain["EventStream"]]


def test_an_execution_role_may_stream_too(house, streams):
    role = house.role(allow("lambda:InvokeFunction", house.function_arn(streams)), trust={
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": house.root}, "Action": "sts:AssumeRole"}],
    })
    answer = assumed(house.admin, role).lambda_.invoke_with_response_stream(FunctionName=streams)
    assert {"PayloadChunk": {"Payload": b"one"}} in list(answer["EventStream"])


def test_the_command_line_has_no_such_command(house, streams):
    """The AWS CLI leaves operations with event streams out; plain `invoke` reads the same function."""
    with pytest.raises(CliError, match="[Ii]nvalid choice"):
        aws(house.admin, f"lambda invoke-with-response-stream --function-name {streams}")
