"""The management server's requests that wait for their turn."""

import asyncio

from consoleproxy.agent.conversation import Asked

# What waits beyond these makes the agent stop reading, answers to its own requests included; a
# request takes some milliseconds, and few a second.
_MOST = 1024
_MOST_BYTES = 16 * 1024 * 1024


class Inbox:
    """First in, first out; bounded in number and in size."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Asked] = asyncio.Queue()
        self._bytes = 0
        self._room = asyncio.Event()

    async def put(self, asked: Asked) -> None:
        """Add a request; wait while there are too many."""
        while self._queue.qsize() >= _MOST or self._bytes >= _MOST_BYTES:
            self._room.clear()
            await self._room.wait()
        self._bytes += len(asked.packet.payload)
        self._queue.put_nowait(asked)

    async def get(self) -> Asked:
        """Return the oldest request; wait for one."""
        asked = await self._queue.get()
        self._bytes -= len(asked.packet.payload)
        self._room.set()
        return asked
