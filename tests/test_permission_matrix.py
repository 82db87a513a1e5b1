"""The permission matrix: every operation of Lambda, called with every kind of right and wrong."""

import json
import os
from pathlib import Path

import pytest
from matrix.operations import ROWS
from matrix.write import written
from test_operations import built

from support.server import ROOT

FILE = Path(__file__).with_name("permission_matrix.txt")
# What AWS publishes of every operation.
PUBLISHED = {
    row["operation"]: row for row in json.loads((ROOT / "crates/catalog/data/lambda-actions.json").read_text())
}

# Condition keys that AWS lists and that no call has, and why.
IN_NO_CALL = {
    ("CreateFunction", "aws:ResourceTag"): "what is not made yet has no tags",
    ("CreateCapacityProvider", "aws:ResourceTag"): "what is not made yet has no tags",
    **{
        (f"SendDurableExecutionCallback{end}", "aws:ResourceTag"): "no execution is there that a callback is of"
        for end in ("Success", "Failure", "Heartbeat")
    },
}


def test_every_operation_is_in_the_matrix():
    assert sorted(row.operation for row in ROWS) == sorted(built()["lambda"]) == sorted(PUBLISHED)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.operation)
def test_the_matrix_leaves_no_condition_key_and_no_further_action_out(row):
    keys = {key.split("/")[0] for key in row.keys} | ({"aws:ResourceTag"} if row.tagged else set())
    impossible = {key for operation, key in IN_NO_CALL if operation == row.operation}
    published = PUBLISHED[row.operation]
    assert keys | impossible == {key.split("/")[0] for key in published["conditionKeys"]}
    further = {action["action"] for action in published["additionalActions"] if action["fatal"]}
    assert further <= {needed.action for needed in row.also}


# Thousands of calls, one after the other: a busy machine takes minutes.
@pytest.mark.timeout(900)
def test_the_matrix_is_what_the_server_answers(house):
    matrix = written(house, ROWS)
    if os.environ.get("ROLECALL_WRITE_MATRIX"):
        FILE.write_text(matrix)
    assert matrix == FILE.read_text()
