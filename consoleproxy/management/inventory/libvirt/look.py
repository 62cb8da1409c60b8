"""One look at all domains of a connection."""

import datetime
from collections.abc import Callable
from typing import Protocol

from consoleproxy.management.inventory.libvirt.domain import read_domain
from consoleproxy.management.inventory.libvirt.states import state_name
from consoleproxy.management.inventory.machines import VirtualMachine

# VIR_DOMAIN_XML_SECURE of libvirt-domain.h: with passwords.
_WITH_PASSWORDS = 1


class Domain(Protocol):
    """``libvirt.virDomain``, as far as it is used."""

    def UUIDString(self) -> str: ...

    def name(self) -> str: ...

    def state(self) -> list[int]: ...

    def XMLDesc(self, flags: int = 0) -> str: ...


class Connection(Protocol):
    """``libvirt.virConnect``, as far as it is used."""

    def listAllDomains(self, flags: int = 0) -> list[Domain]: ...


class Look:
    """Looks at the domains of a connection, again and again.

    Args:
        host: the hypervisor's; empty for this machine.
        refused, gone: whether an error of libvirt says that this user may not, or that the domain
            is no more.
        note: told, once each, what an operator should know.
        progress: called after each domain: libvirt still answers.
        clock: the time in UTC, with its zone.
    """

    def __init__(
        self,
        connection: Connection,
        host: str,
        *,
        refused: Callable[[Exception], bool],
        gone: Callable[[Exception], bool],
        note: Callable[[str], None],
        progress: Callable[[], None],
        clock: Callable[[], datetime.datetime],
    ) -> None:
        self._connection = connection
        self._host = host
        self._refused = refused
        self._gone = gone
        self._note = note
        self._progress = progress
        self._clock = clock
        self._flags = _WITH_PASSWORDS
        self._known: dict[str, VirtualMachine] = {}
        self._noted: set[str] = set()

    def machines(self) -> list[VirtualMachine]:
        """Return all domains, running or not; one that cannot be read stays as it was.

        Raises:
            Exception: the connection's own error, as it cannot even list them.
        """
        known, self._known = self._known, {}
        for domain in self._connection.listAllDomains(0):
            uuid = domain.UUIDString()
            try:
                self._known[uuid] = self._machine(domain)
            except Exception as error:  # Whatever is wrong with one domain, the others go on.
                if self._gone(error):
                    continue
                self._say(f"domain {domain.name()} cannot be read: {error}")
                if uuid in known:
                    self._known[uuid] = known[uuid]
            self._progress()
        return list(self._known.values())

    def _machine(self, domain: Domain) -> VirtualMachine:
        state, reason = domain.state()[:2]
        return read_domain(self._xml(domain), state_name(state, reason), self._host, self._clock())

    def _xml(self, domain: Domain) -> str:
        try:
            return domain.XMLDesc(self._flags)
        except Exception as error:
            if not self._flags or not self._refused(error):
                raise
        self._flags = 0
        self._say(
            "this user may not see VNC passwords: connect as one who may write, or give the "
            "passwords in the inventory file"
        )
        return domain.XMLDesc(0)

    def _say(self, text: str) -> None:
        if text not in self._noted:
            self._noted.add(text)
            self._note(text)
