"""Whether an address is one of this machine's."""

import ipaddress
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv4Address, IPv6Address
from typing import Any

Address = IPv4Address | IPv6Address


def is_this_machine(address: Address) -> bool:
    """Say whether the kernel has this address, on whichever interface; nothing is sent."""
    if address.is_loopback:
        return True
    # RFC 1112, RFC 6666: nobody's. Where one can be bound, all can (ip_nonlocal_bind).
    foreign = ipaddress.ip_address("240.0.0.1" if address.version == 4 else "100::1")
    return _answers_itself(address) if _can_bind(foreign) else _can_bind(address)


def _can_bind(address: Address) -> bool:
    try:
        with _datagram_socket(address) as (sock, sockaddr):
            sock.bind(sockaddr)
    except OSError:
        return False
    return True


def _answers_itself(address: Address) -> bool:
    """Say whether packets to this address would come from it; secondary addresses do not show."""
    try:
        with _datagram_socket(address) as (sock, sockaddr):
            sock.connect(sockaddr)
            source = ipaddress.ip_address(sock.getsockname()[0])
    except OSError:
        return False
    return int(source) == int(address)


@contextmanager
def _datagram_socket(address: Address) -> Iterator[tuple[socket.socket, tuple[Any, ...]]]:
    # A lookup without a resolver: it turns a zone into the number that the kernel wants.
    ((family, kind, _, _, sockaddr),) = socket.getaddrinfo(
        str(address), 9, type=socket.SOCK_DGRAM, flags=socket.AI_NUMERICHOST
    )
    with socket.socket(family, kind) as sock:
        yield sock, sockaddr
