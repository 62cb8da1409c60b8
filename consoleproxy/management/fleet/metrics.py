"""``GET /metrics`` of the management server, in Prometheus' text format 0.0.4."""

from dataclasses import dataclass

from consoleproxy.management.fleet.alarm import CapacityAlarm
from consoleproxy.management.fleet.capacity import Capacity
from consoleproxy.management.fleet.scan import CapacityBook
from consoleproxy.management.pages.pages import PageHandler, Pages

_PREFIX = "consoleproxy_management"


@dataclass(frozen=True, slots=True)
class Metrics:
    """What the handler works on."""

    book: CapacityBook
    alarm: CapacityAlarm


class MetricsHandler(PageHandler):
    """For those who may see the inventory page; Prometheus sends its key by ``basic_auth``."""

    def initialize(self, pages: Pages, metrics: Metrics) -> None:  # type: ignore[override]
        super().initialize(pages)
        self._metrics = metrics

    async def get(self) -> None:
        capacity = await self._metrics.book.read()
        self.set_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
        self.finish(metrics_text(capacity, self._metrics.alarm))


def metrics_text(capacity: Capacity, alarm: CapacityAlarm) -> str:
    """Return all metrics.

    Refusals are this management server's; all else is the same on each that shares a database.
    """
    lines = [
        f"# HELP {_PREFIX}_proxies Console proxies by state.",
        f"# TYPE {_PREFIX}_proxies gauge",
        f'{_PREFIX}_proxies{{state="Running"}} {capacity.running}',
        f'{_PREFIX}_proxies{{state="Disconnected"}} {capacity.disconnected}',
    ]
    for name, kind, value, text in (
        ("sessions", "gauge", capacity.sessions, "Sessions on running proxies, given out or open."),
        ("capacity_free", "gauge", capacity.free, "Sessions that running proxies still take."),
        ("capacity_standby", "gauge", capacity.standby, "consoleproxy.capacity.standby."),
        (
            "proxies_wanted",
            "gauge",
            capacity.wanted,
            "Running proxies that standby capacity takes.",
        ),
        ("capacity_refusals_total", "counter", alarm.refusals, "Consoles refused: no capacity."),
        (
            "capacity_alert",
            "gauge",
            int(alarm.raised),
            "Whether consoles are refused: no capacity.",
        ),
    ):
        lines += [
            f"# HELP {_PREFIX}_{name} {text}",
            f"# TYPE {_PREFIX}_{name} {kind}",
            f"{_PREFIX}_{name} {value}",
        ]
    return "\n".join(lines) + "\n"
