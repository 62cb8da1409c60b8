"""The states of a CPVM."""

from enum import StrEnum

from consoleproxy.management.fleet.silence import heard_of
from consoleproxy.management.records.proxies import ProxyRecord


class ProxyState(StrEnum):
    """Only a running one gets sessions; docs/FLEET.md has what each means."""

    RUNNING = "Running"
    MAINTENANCE = "Maintenance"
    DRAINING = "Draining"
    DISCONNECTED = "Disconnected"


def state_of(proxy: ProxyRecord, now: float) -> ProxyState:
    """Return the state at ``now``, seconds since 1970."""
    heard = heard_of(proxy.last_update, proxy.description.load_interval, now)
    return state_from(heard, proxy.maintenance, proxy.draining)


def state_from(heard: bool, maintenance: bool, draining: bool) -> ProxyState:
    """Return the state; of several that hold, the one that an operator has to know of first."""
    if not heard:
        return ProxyState.DISCONNECTED
    if draining:
        return ProxyState.DRAINING
    return ProxyState.MAINTENANCE if maintenance else ProxyState.RUNNING
