"""Extensions from layers: what they hear of the function beside them (reference lambda.md 7.1)."""

import json

from support.account import invoke
from support.bundle import source
from support.waiting import eventually


def told(lines: list[str], protocol: str) -> list[dict]:
    """Return the events that the extension printed as heard by a protocol."""
    return [json.loads(line.split(" ", 1)[1]) for line in lines if line.startswith(protocol + " {")]


def test_an_extension_of_a_layer_is_told_everything(house):
    layer = house.layer({"extensions/collector": source("extensions/collector")})
    function = house.function(Layers=[layer], Timeout=60)
    # Whoever asks for the log waits for the extensions as well, so that all events run in one environment.
    invoke(house.admin, function, {"do": "say", "text": "said first"}, LogType="Tail")
    # What comes after an answer is heard at the latest with the next event.
    last = {"platform.report", "platform.runtimeDone", "function", "platform.telemetrySubscription"}

    def heard():
        invoke(house.admin, function, {"do": "say", "text": "said again"}, LogType="Tail")
        lines = house.log_lines(function)
        kinds = {event["type"] for event in told(lines, "http")}
        return lines if last <= kinds and "platform.end" in {event["type"] for event in told(lines, "tcp")} else None

    lines = eventually(heard, timeout_s=60)
    (answers,) = [json.loads(line.split(" ", 1)[1]) for line in lines if line.startswith("subscribed ")]
    invalid = "Extension.InvalidExtensionIdentifier"
    assert answers == ["ValidationError", "OK", "OK", invalid, "Telemetry.SubscriptionClosed"]
    for line in [
        "TELEMETRY\tName: collector\tState: Subscribed\tTypes: [Platform, Function]",
        "LOGS\tName: collector\tState: Subscribed\tTypes: [Platform, Function]",
        "EXTENSION\tName: collector\tState: Ready\tEvents: [INVOKE, SHUTDOWN]",
    ]:
        assert line in lines, line
    by_http, by_tcp = told(lines, "http"), told(lines, "tcp")
    assert by_http[0]["type"] == "platform.initStart", "what was said before somebody listened is told as well"
    assert by_http[0]["record"]["functionName"] == function
    report = next(event["record"] for event in by_http if event["type"] == "platform.report")
    starts = [event["record"] for event in by_http if event["type"] == "platform.start"]
    assert {"requestId": report["requestId"], "version": "$LATEST"} in starts
    assert report["status"] == "success"
    extension = next(event["record"] for event in by_http if event["type"] == "platform.extension")
    assert extension == {"name": "collector", "state": "Ready", "events": ["INVOKE", "SHUTDOWN"]}
    assert "said first" in [event["record"] for event in by_http if event["type"] == "function"]
    assert not {"platform.end", "platform.logsSubscription"} & {event["type"] for event in by_http}
    assert {"platform.end", "platform.logsSubscription"} <= {event["type"] for event in by_tcp}
    assert not {"platform.initStart", "platform.telemetrySubscription"} & {event["type"] for event in by_tcp}
    house.admin.lambda_.update_function_configuration(FunctionName=function, Description="another")
    eventually(lambda: "leaving for spindown" in house.log_lines(function), timeout_s=60)
