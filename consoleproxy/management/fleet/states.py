"""The states of a CPVM."""

from enum import StrEnum


class ProxyState(StrEnum):
    """Only a running one gets sessions; docs/FLEET.md has what each means."""

    RUNNING = "Running"
    MAINTENANCE = "Maintenance"
    DRAINING = "Draining"
    DISCONNECTED = "Disconnected"


def state_from(heard: bool, maintenance: bool, draining: bool) -> ProxyState:
    """Return the state; of several that hold, the one that an operator has to know of first."""
    if not heard:
        return ProxyState.DISCONNECTED
    if draining:
        return ProxyState.DRAINING
    return ProxyState.MAINTENANCE if maintenance else ProxyState.RUNNING
