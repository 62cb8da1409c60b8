"""What the management server does with its proxies, their sessions and its users."""

from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import urlsplit

from consoleproxy.settings import declare
from consoleproxy.settings.declare import Effect, Scope
from consoleproxy.settings.dns import DnsSettings


def check_webhook(url: str) -> None:
    """Refuse what is no URL of a webhook; empty is none, and right.

    Raises:
        ValueError: what it must be, without showing it.
    """
    if url and not _is_webhook(url):
        raise ValueError("must be a URL such as https://host/path, or empty for no webhook")


def _is_webhook(url: str) -> bool:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        return False
    printable = url.isascii() and url.isprintable() and " " not in url
    return bool(usable and printable and not parts.fragment)


@dataclass(frozen=True, slots=True)
class FleetSettings(DnsSettings):
    """Which proxy a console goes to, when more are wanted, and what stays in the books."""

    GROUP: ClassVar = "Fleet"

    session_retention_hours: int = declare.number(
        "console.session.cleanup.retention.hours",
        240,
        "For how long sessions that are over stay in the management server's books.",
        unit="hours",
        minimum=1,
        effect=Effect.LIVE,
        scope=Scope.GLOBAL,
    )
    session_cleanup_hours: int = declare.number(
        "console.session.cleanup.interval",
        180,
        "Time between two clean-ups of the management server's books; one comes at its start.",
        unit="hours",
        minimum=1,
        effect=Effect.LIVE,
        scope=Scope.GLOBAL,
    )
    assignment_order: str = declare.text(
        "consoleproxy.assignment.order",
        "emptiest",
        "Which proxy with room gets a VM's console first; emptiest spreads the sessions, fullest "
        "leaves proxies empty that may then be ended.",
        choices=("emptiest", "fullest"),
        effect=Effect.LIVE,
    )
    show_dot: bool = declare.switch(
        "novnc.console.show.dot",
        True,
        "Show a dot in the place of a guest's cursor that cannot be seen.",
        effect=Effect.LIVE,
        scope=Scope.ZONE,
    )
    capacity_standby: int = declare.number(
        "consoleproxy.capacity.standby",
        10,
        "Sessions that all proxies together shall have free; with fewer, more proxies are asked "
        "for.",
        unit="sessions",
        minimum=0,
        effect=Effect.LIVE,
        scope=Scope.ZONE,
    )
    capacity_scan_interval: int = declare.milliseconds(
        "consoleproxy.capacityscan.interval",
        30_000,
        "Time between looks at the free capacity of all proxies.",
        minimum=100,
        effect=Effect.LIVE,
        scope=Scope.GLOBAL,
    )
    launch_max: int = declare.number(
        "consoleproxy.launch.max",
        10,
        "As many proxies are asked for at most; those that run may be more.",
        unit="proxies",
        minimum=0,
        effect=Effect.LIVE,
        scope=Scope.ZONE,
    )
    capacity_webhook: str = declare.text(
        "consoleproxy.capacity.webhook",
        "",
        "URL that is told by POST how many proxies are wanted; empty: nobody is told.",
        secret=True,
        effect=Effect.LIVE,
        check=check_webhook,
    )
