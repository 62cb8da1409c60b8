"""The database's own threads, so that the event loop never waits for the disk or the network."""

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import Connection

from consoleproxy.management.storage.store import Store, database_away

_log = logging.getLogger(__name__)

_Result = TypeVar("_Result")

# Clients and CPVMs give up after ten seconds.
_ANSWER_SECONDS = 7.5


class Database:
    """Runs transactions: on SQLite one at a time and in the order in which they were given."""

    def __init__(self, executor: ThreadPoolExecutor, store: Store) -> None:
        self._executor = executor
        self._store = store

    @classmethod
    async def open(cls, location: str) -> "Database":
        """Open the database, and have as many threads as it takes.

        Args:
            location: ``consoleproxy.manage.database``.

        Raises:
            SettingsInvalid: it cannot be used.
        """
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(1, thread_name_prefix="store") as opener:
            store = await loop.run_in_executor(opener, Store, location)
        return cls(ThreadPoolExecutor(store.threads, thread_name_prefix="store"), store)

    async def run(
        self, work: Callable[[Connection], _Result], limit: float = _ANSWER_SECONDS
    ) -> _Result:
        """Return what ``work`` returns; all that it does is one transaction.

        It may run more than once, where transactions got in each other's way.

        Args:
            limit: seconds after which it is given up, and undone, wherever it stands.

        Raises:
            ManagementRequestRefused: 530, the database does not answer.
        """
        loop = asyncio.get_running_loop()
        deadline = time.monotonic() + limit
        future = loop.run_in_executor(self._executor, self._store.run, work, deadline)
        try:
            async with asyncio.timeout(limit):
                return await future
        except TimeoutError:
            _log.error("the database has not answered within %g s", limit)
            raise database_away() from None

    async def close(self) -> None:
        """Close the database after the work that is waiting, and end the threads."""
        await asyncio.get_running_loop().run_in_executor(None, self._executor.shutdown)
        self._store.close()
