"""Pings when nothing is heard, the end when nothing goes on being heard; no clock is waited for."""

import asyncio
import socket
from collections.abc import Callable
from typing import Any

from consoleproxy.relay.liveness import PING_SECONDS, KeepAlive, hung_up


class _Loop:
    """A loop whose time is set, and whose timer is fired, by the test."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.due: tuple[float, Callable[[], None]] | None = None

    def time(self) -> float:
        return self.now

    def call_later(self, delay: float, callback: Callable[[], None]) -> Any:
        self.due = (self.now + delay, callback)
        return self

    def cancel(self) -> None:
        self.due = None

    def fire(self) -> None:
        assert self.due is not None
        self.now, callback = self.due
        self.due = None
        callback()


def _watching() -> tuple[_Loop, KeepAlive, list[str]]:
    loop, told = _Loop(), list[str]()
    keep_alive = KeepAlive(
        loop,  # type: ignore[arg-type]
        lambda: told.append("ping"),
        lambda: told.append("vanished"),
    )
    keep_alive.start()
    return loop, keep_alive, told


def test_a_browser_that_is_heard_is_not_pinged() -> None:
    loop, keep_alive, told = _watching()
    for _ in range(5):
        keep_alive.heard = loop.now + PING_SECONDS - 1
        loop.fire()
    assert told == []


def test_a_silent_browser_is_pinged_and_then_given_up() -> None:
    loop, _, told = _watching()
    for _ in range(3):
        loop.fire()
    assert told == ["ping", "ping", "vanished"]
    assert loop.due is None


def test_an_answer_in_time_counts() -> None:
    loop, keep_alive, told = _watching()
    loop.fire()
    keep_alive.heard = loop.now + 1
    for _ in range(3):
        loop.fire()
    assert "vanished" not in told


def test_stopping_leaves_no_timer() -> None:
    loop, keep_alive, _ = _watching()
    keep_alive.stop()
    keep_alive.stop()
    assert loop.due is None


def test_the_end_is_seen_behind_unread_bytes() -> None:
    near, far = socket.socketpair()
    with near, far:
        far.sendall(b"unread")
        assert not hung_up(near)
        far.shutdown(socket.SHUT_WR)
        assert hung_up(near)


def test_keep_alive_runs_on_a_real_loop() -> None:
    async def story() -> None:
        keep_alive = KeepAlive(asyncio.get_running_loop(), lambda: None, lambda: None)
        keep_alive.start()
        keep_alive.stop()

    asyncio.run(story())
