"""The values that may change while the management server runs."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from consoleproxy.management.fleet.assignment import Order
from consoleproxy.settings import Settings
from consoleproxy.sources import overlaid

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveSettings:
    """What counts at a moment; times are in seconds.

    Args:
        extra_required: ``consoleproxy.extra.security.validation.enabled``.
        reconnection_window: ``consoleproxy.session.reconnection.window``.
        show_dot: ``novnc.console.show.dot``.
        session_max: ``consoleproxy.session.max``, what a CPVM takes that does not run yet.
        session_retention: ``console.session.cleanup.retention.hours``.
        cleanup_interval: ``console.session.cleanup.interval``.
        assignment_order: ``consoleproxy.assignment.order``.
        capacity_standby: sessions, ``consoleproxy.capacity.standby``.
        capacity_scan_interval: ``consoleproxy.capacityscan.interval``.
        capacity_webhook: ``consoleproxy.capacity.webhook``; empty for none.
        launch_max: CPVMs, ``consoleproxy.launch.max``.
    """

    extra_required: bool
    reconnection_window: float
    show_dot: bool
    session_max: int
    session_retention: float
    cleanup_interval: float
    assignment_order: Order
    capacity_standby: int
    capacity_scan_interval: float
    capacity_webhook: str = field(repr=False)
    launch_max: int


def live_from(settings: Settings) -> LiveSettings:
    """Return what these settings say."""
    return LiveSettings(
        extra_required=settings.extra_required,
        reconnection_window=settings.session_reconnection_window / 1000,
        show_dot=settings.show_dot,
        session_max=settings.session_max,
        session_retention=settings.session_retention_hours * 3600.0,
        cleanup_interval=settings.session_cleanup_hours * 3600.0,
        assignment_order=Order(settings.assignment_order),
        capacity_standby=settings.capacity_standby,
        capacity_scan_interval=settings.capacity_scan_interval / 1000,
        capacity_webhook=settings.capacity_webhook,
        launch_max=settings.launch_max,
    )


class Live:
    """Holds the values of now for all who need them: they ask each time, and keep none.

    Args:
        own: what this server's own sources say.

    Attributes:
        changed: what administrators set over the API, by name.
        settings: the settings that count.
        now: the same, as the parts of the management server need them.
    """

    def __init__(self, own: Settings) -> None:
        self.own = own
        self.changed: Mapping[str, str] = {}
        self.settings = own
        self.now = live_from(own)
        self._news = asyncio.Event()

    def change(self, changed: Mapping[str, str]) -> None:
        """Let these values count, and those of the own sources for all others."""
        if changed == self.changed:
            return
        result = overlaid(self.own, changed)
        for problem in result.problems:
            _log.error("%s", problem)
        self.changed = changed
        self.settings = result.settings
        self.now = live_from(result.settings)
        news, self._news = self._news, asyncio.Event()
        news.set()

    async def pause(self, seconds: Callable[[LiveSettings], float]) -> None:
        """Wait for as long as the values say; a change counts for the wait under way."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        while (left := began + seconds(self.now) - loop.time()) > 0:
            news = self._news
            try:
                async with asyncio.timeout(left):
                    await news.wait()
            except TimeoutError:
                continue
