"""The database's own threads, so that the event loop never waits for the disk or the network."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from sqlalchemy import Connection

from consoleproxy.management.storage.store import Store

_Result = TypeVar("_Result")


class Database:
    """Runs transactions: on SQLite one at a time and in the order in which they were given."""

    def __init__(self, executor: ThreadPoolExecutor, store: Store) -> None:
        self._executor = executor
        self._store = store
        self._running: set[asyncio.Future[Any]] = set()

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

    async def run(self, work: Callable[[Connection], _Result]) -> _Result:
        """Return what ``work`` returns; all that it does is one transaction.

        It may run more than once, where transactions got in each other's way.

        Raises:
            ManagementRequestRefused: 530, the database does not answer.
        """
        loop = asyncio.get_running_loop()
        future = loop.run_in_executor(self._executor, self._store.run, work)
        self._running.add(future)
        future.add_done_callback(self._running.discard)
        return await future

    async def close(self) -> None:
        """Close the database after the work that is waiting, and end the threads."""
        if self._running:
            await asyncio.wait(self._running)
        self._executor.shutdown()
        self._store.close()
