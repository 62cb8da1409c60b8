"""The receive buffer that all relays of an event loop share."""

import asyncio
import weakref

from consoleproxy.frames import HEADER_ROOM

# Measured: below 256 KiB the wake-ups cost more than the copying; above 512 KiB nothing is gained.
PAYLOAD_ROOM = 512 * 1024


class Arena:
    """Room for one websocket header with a payload right behind it.

    One is enough for a loop: it is filled and emptied within one callback, and what a socket does
    not take is copied out.
    """

    __slots__ = ("__weakref__", "buffer", "payload", "view")

    def __init__(self) -> None:
        self.buffer = bytearray(HEADER_ROOM + PAYLOAD_ROOM)
        self.view = memoryview(self.buffer)
        self.payload = self.view[HEADER_ROOM:]


_arenas: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Arena] = weakref.WeakKeyDictionary()


def arena_of(loop: asyncio.AbstractEventLoop) -> Arena:
    """Return the loop's arena, made on first use."""
    if loop not in _arenas:
        _arenas[loop] = Arena()
    return _arenas[loop]
