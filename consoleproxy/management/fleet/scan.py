"""The capacity scan: looks at the CPVMs' room now and then, and asks for more of them."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from consoleproxy.errors import ManagementRequestRefused
from consoleproxy.management.configuration.live import Live
from consoleproxy.management.fleet.alarm import CapacityAlarm
from consoleproxy.management.fleet.capacity import Capacity, Rules, capacity_of
from consoleproxy.management.fleet.webhook import Webhook
from consoleproxy.management.records.assignment import candidates
from consoleproxy.management.storage.database import Database

_log = logging.getLogger(__name__)

_WEBHOOK_SECONDS = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CapacityBook:
    """Reads the room of all CPVMs.

    Args:
        link_seconds: for how long a console link that nobody has used is good.
        live: how much shall be free, what a CPVM takes that does not run yet, and how many there
            may be.
        clock: seconds since 1970.
    """

    database: Database
    link_seconds: float
    live: Live
    clock: Callable[[], float]

    async def read(self) -> Capacity:
        """Return the room as it is now.

        Raises:
            ManagementRequestRefused: 530, the database does not answer.
        """
        now = self.clock()
        live = self.live.now
        rules = Rules(live.capacity_standby, live.session_max, live.launch_max)

        def work(db: Connection) -> Capacity:
            fleet = candidates(db, now, self.link_seconds)
            return capacity_of(fleet, rules)

        return await self.database.run(work)


class CapacityScan:
    """Scans, and gives the scale signal: on each change, and again while more CPVMs are wanted.

    Args:
        live: how often, and whom to tell.
    """

    def __init__(self, book: CapacityBook, alarm: CapacityAlarm, live: Live) -> None:
        self._book = book
        self._alarm = alarm
        self._live = live
        self._webhook: Webhook | None = None
        self._seen: tuple[bool, int] | None = None
        self._delivered: tuple[bool, int] | None = None

    async def run(self) -> None:
        """Scan until cancelled; a delivery takes no longer than an interval.

        The first comes after an interval, by when the CPVMs of a restarted server have reported.
        """
        await self._pause()
        while True:
            await asyncio.gather(self._pause(), self._safe_scan())

    def close(self) -> None:
        """Let go of the webhook; a delivery under way fails."""
        if self._webhook is not None:
            self._webhook.close()

    async def _pause(self) -> None:
        await self._live.pause(lambda now: now.capacity_scan_interval)

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
        webhook = self._webhook_of_now()
        if webhook is not None and (capacity.expand or state != self._delivered):
            self._delivered = None
            if await webhook.deliver(capacity, self._delivery_seconds()):
                self._delivered = state

    def _webhook_of_now(self) -> Webhook | None:
        url = self._live.now.capacity_webhook
        if url != (self._webhook.url if self._webhook is not None else ""):
            self.close()
            self._webhook = Webhook(url) if url else None
            # Whoever is told from now on has heard nothing yet.
            self._delivered = None
        return self._webhook

    def _delivery_seconds(self) -> float:
        return min(self._live.now.capacity_scan_interval, _WEBHOOK_SECONDS)

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
