"""Every error that was recorded of AWS's Lambda is answered here with the same code, status, members and words.

`recorded/errors.json` has the answers as they were recorded; `<...>` stands for what differs from call to call.
`member` is the name of the body's message member where it is not `message`, `fields` are the members beside it. Where
AWS's model has no shape of the error, the recorder has seen no members: there `message` alone is what is expected.
"""

import json
import re
from functools import cache
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from recorded.reproductions import CALLS, NOT_HERE
from recorded.world import World
from support.server import ACCOUNT, REGION

RECORDED = {row["seen"]: row for row in json.loads((Path(__file__).parent / "recorded/errors.json").read_text())}

# What stands in a recorded message for one text only.
KNOWN = {"<partition>": "aws", "<region>": REGION}


@pytest.fixture(scope="module")
def world(house):
    """Return what the calls are made on."""
    return World(house)


@cache
def shape(message: str) -> re.Pattern:
    """Return a pattern of a recorded message: a placeholder that comes twice stands for the same text twice."""
    names: dict[str, str] = {}

    def part(text: str) -> str:
        if text in KNOWN:
            return re.escape(KNOWN[text])
        if not re.fullmatch(r"<[^>]+>", text):
            return re.escape(text).replace("111111111111", ACCOUNT).replace("x…x", "x{4096}")
        if text in names:
            return f"(?P={names[text]})"
        names[text] = f"p{len(names)}"
        return f"(?P<{names[text]}>\\S+?)"

    return re.compile("".join(part(text) for text in re.split(r"(<[^>]+>)", message)))


@pytest.mark.parametrize("name", CALLS)
def test_a_recorded_error_is_answered_as_it_was_recorded(world, name):
    recorded = RECORDED[name]
    with pytest.raises(ClientError) as caught:
        CALLS[name](world)
    answer = caught.value.response
    said = answer["Error"]["Message"]
    assert (answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"]) == (
        recorded["status"],
        recorded["code"],
    ), said
    if recorded["message"] is None:
        assert said is None
    else:
        assert shape(recorded["message"]).fullmatch(said), f"{said!r}\nis not\n{recorded['message']!r}"
    body = {recorded.get("member", "message"): said} | recorded.get("fields", {})
    assert json.loads(world.bodies[-1]) == body


def test_every_recorded_error_is_reproduced_or_has_a_reason():
    assert not set(CALLS) & set(NOT_HERE)
    assert set(CALLS) | set(NOT_HERE) == set(RECORDED)
