"""Load reports to a CloudStack management server, so that none of its rules is broken.

A report whose answer got lost may have arrived. The server stops at the first removed session that
it has struck out already, and drops all that follow. So a session that may have been reported is
named again in a report of its own, where it is nobody else's loss.
"""

import json
from collections.abc import Awaitable, Callable


class Delivery:
    """Args:
    send: sends one report, and returns once the server has answered.
    """

    def __init__(self, send: Callable[[str], Awaitable[None]]) -> None:
        self._send = send
        self._unsure: set[str] = set()

    async def report(self, document: str) -> frozenset[str]:
        """Deliver a report, and return the removed sessions that need no repeating.

        Args:
            document: ``session.load.load_report``'s.

        Raises:
            ManagementUnavailable: not delivered; it is sent again.
        """
        status = json.loads(document)
        removed = status["removedSessions"]
        delivered = await self._deliver(
            status, [uuid for uuid in removed if uuid not in self._unsure]
        )
        for uuid in [uuid for uuid in removed if uuid in self._unsure]:
            delivered |= await self._deliver(status, [uuid])
        return delivered

    async def _deliver(self, status: dict[str, object], removed: list[str]) -> frozenset[str]:
        self._unsure.update(removed)
        await self._send(json.dumps({**status, "removedSessions": removed}, indent=2))
        self._unsure.difference_update(removed)
        return frozenset(removed)
