"""Waiting for what happens in its own time."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def eventually(look: Callable[[], T], timeout_s: float = 20, interval_s: float = 0.05) -> T:
    """Call `look` until it returns something true, and return that; fail with its last answer after the timeout."""
    deadline = time.monotonic() + timeout_s
    while True:
        seen = look()
        if seen:
            return seen
        assert time.monotonic() < deadline, f"not within {timeout_s} s; last seen: {seen!r}"
        time.sleep(interval_s)
