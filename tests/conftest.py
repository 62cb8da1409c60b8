"""What every kind of test can ask for."""

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.waiting import wait_for

_SELF = Path("/proc/self")

# How long an example takes is the machine's affair; one that hangs meets pytest's limit.
settings.register_profile("all", deadline=None)
settings.load_profile("all")
# For `make test-unit`, which is run after every change, and for `make fuzz`.
settings.register_profile("quick", settings.get_profile("all"), max_examples=8)
settings.register_profile("fuzz", settings.get_profile("all"), max_examples=200_000)


@pytest.fixture
def nothing_left() -> Iterator[None]:
    """Fails the test if it leaves an open descriptor or a child process behind.

    Name it before the fixtures that it shall watch: those are then torn down first.
    """
    before = _belongings()
    yield
    left: set[str] = set()

    def is_clean() -> bool:
        # API clients of the tests keep connections until they are collected; a socket of ours that
        # only the collector closes is a ResourceWarning, and so an error.
        gc.collect()
        left.clear()
        left.update(_belongings() - before)
        return not left

    try:
        wait_for(is_clean, "descriptors and children to be gone")
    except AssertionError:
        pytest.fail(f"the test left behind: {', '.join(sorted(left))}")


def _belongings() -> set[str]:
    """Return this process's open descriptors, with what they are open on, and its children."""
    found = set()
    for descriptor in os.listdir(_SELF / "fd"):
        try:
            found.add(f"descriptor {descriptor}: {os.readlink(_SELF / 'fd' / descriptor)}")
        except FileNotFoundError:
            continue  # The one that listed the folder.
    for thread in os.listdir(_SELF / "task"):
        try:
            children = (_SELF / "task" / thread / "children").read_text(encoding="ascii")
        except (FileNotFoundError, ProcessLookupError):
            continue  # The thread has ended.
        found.update(f"child {_described(child)}" for child in children.split())
    return found


def _described(process: str) -> str:
    try:
        command = Path("/proc", process, "comm").read_text(encoding="utf-8").strip()
    except (FileNotFoundError, ProcessLookupError):
        command = "ended"
    return f"{process} ({command})"
