"""The virtual machines that have consoles."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

_STATES_WITH_CONSOLE = frozenset({"Running", "Starting", "Stopping", "Migrating"})


@dataclass(frozen=True, slots=True, kw_only=True)
class VirtualMachine:
    """One VM and where its screen is.

    Args:
        host: the hypervisor's, IPv6 without brackets; or ``unix:`` and the path of a socket.
        port: of its VNC server; 0 with a socket; -1 with a tunnel, as CloudStack has it.
        tunnel_url, tunnel_session: XenServer's console URL and session.
        websocket_url: VMware's; holds a ticket.
        username, password: the VNC server's.
        instance_name: what the hypervisor calls the VM, QEMU's ``-name``; empty: not known.
        no_screen: why there is no way to its screen, though it runs; empty: there is one.
        hypervisor, state: CloudStack's names.
        account, domain: whose it is: the account's name, and the path of the domain that it is in.
    """

    uuid: str
    name: str
    host: str
    port: int
    tunnel_url: str = ""
    tunnel_session: str = field(default="", repr=False)
    websocket_url: str = field(default="", repr=False)
    username: str = ""
    password: str = field(default="", repr=False)
    instance_name: str = ""
    no_screen: str = ""
    hypervisor: str = "KVM"
    state: str = "Running"
    account: str = "admin"
    domain: str = "ROOT"

    @property
    def has_console(self) -> bool:
        """Whether its state is one in which CloudStack gives a console."""
        return self.state in _STATES_WITH_CONSOLE


class Inventory:
    """VMs by uuid, in the order of their source.

    Args:
        unanswered: hypervisors that cannot be asked at the moment; what they had is as it was.
    """

    def __init__(
        self, machines: Iterable[VirtualMachine], unanswered: tuple[str, ...] = ()
    ) -> None:
        self._machines = {machine.uuid: machine for machine in machines}
        self.unanswered = unanswered

    def __iter__(self) -> Iterator[VirtualMachine]:
        return iter(self._machines.values())

    def __len__(self) -> int:
        return len(self._machines)

    def find(self, vm_uuid: str) -> VirtualMachine | None:
        """Return the VM of that uuid, in any letter case."""
        return self._machines.get(vm_uuid.lower())

    def exchange(self, other: "Inventory") -> None:
        """Have what the other one has from now on."""
        self._machines = {machine.uuid: machine for machine in other}
        self.unanswered = other.unanswered
