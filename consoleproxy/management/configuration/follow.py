"""The values that count follow the database, whichever management server stored them."""

import asyncio
import logging
from collections.abc import Mapping

from sqlalchemy import Connection

from consoleproxy.errors import ManagementRequestRefused, SecretUnreadable
from consoleproxy.management.configuration.live import Live
from consoleproxy.management.records.settings import secret_settings, stored_settings
from consoleproxy.management.storage.database import Database
from consoleproxy.management.storage.sealing import Sealer

_log = logging.getLogger(__name__)

_LOOK_SECONDS = 0.4


class Follow:
    """Brings what is stored into effect on this management server.

    Args:
        sealer: opens the settings that are secret.
    """

    def __init__(self, database: Database, live: Live, sealer: Sealer) -> None:
        self._database = database
        self.live = live
        self.sealer = sealer
        self._secrets: Mapping[str, str] = {}
        self._fault = ""

    async def look(self) -> None:
        """Look once.

        Raises:
            ManagementRequestRefused: 530, the database does not answer; nothing has changed.
        """

        def work(db: Connection) -> tuple[Mapping[str, str], Mapping[str, str] | SecretUnreadable]:
            try:
                return stored_settings(db), secret_settings(db, self.sealer)
            except SecretUnreadable as fault:
                return stored_settings(db), fault

        stored, secrets = await self._database.run(work)
        if isinstance(secrets, SecretUnreadable):
            self._note(str(secrets))
        else:
            self._note("")
            self._secrets = secrets
        self.live.change({**stored, **self._secrets})

    async def run(self) -> None:
        """Look until cancelled; without the database, what counted last goes on to count."""
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            try:
                await self.look()
            except ManagementRequestRefused:
                continue
            except Exception:
                _log.exception("the look for changed settings failed; the next one tries again")

    def _note(self, fault: str) -> None:
        if fault and fault != self._fault:
            _log.error("secret settings stay as they were: %s", fault)
        self._fault = fault
