"""Where a request comes from, and what the browser sees, where a load balancer is in front.

A header counts only if a trusted balancer sent it, and only the one header that the operator named:
a balancer that sets one passes the client's own spelling of the other on.
"""

from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Protocol

from consoleproxy.errors import SettingsInvalid
from consoleproxy.front.forwarded import Hop, forwarded_hops, x_forwarded_hops

Network = IPv4Network | IPv6Network

_NETWORKS = "consoleproxy.loadbalancer.networks"
_CLIENT_ADDRESS = "consoleproxy.loadbalancer.client.address"
_MAPPED = IPv6Network("::ffff:0:0/96")
_SCHEMES = {"http": "http", "https": "https", "ws": "http", "wss": "https"}


class ToldBy(StrEnum):
    """How a balancer says who the client is: ``consoleproxy.loadbalancer.client.address``."""

    NONE = "none"
    PROXY = "proxy"
    X_FORWARDED = "x-forwarded"
    FORWARDED = "forwarded"


class Headers(Protocol):
    """A request's headers; Tornado's ``HTTPHeaders`` is one."""

    def get_list(self, name: str, /) -> list[str]:
        """Return the values of all headers of that name, in their order."""


@dataclass(frozen=True, slots=True)
class Outside:
    """What the browser sees: ``http`` or ``https``, and the host with its port, if it has one."""

    scheme: str
    host: str


@dataclass(frozen=True, slots=True)
class LoadBalancers:
    """The balancers that are believed, and how they say who the client is."""

    networks: tuple[Network, ...] = ()
    told_by: ToldBy = ToldBy.NONE

    @classmethod
    def parse(cls, networks_text: str, told_by_text: str) -> "LoadBalancers":
        """Read the two settings; networks stand between commas or white space.

        Raises:
            SettingsInvalid: all that is wrong in them.
        """
        networks: list[Network] = []
        problems: list[str] = []
        for entry in networks_text.replace(",", " ").split():
            try:
                networks.append(_network(entry))
            except ValueError as fault:
                problems.append(f"{_NETWORKS}: {entry!r} {fault}")
        told_by = ToldBy.NONE
        try:
            told_by = ToldBy(told_by_text.strip() or ToldBy.NONE)
        except ValueError:
            problems.append(f"{_CLIENT_ADDRESS}={told_by_text!r} is none of {', '.join(ToldBy)}")
        if told_by is not ToldBy.NONE and not networks_text.strip():
            problems.append(
                f"{_CLIENT_ADDRESS}={told_by} needs {_NETWORKS}: the addresses that the load "
                "balancers connect from, for example 10.1.2.3, 10.1.2.4"
            )
        if problems:
            raise SettingsInvalid(problems)
        return cls(tuple(networks), told_by)

    def trusts(self, address: str) -> bool:
        """Whether this is the address of a balancer that is believed."""
        try:
            parsed = _address(address)
        except ValueError:
            return False
        return any(parsed in network for network in self.networks)

    def begins_with_header(self, peer: str) -> bool:
        """Whether a connection from there begins with a PROXY protocol header."""
        return self.told_by is ToldBy.PROXY and self.trusts(peer)

    def client_address(self, peer: str, headers: Headers) -> str:
        """Return the address that the request comes from, without port and zone.

        Args:
            peer: who has connected; with the PROXY protocol, whom its header names.
        """
        client = plain_address(peer)
        for hop in self._hops(peer, headers):
            client = hop.client or client
        return client

    def outside(self, peer: str, headers: Headers, host: str, tls: bool) -> Outside:
        """Return what the browser sees.

        Args:
            host: the request's ``Host``.
            tls: whether the connection has TLS here.
        """
        scheme = "https" if tls else "http"
        for hop in self._hops(peer, headers):
            scheme = _SCHEMES.get(hop.scheme.lower(), scheme)
            host = hop.host or host
        return Outside(scheme, host)

    def _hops(self, peer: str, headers: Headers) -> list[Hop]:
        """Return what trusted balancers say, the nearest first, up to the client.

        The list ends before what is malformed or hidden: what stands further left may be anybody's.
        """
        if self.told_by is ToldBy.FORWARDED:
            hops = forwarded_hops(headers.get_list("Forwarded"))
        elif self.told_by is ToldBy.X_FORWARDED:
            hops = x_forwarded_hops(
                headers.get_list("X-Forwarded-For"),
                headers.get_list("X-Forwarded-Proto"),
                headers.get_list("X-Forwarded-Host"),
            )
        else:
            return []
        certain: list[Hop] = []
        sender = peer
        for hop in hops:
            if not self.trusts(sender):
                break
            certain.append(hop)
            sender = hop.client
        return certain


def plain_address(address: str) -> str:
    """Return an address as people write it: no zone, IPv4 for IPv4 in IPv6."""
    try:
        return str(_address(address))
    except ValueError:
        return address


def _address(text: str) -> IPv4Address | IPv6Address:
    address = ip_address(text.partition("%")[0])
    if isinstance(address, IPv6Address):
        return address.ipv4_mapped or address
    return address


def _network(entry: str) -> Network:
    """Read one entry.

    Raises:
        ValueError: what is wrong, and what to write.
    """
    if "%" in entry:
        raise ValueError("has a zone: leave out % and what follows")
    try:
        network = ip_network(entry, strict=False)
    except ValueError:
        raise ValueError(
            "is neither a network nor an address: write 10.1.2.0/24, 10.1.2.3 or fd00::/64"
        ) from None
    if ip_address(entry.partition("/")[0]) != network.network_address:
        raise ValueError(f"has bits behind its prefix: write {network}, or the address alone")
    if isinstance(network, IPv6Network) and network.subnet_of(_MAPPED):
        raise ValueError("is IPv4 written as IPv6: write it as IPv4")
    return network
