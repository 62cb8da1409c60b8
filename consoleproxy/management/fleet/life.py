"""What becomes of CPVMs that are silent: their sessions are over in the books."""

import asyncio
import logging
from collections.abc import Callable

from consoleproxy.errors import ManagementRequestRefused
from consoleproxy.management.records.proxies import close_silent
from consoleproxy.management.storage.database import Database

_log = logging.getLogger(__name__)

_LOOK_SECONDS = 0.5
_LATE_SECONDS = 5.0


class Life:
    """Looks now and then; all management servers of a database may do so.

    What was not heard while nobody could hear it is nobody's silence: after a start, and after the
    database or this process stood still, each CPVM has its three intervals again.

    Args:
        clock: seconds since 1970.
    """

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self._database = database
        self._clock = clock
        self._listening_since = clock()

    async def run(self) -> None:
        """Look until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            before = loop.time()
            await asyncio.sleep(_LOOK_SECONDS)
            try:
                await self.look()
            except ManagementRequestRefused:
                self._listening_since = self._clock()
            except Exception:
                _log.exception("the look for silent proxies failed; the next one tries again")
            if loop.time() - before > _LATE_SECONDS:
                self._listening_since = self._clock()

    async def look(self) -> None:
        """Close the sessions of CPVMs that are silent by now.

        Raises:
            ManagementRequestRefused: 530, the database does not answer.
        """
        now, since = self._clock(), self._listening_since
        closed = await self._database.run(lambda db: close_silent(db, now, since))
        for proxy, sessions in closed.items():
            _log.warning(
                "console proxy %s is silent: %d sessions are over until it comes back",
                proxy,
                sessions,
            )
