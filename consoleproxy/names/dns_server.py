"""The responder on its sockets: UDP and TCP on one port."""

import asyncio
import errno
import functools
import ipaddress
import socket
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass

from consoleproxy.errors import SettingsInvalid
from consoleproxy.names.dns_tcp import TcpLimits, TcpResponder
from consoleproxy.names.dns_udp import UdpResponder
from consoleproxy.names.rate import RateLimit
from consoleproxy.names.responder import Transport, answer, truncated
from consoleproxy.names.zone import Zone

_WHAT_TO_DO = {
    errno.EACCES: (
        "give this process CAP_NET_BIND_SERVICE (systemd: AmbientCapabilities=), or set"
        " consoleproxy.dns.port to one above 1023 and forward port 53 to it"
    ),
    errno.EADDRINUSE: (
        "end what listens there (ss -lunp), or set consoleproxy.dns.address to the public address"
        " alone"
    ),
    errno.EADDRNOTAVAIL: "set consoleproxy.dns.address to an address of this machine",
    errno.EAFNOSUPPORT: "this machine has no IPv6; set consoleproxy.dns.address to 0.0.0.0",
}

_TRIES = 20


@dataclass(frozen=True, slots=True)
class DnsServer:
    """A running responder.

    Args:
        port: of UDP and TCP.
        tcp: its connections.
    """

    port: int
    tcp: TcpResponder


@asynccontextmanager
async def running_dns_server(
    zone: Zone, address: str, port: int, rate: int, limits: TcpLimits | None = None
) -> AsyncIterator[DnsServer]:
    """Answer for the zone for as long as the context is open.

    Args:
        address: to listen on; ``::`` for IPv4 and IPv6.
        port: 0 for a free one.
        rate: answers over UDP to one network of clients in a second.

    Raises:
        SettingsInvalid: address and port cannot be had, and what to do.
    """
    with ExitStack() as stack:
        try:
            udp, tcp = _bound_pair(address, port)
            stack.enter_context(udp)
            stack.enter_context(tcp)
            port = udp.getsockname()[1]
        except OSError as error:
            what = _WHAT_TO_DO.get(error.errno or 0, "set another address or port")
            raise SettingsInvalid(
                [f"consoleproxy.dns.address={address} port {port}: {error.strerror}; {what}"]
            ) from error
        by_udp = functools.partial(answer, zone=zone, transport=Transport.UDP)
        by_tcp = functools.partial(answer, zone=zone, transport=Transport.TCP)
        connections = TcpResponder(by_tcp, limits or TcpLimits())
        stack.callback(connections.close)
        server = await asyncio.get_running_loop().create_server(connections, sock=tcp)
        stack.callback(server.close)
        datagrams = UdpResponder(udp, by_udp, truncated, RateLimit(rate))
        stack.callback(datagrams.close)
        yield DnsServer(port, connections)


def _bound_pair(address: str, port: int) -> tuple[socket.socket, socket.socket]:
    """Return sockets of UDP and TCP at the same port."""
    for rest in reversed(range(_TRIES)):
        udp = _bound(address, port, socket.SOCK_DGRAM)
        try:
            return udp, _bound(address, udp.getsockname()[1], socket.SOCK_STREAM)
        except OSError as error:
            udp.close()
            # What is free for the one may be taken for the other; the system chooses anew.
            if port or not rest or error.errno != errno.EADDRINUSE:
                raise
    raise AssertionError("it was tried at least once")


def _bound(address: str, port: int, kind: socket.SocketKind) -> socket.socket:
    try:
        version = ipaddress.ip_address(address).version
    except ValueError:
        raise SettingsInvalid(
            [f"consoleproxy.dns.address={address!r} is not an IP address: write :: or 192.0.2.53"]
        ) from None
    sock = socket.socket(socket.AF_INET if version == 4 else socket.AF_INET6, kind)
    try:
        sock.setblocking(False)
        if version == 6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        if kind == socket.SOCK_STREAM:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((address, port))
    except OSError:
        sock.close()
        raise
    return sock
