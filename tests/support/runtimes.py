"""Which runtimes the server finds on this machine."""

import json
import re
from functools import cache

import pytest

from support.server import rolecall


@cache
def runtimes() -> list[str]:
    """Return the identifiers of the runtimes found, like `python3.12`."""
    answer = rolecall("runtimes", "--output", "json")
    assert answer.returncode == 0, answer.stderr
    return [found["runtime"] for found in json.loads(answer.stdout)]


def newest_python() -> str:
    """Return the newest Python runtime that can load the SDK in .sdk/."""
    found = [name for name in runtimes() if name.startswith("python3.") and minor(name) >= 10]
    assert found, f"no Python runtime of 3.10 or newer among {runtimes()}"
    return max(found, key=minor)


def minor(runtime: str) -> int:
    """Return the last number of a Python runtime's version: 12 of `python3.12`."""
    return int(runtime.rsplit(".", 1)[1])


def newest_node() -> str:
    """Return the newest Node.js runtime, or skip the test where there is none."""
    found = [name for name in runtimes() if name.startswith("nodejs")]
    if not found:
        pytest.skip("there is no Node.js on this machine")
    return max(found, key=lambda name: int(re.search(r"\d+", name)[0]))
