"""The load scan: reports sessions on every interval, and at once when one ends."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from consoleproxy.errors import ManagementUnavailable
from consoleproxy.session.load import Load, LoadSink, Pace, load_report
from consoleproxy.session.registry import Registry

_log = logging.getLogger(__name__)

_FIRST_RETRY_SECONDS = 0.25


class LoadScan:
    """Sends load reports until it is stopped.

    Args:
        refresh: brings the registry's sessions up to date.
        interval: seconds between reports (``consoleproxy.loadscan.interval``); a report is sent
            also when nothing changed and when there is no session, as the management server tells
            a living proxy by it.

    Attributes:
        waiting: settings that count only once the proxy is started anew, by name.
    """

    def __init__(
        self,
        registry: Registry,
        refresh: Callable[[], Awaitable[None]],
        sink: LoadSink,
        interval: float,
    ) -> None:
        self._registry = registry
        self._refresh = refresh
        self._sink = sink
        self._interval = interval
        self.waiting: tuple[str, ...] = ()
        self._changed = asyncio.Event()
        self._stopped = False

    def wake(self) -> None:
        """Report now: a session began or ended."""
        self._changed.set()

    def change_interval(self, interval: float) -> None:
        """Let the next interval, which begins with a report now, have so many seconds."""
        self._interval = interval
        self.wake()

    def stop(self) -> None:
        """Let ``run`` return when the report under way is through."""
        self._stopped = True
        self._changed.set()

    async def run(self) -> None:
        """Report until stopped; while the management server is away, retry with growing pauses."""
        pause = _FIRST_RETRY_SECONDS
        while not self._stopped:
            self._changed.clear()
            if await self.report():
                pause = _FIRST_RETRY_SECONDS
                await self._wait(self._interval)
            else:
                await asyncio.sleep(pause)
                pause = min(pause * 2, self._interval)

    async def report(self) -> bool:
        """Send one report; return whether it was delivered."""
        await self._refresh()
        removed = self._registry.removed()
        load = Load(
            document=load_report(self._registry, removed),
            reasons=removed,
            draining=self._registry.draining,
            pace=Pace(self._registry.rules.maximum, self._interval),
            waiting=self.waiting,
        )
        try:
            acknowledged = await self._sink.report(load)
        except ManagementUnavailable as error:
            _log.warning("load report not delivered, it is sent again: %s", error)
            return False
        self._registry.acknowledge(acknowledged)
        return True

    async def _wait(self, limit: float) -> None:
        try:
            async with asyncio.timeout(limit):
                await self._changed.wait()
        except TimeoutError:
            return
