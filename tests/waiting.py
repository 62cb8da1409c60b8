"""Waiting for conditions, and ports that nobody else has."""

import itertools
import random
import socket
import threading
import time
from collections.abc import Callable
from typing import TypeVar

_Value = TypeVar("_Value")
_PAUSE_SECONDS = 0.01

# Linux gives connections 32768 and up; QEMU's displays in these tests begin at 6000. Browsers take
# the one that is left out for another service's.
_PORTS = [port for port in range(10_000, 32_000) if port != 10080]
# Not the common generator: Hypothesis gives that one the same seed each time.
random.Random().shuffle(_PORTS)
_NEXT_PORTS = itertools.cycle(_PORTS)


def wait_for(condition: Callable[[], _Value], what: str, limit: float = 30.0) -> _Value:
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
    """Return a port on loopback where nobody listens, and that was not returned before.

    Several are often chosen before the first of them is listened at. It is below those that the
    system gives to connections: one of these could take it meanwhile.
    """
    for port in _NEXT_PORTS:
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError
