"""The capacity scan: looks at the CPVMs' room now and then, and asks for more of them."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from consoleproxy.errors import ManagementRequestRefused
from consoleproxy.management.fleet.alarm import CapacityAlarm
from consoleproxy.management.fleet.capacity import Capacity, capacity_of
from consoleproxy.management.fleet.webhook import Webhook
from consoleproxy.management.records.assignment import candidates
from consoleproxy.management.storage.database import Database

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class CapacityBook:
    """Reads the room of all CPVMs.

    Args:
        link_seconds: for how long a console link that nobody has used is good.
        standby: ``consoleproxy.capacity.standby``.
        session_max: ``consoleproxy.session.max``, for a CPVM that does not run yet.
        clock: seconds since 1970.
    """

    database: Database
    link_seconds: float
    standby: int
    session_max: int
    clock: Callable[[], float]

    async def read(self) -> Capacity:
        """Return the room as it is now.

        Raises:
            ManagementRequestRefused: 530, the database does not answer.
        """
        now = self.clock()

        def work(db: Connection) -> Capacity:
            fleet = candidates(db, now, self.link_seconds)
            return capacity_of(fleet, self.standby, self.session_max)

        return await self.database.run(work)


class CapacityScan:
    """Scans, and gives the scale signal: on each change, and again while more CPVMs are wanted.

    Args:
        interval: seconds, ``consoleproxy.capacityscan.interval``.
        webhook: ``None`` for none.
    """

    def __init__(
        self,
        book: CapacityBook,
        alarm: CapacityAlarm,
        webhook: Webhook | None,
        interval: float,
    ) -> None:
        self._book = book
        self._alarm = alarm
        self._webhook = webhook
        self._interval = interval
        self._seen: tuple[bool, int] | None = None
        self._delivered: tuple[bool, int] | None = None

    async def run(self) -> None:
        """Scan until cancelled; a delivery takes no longer than an interval.

        The first comes after an interval, by when the CPVMs of a restarted server have reported.
        """
        await asyncio.sleep(self._interval)
        while True:
            await asyncio.gather(asyncio.sleep(self._interval), self._safe_scan())

    async def _safe_scan(self) -> None:
        try:
            await self.scan()
        except Exception:
            _log.exception("the capacity scan failed; the next one tries again")

    async def scan(self) -> None:
        """Look once, and tell whom it concerns."""
        try:
            capacity = await self._book.read()
        except ManagementRequestRefused:
            # The store has logged why; the next scan may find it back.
            return
        if capacity.free:
            self._alarm.room()
        # More CPVMs that run are a change only for those who were told that they are wanted.
        state = (capacity.expand, capacity.wanted if capacity.expand else 0)
        if state != self._seen:
            self._note(capacity)
        self._seen = state
        if self._webhook is not None and (capacity.expand or state != self._delivered):
            self._delivered = None
            if await self._webhook.deliver(capacity):
                self._delivered = state

    def _note(self, capacity: Capacity) -> None:
        if capacity.expand:
            _log.warning(
                "%d console proxies are wanted, %d run: %s",
                capacity.wanted,
                capacity.running,
                capacity.reason,
            )
        elif self._seen is not None:
            _log.info("standby capacity is there: %s", capacity.reason)
