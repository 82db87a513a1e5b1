"""Every operation of Lambda refuses rightly: a bad parameter, a thing that is missing, and what is in the way of it.

The tables are in `refusals/`: for each operation and each kind of refusal the parameters of a call and the status, code
and words that AWS answers, or in a few words why there is no such refusal. The third word `at once` is for calls that
are in their own way: several are made at once, and one of them is refused. The good call of each operation, and its
denial by each kind of policy, is in `permission_matrix.txt`.
"""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from refusals.scene import Scene
from support.server import ROOT

KINDS = {"bad parameter", "missing thing", "conflict"}
TABLES = [json.loads(file.read_text()) for file in sorted((Path(__file__).parent / "refusals").glob("*.json"))]
TABLE = {operation: row for table in TABLES for operation, row in table.items()}
# The action of each operation, as AWS publishes it.
ACTIONS = {
    row["operation"]: row["action"]
    for row in json.loads((ROOT / "crates/catalog/data/lambda-actions.json").read_text())
}
# A request to a function's URL is no operation, but a call all the same.
URL = "InvokeFunctionUrl"
# How many calls are made at once that are to be in each other's way, and how often that is tried: the state in which they
# are is over in a moment.
AT_ONCE, ROUNDS = 8, 25


@pytest.fixture(scope="module")
def scene(house):
    """Return what the calls are made on."""
    return Scene(house)


def test_every_operation_has_a_row_for_every_kind_of_refusal():
    assert set(TABLE) == {*ACTIONS, URL}
    assert sum(len(table) for table in TABLES) == len(TABLE)
    assert [operation for operation, row in TABLE.items() if not KINDS <= set(row)] == []


@pytest.mark.parametrize("operation", TABLE)
def test_an_operation_refuses_as_aws_does(scene, operation):
    refusals = {kind: refusal for kind, refusal in TABLE[operation].items() if not isinstance(refusal, str)}
    said = {kind: answered(scene, operation, *refusal) for kind, refusal in refusals.items()}
    assert said == {kind: scene.filled(refusal[1]) for kind, refusal in refusals.items()}


def answered(scene: Scene, operation: str, parameters: dict, expected: str, at_once: str = "") -> str:
    """Return what the administrator is answered; to calls at once, whether one of them is answered what is expected."""
    if not at_once:
        return scene.answer(scene.house.admin, operation, parameters)
    for _ in range(ROUNDS):
        same = scene.filled(parameters)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            said = set(pool.map(lambda _: scene.answer(scene.house.admin, operation, same), range(AT_ONCE)))
        if expected in said:
            return expected
    return str(said)


@pytest.mark.parametrize("operation", [name for name in ACTIONS if not isinstance(TABLE[name]["missing thing"], str)])
def test_nobody_learns_from_a_denial_what_is_missing(scene, operation):
    said = scene.answer(scene.nobody, operation, TABLE[operation]["missing thing"][0])
    action = ACTIONS[operation]
    denial = f"403 AccessDeniedException: User: {scene.nobody.arn} is not authorized to perform: {action} on resource: "
    assert said.startswith(denial), said
    assert said.endswith(f" because no identity-based policy allows the {action} action"), said
