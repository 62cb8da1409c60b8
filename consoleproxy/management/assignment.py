"""Which CPVM a console goes to."""

from collections.abc import Iterable

from consoleproxy.management.proxy_records import ProxyRecord
from consoleproxy.management.session_records import ConsoleSession

# As many load reports may go missing before a CPVM counts as disconnected.
_MISSED_REPORTS = 3


def is_alive(proxy: ProxyRecord, now: float) -> bool:
    """Whether the CPVM was heard of within three of its load intervals."""
    return now - proxy.last_update <= _MISSED_REPORTS * proxy.description.load_interval


def choose_proxy(
    proxies: Iterable[ProxyRecord], previous: ConsoleSession | None, now: float
) -> ProxyRecord | None:
    """Return the CPVM for a VM's next console, or ``None`` if there is none.

    The one that had the VM before is kept while it has room, and also without room while that
    session is open there: the new viewer takes its place. Else the first by name that has room.

    Args:
        previous: the VM's newest session.
        now: seconds since 1970.
    """
    alive = [proxy for proxy in proxies if is_alive(proxy, now)]
    for proxy in alive:
        if previous is not None and proxy.description.name == previous.proxy:
            if previous.live or _has_room(proxy):
                return proxy
    return next((proxy for proxy in alive if _has_room(proxy)), None)


def _has_room(proxy: ProxyRecord) -> bool:
    return proxy.active_sessions < proxy.description.session_max
