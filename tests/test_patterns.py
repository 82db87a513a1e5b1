"""The 27 patterns of permissions that AWS's users write, asked of the server: the decisions are those of the engine."""

import json

import pytest

from patterns.world import World
from support.server import ROOT

CASES = json.loads((ROOT / "crates/policy/tests/cases/lambda-patterns.json").read_text())

# What no call can ask here, and why.
NOT_ASKED = {
    "pass-role/3": "no service here takes a role for ec2.amazonaws.com",
    "service-s3/5": "there is no SNS here that could call",
    "url-only-caller/4": "a URL without authentication does not know who calls",
    "org-invoke/3": "every account of a server is in one organisation or in none",
    "org-invoke/4": "every account of a server is in one organisation or in none",
}


@pytest.fixture(scope="module")
def world(house, other_account, third_account):
    """Return the server with three accounts of one organisation."""
    return World(house, other_account, third_account)


@pytest.mark.parametrize(
    "case", [case for case in CASES if case["id"] not in NOT_ASKED], ids=lambda case: case["id"]
)
def test_the_server_decides_as_the_pattern_says(world, case):
    assert world.decide(case) == case["expected"]["decision"], case.get("x-why")


def test_every_pattern_is_asked():
    assert {case["id"].split("/")[0] for case in CASES if case["id"] not in NOT_ASKED} == {
        case["id"].split("/")[0] for case in CASES
    }
    assert set(NOT_ASKED) <= {case["id"] for case in CASES}
