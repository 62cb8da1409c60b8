"""News for all CPVMs that watch: one look at the database for all of them."""

import asyncio
import logging

from consoleproxy.errors import ManagementRequestRefused
from consoleproxy.management.channel.news import News, Watch
from consoleproxy.management.records.news import Board, board
from consoleproxy.management.storage.database import Database
from consoleproxy.management.storage.store import database_away

_log = logging.getLogger(__name__)

# What an operator orders is with the CPVM after this, whichever management server took the order.
_LOOK_SECONDS = 0.25
# The database was away: it has logged that, and need not do so four times a second.
_AWAY_SECONDS = 2.0


class Bulletin:
    """Looks at the database now and then, and wakes those who wait when something has changed.

    Args:
        limit: seconds after which a question is answered that there is no news for; well below
            what a CPVM waits for an answer.
    """

    def __init__(self, database: Database, limit: float = 6.0) -> None:
        self._database = database
        self._limit = limit
        self._board = Board()
        self._looked_at = 0.0
        self._refused_at = 0.0
        self._looking = asyncio.Lock()
        self._changed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            pause = await self._safe_look()
            await asyncio.sleep(pause)

    async def look(self) -> None:
        """Look, and wake who waits if anything is new; who calls it at once shares a look.

        Raises:
            ManagementRequestRefused: 530, the database does not answer.
        """
        loop = asyncio.get_running_loop()
        called_at = loop.time()
        async with self._looking:
            if self._looked_at > called_at:
                return
            if self._refused_at > called_at:
                raise database_away()
            began_at = loop.time()
            try:
                found = await self._database.run(board)
            except ManagementRequestRefused:
                self._refused_at = loop.time()
                raise
            self._looked_at = began_at
        if found != self._board:
            self._board = found
            self._changed.set_result(None)
            self._changed = loop.create_future()

    async def news(self, watch: Watch, gone: asyncio.Future[None]) -> News:
        """Return what there is to know, once that is more than the CPVM knows, or after a while.

        Args:
            gone: is done when nobody waits for the answer any more.

        Raises:
            ManagementRequestRefused: 530, the database does not answer.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._limit
        if not watch.knows(self._board.news_for(watch.proxy)):
            # A load report's answer may have told it of something that came after the last look.
            await self.look()
        while True:
            news = self._board.news_for(watch.proxy)
            left = deadline - loop.time()
            if gone.done() or left <= 0 or not watch.knows(news):
                return news
            await asyncio.wait(
                {self._changed, gone}, timeout=left, return_when=asyncio.FIRST_COMPLETED
            )

    async def _safe_look(self) -> float:
        """Look, and return for how long not to."""
        try:
            await self.look()
        except ManagementRequestRefused:
            return _AWAY_SECONDS
        except Exception:
            _log.exception("the look for news failed; the next one tries again")
            return _AWAY_SECONDS
        return _LOOK_SECONDS
