"""X-Ray, used directly: segments in, traces out."""

import json
import os
import time

import pytest

from support.account import unique
from support.errors import refused


def trace_id(ago_s: int = 0) -> str:
    """Return a new trace id, of now or some seconds ago."""
    return f"1-{int(time.time()) - ago_s:08x}-{os.urandom(12).hex()}"


def segment(trace: str, **members) -> dict:
    """Return a segment document of a trace that has just ended."""
    now = time.time()
    times = {"start_time": now - 1, "end_time": now}
    return {"trace_id": trace, "id": os.urandom(8).hex(), "name": "work"} | times | members


@pytest.fixture(scope="module")
def xray(house):
    """Return a client of X-Ray."""
    return house.admin.client("xray")


def put(xray, *documents: dict) -> list[dict]:
    """Send documents and return what was not taken."""
    answer = xray.put_trace_segments(TraceSegmentDocuments=[json.dumps(one) for one in documents])
    return answer["UnprocessedTraceSegments"]


def test_a_trace_is_read_back_with_its_subsegments_in_place(xray):
    trace = trace_id()
    whole = segment(trace)
    part = segment(trace, name="part", type="subsegment", parent_id=whole["id"], annotations={"size": 3})
    assert put(xray, part, whole) == []
    answer = xray.batch_get_traces(TraceIds=[trace, (missing := trace_id())])
    assert answer["UnprocessedTraceIds"] == [missing]
    [found] = answer["Traces"]
    [document] = [json.loads(one["Document"]) for one in found["Segments"]]
    assert document["id"] == whole["id"]
    [below] = document["subsegments"]
    assert (below["name"], below["annotations"]) == ("part", {"size": 3})


def test_traces_are_found_by_time_and_by_filter(xray):
    mark = unique("mark")
    ids = [trace_id() for _ in range(3)]
    put(xray, *(segment(one, annotations={"mark": mark, "number": number}) for number, one in enumerate(ids)))
    window = {"StartTime": time.time() - 300, "EndTime": time.time() + 300}
    pages = xray.get_paginator("get_trace_summaries")
    found = pages.paginate(**window, FilterExpression=f'annotation.mark = "{mark}" AND annotation.number > 0')
    assert sorted(one["Id"] for page in found for one in page["TraceSummaries"]) == sorted(ids[1:])
    earlier = {"StartTime": time.time() - 900, "EndTime": time.time() - 600}
    found = pages.paginate(**earlier, FilterExpression=f'annotation.mark = "{mark}"')
    assert [one for page in found for one in page["TraceSummaries"]] == []


def test_what_x_ray_does_not_take_is_told_with_its_code(xray):
    old = segment(trace_id(ago_s=40 * 24 * 3600))
    assert put(xray, old, segment(trace_id())) == [
        {"Id": old["id"], "ErrorCode": "InvalidTraceId", "Message": "Invalid segment. ErrorCode: InvalidTraceId"}
    ]


def test_what_is_not_built_is_refused_by_name(xray):
    window = {"StartTime": time.time() - 300, "EndTime": time.time()}
    with refused("InvalidRequestException", status=400) as refusal:
        xray.get_trace_summaries(**window, FilterExpression='edge("a", "b")')
    assert refusal.message == "The filter keyword edge is not supported by this server."
    with refused("NotImplementedException"):
        xray.get_service_graph(**window)


def test_sdks_outside_lambda_are_told_awss_default_rule(xray):
    [record] = xray.get_sampling_rules()["SamplingRuleRecords"]
    rule = record["SamplingRule"]
    assert (rule["RuleName"], rule["ReservoirSize"], rule["FixedRate"]) == ("Default", 1, 0.05)
