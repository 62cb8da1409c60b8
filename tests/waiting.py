"""Waiting for conditions, and ports that nobody else has."""

import socket
import threading
import time
from collections.abc import Callable
from typing import TypeVar

_Value = TypeVar("_Value")
_PAUSE_SECONDS = 0.01


def wait_for(condition: Callable[[], _Value], what: str, limit: float = 15.0) -> _Value:
    """Return the condition's first true value.

    Raises:
        AssertionError: it did not come within ``limit`` seconds.
    """
    deadline = time.monotonic() + limit
    pause = threading.Event()
    while not (value := condition()):
        assert time.monotonic() < deadline, f"waited {limit:g} s for {what}; last: {value!r}"
        pause.wait(_PAUSE_SECONDS)
    return value


def free_port() -> int:
    """Return a TCP port of loopback that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
