"""The permission matrix: every operation of Lambda, called with every kind of right and wrong."""

import os
from pathlib import Path

import pytest
from matrix.operations import ROWS
from matrix.write import written
from test_operations import built

FILE = Path(__file__).with_name("permission_matrix.txt")


def test_every_operation_is_in_the_matrix():
    assert sorted(row.operation for row in ROWS) == sorted(built()["lambda"])


# Thousands of calls, one after the other: a busy machine takes minutes.
@pytest.mark.timeout(900)
def test_the_matrix_is_what_the_server_answers(house):
    matrix = written(house, ROWS)
    if os.environ.get("ROLECALL_WRITE_MATRIX"):
        FILE.write_text(matrix)
    assert matrix == FILE.read_text()
