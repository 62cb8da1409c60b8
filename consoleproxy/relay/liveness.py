"""Whether the other side is still there: keep-alive pings, and a look at a socket not read."""

import asyncio
import select
from collections.abc import Callable

from consoleproxy.wire import Socket

PING_SECONDS = 30.0
_SILENT_INTERVALS = 3
_LOOK_SECONDS = 0.25


class KeepAlive:
    """Pings a browser that says nothing, and gives it up when it goes on saying nothing.

    One timer a session, which costs nothing while the browser is heard. ``heard`` is the loop's
    time of its last byte, set by the owner.

    Args:
        ping: sends a ping.
        vanished: is called once when nothing was heard for three intervals.
    """

    __slots__ = ("_loop", "_ping", "_timer", "_vanished", "heard")

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        ping: Callable[[], None],
        vanished: Callable[[], None],
    ) -> None:
        self._loop = loop
        self._ping = ping
        self._vanished = vanished
        self._timer: asyncio.TimerHandle | None = None
        self.heard = loop.time()

    def start(self) -> None:
        """Begin to watch."""
        self._timer = self._loop.call_later(PING_SECONDS, self._look)

    def stop(self) -> None:
        """Stop watching."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        silent = self._loop.time() - self.heard
        if silent >= _SILENT_INTERVALS * PING_SECONDS:
            self._timer = None
            self._vanished()
            return
        wait = PING_SECONDS - silent
        if wait <= 0:
            self._ping()
            wait = PING_SECONDS
        self._timer = self._loop.call_later(wait, self._look)


class Lookout:
    """Looks now and then, for as long as there is something to look after.

    Args:
        look: looks once, and returns whether to go on.
    """

    __slots__ = ("_look", "_loop", "_timer")

    def __init__(self, loop: asyncio.AbstractEventLoop, look: Callable[[], bool]) -> None:
        self._loop = loop
        self._look = look
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Begin, unless it has begun."""
        if self._timer is None:
            self._timer = self._loop.call_later(_LOOK_SECONDS, self._again)

    def stop(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _again(self) -> None:
        self._timer = None
        if self._look():
            self.start()


def hung_up(sock: Socket) -> bool:
    """Whether the other side has closed, though there may be bytes to read before its end."""
    poll = select.poll()
    poll.register(sock, select.POLLRDHUP)
    return bool(poll.poll(0))
