"""What the relays of an event loop share: a buffer, a pipe, and turns to fill them."""

import asyncio
import weakref
from collections import deque
from collections.abc import Callable

from consoleproxy.frames import HEADER_ROOM
from consoleproxy.relay.splice import Splice

# Measured: below 256 KiB the wake-ups cost more than the copying; above 512 KiB nothing is gained.
PAYLOAD_ROOM = 512 * 1024
# Who gets as much as this in one read is streaming.
LARGE = 64 * 1024


class Arena:
    """Room for one websocket header with a payload right behind it.

    One is enough for a loop: it is filled and emptied within one callback, and what a socket does
    not take is copied out. ``turns`` says when a screen that streams may use it.
    """

    __slots__ = ("__weakref__", "_relays", "_splice", "buffer", "payload", "turns", "view")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.turns = Turns(loop)
        self._splice: Splice | None = None
        self._relays = 0
        self.buffer = bytearray(HEADER_ROOM + PAYLOAD_ROOM)
        self.view = memoryview(self.buffer)
        self.payload = self.view[HEADER_ROOM:]

    @property
    def splice(self) -> Splice:
        """The pipe, made on first use."""
        if self._splice is None:
            self._splice = Splice()
        return self._splice

    def join(self) -> None:
        """Note that one more relay uses this."""
        self._relays += 1

    def leave(self) -> None:
        """Note that a relay does so no more; the last one's end closes the pipe."""
        self._relays -= 1
        if not self._relays and self._splice is not None:
            self._splice.close()
            self._splice = None


class Turns:
    """One large transfer each time that the loop has looked at its sockets; others wait in line.

    The loop serves all that is ready before it looks again, so a key would wait for a whole arena
    of each screen that streams. Small messages wait for one at most.
    """

    __slots__ = ("_line", "_loop", "taken")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._line: deque[Callable[[], None]] = deque()
        self.taken = False

    def take(self) -> None:
        """Let others wait until the loop has looked at its sockets again."""
        if not self.taken:
            self.taken = True
            self._loop.call_soon(self._next)

    def wait(self, go: Callable[[], None]) -> None:
        """Have ``go`` called when it is its turn; who waits already does so once."""
        if go not in self._line:
            self._line.append(go)

    def leave(self, go: Callable[[], None]) -> None:
        """Take ``go`` out of the line, if it is in there."""
        if go in self._line:
            self._line.remove(go)

    def _next(self) -> None:
        self.taken = False
        try:
            while self._line and not self.taken:
                self._line.popleft()()
        finally:
            if self._line:
                # Also where one of them raised: the others are not forgotten.
                self.take()


_arenas: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Arena] = weakref.WeakKeyDictionary()


def arena_of(loop: asyncio.AbstractEventLoop) -> Arena:
    """Return the loop's arena, made on first use."""
    if loop not in _arenas:
        _arenas[loop] = Arena(loop)
    return _arenas[loop]
