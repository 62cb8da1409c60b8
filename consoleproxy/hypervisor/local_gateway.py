"""Host routes through the management network's gateway, as CloudStack's agent sets them.

A system VM's default route is the public network's. Hypervisors, management servers and internal
name servers are reached through boot argument ``localgw`` (``ensureRoute``), unless they are on a
network of this machine, or somebody has set a route to them.
"""

import asyncio
import ipaddress
import json
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

from consoleproxy.errors import HypervisorUnreachable, ProgramFailed, SettingsInvalid
from consoleproxy.programs import run_program

_SETTING = "consoleproxy.hypervisor.route.gateway"


@dataclass(frozen=True, slots=True)
class LocalGateway:
    """Args:
    address: of the gateway; ``None``: no route is ever set.
    """

    address: IPv4Address | IPv6Address | None = None

    @classmethod
    def parse(cls, text: str) -> "LocalGateway":
        """Read an address; empty, 0.0.0.0 and :: are none.

        Raises:
            SettingsInvalid: it is no address of a gateway.
        """
        if not text.strip():
            return cls()
        try:
            address = ipaddress.ip_address(text.strip())
        except ValueError:
            raise SettingsInvalid([f"{_SETTING}: {text} must be an IP address"]) from None
        if address.is_loopback or address.is_multicast:
            raise SettingsInvalid([f"{_SETTING}: {text} is no gateway's address"])
        return cls(None if address.is_unspecified else address)

    async def ensure(self, text: str) -> None:
        """Return when there is a route to the address; does not limit the time.

        Raises:
            HypervisorUnreachable: it could not be set, or that is no address.
        """
        if self.address is None:
            return
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            raise HypervisorUnreachable("no route is set to what is no address") from None
        if self.address.version != address.version or self.address == address or _is_near(address):
            return
        try:
            await asyncio.to_thread(self._ensure, address)
        except ProgramFailed as failure:
            raise HypervisorUnreachable(
                f"no route to {address} via {self.address}: {failure}; it needs CAP_NET_ADMIN, or "
                f"set {_SETTING} to nothing and see to routes yourself"
            ) from None

    def _ensure(self, address: IPv4Address | IPv6Address) -> None:
        command, host = ["ip", f"-{address.version}"], f"{address}/{address.max_prefixlen}"
        if not has_own_route(run_program([*command, "-json", "route", "show", "match", host])):
            run_program([*command, "route", "replace", host, "via", str(self.address)])


def has_own_route(listing: str) -> bool:
    """Say whether a route other than the default one is listed.

    Args:
        listing: what ``ip -json route show match`` prints: the routes of all that contain it.

    Raises:
        ProgramFailed: it is no such listing.
    """
    try:
        return any(route["dst"] != "default" for route in json.loads(listing or "[]"))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ProgramFailed("ip lists what cannot be read") from error


def _is_near(address: IPv4Address | IPv6Address) -> bool:
    """Say whether no gateway leads there."""
    return (
        address.is_loopback
        or address.is_link_local
        or address.is_multicast
        or address.is_unspecified
    )
