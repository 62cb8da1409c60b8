"""``GET /metrics`` of the management server, in Prometheus' text format 0.0.4."""

from consoleproxy.management.fleet.alarm import CapacityAlarm
from consoleproxy.management.fleet.capacity import Capacity
from consoleproxy.management.fleet.states import ProxyState
from consoleproxy.management.pages.handler import PageHandler

_PREFIX = "consoleproxy_management"


class MetricsHandler(PageHandler):
    """For those who may see the pages; Prometheus sends the page key by ``basic_auth``."""

    async def get(self) -> None:
        capacity = await self._pages.capacity.read()
        silent = len(self._pages.inventory.unanswered)
        self.set_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
        self.finish(metrics_text(capacity, self._pages.alarm, silent))


def metrics_text(capacity: Capacity, alarm: CapacityAlarm, silent: int) -> str:
    """Return all metrics.

    Refusals and hypervisors are this management server's; all else is the same on each that shares
    a database.

    Args:
        silent: how many hypervisors cannot be asked.
    """
    lines = [
        f"# HELP {_PREFIX}_proxies Console proxies by state.",
        f"# TYPE {_PREFIX}_proxies gauge",
        *(
            f'{_PREFIX}_proxies{{state="{state}"}} {capacity.states.get(state, 0)}'
            for state in ProxyState
        ),
    ]
    for name, kind, value, text in (
        (
            "sessions",
            "gauge",
            capacity.sessions,
            "Sessions on connected proxies, given out or open.",
        ),
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
        ("hypervisors_silent", "gauge", silent, "Hypervisors of libvirt that cannot be asked."),
    ):
        lines += [
            f"# HELP {_PREFIX}_{name} {text}",
            f"# TYPE {_PREFIX}_{name} {kind}",
            f"{_PREFIX}_{name} {value}",
        ]
    return "\n".join(lines) + "\n"
