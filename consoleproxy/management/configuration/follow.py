"""The values that count follow the database, whichever management server stored them."""

import asyncio

from consoleproxy.errors import ManagementRequestRefused
from consoleproxy.management.configuration.live import Live
from consoleproxy.management.records.settings import stored_settings
from consoleproxy.management.storage.database import Database

_LOOK_SECONDS = 0.4


class Follow:
    """Brings what is stored into effect on this management server."""

    def __init__(self, database: Database, live: Live) -> None:
        self._database = database
        self.live = live

    async def look(self) -> None:
        """Look once.

        Raises:
            ManagementRequestRefused: 530, the database does not answer; nothing has changed.
        """
        self.live.change(await self._database.run(stored_settings))

    async def run(self) -> None:
        """Look until cancelled; without the database, what counted last goes on to count."""
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            try:
                await self.look()
            except ManagementRequestRefused:
                continue
