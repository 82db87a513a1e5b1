"""What Prometheus scrapes: at an address of its own, only where it was asked for, and in the format that it reads."""

import json
import re
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from support.account import House, invoke
from support.errors import denied, refused
from support.server import Server
from support.waiting import eventually

SAMPLE = re.compile(r'([a-z_]+)(?:\{((?:[a-z_]+="(?:[^"\\\n]|\\.)*",?)+)\})? ([0-9.e+-]+|\+Inf)')
SUFFIXES = {"counter": ["_total"], "gauge": [""], "histogram": ["_bucket", "_count", "_sum"]}


def scrape(url: str) -> dict[str, float]:
    """Read the page as OpenMetrics has it, line by line, and return its samples by name and labels."""
    with urlopen(url, timeout=30) as answer:
        assert answer.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
        lines = answer.read().decode().split("\n")
    assert lines[-2:] == ["# EOF", ""]
    families: dict[str, str] = {}
    samples: dict[str, float] = {}
    for line in lines[:-2]:
        if line.startswith("# "):
            _, what, name, *rest = line.split(" ", 3)
            assert what in ("HELP", "TYPE", "UNIT"), line
            if what == "TYPE":
                families[name] = rest[0]
            if what == "UNIT":
                assert name.endswith(f"_{rest[0]}"), line
            continue
        found = SAMPLE.fullmatch(line)
        assert found, line
        name, labels, value = found.groups()
        assert any(name == family + suffix for family, kind in families.items() for suffix in SUFFIXES[kind]), line
        samples[f"{name}{{{labels or ''}}}"] = float(value)
    return samples


@pytest.fixture
def measured(server: Server) -> tuple[House, str]:
    """Return a server that is measured, and where."""
    house = House(server.start("--metrics-address", "127.0.0.1:0"))
    url = re.search(r"Metrics are at (http://\S+)", server.stdout.read_text())[1]
    return house, url


def test_what_happened_is_in_the_next_scrape(measured):
    house, url = measured
    function = house.function()
    admin = house.admin.lambda_
    for _ in range(2):
        invoke(house.admin, function, {})
    assert "FunctionError" in admin.invoke(FunctionName=function, Payload=json.dumps({"do": "nothing"}))
    with denied("lambda:InvokeFunction"):
        house.user().lambda_.invoke(FunctionName=function)
    admin.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=0)
    with refused("TooManyRequestsException"):
        admin.invoke(FunctionName=function)
    labels = f'account="{house.id}",region="us-east-1",function="{function}"'
    samples = scrape(url)
    assert samples[f"rolecall_invocations_total{{{labels}}}"] == 3
    assert samples[f"rolecall_invocation_errors_total{{{labels}}}"] == 1
    assert samples[f"rolecall_cold_starts_total{{{labels}}}"] == 1
    assert samples[f"rolecall_invocation_duration_seconds_count{{{labels}}}"] == 3
    assert samples[f'rolecall_init_duration_seconds_bucket{{le="+Inf",{labels}}}'] == 1
    reason = "ReservedFunctionConcurrentInvocationLimitExceeded"
    assert samples[f'rolecall_throttles_total{{{labels},reason="{reason}"}}'] == 1
    assert samples['rolecall_denials_total{action="lambda:InvokeFunction"}'] == 1
    assert samples['rolecall_decisions_total{decision="deny"}'] == 1
    assert samples['rolecall_decisions_total{decision="allow"}'] > 5
    invocations = 'rolecall_requests_total{service="lambda",operation="Invoke",status="%s"}'
    assert [samples[invocations % status] for status in (200, 403, 429)] == [3, 1, 1]
    assert samples['rolecall_environments{state="idle"}'] == 1
    assert samples["rolecall_waiting_events{}"] == 0


def test_an_event_that_waits_is_seen_and_the_page_is_nothing_else(measured, server):
    house, url = measured
    function = house.function()
    # The event waits for its second attempt.
    house.admin.lambda_.invoke(FunctionName=function, InvocationType="Event", Payload=b'{"do": "nothing"}')
    failed = f'rolecall_invocation_errors_total{{account="{house.id}",region="us-east-1",function="{function}"}}'
    eventually(lambda: scrape(url).get(failed), timeout_s=60)
    samples = scrape(url)
    assert samples["rolecall_waiting_events{}"] == 1
    assert samples["rolecall_oldest_event_age_seconds{}"] > 0
    with pytest.raises(HTTPError, match="404"):
        urlopen(url.removesuffix("/metrics"), timeout=30)
    # What callers make up is not in the text.
    with pytest.raises(HTTPError):
        urlopen(f"{house.admin.endpoint}/made-up?Action=MadeUp", timeout=30)
    assert not any("MadeUp" in name or "made-up" in name for name in scrape(url))
    assert server.stop() == 0
