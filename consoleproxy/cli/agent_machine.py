"""What an agent does to the machine that it runs on: firewall, routes, kernel; all by setting."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from ipaddress import IPv4Address, IPv6Address, ip_address
from socket import SOCK_STREAM

from consoleproxy.agent import rp_filter
from consoleproxy.agent.boot import Boot
from consoleproxy.agent.firewall.iptables import Iptables
from consoleproxy.agent.firewall.keeper import Keeper
from consoleproxy.agent.firewall.nftables import Nftables
from consoleproxy.agent.firewall.opening import Firewall, Opening
from consoleproxy.cli.agent_proxy import AgentProxy
from consoleproxy.cli.door import log_crash
from consoleproxy.errors import HypervisorUnreachable
from consoleproxy.hypervisor.local_gateway import LocalGateway
from consoleproxy.settings import Settings

_log = logging.getLogger(__name__)

_PRIVATE, _PUBLIC = "eth1", "eth2"


def firewall_of(settings: Settings) -> Firewall | None:
    """Return the firewall that the settings name.

    Raises:
        SettingsInvalid: what to change.
    """
    match settings.agent_firewall:
        case "nftables":
            return Nftables.parse(settings.agent_firewall_chain)
        case "iptables":
            return Iptables(ipv6=":" in settings.listen_address)
    return None


def openings(settings: Settings, proxy: AgentProxy) -> Iterator[Opening]:
    """Yield what is to be open: as in CloudStack, consoles in public, and the admin listener's.

    The latter only where it can be reached from the management network at all.
    """
    if ports := proxy.open_ports:
        yield Opening(_PUBLIC, ports)
        if not _is_loopback(settings.admin_address):
            yield Opening(_PRIVATE, (proxy.admin_port,))


@dataclass(frozen=True, slots=True)
class ManagementRoute:
    """The way to management servers, and to the name servers that know them.

    Args:
        gateway: of the management network.
        name_servers: the internal ones.
    """

    gateway: LocalGateway
    name_servers: Sequence[IPv4Address | IPv6Address] = ()

    async def ensure(self, host: str) -> None:
        """See to it; what fails is in the log, for another route may do.

        Raises:
            OSError: nobody knows the name.
        """
        if self.gateway.address is None:
            return
        for server in self.name_servers:
            await self._ensure(str(server))
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=SOCK_STREAM)
        for address in dict.fromkeys(str(info[4][0]) for info in found):
            await self._ensure(address)

    async def _ensure(self, address: str) -> None:
        try:
            await self.gateway.ensure(address)
        except HypervisorUnreachable as error:
            _log.warning("%s", error)


@asynccontextmanager
async def machine_in_order(
    settings: Settings, boot: Boot, firewall: Firewall | None, proxy: AgentProxy
) -> AsyncIterator[None]:
    """See to kernel and firewall while the context is open; what fails is in the log."""
    if boot.disable_rp_filter and settings.agent_rp_filter:
        try:
            await asyncio.to_thread(rp_filter.turn_off)
        except OSError as error:
            _log.error(
                "the reverse path filter stays on: %s; set net.ipv4.conf.*.rp_filter to 0 yourself",
                error,
            )
    if firewall is None:
        yield
        return
    keeper = Keeper(firewall, partial(_listed, settings, proxy))
    proxy.listening = keeper.changed
    keeping = asyncio.get_running_loop().create_task(keeper.run(), name="firewall")
    keeping.add_done_callback(log_crash)
    try:
        yield
    finally:
        keeping.cancel()
        await asyncio.wait({keeping})


def _is_loopback(text: str) -> bool:
    try:
        return ip_address(text).is_loopback
    except ValueError:
        # A name: whoever wrote it knows where that is, and opens it.
        return True


def _listed(settings: Settings, proxy: AgentProxy) -> tuple[Opening, ...]:
    return tuple(openings(settings, proxy))
