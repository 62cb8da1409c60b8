"""What an observer says, and what it means when it says nothing more."""

import asyncio
import errno
import logging
from collections.abc import Sequence

import pytest

from consoleproxy.management.inventory.libvirt import follower
from consoleproxy.management.inventory.libvirt.follower import LibvirtFollower
from consoleproxy.management.inventory.libvirt.messages import (
    Alive,
    Complete,
    Lost,
    Message,
    Note,
    encode,
)
from consoleproxy.management.inventory.machines import VirtualMachine

URI = "qemu+tls://kvm1/system?pkipath=/etc/pki"
ONE = VirtualMachine(uuid="a", name="one", host="kvm1", port=5901)
TWO = VirtualMachine(uuid="b", name="two", host="kvm1", port=5902)


class _Story:
    """A follower, and what it took."""

    def __init__(self) -> None:
        self.taken: list[tuple[list[VirtualMachine], bool]] = []
        self.follower = LibvirtFollower(URI, self._take)

    def _take(self, machines: Sequence[VirtualMachine], connected: bool) -> None:
        self.taken.append((list(machines), connected))

    async def connection(self, *messages: Message, rest: bytes = b"", end: bool = True) -> str:
        """Live through a connection that says this; return why it ended."""
        output = asyncio.StreamReader()
        output.feed_data(b"".join(map(encode, messages)) + rest)
        if end:
            output.feed_eof()
        cause = await self.follower._read(output)
        self.follower._lost(cause)
        return cause


def test_machines_are_taken_when_all_are_told() -> None:
    async def story() -> None:
        tale = _Story()
        said = (ONE, TWO, Complete(), Alive(), TWO, Complete(), ONE, Lost("gone"))
        assert await tale.connection(*said) == "gone"
        assert tale.taken == [([ONE, TWO], True), ([TWO], True), ([TWO], False)]
        assert tale.follower.settled.is_set()

    asyncio.run(story())


def test_an_observer_that_ends_or_babbles_is_lost() -> None:
    async def story() -> None:
        assert await _Story().connection() == "its observer ended"
        assert "not a message" in await _Story().connection(rest=b"[]\n")
        assert "limit" in await _Story().connection(rest=b"x" * 200_000 + b"\n", end=False)

    asyncio.run(story())


def test_silence_is_a_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follower, "_SILENCE_SECONDS", 0.01)

    async def story() -> None:
        assert await _Story().connection(Complete(), end=False) == "it did not answer for 0.01 s"

    asyncio.run(story())


def test_each_cause_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)

    async def story() -> None:
        tale = _Story()
        for cause in ("refused", "reset", "refused", "reset"):
            await tale.connection(Note("no passwords"), Lost(cause))
        await tale.connection(ONE, Complete(), ONE, TWO, Complete(), Lost("refused"))
        assert [connected for _, connected in tale.taken] == [False, True, True, False]

    asyncio.run(story())
    name = "libvirt qemu+tls://kvm1/system"
    assert [record.getMessage() for record in caplog.records] == [
        f"{name}: no passwords",
        f"{name} cannot be asked: refused",
        f"{name} cannot be asked: reset",
        f"{name} has 1 machine",
        f"{name} cannot be asked: refused",
        f"{name}: 2 machines stay as they were for 15 min",
    ]


def test_without_a_process_there_is_a_cause(monkeypatch: pytest.MonkeyPatch) -> None:
    async def no_more(*_: object, **__: object) -> None:
        raise OSError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr(asyncio, "create_subprocess_exec", no_more)
    cause = asyncio.run(_Story().follower._observe())
    assert cause == "no observer can be started: Resource temporarily unavailable"


def test_what_is_lost_for_long_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follower, "_KEPT_SECONDS", 0.01)

    async def story() -> None:
        tale = _Story()
        await tale.connection(ONE, Complete())
        assert tale.taken[-1] == ([ONE], False)
        await asyncio.sleep(0.05)
        assert tale.taken[-1] == ([], False)
        await tale.connection(ONE, Complete())
        await tale.connection(ONE, Complete())
        assert [len(machines) for machines, _ in tale.taken[3:]] == [1, 1, 1, 1]

    asyncio.run(story())
