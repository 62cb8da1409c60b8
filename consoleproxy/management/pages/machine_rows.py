"""Searching the virtual machines."""

from collections.abc import Iterable

from consoleproxy.management.inventory.machines import VirtualMachine


def found_machines(machines: Iterable[VirtualMachine], text: str) -> list[VirtualMachine]:
    """Return the VMs that have each word of ``text`` in what the page shows of them."""
    words = text.casefold().split()
    if not words:
        return list(machines)
    return [machine for machine in machines if _has(machine, words)]


def _has(machine: VirtualMachine, words: list[str]) -> bool:
    shown = "\n".join(
        (
            machine.name,
            machine.uuid,
            machine.account,
            machine.domain,
            machine.hypervisor,
            machine.state,
        )
    ).casefold()
    return all(word in shown for word in words)
