"""One inventory from the file and the hypervisors."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from consoleproxy.management.inventory.file import FileContent
from consoleproxy.management.inventory.libvirt.uri import shown_uri
from consoleproxy.management.inventory.machines import Inventory, VirtualMachine

_log = logging.getLogger(__name__)

# A domain that moves is on two hosts for a while; the one where it runs counts.
_STATES = ("Running", "Migrating", "Starting", "Stopping")


@dataclass(frozen=True, slots=True)
class _Seen:
    machines: Sequence[VirtualMachine] = ()
    connected: bool = False


class CombinedInventory:
    """Keeps an inventory up to date with all that its sources say; each change is at once.

    A machine with a place in the file is as the file says, whatever a hypervisor says; one without
    is the hypervisor's, completed by the file.

    Args:
        inventory: gets the machines.
        hypervisors: URIs of those that will be ``put``, in the order of their machines.
    """

    def __init__(
        self, inventory: Inventory, content: FileContent, hypervisors: Sequence[str] = ()
    ) -> None:
        self._inventory = inventory
        self._content = content
        self._seen = dict.fromkeys(hypervisors, _Seen())
        self._warned: set[str] = set()
        self._combine()

    def put_file(self, content: FileContent) -> None:
        """Take what stands in the file by now."""
        self._content = content
        self._combine()

    def put_hypervisor(self, uri: str, machines: Sequence[VirtualMachine], connected: bool) -> None:
        """Take what a hypervisor has by now, or had when it could be asked."""
        self._seen[uri] = _Seen(machines, connected)
        self._combine()

    def _combine(self) -> None:
        best: dict[str, tuple[tuple[bool, int], VirtualMachine]] = {}
        for seen in self._seen.values():
            for machine in seen.machines:
                rank = (not seen.connected, _rank(machine))
                if machine.uuid not in best or rank < best[machine.uuid][0]:
                    best[machine.uuid] = rank, machine
        combined = {machine.uuid: machine for machine in self._content.machines}
        for uuid, (_, machine) in best.items():
            if uuid in combined:
                self._warn(machine)
            else:
                combined[uuid] = machine
        for addition in self._content.additions:
            if addition.uuid in combined:
                combined[addition.uuid] = addition.completed(combined[addition.uuid])
        unanswered = tuple(shown_uri(uri) for uri, seen in self._seen.items() if not seen.connected)
        self._inventory.exchange(Inventory(combined.values(), unanswered))

    def _warn(self, machine: VirtualMachine) -> None:
        if machine.uuid not in self._warned:
            self._warned.add(machine.uuid)
            _log.warning(
                "%s (%s) has a place in the inventory file, and that counts; libvirt has it, too: "
                "remove address, host and port there to follow libvirt",
                machine.name,
                machine.uuid,
            )


def _rank(machine: VirtualMachine) -> int:
    return _STATES.index(machine.state) if machine.state in _STATES else len(_STATES)
