"""Waiting for conditions, and ports that nobody else has."""

import random
import socket
import threading
import time
from collections.abc import Callable
from typing import TypeVar

_Value = TypeVar("_Value")
_PAUSE_SECONDS = 0.01

# Linux gives connections 32768 and up; QEMU's displays in these tests begin at 6000.
_PORTS = (10_000, 32_000)
# The one in between that browsers take for another service's.
_REFUSED_BY_BROWSERS = 10080


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
    """Return a port on loopback where nobody listens.

    It is below those that the system gives to connections: one of these could take it meanwhile.
    """
    while True:
        port = random.randrange(*_PORTS)
        if port == _REFUSED_BY_BROWSERS:
            continue
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
