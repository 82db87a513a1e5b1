"""Traces of functions: Lambda's segments, those of AWS's X-Ray SDK below them, and the role's right to send them."""

import base64
import importlib.util
import json
import os
import re
import time
from pathlib import Path

import pytest

from support.account import BASIC_EXECUTION, unique
from support.bundle import bundle, source
from support.errors import refused
from support.policy import allow
from support.runtimes import newest_python
from support.server import rolecall
from support.waiting import eventually

DAEMON_WRITE = "arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess"
MAY_NOT = "The provided execution role does not have permissions to call PutTraceSegments on XRAY"
# What comes of an invocation is there a moment later; on a busy machine a long moment.
PATIENCE_S = 60


def sdk() -> dict[str, bytes]:
    """Return the files of AWS's X-Ray SDK and of what it needs, as a function has them beside its code."""
    files = {}
    for package in ("aws_xray_sdk", "wrapt"):
        folder = Path(importlib.util.find_spec(package).origin).parent
        for path in sorted(folder.rglob("*")):
            if path.suffix in {".py", ".json"}:
                files[str(Path(package) / path.relative_to(folder))] = path.read_bytes()
    return files


class Traces:
    """Functions that trace, and X-Ray."""

    def __init__(self, house):
        self.house = house
        self.xray = house.admin.client("xray")
        self.code = bundle(sdk() | {"traced.py": source("python/traced.py")})
        calls = allow(["lambda:InvokeFunction", "s3:PutObject"])
        self.role = house.role(calls, managed=(BASIC_EXECUTION, DAEMON_WRITE))

    def function(self, mode: str = "PassThrough", role: str | None = None, **settings) -> str:
        """Make a function and return its name."""
        return self.house.function(
            self.code, role=role or self.role, Handler="traced.handler", Runtime=newest_python(), Timeout=60,
            MemorySize=256, TracingConfig={"Mode": mode}, **settings,
        )  # fmt: skip

    def invoke(self, function: str, event: dict, header: str | None = None) -> dict:
        """Invoke a function, as part of a trace where a header says so, and return the answer."""
        client = self.house.admin.client("lambda", read_timeout=101)
        if header:
            client.meta.events.register(
                "before-call.lambda.Invoke", lambda params, **_: params["headers"].update({"X-Amzn-Trace-Id": header})
            )
        return client.invoke(FunctionName=function, Payload=json.dumps(event), LogType="Tail")

    def documents(self, trace: str) -> list[dict]:
        """Return the segments of a trace as far as they have come."""
        found = self.xray.batch_get_traces(TraceIds=[trace])["Traces"]
        return [json.loads(one["Document"]) for each in found for one in each["Segments"]]

    def whole(self, trace: str, count: int) -> list[dict]:
        """Wait until a trace has so many segments of Lambda with their parts, and return them by their start."""

        def look():
            segments = self.documents(trace)
            functions = [one for one in segments if one.get("origin") == "AWS::Lambda::Function"]
            complete = [one for one in functions if "work" in names(below(one, "Invocation").get("subsegments", []))]
            is_whole = len(complete) == count and len(segments) == 2 * count
            return is_whole and sorted(segments, key=lambda one: (one["start_time"], one["origin"]))

        return eventually(look, timeout_s=PATIENCE_S)


def new_trace() -> str:
    """Return a new trace id."""
    return f"1-{int(time.time()):08x}-{os.urandom(12).hex()}"


def names(segments: list[dict]) -> list[str]:
    """Return the names of segments."""
    return [one["name"] for one in segments]


def below(segment: dict, name: str) -> dict:
    """Return the subsegment with the name."""
    return next((one for one in segment.get("subsegments", []) if one["name"] == name), {})


def flat(segment: dict) -> list[dict]:
    """Return a segment and all that is below it."""
    return [segment, *(one for part in segment.get("subsegments", []) for one in flat(part))]


@pytest.fixture(scope="module")
def traces(house):
    """Return what traces."""
    return Traces(house)


@pytest.fixture(scope="module")
def passive(traces):
    """Return a function that leaves it to its callers what is traced."""
    return traces.function()


def test_segments_of_the_sdk_are_below_lambdas_own(traces):
    function = traces.function("Active")
    configuration = traces.house.admin.lambda_.get_function_configuration(FunctionName=function)
    assert configuration["TracingConfig"] == {"Mode": "Active"}
    order = unique("order")
    answer = traces.invoke(function, {"order": order})
    header = answer["ResponseMetadata"]["HTTPHeaders"]["x-amzn-trace-id"]
    trace = re.fullmatch(r"Root=(\S+);Parent=[0-9a-f]{16};Sampled=1;Lineage=1:[0-9a-f]{8}:0", header)[1]
    service, own = traces.whole(trace, 1)
    arn = traces.house.function_arn(function)
    assert (service["origin"], service["resource_arn"]) == ("AWS::Lambda", arn)
    assert service["http"] == {"response": {"status": 200}}
    assert service["aws"] == {"request_id": answer["ResponseMetadata"]["RequestId"]}
    assert own["parent_id"] == service["id"]
    assert own["aws"] == {"account_id": traces.house.id, "function_arn": arn, "resource_names": [function]}
    assert sorted(names(own["subsegments"])) == ["Initialization", "Invocation", "Overhead"]
    invocation = below(own, "Invocation")
    assert below(invocation, "work")["annotations"] == {"order": order}
    # The function's report and its environment name the same segment.
    told = json.loads(answer["Payload"].read())["trace"]
    assert f"Root={trace};Parent={invocation['id']};Sampled=1;" in told
    log = base64.b64decode(answer["LogResult"]).decode()
    assert f"\nXRAY TraceId: {trace}\tSegmentId: {invocation['id']}\tSampled: true" in log
    window = {"StartTime": time.time() - 600, "EndTime": time.time() + 600}
    found = traces.xray.get_trace_summaries(**window, FilterExpression=f'annotation.order = "{order}"')
    assert [one["Id"] for one in found["TraceSummaries"]] == [trace]


def test_what_the_caller_has_decided_is_done(traces, passive):
    sampled, unsampled, parent = new_trace(), new_trace(), os.urandom(8).hex()
    told = json.loads(traces.invoke(passive, {"order": "1"})["Payload"].read())["trace"]
    assert "Sampled=0" in told, "a function that does not decide itself does not trace"
    traces.invoke(passive, {"order": "2"}, f"Root={unsampled};Parent={parent};Sampled=0")
    traces.invoke(passive, {"order": "3"}, f"Root={sampled};Parent={parent};Sampled=1")
    service, _ = traces.whole(sampled, 1)
    assert service["parent_id"] == parent
    # The segments of one function are sent in order.
    assert traces.documents(unsampled) == []


@pytest.mark.parametrize("kind", ["RequestResponse", "Event"])
def test_a_function_that_calls_another_is_in_the_same_trace(traces, passive, kind):
    first, trace = traces.function(), new_trace()
    traces.invoke(first, {"order": "1", "function": passive, "type": kind}, f"Root={trace};Sampled=1")
    segments = traces.whole(trace, 2)
    caller = next(one for one in segments if one["name"] == first and one["origin"] == "AWS::Lambda::Function")
    callee = next(one for one in segments if one["name"] == passive and one["origin"] == "AWS::Lambda")
    call = next(one for one in flat(caller) if one["name"] == "lambda")
    assert callee["parent_id"] == call["id"], "below the SDK's own subsegment of the call"
    if kind == "Event":
        assert callee["http"] == {"response": {"status": 202}}
        assert names(callee["subsegments"]) == ["Dwell Time", "Attempt #1"]


def test_a_notification_keeps_the_trace(traces, passive):
    house, bucket, trace = traces.house, traces.house.bucket(), new_trace()
    told = house.function("python/told_keys.py", role=traces.role)
    house.admin.lambda_.add_permission(
        FunctionName=told, StatementId="s3", Action="lambda:InvokeFunction", Principal="s3.amazonaws.com",
        SourceArn=f"arn:aws:s3:::{bucket}", SourceAccount=house.id,
    )  # fmt: skip
    house.admin.s3.put_bucket_notification_configuration(
        Bucket=bucket,
        NotificationConfiguration={"LambdaFunctionConfigurations": [
            {"LambdaFunctionArn": house.function_arn(told), "Events": ["s3:ObjectCreated:*"]}
        ]},
    )  # fmt: skip
    traces.invoke(passive, {"order": "1", "bucket": bucket}, f"Root={trace};Sampled=1")

    def of_told():
        segments = [one for one in traces.documents(trace) if one["name"] == told]
        return sorted(one["origin"] for one in segments) == ["AWS::Lambda", "AWS::Lambda::Function"]

    eventually(of_told, timeout_s=PATIENCE_S)


def test_an_error_is_a_fault_with_its_cause(traces, passive):
    trace = new_trace()
    answer = traces.invoke(passive, {"order": "1", "fail": True}, f"Root={trace};Sampled=1")
    assert answer["FunctionError"] == "Unhandled"
    service, own = traces.whole(trace, 1)
    assert (service["fault"], own["fault"]) == (True, True)
    assert own["cause"]["exceptions"] == [{"message": "as asked", "type": "ValueError"}]


def test_active_tracing_needs_a_role_that_may_send_segments(traces):
    house = traces.house
    role = house.role(allow("logs:*"))
    with refused("InvalidParameterValueException", MAY_NOT, status=400):
        traces.function("Active", role=role)
    condition = {"ArnEquals": {"lambda:SourceFunctionArn": house.function_arn("only-traced")}}
    conditional = house.role(allow(["xray:PutTraceSegments", "xray:PutTelemetryRecords"], condition=condition))
    with refused("InvalidParameterValueException", MAY_NOT, status=400):
        traces.function("Active", role=conditional)
    function = traces.function("Active", role=conditional, FunctionName="only-traced")
    trace = new_trace()
    traces.invoke(function, {"order": "1"}, f"Root={trace};Sampled=1")
    traces.whole(trace, 1)


def test_without_the_right_the_function_runs_and_nothing_is_recorded_and_why_says_which(traces):
    house, trace = traces.house, new_trace()
    role = house.role(allow("logs:*"))
    function = traces.function(role=role)
    answer = traces.invoke(function, {"order": "1"}, f"Root={trace};Sampled=1")
    assert "FunctionError" not in answer, answer["Payload"].read()

    def denial():
        lines = [line for line in house.server.log.read_text().splitlines() if f"/{function}" in line]
        entries = [json.loads(line) for line in lines]
        return [one for one in entries if one.get("message") == "denied" and one["action"] == "xray:PutTraceSegments"]

    [denied, *_] = eventually(denial, timeout_s=PATIENCE_S)
    environment = house.admin.credentials.as_environment() | {"AWS_DEFAULT_REGION": house.admin.region}
    why = rolecall("why", denied["decision"], "--endpoint", house.admin.endpoint, **environment)
    assert why.returncode == 0, why.stderr
    assert "an Allow for xray:PutTraceSegments on * in an identity-based" in why.stdout, why.stdout
    assert traces.documents(trace) == []
