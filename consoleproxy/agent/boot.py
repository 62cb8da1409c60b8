"""What a system VM is told when it boots: the kernel's command line, and two properties files.

``template=domP type=consoleproxy host=10.1.1.1 port=8250 name=v-2-VM zone=1 …``; CloudStack's
``agent.properties`` has the same names, and ``consoleproxy.properties`` the defaults below them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from consoleproxy.agent.hosts import HostList
from consoleproxy.agent.identity import Identity, Interface
from consoleproxy.errors import SettingsInvalid

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_AGENT_PORT = 8250
# Control, management and public network of a system VM.
_INTERFACES = _CONTROL, _PRIVATE, _PUBLIC = "eth0", "eth1", "eth2"
# What CloudStack writes for an interface without an address.
_NO_ADDRESS = "0.0.0.0"  # noqa: S104


@dataclass(frozen=True, slots=True, kw_only=True)
class Boot:
    """A CPVM as it was told to be.

    Args:
        identity: without ``version`` and hardware addresses, which no boot argument tells.
        agent_port: of the management servers.
        console_port: ``vncport``; 0 where it is not told.
        tls: ``premium``: the page's port is 443 with TLS, else 80 without.
        disable_rp_filter: answers may leave by another interface than the question came by.
        management_network, local_gateway: ``mgmtcidr`` and ``localgw``: how management servers and
            hypervisors are reached; ``None`` where they are on the same network.
        name_servers: ``internaldns1``, ``internaldns2``; they are reached in the same way.
        public_name_servers: ``dns1``, ``dns2``; they are reached by the default route.
        control: ``eth0``: by which the hypervisor's host reaches the system VM.
        dhcp: ``bootproto=dhcp``: addresses are not those that were told, but a DHCP server's.
    """

    identity: Identity
    servers: HostList
    agent_port: int
    console_port: int
    tls: bool
    disable_rp_filter: bool
    management_network: Network | None
    local_gateway: Address | None
    name_servers: tuple[Address, ...]
    public_name_servers: tuple[Address, ...]
    control: Interface
    dhcp: bool


def read_boot(values: Mapping[str, str]) -> Boot:
    """Return what a system VM was told.

    Args:
        values: by name.

    Raises:
        SettingsInvalid: with everything that is missing or wrong.
    """
    reader = _Reader(values)
    interfaces = {name: reader.interface(name) for name in _INTERFACES}
    public = interfaces[_PUBLIC]
    if values.get("public.ip"):
        public = replace(public, address=str(reader.address("public.ip") or ""))
    tls = reader.switch("premium")
    servers = reader.servers()
    boot = Boot(
        identity=Identity(
            zone=reader.required("zone"),
            pod=reader.required("pod"),
            guid=reader.required("guid"),
            name=reader.required("name"),
            proxy_vm_id=reader.number("proxy_vm", 1, 2**63 - 1),
            version="",
            public=public,
            private=interfaces[_PRIVATE],
            gateway=str(reader.address("gateway") or ""),
        ),
        servers=servers,
        agent_port=reader.number("port", 1, 65535, _AGENT_PORT),
        console_port=reader.number("vncport", 1, 65535, 0),
        tls=tls,
        disable_rp_filter=reader.switch("disable_rp_filter"),
        management_network=reader.network("mgmtcidr"),
        local_gateway=reader.address("localgw"),
        name_servers=reader.addresses("internaldns1", "internaldns2"),
        public_name_servers=reader.addresses("dns1", "dns2"),
        control=interfaces[_CONTROL],
        dhcp=values.get("bootproto", "").strip().lower() == "dhcp",
    )
    reader.check_type()
    if reader.problems:
        raise SettingsInvalid(reader.problems)
    return boot


class _Reader:
    """Values by type; what is wrong with them is collected."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values
        self.problems: list[str] = []

    def required(self, name: str) -> str:
        value = self._values.get(name, "").strip()
        if not value:
            self.problems.append(f"boot argument {name} is missing: a console proxy VM has it")
        return value

    def servers(self) -> HostList:
        text = self.required("host")
        try:
            return HostList.parse(text or "missing")
        except ValueError as error:
            self.problems.append(f"boot argument host={text}: {error}")
            return HostList(("missing",))

    def switch(self, name: str) -> bool:
        return self._values.get(name, "").strip().lower() in ("true", "yes", "1")

    def number(self, name: str, least: int, most: int, default: int | None = None) -> int:
        text = self._values.get(name, "").strip()
        if not text and default is not None:
            return default
        if text.isascii() and text.isdigit() and least <= int(text[:20]) <= most:
            return int(text)
        self.problems.append(
            f"boot argument {name}={text} must be a whole number from {least} to {most}"
        )
        return 0

    def address(self, name: str) -> Address | None:
        text = self._values.get(name, "").strip()
        if text in ("", _NO_ADDRESS):
            return None
        try:
            return ip_address(text)
        except ValueError:
            self.problems.append(f"boot argument {name}={text} must be an IP address")
            return None

    def addresses(self, *names: str) -> tuple[Address, ...]:
        return tuple(found for name in names if (found := self.address(name)) is not None)

    def check_type(self) -> None:
        kind = self._values.get("type", "").strip() or "consoleproxy"
        if kind != "consoleproxy":
            self.problems.append(f"boot argument type={kind}: this is no console proxy VM")

    def network(self, name: str) -> Network | None:
        text = self._values.get(name, "").strip()
        if not text:
            return None
        try:
            return ip_network(text, strict=False)
        except ValueError:
            self.problems.append(f"boot argument {name}={text} must be a network as 10.1.1.0/24")
            return None

    def interface(self, name: str) -> Interface:
        return Interface(
            address=str(self.address(f"{name}ip") or ""),
            netmask=str(self.address(f"{name}mask") or ""),
        )
