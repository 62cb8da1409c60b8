"""Load reports to a CloudStack management server, so that none of its rules is broken.

A report whose answer got lost may have arrived. The server stops at the first removed session that
it does not have, or has struck out already, and drops all that follow. So a session that may have
been reported is named again in a report of its own, where it is nobody else's loss. One that is
refused by itself is what the server does not have. One that came back after its end was told, and
ended again, is not told a second time.
"""

import json
import logging
from collections.abc import Awaitable, Callable

from consoleproxy.endpoint.cloudstack import UNNAMED

_log = logging.getLogger(__name__)

# A server may fail for other reasons, too.
_MOST_REFUSALS = 3
# Sessions that were told to have ended, of which one may still come back.
_MOST_TOLD = 10_000


class Delivery:
    """Args:
    send: sends one report, and returns once the server has answered: whether it took it.
    """

    def __init__(self, send: Callable[[str], Awaitable[bool]]) -> None:
        self._send = send
        self._unsure: set[str] = set()
        self._refusals: dict[str, int] = {}
        self._told: dict[str, None] = {}

    async def report(self, document: str) -> frozenset[str]:
        """Deliver a report, and return the removed sessions that need no repeating.

        Args:
            document: ``session.load.load_report``'s.

        Raises:
            ManagementUnavailable: not delivered; it is sent again.
        """
        status = json.loads(document)
        ended = status["removedSessions"]
        # The server does not know those by name that this proxy has named.
        self._told.update((uuid, None) for uuid in ended if uuid.startswith(UNNAMED))
        removed = [uuid for uuid in ended if uuid not in self._told]
        sure = [uuid for uuid in removed if uuid not in self._unsure]
        delivered = set(ended) & self._told.keys()
        if await self._deliver(status, sure):
            delivered.update(sure)
        for uuid in removed:
            if uuid in self._unsure and await self._delivered_alone(status, uuid):
                delivered.add(uuid)
        self._told.update(dict.fromkeys(delivered))
        while len(self._told) > _MOST_TOLD:
            del self._told[next(iter(self._told))]
        return frozenset(delivered)

    async def _delivered_alone(self, status: dict[str, object], uuid: str) -> bool:
        if not await self._deliver(status, [uuid]):
            self._refusals[uuid] = self._refusals.get(uuid, 0) + 1
            if self._refusals[uuid] < _MOST_REFUSALS:
                return False
            _log.warning("session %s ended, and the management server does not have it", uuid)
        self._unsure.discard(uuid)
        self._refusals.pop(uuid, None)
        return True

    async def _deliver(self, status: dict[str, object], removed: list[str]) -> bool:
        self._unsure.update(removed)
        taken = await self._send(json.dumps({**status, "removedSessions": removed}, indent=2))
        if taken:
            self._unsure.difference_update(removed)
        return taken
