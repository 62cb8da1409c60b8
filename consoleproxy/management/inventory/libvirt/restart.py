"""A domain that is restarted is off for a moment: its consoles shall wait, and not be told so."""

import dataclasses
from collections.abc import Iterable

from consoleproxy.management.inventory.machines import VirtualMachine

# A hard restart (destroy, start) takes a second or two; a host that migrates a domain away loses
# it some moments before the other one has been seen to have it.
_SECONDS = 10.0


class Restarts:
    """Keeps a machine that went off as Stopping for ten seconds.

    It has no place meanwhile: its port may be another machine's by now.
    """

    def __init__(self) -> None:
        self._on: dict[str, VirtualMachine] = {}
        self._off_since: dict[str, float] = {}

    def bridged(self, machines: Iterable[VirtualMachine], now: float) -> list[VirtualMachine]:
        """Return the machines with those that went off a moment ago.

        Args:
            machines: all that there are.
            now: seconds of a monotonic clock.
        """
        found = {machine.uuid: machine for machine in machines}
        for machine in found.values():
            if machine.has_console:
                self._on[machine.uuid] = machine
                self._off_since.pop(machine.uuid, None)
        for uuid in [uuid for uuid in self._on if not _is_on(found.get(uuid))]:
            if now - self._off_since.setdefault(uuid, now) < _SECONDS:
                found[uuid] = dataclasses.replace(
                    self._on[uuid],
                    state="Stopping",
                    host="",
                    port=0,
                    no_screen="it stopped a moment ago",
                )
            else:
                del self._on[uuid], self._off_since[uuid]
        return sorted(found.values(), key=lambda machine: (machine.name, machine.uuid))

    def due(self, now: float) -> float | None:
        """Return in how many seconds the next one is over; ``None`` where there is none."""
        if not self._off_since:
            return None
        return max(0.0, min(self._off_since.values()) + _SECONDS - now)


def _is_on(machine: VirtualMachine | None) -> bool:
    return machine is not None and machine.has_console
