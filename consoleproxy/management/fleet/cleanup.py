"""The clean-up: lets go of sessions that have been over for long enough."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from consoleproxy.errors import ManagementRequestRefused
from consoleproxy.management.configuration.live import Live
from consoleproxy.management.records.sessions import forget_sessions
from consoleproxy.management.storage.database import Database

_log = logging.getLogger(__name__)

# There may be many, and nobody waits for it.
_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanUp:
    """Cleans up at the start, and then as often as ``console.session.cleanup.interval`` says.

    Args:
        live: how often, and what has been over for long enough.
        clock: seconds since 1970.
    """

    database: Database
    live: Live
    clock: Callable[[], float]

    async def run(self) -> None:
        """Clean up until cancelled."""
        while True:
            try:
                await self.clean()
            except ManagementRequestRefused:
                _log.warning("no clean-up of sessions: the next one makes up for it")
            except Exception:
                _log.exception("the clean-up of sessions failed; the next one tries again")
            await self.live.pause(lambda now: now.cleanup_interval)

    async def clean(self) -> None:
        """Clean up once.

        Raises:
            ManagementRequestRefused: 530, the database does not answer.
        """
        before = self.clock() - self.live.now.session_retention

        def work(db: Connection) -> None:
            forget_sessions(db, before)

        await self.database.run(work, limit=_SECONDS)
