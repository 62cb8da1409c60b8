"""The database's own thread, so that the event loop never waits for the disk."""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from consoleproxy.errors import SettingsInvalid
from consoleproxy.management.store import Store

_Result = TypeVar("_Result")


class StoreThread:
    """Runs work on a store, one piece at a time and in the order in which it was given."""

    def __init__(self, executor: ThreadPoolExecutor, store: Store) -> None:
        self._executor = executor
        self._store = store

    @classmethod
    async def open(cls, path: str) -> "StoreThread":
        """Open the store in a thread of its own.

        Raises:
            SettingsInvalid: the file cannot be used.
        """
        executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")
        try:
            store = await asyncio.get_running_loop().run_in_executor(executor, Store, path)
        except (sqlite3.Error, OSError) as error:
            executor.shutdown()
            raise SettingsInvalid(
                [
                    f"consoleproxy.manage.database={path} cannot be used ({error}): name a file in "
                    "a folder that this user may write to"
                ]
            ) from error
        return cls(executor, store)

    async def run(self, work: Callable[[Store], _Result]) -> _Result:
        """Return what ``work`` returns; it runs in the store's thread."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, work, self._store)

    async def close(self) -> None:
        """Close the store after the work that is waiting, and end the thread."""
        await self.run(Store.close)
        self._executor.shutdown()
